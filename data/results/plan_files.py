"""`plan.json`, `budget.csv` and `coordinateurs.csv`: the exact plan, its money, coordinators."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import orjson

from coverage.proposals.budget import ADVANCE, BALANCE, COMMITMENT, OTHERS
from coverage.proposals.exact import CERTIFIED
from coverage.proposals.limits import CENTS
from coverage.proposals.model import HUNDREDTHS
from data.results.provenance import plain, provenance
from data.results.tables import Table, cell, fixed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.model import Coverage
    from coverage.proposals.budget import Budget
    from coverage.proposals.model import Extension, Rule
    from coverage.proposals.outcome import Proposals

DISCLAIMER = "Proposition calculée, sans valeur de décision."

_YEARLY = (("engagement_eur", COMMITMENT), ("avance_eur", ADVANCE), ("solde_eur", BALANCE))
_COMPLEMENTS = (
    ("cout_eur", "cout_cents"),
    *((f"{kind}_eur", f"{kind}_cents") for kind in OTHERS),
    ("a_trouver_eur", "a_trouver_cents"),
    ("a_trouver_hors_etat_eur", "a_trouver_hors_etat_cents"),
    ("excedent_eur", "excedent_cents"),
)
"""Columns of a post's plan of funding, told in the year of its commitment."""


def plan_json(found: Proposals) -> bytes:
    """Return `plan.json`: goals, bounds and gaps, the posts chosen, the rules, the origin."""
    ask, plan, verified = found.ask, found.plan, found.verified
    coverage = ask.coverage
    content = {
        **provenance(coverage.study, coverage.territory),
        "avertissement": DISCLAIMER,
        "mode": plan.mode,
        "reproductible": plan.mode == CERTIFIED,
        "verifie": True,
        "appel": {
            "nom": ask.call.name,
            "annee": ask.call.year,
            "source": ask.call.source,
            "regles": {name: _rule(rule) for name, rule in ask.call.rules.items()},
        },
        "objectifs": [_goal(found, goal) for goal in plan.attained],
        "options_choisies": [ask.options[k].option_id for k in plan.chosen],
        "zones_au_seuil": list(plan.zones),
        "extensions_sans_poste": [_extension(own, coverage) for own in plan.extensions],
        "verification": {
            "heures": dict(verified.hours),
            "zones": verified.zones,
            "structures": verified.structures,
            "etp": _etp(verified.hundredths),
            "etp_nouveaux": _etp(verified.additional),
            "cout_eur": _euros(verified.cost_cents),
            "part_etat_eur": _euros(verified.state_cents),
        },
        "budget": _totals(found.budget),
        "comptes": {
            "options": len(ask.options),
            "extensions_comparees": len(ask.extensions),
            "classees": len(found.ranked),
            "financees_par_la_liste": len(found.funded),
            "choisies_par_le_plan": len(plan.chosen),
            "ecartees": len({row.option_id for row in ask.aside}),
            "refusees": len(ask.refused or ()),
            "tirages": found.draws,
        },
        "verrous": dict(ask.locked or {}),
        "refus": dict(ask.refused or {}),
        "avertissements": [str(notice) for notice in (*coverage.warnings, *ask.warnings)],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _extension(own: Extension, coverage: Coverage) -> dict[str, Any]:
    return {
        "extension_id": own.extension_id,
        "structure_id": own.structure_id,
        "structure": own.structure_name,
        "origine": own.origin,
        "donneurs_ordre": list(own.scope),
        "communes": [str(code) for code in coverage.territory.codes[list(own.units)]],
        "zone_ids": list(own.zone_ids),
        "heures": own.hours,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "valeur": plain(rule.value),
        "active": rule.active,
        "rubrique": rule.heading,
        "texte": rule.text,
    }


def _goal(found: Proposals, goal: str) -> dict[str, Any]:
    attained, bound = found.plan.attained[goal], found.plan.bounds[goal]
    gap = found.gap(goal)
    listed = found.ranked_attained.get(goal)
    return {
        "objectif": goal,
        "atteint": attained,
        "borne": bound,
        "ecart": gap,
        "ecart_relatif": round(gap / abs(bound), 6) if bound else 0.0,
        "prouve_optimal": gap == 0,
        "liste_classee": listed,
        "prix_de_l_ordre": found.prices.get(goal),
    }


def _totals(budget: Budget) -> dict[str, Any]:
    """Return totals in euros and ETP, under names that say so."""
    told: dict[str, Any] = {}
    for name, value in budget.totals.items():
        if name.endswith("_cents"):
            told[f"{name.removesuffix('_cents')}_eur"] = None if value is None else _euros(value)
        else:
            told[f"{name.removesuffix('_centiemes')}_etp"] = _etp(value or 0)
    return told


def _euros(cents: int) -> float | int:
    return cents // CENTS if cents % CENTS == 0 else cents / CENTS


def _etp(hundredths: int) -> float | int:
    return hundredths // HUNDREDTHS if hundredths % HUNDREDTHS == 0 else hundredths / HUNDREDTHS


def budget_table(found: Proposals) -> Table:
    """Return the table of `budget.csv`: one row a post of the plan and year, columns that add up.

    Costs and funders stand in the year of the commitment alone, so that every column may be summed
    by post, région or year.
    """
    budget = found.budget
    posts = budget.posts.set_index("option_id").to_dict("index")
    amounts: dict[tuple[str, int], dict[str, int]] = {}
    for name, year, nature, cents in budget.lines[
        ["option_id", "annee", "nature", "cents"]
    ].itertuples(index=False, name=None):
        own = amounts.setdefault((str(name), int(year)), {})
        own[nature] = own.get(nature, 0) + int(cents)
    rows = [
        _budget_row(name, year, own, {str(key): v for key, v in posts[name].items()})
        for (name, year), own in sorted(amounts.items())
    ]
    names = (
        *("option_id", "structure_id", "region", "volet", "origine", "annee", "etp"),
        *("signature", "fin", "taux_etat"),
        *(column for column, _ in (*_YEARLY, *_COMPLEMENTS)),
    )
    money = {column for column, _ in (*_YEARLY, *_COMPLEMENTS)}
    return Table(
        {name: [row[name] for row in rows] for name in names},
        whole=frozenset({"annee"}),
        decimal=frozenset({"etp", "taux_etat", *money}),
    )


def _budget_row(
    name: str, year: int, amounts: Mapping[str, int], post: Mapping[str, Any]
) -> dict[str, str]:
    first = COMMITMENT in amounts
    money = {column: amounts.get(nature, 0) for column, nature in _YEARLY}
    money |= {column: int(post[key]) if first else 0 for column, key in _COMPLEMENTS}
    return {
        "option_id": name,
        **{key: str(post[key]) for key in ("structure_id", "region", "volet", "origine")},
        "annee": str(year),
        "etp": fixed(Fraction(int(post["etp_centiemes"]) if first else 0, HUNDREDTHS), 2),
        "signature": post["signature"].isoformat(),
        "fin": post["fin"].isoformat(),
        "taux_etat": fixed(post["taux_etat"], 6),
        **{column: fixed(Fraction(cents, CENTS), 2) for column, cents in money.items()},
    }


def coordinators_table(found: Proposals) -> Table:
    """Return the table of `coordinateurs.csv`: régions without one, the most in need first."""
    rows = found.coordinators
    columns = {
        "rang": [str(row.rank) for row in rows],
        "region": [row.region for row in rows],
        "nom": [row.name for row in rows],
        "facilitateurs_etp": [fixed(row.facilitators, 2) for row in rows],
        "acheteurs_regionaux_non_accompagnes": [cell(row.buyers) for row in rows],
        "services_etat_non_accompagnes": [cell(row.services) for row in rows],
        "departements_sans_facilitateur": [cell(row.uncovered) for row in rows],
        "options": [cell(row.options) for row in rows],
        "a_soumettre_au_comite_national": [cell(row.to_committee) for row in rows],
        "justification": [row.words for row in rows],
    }
    whole = {"rang", "acheteurs_regionaux_non_accompagnes", "services_etat_non_accompagnes"}
    return Table(columns, frozenset(whole), frozenset({"facilitateurs_etp"}))

"""The national synthesis of proposals: one page that prints, without script nor network."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.proposals.compare import HOURS, coverage_figures
from coverage.proposals.exact import CERTIFIED
from coverage.proposals.justification import (
    CLASS_WORDS,
    GROUND_NAMES,
    justification,
    opinion,
)
from coverage.proposals.limits import KEPT, euros
from coverage.proposals.model import HUNDREDTHS
from coverage.proposals.program import EXTENSIONS, HOURS_GOALS, MONEY, STRUCTURES, ZONES
from coverage.wording import decimal, listing, percent, plural, whole
from geo.version import VERSION
from maps.numbers import study_title
from maps.parameter_lines import parameter_lines
from maps.summary import spelled
from maps.templating import page_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2

    from coverage.proposals.model import Extension, Ranked
    from coverage.proposals.outcome import Proposals

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "page"

GOAL_NAMES = {
    HOURS_GOALS[0]: "Heures prioritaires (État et ses programmes) nouvellement servies",
    HOURS_GOALS[1]: "Les mêmes, et celles des lieux sans périmètre principal",
    HOURS_GOALS[2]: "Toutes les heures nouvellement servies",
    ZONES: "Zones retenues portées au seuil",
    STRUCTURES: "Structures (le moins possible)",
    MONEY: "Part de l’État (le moins possible)",
    EXTENSIONS: "Extensions sans poste (le moins possible)",
}
"""Goals in words; each goal of hours holds those before."""

PARAMETERS = (
    *("heures_par_etp", "montee_en_charge", "cout_etp_eur", "seuil_reponse"),
    *("taux_effort", "part_main_oeuvre", "cout_horaire_eur", "part_marches_clausables"),
)
"""Assumptions that move the proposals most."""

TOLD = 10
"""Places whose justification is printed."""


@dataclass(frozen=True)
class Line:
    """A figure and what it is, with what must be read beside it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class GoalLine:
    """One goal, ready to print."""

    name: str
    attained: str
    bound: str
    gap: str
    listed: str
    price: str


@dataclass(frozen=True)
class PostLine:
    """The posts of the ranked list at one place, with the paragraph of the first.

    Attributes
    ----------
    others
        « au rang » or « aux rangs » of those that follow; empty when there are none.
    """

    rank: int
    others: str
    name: str
    structure: str
    what: str
    class_: str
    opinion: str
    text: str


def build_synthesis(found: Proposals) -> str:
    """Return the page as one HTML document, the same for the same proposals."""
    ask = found.ask
    study = ask.coverage.study
    words: dict[str, Any] = {
        "title": f"Propositions de postes – {study_title(study.name, study.year)}",
        "study": study,
        "call": ask.call,
        "version": VERSION,
        "certified": found.plan.mode == CERTIFIED,
        "money": _money(found),
        "etp": _etp(found),
        "national": _national(found),
        "goals": [goal_line(found, goal) for goal in found.plan.attained],
        "priced": bool(found.prices),
        "states": _states(found),
        "regions": _regions(found),
        "extensions": [_extension(own) for own in found.plan.extensions],
        "posts": posts_told(found),
        "coordinators": [row.words for row in found.coordinators],
        "rules": [rule for rule in ask.call.rules.values() if rule.active],
        "parameters": _parameters(found),
        "counts": _counts(found),
        "closed": found.closed,
        "draws": found.draws,
        "warnings": [str(notice) for notice in ask.warnings],
        "sources": ask.coverage.territory.sources,
        "vintage": ask.coverage.territory.vintage,
    }
    return _environment().get_template("synthesis.html").render(words)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = page_environment(FOLDER, PAGE)
    environment.filters["integer"] = whole
    return environment


def _states(found: Proposals) -> list[tuple[str, list[str]]]:
    """Return figures of the coverage today, with the ranked list and with the exact plan."""
    states = (found.ask.coverage, found.listed, found.planned)
    columns = [coverage_figures(coverage) for coverage in states]
    return [
        (
            f"{label[0].upper()}{label[1:]}",
            [f"{whole(own[3])}\u00a0h" if unit == HOURS else whole(own[3]) for own in row],
        )
        for row in zip(*columns, strict=True)
        for _, label, unit, _ in row[:1]
    ]


def _extension(own: Extension) -> str:
    """Say what a structure in place would take on without a post."""
    where = plural(len(own.units), "commune", "communes")
    return (
        f"«\u00a0{own.structure_name}\u00a0» prendrait {where} dans son périmètre principal et y "
        f"servirait {whole(own.hours)}\u00a0h que ses postes ont de libres ({own.extension_id})"
    )


def _money(found: Proposals) -> list[Line]:
    totals = found.budget.totals
    cents = {name: value or 0 for name, value in totals.items()}
    table = found.budget.posts
    lines = [
        Line(
            "Enveloppe de l’appel",
            "sans limite" if totals["enveloppe_cents"] is None else euros(cents["enveloppe_cents"]),
        ),
        Line("Engagé pour les postes conservés", euros(cents["engage_conserves_cents"])),
        Line("Engagé pour les postes nouveaux", euros(cents["engage_nouveaux_cents"])),
    ]
    if totals["reste_cents"] is not None:
        lines.append(Line("Reste de l’enveloppe", euros(cents["reste_cents"])))
    lines += [
        Line("Coût total des postes", euros(int(table["cout_cents"].sum()))),
        Line("Cofinancements encore à trouver", euros(int(table["a_trouver_cents"].sum()))),
    ]
    for year, row in found.budget.years.iterrows():
        note = f"avances {euros(int(row['avance']))}, soldes {euros(int(row['solde']))}"
        lines.append(Line(f"À payer en {year}", euros(int(row["paye"])), note))
    return lines


def _etp(found: Proposals) -> list[Line]:
    totals = found.budget.totals
    objective = found.ask.call.rules["objectif"]
    unit = "ETP" if found.ask.call.value("unite_objectif") == "etp" else "postes"
    aim = f"objectif{chr(0xA0)}: {objective.value} {unit}" if objective.active else ""
    return [
        Line("ETP conservés", _posts_text(totals["conserves_centiemes"])),
        Line("ETP nouveaux", _posts_text(totals["nouveaux_centiemes"]), aim),
    ]


def _national(found: Proposals) -> dict[str, str]:
    names = ("existants", "conserves", "nouveaux", "somme", "annonce", "ecart")
    totals = found.budget.totals
    return {name: _short((totals[f"national_{name}_centiemes"]) or 0) for name in names}


def _posts_text(hundredths: int | None) -> str:
    return decimal(Fraction(hundredths or 0, HUNDREDTHS), 2)


def _short(hundredths: int) -> str:
    """Write ETP without decimals when there are none."""
    number = Fraction(hundredths, HUNDREDTHS)
    return whole(int(number)) if number.denominator == 1 else decimal(number, 2)


def goal_line(found: Proposals, goal: str) -> GoalLine:
    """Return what a goal attains, its bound and its gap, in French."""
    attained, bound = found.plan.attained[goal], found.plan.bounds[goal]
    gap = found.gap(goal)
    listed = found.ranked_attained.get(goal)
    price = found.prices.get(goal)
    told = "aucun, optimal" if not gap else _value(goal, gap)
    if gap and bound:
        told += f" ({percent(Fraction(gap, abs(bound)))})"
    return GoalLine(
        name=GOAL_NAMES[goal],
        attained=_value(goal, attained),
        bound=_value(goal, bound),
        gap=told,
        listed="non compté" if listed is None else _value(goal, listed),
        price="sans objet" if price is None else _value(goal, price),
    )


def _value(goal: str, value: int) -> str:
    if goal == MONEY:
        return euros(value)
    return f"{whole(value)}\u00a0h" if goal in HOURS_GOALS else whole(value)


def _regions(found: Proposals) -> list[dict[str, str]]:
    """Return one row a région with a post of the plan, and hours that the ranked list adds."""
    regions = found.ask.coverage.regions
    names = regions["nom"].to_dict()
    rows = []
    for region, row in found.budget.regions.iterrows():
        chosen = [
            found.ask.options[k] for k in found.plan.chosen if found.ask.options[k].region == region
        ]
        kept = sum(option.hundredths for option in chosen if option.origin == KEPT)
        new = sum(option.hundredths for option in chosen) - kept
        own = [r for r in found.ranked if r.funded and r.option.region == region]
        rows.append(
            {
                "name": str(names.get(region, region or "sans région")),
                "kept": _posts_text(kept),
                "new": _posts_text(new),
                "missing": _missing(found, str(region)),
                "cost": euros(int(row["cout_cents"])),
                "state": euros(int(row["part_etat_cents"])),
                "to_find": euros(int(row["a_trouver_cents"])),
                "priority": whole(sum(r.gains[0] for r in own)),
                "hours": whole(sum(r.gains[2] for r in own)),
            }
        )
    return sorted(rows, key=lambda row: spelled(row["name"]))


def _missing(found: Proposals, region: str) -> str:
    regions = found.ask.coverage.regions
    if region not in regions.index:
        return "inconnu"
    return decimal(Fraction(regions["etp_manquants"][region]), 2)


def posts_told(found: Proposals) -> list[PostLine]:
    """Return the first new posts that the list funds, those of one place and structure as one."""
    alike: dict[object, list[Ranked]] = {}
    for row in found.ranked:
        option = row.option
        if option.origin != KEPT and row.funded:
            key = (option.structure_id, option.units, option.volet, option.ground)
            alike.setdefault(key, []).append(row)
    lines = []
    for first, *others in list(alike.values())[:TOLD]:
        option = first.option
        lines.append(
            PostLine(
                rank=first.rank,
                others=_ranks(others),
                name=option.option_id,
                structure=option.structure_name,
                what=f"{decimal(option.etp, 2)} ETP de {option.volet}, "
                f"{GROUND_NAMES[option.ground]}, {euros(option.state_cents)} de l’appel",
                class_=CLASS_WORDS.get(first.class_, ""),
                opinion=opinion(found.ask, option),
                text=justification(found, first, found.places.of(found.position[option.option_id])),
            )
        )
    return lines


def _ranks(rows: Sequence[Ranked]) -> str:
    if not rows:
        return ""
    told = listing(whole(row.rank) for row in rows)
    return f"au rang {told}" if len(rows) == 1 else f"aux rangs {told}"


def _parameters(found: Proposals) -> list[Any]:
    lines = parameter_lines(found.ask.coverage.study.parameters)
    return [line for line in lines if line.name in PARAMETERS]


def _counts(found: Proposals) -> dict[str, int]:
    aside = {row.option_id for row in found.ask.aside}
    return {
        "options": len(found.ask.options),
        "ranked": len(found.ranked),
        "funded": len(found.funded),
        "chosen": len(found.plan.chosen),
        "both": len(set(found.funded) & set(found.plan.chosen)),
        "aside": len(aside),
        "refused": len(found.ask.refused or ()),
    }

"""Proposals at a glance: goals and their bounds, counts that add up, before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from api.facts.money import Money, etp, money
from api.facts.rules import RuleFacts, active_rules
from api.facts.values import Amount, class_names
from coverage.proposals.compare import HOURS, coverage_figures
from coverage.proposals.limits import FACILITATOR, KEPT, euros
from coverage.proposals.program import EXTENSIONS, HOURS_GOALS, MONEY, STRUCTURES, ZONES
from coverage.wording import THIN, percent, whole
from data.results.plan_files import DISCLAIMER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.proposed import Proposed
    from coverage.model import Coverage
    from coverage.proposals.model import Extension

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


@dataclass(frozen=True)
class GoalFacts:
    """One goal of the exact plan, each held before the next.

    Attributes
    ----------
    unite
        `heures`, `zones`, `structures`, `centimes` or `extensions`.
    borne
        What no plan exceeds without giving up something of the goals before.
    ecart
        What is left to prove, 0 when the plan is the best.
    liste_classee
        What the ranked list attains; None where it is not counted.
    """

    objectif: str
    nom: str
    unite: str
    atteint: int
    borne: int
    ecart: int
    prouve_optimal: bool
    liste_classee: int | None
    atteint_texte: str
    borne_texte: str
    ecart_texte: str
    liste_texte: str


@dataclass(frozen=True)
class CountFacts:
    """How many options there are, and what became of each.

    `options` = `classees` + `ecartees` + `refusees` + `coordinateurs_a_part`; `liste_et_plan` are
    both funded by the list and in the plan.
    """

    options: int
    classees: int
    ecartees: int
    refusees: int
    coordinateurs_a_part: int
    financees: int
    plan: int
    liste_et_plan: int


@dataclass(frozen=True)
class ExtensionFacts:
    """What a structure in place would take on without a post."""

    extension_id: str
    structure_id: str
    structure: str
    donneurs_ordre_noms: list[str]
    communes: list[str]
    zone_ids: list[str]
    heures: int


@dataclass(frozen=True)
class BeforeAfter:
    """A figure of the coverage today, with the ranked list, with the exact plan."""

    nom: str
    libelle: str
    unite: str
    avant: int
    liste: int
    plan: int


@dataclass(frozen=True)
class AsideFacts:
    """An option that is not ranked: the rule, what was found, the remedy."""

    option_id: str
    structure_id: str
    structure: str
    volet: str
    region: str
    motif_etp: str
    regle: str
    constat: str
    remede: str


@dataclass(frozen=True)
class PlanFacts:
    """Proposals at a glance.

    Attributes
    ----------
    mode
        `rapide` (a clock) or `certifie`.
    cloture
        Why the funding of the ranked list stops, empty when nothing stops it.
    liste_*, plan_*
        ETP of new posts, and money of the call, kept posts included.
    """

    avertissement: str
    appel: str
    mode: str
    comptes: CountFacts
    objectifs: list[GoalFacts]
    liste_etp_nouveaux: Amount
    liste_part_etat: Money
    plan_etp_nouveaux: Amount
    plan_part_etat: Money
    cloture: str
    extensions_sans_poste: list[ExtensionFacts]
    avant_apres: list[BeforeAfter]
    regles: list[RuleFacts]
    avertissements: list[str]


def plan_facts(proposed: Proposed, region: str = "") -> PlanFacts:
    """Return proposals at a glance.

    Parameters
    ----------
    region
        That « before and after » is limited to, empty for all that the study shows.
    """
    found = proposed.found
    options = [found.ask.options[k] for k in found.funded]
    new = sum(option.hundredths for option in options if option.origin != KEPT)
    return PlanFacts(
        avertissement=DISCLAIMER,
        appel=found.ask.call.name,
        mode=found.plan.mode,
        comptes=_counts(proposed),
        objectifs=[_goal(proposed, goal) for goal in found.plan.attained],
        liste_etp_nouveaux=etp(new),
        liste_part_etat=money(sum(option.state_cents for option in options)),
        plan_etp_nouveaux=etp(found.verified.additional),
        plan_part_etat=money(found.verified.state_cents),
        cloture=found.closed,
        extensions_sans_poste=[_extension(proposed, own) for own in found.plan.extensions],
        avant_apres=before_after(proposed, region),
        regles=active_rules(found.ask.call),
        avertissements=[str(notice) for notice in found.ask.warnings],
    )


def before_after(proposed: Proposed, region: str = "") -> list[BeforeAfter]:
    """Return figures of the coverage today, with the list's posts, and with the plan's."""
    found = proposed.found
    states = (found.ask.coverage, found.listed, found.planned)
    columns = [coverage_figures(_limited(coverage, region)) for coverage in states]
    return [
        BeforeAfter(
            nom=name,
            libelle=f"{label[0].upper()}{label[1:]}",
            unite="heures" if unit == HOURS else "nombre",
            avant=today,
            liste=listed[3],
            plan=planned[3],
        )
        for (name, label, unit, today), listed, planned in zip(*columns, strict=True)
    ]


def aside_facts(proposed: Proposed, region: str = "") -> list[AsideFacts]:
    """Return the options that are not ranked, one line an option and what keeps it out."""
    names = AsideFacts.__dataclass_fields__
    return [
        AsideFacts(**{name: row[name] for name in names})
        for row in proposed.aside
        if region in ("", row["region"])
    ]


def _limited(coverage: Coverage, region: str) -> Coverage:
    if not region:
        return coverage
    return replace(coverage, study=replace(coverage.study, regions=(region,)))


def _counts(proposed: Proposed) -> CountFacts:
    """Count each option once: one both refused and breaking a rule is told as breaking it."""
    found = proposed.found
    ask = found.ask
    ranked = set(proposed.ranked)
    aside = {row.option_id for row in ask.aside} - ranked
    refused = set(ask.refused or ()) - aside - ranked
    rest = {option.option_id for option in ask.options} - ranked - aside - refused
    return CountFacts(
        options=len(ask.options),
        classees=len(ranked),
        ecartees=len(aside),
        refusees=len(refused),
        coordinateurs_a_part=_coordinators(proposed, rest),
        financees=len(found.funded),
        plan=len(found.plan.chosen),
        liste_et_plan=len(set(found.funded) & set(found.plan.chosen)),
    )


def _coordinators(proposed: Proposed, rest: Iterable[str]) -> int:
    found = proposed.found
    options = [found.ask.options[found.position[name]] for name in rest]
    return sum(option.volet != FACILITATOR for option in options)


def _goal(proposed: Proposed, goal: str) -> GoalFacts:
    found = proposed.found
    attained, bound, gap = found.plan.attained[goal], found.plan.bounds[goal], found.gap(goal)
    listed = found.ranked_attained.get(goal)
    far = f" ({percent(Fraction(gap, abs(bound)))})" if gap and bound else ""
    return GoalFacts(
        objectif=goal,
        nom=GOAL_NAMES[goal],
        unite=_unit(goal),
        atteint=attained,
        borne=bound,
        ecart=gap,
        prouve_optimal=gap == 0,
        liste_classee=listed,
        atteint_texte=_value(goal, attained),
        borne_texte=_value(goal, bound),
        ecart_texte=f"{_value(goal, gap)}{far}" if gap else "aucun, optimal",
        liste_texte="non compté" if listed is None else _value(goal, listed),
    )


def _unit(goal: str) -> str:
    if goal in HOURS_GOALS:
        return "heures"
    return {ZONES: "zones", STRUCTURES: "structures", MONEY: "centimes"}.get(goal, "extensions")


def _value(goal: str, value: int) -> str:
    if goal == MONEY:
        return euros(value)
    return f"{whole(value)}{THIN}h" if goal in HOURS_GOALS else whole(value)


def _extension(proposed: Proposed, own: Extension) -> ExtensionFacts:
    codes = proposed.found.ask.coverage.territory.codes
    return ExtensionFacts(
        extension_id=own.extension_id,
        structure_id=own.structure_id,
        structure=own.structure_name,
        donneurs_ordre_noms=class_names(own.scope),
        communes=[str(codes[unit]) for unit in own.units],
        zone_ids=list(own.zone_ids),
        heures=own.hours,
    )

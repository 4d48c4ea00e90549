"""Variants of one study side by side: what each attains, and which posts each one takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.proposals.limits import CENTS, limits_of
from coverage.proposals.model import HUNDREDTHS
from coverage.selection import select_regions
from coverage.status import STATUTS
from coverage.wording import STATUS_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Coverage
    from coverage.proposals.model import Option, Ranked
    from coverage.proposals.outcome import Proposals
    from coverage.proposals.scenario import Scenario

EUROS, ETP, HOURS, COUNT = "eur", "etp", "heures", "nombre"

STUDY = "etude"
"""Identifier of the study without a scenario, among variants."""

OBJECTIVE_POSTS = "objectif_postes"

GOALS = {
    "heures_prioritaires": "heures prioritaires nouvellement servies",
    "heures_sans_perimetre_principal": "les mêmes et celles des lieux sans périmètre principal",
    "heures": "toutes les heures nouvellement servies",
}


@dataclass(frozen=True)
class Variant:
    """What a scenario proposes."""

    scenario: Scenario
    found: Proposals

    @property
    def key(self) -> str:
        """Short identifier, for columns."""
        return self.scenario.scenario_id or STUDY


@dataclass(frozen=True)
class Figure:
    """One figure of every variant, in their order.

    Attributes
    ----------
    unit
        `eur` (whole cents), `etp` (hundredths), `heures` or `nombre`.
    values
        None where a limit is off.
    """

    name: str
    label: str
    unit: str
    values: tuple[int | None, ...]

    @property
    def scale(self) -> int:
        """What divides a value to give its unit."""
        return {EUROS: CENTS, ETP: HUNDREDTHS}.get(self.unit, 1)

    def gaps(self) -> tuple[int | None, ...]:
        """Return what each value is above the first one, None where one is unknown."""
        first = self.values[0]
        return tuple(
            None if first is None or value is None else value - first for value in self.values
        )


@dataclass(frozen=True)
class Choice:
    """What the variants do with one option.

    Attributes
    ----------
    option
        As the first variant that has it; its ETP may differ in others.
    ranked
        By variant, None where it is not ranked.
    planned
        By variant, whether the exact plan takes it; None where the option does not exist.
    """

    option: Option
    ranked: tuple[Ranked | None, ...]
    planned: tuple[bool | None, ...]

    @property
    def differs(self) -> bool:
        """Whether a list or a plan takes it and another does not."""
        funded = {bool(row and row.funded) for row in self.ranked}
        return len(funded) > 1 or len({bool(taken) for taken in self.planned}) > 1


def figures(variants: Sequence[Variant]) -> tuple[Figure, ...]:
    """Return what is compared of variants, the study first.

    An objective is in ETP or in posts: a unit that no variant counts in has no row but the first.
    """
    held = [_figures(variant.found) for variant in variants]
    rows = [
        Figure(name, label, unit, tuple(own[number][3] for own in held))
        for number, (name, label, unit, _) in enumerate(held[0])
    ]
    return tuple(row for row in rows if row.name != OBJECTIVE_POSTS or set(row.values) != {None})


def _figures(found: Proposals) -> list[tuple[str, str, str, int | None]]:
    limits, verified = limits_of(found.ask), found.verified
    objective = limits.objective
    new = [k for k in found.funded if k not in limits.kept]
    options = found.ask.options
    listed = found.ranked_attained
    return [
        ("enveloppe", "Enveloppe", EUROS, limits.budget_cents),
        (
            "objectif_etp",
            "Objectif, en ETP nouveaux",
            ETP,
            objective if limits.unit == "etp" else None,
        ),
        (
            OBJECTIVE_POSTS,
            "Objectif, en postes nouveaux",
            COUNT,
            None if limits.unit == "etp" else objective,
        ),
        ("options", "Options comparées", COUNT, len(options)),
        ("ecartees", "dont écartées par une règle", COUNT, len(limits.aside)),
        ("verrouillees", "dont verrouillées", COUNT, len(limits.locked)),
        ("refusees", "dont refusées", COUNT, len(limits.refused)),
        (
            "liste_etp",
            "Liste classée : ETP nouveaux",
            ETP,
            sum(options[k].hundredths for k in new),
        ),
        (
            "liste_part_etat",
            "Liste classée : argent de l’appel",
            EUROS,
            sum(options[k].state_cents for k in found.funded),
        ),
        *(
            (f"liste_{goal}", f"Liste classée : {label}", HOURS, listed[goal])
            for goal, label in GOALS.items()
        ),
        ("plan_etp", "Plan exact : ETP nouveaux", ETP, verified.additional),
        ("plan_part_etat", "Plan exact : argent de l’appel", EUROS, verified.state_cents),
        *(
            (f"plan_{goal}", f"Plan exact : {label}", HOURS, verified.hours[goal])
            for goal, label in GOALS.items()
        ),
        ("plan_zones", "Plan exact : zones portées au seuil", COUNT, verified.zones),
        ("plan_structures", "Plan exact : structures financées", COUNT, verified.structures),
        *(
            (f"apres_{name}", f"Avec le plan : {label}", unit, value)
            for name, label, unit, value in coverage_figures(found.planned)
        ),
    ]


def coverage_figures(coverage: Coverage) -> list[tuple[str, str, str, int]]:
    """Return (name, label, unit, value) of what tells a coverage from another of the study."""
    shown = select_regions(coverage)
    counts = shown.communes["statut"].value_counts()
    kept = shown.zones[shown.zones["retenue"].to_numpy(dtype=bool)]
    certificates = {name for own in kept["certificats"] for name in own}
    return [
        ("servi", "heures servies en tout", HOURS, int(shown.communes["servi_h"].sum())),
        ("zones", "zones blanches retenues", COUNT, len(kept)),
        ("deficit", "heures qui y manquent", HOURS, int(kept["deficit_h"].sum())),
        (
            "deficit_prouve",
            "dont prouvées par un certificat",
            HOURS,
            int(kept["deficit_prouve_h"].sum()),
        ),
        ("certificats", "certificats de ces zones", COUNT, len(certificates)),
        *(
            (status, f"communes\u00a0: {STATUS_NAMES[status]}", COUNT, int(counts.get(status, 0)))
            for status in STATUTS
        ),
    ]


def choices(variants: Sequence[Variant]) -> tuple[Choice, ...]:
    """Return what the variants do with every option of one of them, sorted by identifier."""
    by_variant = [
        {row.option.option_id: row for row in variant.found.ranked} for variant in variants
    ]
    options: dict[str, Option] = {}
    for variant in reversed(variants):
        options |= {option.option_id: option for option in variant.found.ask.options}
    return tuple(
        Choice(
            options[name],
            tuple(rows.get(name) for rows in by_variant),
            tuple(_taken(variant.found, name) for variant in variants),
        )
        for name in sorted(options)
    )


def _taken(found: Proposals, name: str) -> bool | None:
    position = found.position.get(name)
    return None if position is None else position in found.plan.chosen

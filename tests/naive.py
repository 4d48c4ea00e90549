"""The naive reference: the method again in sets, fractions and linear programs.

Nothing is merged and no flow library is called, so that it shares no mistake with the engine.
It knows perimeters filed by codes only: its atoms are whole units.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

from naive_flows import fair_rates, served_at_most
from naive_zones import zones_of

from coverage.parameters import CLASSES, STATE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandas as pd

    from coverage.model import Study
    from geo.territory import Territory

Node = tuple[str, str]
"""A demand node: (unit code, class of buyer)."""
Supply = tuple[str, str]
"""A supply node: (structure, classes served joined by `|`)."""

WORSE_THAN = ((Fraction(1, 3), "<1/3"), (Fraction(2, 3), "<2/3"), (Fraction(1), "<1"))


def lines(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


# --- coverage by sets (section 3) ---------------------------------------------------------


def days_in_force(post: Any, year: int) -> int:  # noqa: ANN401 - a row of the table
    """Return the inclusive days of the year in which a post is in force."""
    start = max(post.debut or date(year, 1, 1), date(year, 1, 1))
    end = min(post.fin or date(year, 12, 31), date(year, 12, 31))
    return max(0, (end - start).days + 1)


def active_posts(study: Study) -> list[Any]:
    return [
        post
        for post in lines(study.posts)
        if post.volet == "facilitateur" and post.etp > 0 and days_in_force(post, study.year) > 0
    ]


def reach(
    study: Study, territory: Territory, *, principal_only: bool = False
) -> dict[str, dict[str, bool]]:
    """Return unit → structure in force there → whether it is principal."""
    staffed = {post.structure_id for post in active_posts(study)}
    found: dict[str, dict[str, bool]] = {code: {} for code in territory.codes}
    for line in lines(study.perimeters):
        principal = line.nature in ("principal", "extension_dotee")
        if (
            line.volet != "facilitateur"
            or line.structure_id not in staffed
            or line.etat not in study.parameters.etats_perimetres
            or (principal_only and not principal)
        ):
            continue
        for row in territory.members[line.niveau][line.code]:
            here = found[territory.codes[row]]
            here[line.structure_id] = here.get(line.structure_id, False) or principal
    return found


# --- need (section 4) ---------------------------------------------------------------------


def lines_of_the_year(study: Study) -> list[Any]:
    return [line for line in lines(study.needs) if line.annee in (0, study.year)]


def known_classes(study: Study, territory: Territory) -> dict[str, set[str]]:
    """Return unit → classes whose need is known there, be it zero."""
    known: dict[str, set[str]] = {code: set() for code in territory.codes}
    for line in lines_of_the_year(study):
        for row in territory.members["commune"][line.commune]:
            known[territory.codes[row]].add(line.donneur_ordre)
    declared = lines(study.exhaustiveness)
    for code, departement, region in zip(
        territory.codes, territory.units["departement"], territory.units["region"], strict=True
    ):
        for line in declared:
            if line.region in ("", region) and line.departement in ("", departement):
                known[code].add(line.donneur_ordre)
    return known


def split(hours: Fraction, shares: Mapping[str, int]) -> dict[str, Fraction]:
    """Return whole hours by code in proportion of `shares`: largest remainder, ties by code."""
    if len(shares) == 1:
        return dict.fromkeys(shares, hours)
    if hours.denominator != 1:
        raise ValueError("the reference splits whole hours only")
    total = sum(shares.values())
    exact = {code: hours * share / total for code, share in shares.items()}
    whole = {code: floor(value) for code, value in exact.items()}
    by_remainder = sorted(exact, key=lambda code: (whole[code] - exact[code], code))
    for code in by_remainder[: int(hours) - sum(whole.values())]:
        whole[code] += 1
    return {code: Fraction(value) for code, value in whole.items()}


def needs_by_node(study: Study, territory: Territory) -> dict[Node, int]:
    """Return the need of every demand node with more than zero hours."""
    filed: dict[Node, Fraction] = {}
    for line in lines_of_the_year(study):
        asked = (line.commune, line.donneur_ordre)
        filed[asked] = filed.get(asked, Fraction(0)) + Fraction(line.heures)
    sums: dict[Node, Fraction] = {}
    for (place, name), total in filed.items():
        rows = territory.members["commune"][place]
        shares = {str(territory.codes[row]): int(territory.population[row]) for row in rows}
        for code, hours in split(total, shares).items():
            sums[code, name] = sums.get((code, name), Fraction(0)) + hours
    rounded = {node: floor(hours + Fraction(1, 2)) for node, hours in sums.items()}
    return {node: hours for node, hours in rounded.items() if hours > 0}


# --- capacity (section 5) -----------------------------------------------------------------


def share_inside(study: Study, territory: Territory) -> dict[str, Fraction]:
    """Return structure → share of its population that the study can tell the needs of."""
    known = known_classes(study, territory)
    inside: dict[str, int] = {}
    whole: dict[str, int] = {}
    regions = dict(zip(territory.codes, territory.units["region"], strict=True))
    population = dict(zip(territory.codes, territory.population, strict=True))
    for code, structures in reach(study, territory).items():
        counted = not study.regions or regions[code] in study.regions or bool(known[code])
        for name in structures:
            whole[name] = whole.get(name, 0) + int(population[code])
            inside[name] = inside.get(name, 0) + int(population[code]) * counted
    return {name: Fraction(inside[name], whole[name]) for name in whole if whole[name]}


def exact_capacities(study: Study, territory: Territory) -> dict[Supply, Fraction]:
    """Return the capacity of every supply node, unrounded."""
    shares = share_inside(study, territory) if study.regions else {}
    own = study.structures["heures_par_etp"].dropna()
    days = (date(study.year, 12, 31) - date(study.year, 1, 1)).days + 1
    found: dict[Supply, Fraction] = {}
    for post in active_posts(study):
        hours = int(own.get(post.structure_id, study.parameters.heures_par_etp))
        capacity = post.etp * hours * Fraction(days_in_force(post, study.year), days)
        if post.financement == f"aap_{study.year}":
            capacity *= study.parameters.montee_en_charge
        supply = (post.structure_id, "|".join(post.donneurs_ordre))
        share = shares.get(post.structure_id, Fraction(1))
        found[supply] = found.get(supply, Fraction(0)) + capacity * share
    return found


def capacities(study: Study, territory: Territory) -> dict[Supply, int]:
    return {supply: floor(value) for supply, value in exact_capacities(study, territory).items()}


def edges(
    nodes: Collection[Node], supplies: Collection[Supply], covers: Mapping[str, Collection[str]]
) -> dict[Node, set[Supply]]:
    """Return node → supply nodes that hold its unit and serve its class."""
    by_structure: dict[str, list[Supply]] = {}
    for supply in supplies:
        by_structure.setdefault(supply[0], []).append(supply)
    return {
        (code, name): {
            supply
            for held in covers[code]
            for supply in by_structure[held]
            if name in supply[1].split("|")
        }
        for code, name in nodes
    }


# --- status (section 6), other readings (section 5), deficits (section 7) --------------------


def mean_rate(
    code: str, needs: Mapping[Node, int], rates: Mapping[Node, Fraction]
) -> Fraction | None:
    """Return the need-weighted mean of min(1, rate) over the unit's nodes, None without need."""
    nodes = [(code, name) for name in CLASSES if (code, name) in needs]
    if not nodes:
        return None
    served = sum((needs[node] * min(Fraction(1), rates[node]) for node in nodes), Fraction(0))
    return served / sum(needs[node] for node in nodes)


@dataclass(frozen=True)
class Unit:
    """What is decided of one unit; `cover` is `principale`, `extension` or empty."""

    structures: tuple[str, ...]
    cover: str
    known: frozenset[str]
    need_h: int
    state_need_h: int
    served_h: Fraction
    rate: Fraction | None
    state_rate: Fraction | None
    statut: str
    gravite: str
    ratio_simple: Fraction | None
    ratio_2sfca: Fraction | None


@dataclass(frozen=True)
class Flow:
    """Nodes, suppliers and fair rates of one reading."""

    needs: Mapping[Node, int]
    capacities: Mapping[Supply, int] | Mapping[Supply, Fraction]
    links: Mapping[Node, set[Supply]]
    rates: Mapping[Node, Fraction]


def flow_of(
    study: Study,
    territory: Territory,
    *,
    state_only: bool = False,
    principal_only: bool = False,
    factor: Fraction | None = None,
) -> Flow:
    """Return one fair flow; with a `factor`, ETP unrounded and every productivity times it."""
    needs = {
        node: hours
        for node, hours in needs_by_node(study, territory).items()
        if not state_only or node[1] in STATE_CLASSES
    }
    supply: dict[Supply, int] | dict[Supply, Fraction] = capacities(study, territory)
    if factor is not None:
        exact = exact_capacities(study, territory)
        supply = {name: hours * factor for name, hours in exact.items()}
    covers = reach(study, territory, principal_only=principal_only)
    links = edges(needs, supply, covers)
    return Flow(needs, supply, links, fair_rates(needs, supply, links))


def is_short(study: Study, rate: Fraction | None, state_rate: Fraction | None) -> bool:
    thresholds = study.parameters
    return (rate is not None and rate < thresholds.seuil_reponse) or (
        state_rate is not None and state_rate < thresholds.seuil_reponse_etat
    )


def status_of(
    study: Study,
    cover: str,
    known: Collection[str],
    rate: Fraction | None,
    state_rate: Fraction | None,
) -> str:
    if not cover:
        return "non_couverte"
    if cover == "extension":
        return "limitrophe"
    if not known:
        return "donnee_manquante"
    return "capacite_insuffisante" if is_short(study, rate, state_rate) else "couverte"


def gravity(statut: str, rate: Fraction | None, state_rate: Fraction | None) -> str:
    """Return the class of the worse of the two rates, for an insufficiency only."""
    if statut != "capacite_insuffisante":
        return ""
    worst = min(rate for rate in (rate, state_rate) if rate is not None)
    return next((label for limit, label in WORSE_THAN if worst < limit), "")


def units_of(study: Study, territory: Territory, total: Flow, state: Flow) -> dict[str, Unit]:
    covers = reach(study, territory)
    known = known_classes(study, territory)
    reached: dict[Supply, int] = {}
    for node, suppliers in total.links.items():
        for supply in suppliers:
            reached[supply] = reached.get(supply, 0) + total.needs[node]
    found = {}
    for code in territory.codes:
        here = [(code, name) for name in CLASSES if (code, name) in total.needs]
        need_h = sum(total.needs[node] for node in here)
        touching = sum(
            hours for supply, hours in total.capacities.items() if supply[0] in covers[code]
        )
        two_step = sum(
            total.needs[node] * Fraction(total.capacities[supply]) / reached[supply]
            for node in here
            for supply in total.links[node]
        )
        rate = mean_rate(code, total.needs, total.rates)
        state_rate = mean_rate(code, state.needs, state.rates)
        cover = ""
        if covers[code]:
            cover = "principale" if any(covers[code].values()) else "extension"
        statut = status_of(study, cover, known[code], rate, state_rate)
        found[code] = Unit(
            structures=tuple(sorted(covers[code])),
            cover=cover,
            known=frozenset(known[code]),
            need_h=need_h,
            state_need_h=sum(total.needs[node] for node in here if node[1] in STATE_CLASSES),
            served_h=need_h * rate if rate is not None else Fraction(0),
            rate=rate,
            state_rate=state_rate,
            statut=statut,
            gravite=gravity(statut, rate, state_rate),
            ratio_simple=Fraction(touching) / need_h if need_h else None,
            ratio_2sfca=Fraction(two_step) / need_h if need_h else None,
        )
    return found


@dataclass(frozen=True)
class Reference:
    """Everything that the reference decides of a study."""

    study: Study
    territory: Territory
    total: Flow
    state: Flow
    units: Mapping[str, Unit]
    zones: set[frozenset[str]]

    def fair_deficit(self, zone: Iterable[str]) -> Fraction:
        return sum((self.units[c].need_h - self.units[c].served_h for c in zone), Fraction(0))

    def proved_deficit(self, zone: Collection[str]) -> int:
        """Return what stays unserved even if all that reaches the zone worked only for it."""
        inside = {node: hours for node, hours in self.total.needs.items() if node[0] in zone}
        supply = {name: int(hours) for name, hours in self.total.capacities.items()}
        return sum(inside.values()) - served_at_most(inside, supply, self.total.links)


def decide(study: Study, territory: Territory) -> Reference:
    total = flow_of(study, territory)
    state = flow_of(study, territory, state_only=True)
    units = units_of(study, territory, total, state)
    zones = zones_of(territory, {code: unit.statut for code, unit in units.items()})
    return Reference(study, territory, total, state, units, zones)


def break_even(study: Study, territory: Territory, zone: Collection[str]) -> float | None:
    """Return the least hours by ETP at which no unit of the zone is short, by bisection.

    Each step solves both fair flows again. None when a class with need has no capacity.
    """

    def short(factor: Fraction) -> bool:
        total = flow_of(study, territory, factor=factor)
        state = flow_of(study, territory, state_only=True, factor=factor)
        return any(
            is_short(
                study,
                mean_rate(code, total.needs, total.rates),
                mean_rate(code, state.needs, state.rates),
            )
            for code in zone
        )

    high = Fraction(1)
    while short(high):
        high *= 2
        if high > 2**20:
            return None
    low = Fraction(0)
    while high - low > high / 10**7:
        middle = (low + high) / 2
        low, high = (middle, high) if short(middle) else (low, middle)
    return float(high * study.parameters.heures_par_etp)

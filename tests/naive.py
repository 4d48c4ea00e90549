"""The naive reference: the method again in sets, fractions and linear programs.

Nothing is merged and no flow library is called, so that it shares no mistake with the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from naive_atoms import EPSILON, atoms_of, geodesic_m2, reach
from naive_filed import known_classes
from naive_flows import fair_rates, served_at_most
from naive_hours import Node, Supply, capacities, edges, exact_capacities, needs_by_node
from naive_zones import zones_of

from coverage.parameters import CLASSES, STATE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from naive_atoms import Atom, Parts

    from coverage.model import Study
    from geo.territory import Territory

__all__ = [
    "Node",
    "Supply",
    "break_even",
    "capacities",
    "decide",
    "edges",
    "flow_of",
    "known_classes",
    "needs_by_node",
    "reach",
]

WORSE_THAN = ((Fraction(1, 3), "<1/3"), (Fraction(2, 3), "<2/3"), (Fraction(1), "<1"))
STATUSES = ("non_couverte", "limitrophe", "donnee_manquante", "capacite_insuffisante", "couverte")
"""From the worst, in the order of the method's rules."""


# --- flows (section 5) --------------------------------------------------------------------


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
    parts: Parts | None = None,
) -> Flow:
    """Return one fair flow; with a `factor`, ETP unrounded and every productivity times it."""
    parts = parts or atoms_of(study, territory)
    needs = {
        node: hours
        for node, hours in needs_by_node(study, territory, parts).items()
        if not state_only or node[1] in STATE_CLASSES
    }
    supply: dict[Supply, int] | dict[Supply, Fraction] = capacities(study, territory, parts)
    if factor is not None:
        exact = exact_capacities(study, territory, parts)
        supply = {name: hours * factor for name, hours in exact.items()}
    covers = reach(study, territory, principal_only=principal_only, parts=parts)
    links = edges(needs, supply, covers)
    return Flow(needs, supply, links, fair_rates(needs, supply, links))


def mean_rate(places: Iterable[str], flow: Flow) -> Fraction | None:
    """Return the need-weighted mean of min(1, rate) over the places, None without need."""
    nodes = nodes_of(places, flow)
    if not nodes:
        return None
    served = sum((flow.needs[n] * min(Fraction(1), flow.rates[n]) for n in nodes), Fraction(0))
    return served / sum(flow.needs[node] for node in nodes)


def nodes_of(places: Iterable[str], flow: Flow) -> list[Node]:
    return [(place, name) for place in places for name in CLASSES if (place, name) in flow.needs]


# --- status (section 6) -------------------------------------------------------------------


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


@dataclass(frozen=True)
class Readings:
    """Hours and rates of one atom or of one unit."""

    structures: tuple[str, ...]
    need_h: int
    state_need_h: int
    served_h: Fraction
    rate: Fraction | None
    state_rate: Fraction | None
    ratio_simple: Fraction | None
    ratio_2sfca: Fraction | None


@dataclass(frozen=True)
class Part:
    """What is decided of one atom; `cover` is `principale`, `extension` or empty."""

    atom: Atom
    cover: str
    readings: Readings
    statut: str
    gravite: str


@dataclass(frozen=True)
class Unit(Readings):
    """What is shown of one unit; `shares` are of area, by cover."""

    known: frozenset[str]
    shown: str
    shares: Mapping[str, float]
    statut: str
    mixte: bool
    gravite: str


@dataclass(frozen=True)
class Figures:
    """The two flows, and what the readings need of them once."""

    total: Flow
    state: Flow
    covers: Mapping[str, Mapping[str, bool]]
    reached: Mapping[Supply, int]

    def of(self, places: Sequence[str]) -> Readings:
        needs, capacity = self.total.needs, self.total.capacities
        here = nodes_of(places, self.total)
        need_h = sum(needs[node] for node in here)
        structures = {name for place in places for name in self.covers[place]}
        touching = sum(hours for supply, hours in capacity.items() if supply[0] in structures)
        two_step = sum(
            needs[node] * Fraction(capacity[supply]) / self.reached[supply]
            for node in here
            for supply in self.total.links[node]
        )
        rate = mean_rate(places, self.total)
        return Readings(
            structures=tuple(sorted(structures)),
            need_h=need_h,
            state_need_h=sum(needs[node] for node in here if node[1] in STATE_CLASSES),
            served_h=need_h * rate if rate is not None else Fraction(0),
            rate=rate,
            state_rate=mean_rate(places, self.state),
            ratio_simple=Fraction(touching) / need_h if need_h else None,
            ratio_2sfca=Fraction(two_step) / need_h if need_h else None,
        )


def figures_of(study: Study, territory: Territory, parts: Parts) -> Figures:
    total = flow_of(study, territory, parts=parts)
    reached: dict[Supply, int] = {}
    for node, suppliers in total.links.items():
        for supply in suppliers:
            reached[supply] = reached.get(supply, 0) + total.needs[node]
    state = flow_of(study, territory, state_only=True, parts=parts)
    return Figures(total, state, reach(study, territory, parts=parts), reached)


def part_of(study: Study, figures: Figures, atom: Atom, known: Collection[str]) -> Part:
    held = figures.covers[atom.place]
    cover = ""
    if held:
        cover = "principale" if any(held.values()) else "extension"
    readings = figures.of([atom.place])
    rates = (readings.rate, readings.state_rate)
    statut = status_of(study, cover, known, *rates)
    return Part(atom, cover, readings, statut, gravity(statut, *rates))


def unit_of(parts: Sequence[Part], readings: Readings, known: Collection[str]) -> Unit:
    """Return what a unit shows: the status of the atom that holds most of its need."""
    shown = min(
        parts,
        key=lambda part: (
            -part.readings.need_h,
            -part.atom.share,
            STATUSES.index(part.statut),
            part.atom.signature,
        ),
    )
    others: dict[str, float] = {}
    shares = {"principale": 0.0, "extension": 0.0, "": 0.0}
    for part in parts:
        shares[part.cover] += part.atom.share
        if part.statut != shown.statut:
            others[part.statut] = others.get(part.statut, 0.0) + part.atom.share
    return Unit(
        **vars(readings),
        known=frozenset(known),
        shown=shown.atom.place,
        shares=shares,
        statut=shown.statut,
        mixte=any(share > EPSILON for share in others.values()),
        gravite=shown.gravite,
    )


# --- everything ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """Everything that the reference decides of a study.

    Attributes
    ----------
    parts
        By place of an atom.
    units
        By code.
    zones
        Sets of places.
    """

    study: Study
    territory: Territory
    atoms: Parts
    total: Flow
    state: Flow
    parts: Mapping[str, Part]
    units: Mapping[str, Unit]
    zones: set[frozenset[str]]

    def fair_deficit(self, zone: Iterable[str]) -> Fraction:
        held = [self.parts[place].readings for place in zone]
        return sum((readings.need_h - readings.served_h for readings in held), Fraction(0))

    def proved_deficit(self, zone: Collection[str]) -> int:
        """Return what stays unserved even if all that reaches the zone worked only for it."""
        inside = {node: hours for node, hours in self.total.needs.items() if node[0] in zone}
        supply = {name: int(hours) for name, hours in self.total.capacities.items()}
        return sum(inside.values()) - served_at_most(inside, supply, self.total.links)

    @cached_property
    def land_km2(self) -> dict[str, float]:
        """Area of each unit, 0 where it has no geometry."""
        areas = self.territory.units["area_km2"].fillna(0.0)
        return {str(code): float(area) for code, area in areas.items()}

    def area_km2(self, zone: Iterable[str]) -> float:
        """Return the area on the ellipsoid; that of the parts of a unit sums to the unit's."""
        total = 0.0
        for place in zone:
            atom = self.parts[place].atom
            share = 1.0
            if atom.shape is not None:
                held = [geodesic_m2(self.territory, other) for other in self.atoms[atom.unit]]
                share = geodesic_m2(self.territory, atom) / sum(held)
            total += share * self.land_km2[atom.unit]
        return total


def decide(study: Study, territory: Territory, atoms: Parts | None = None) -> Reference:
    """Decide everything; `atoms` when they are known already."""
    atoms = atoms or atoms_of(study, territory)
    figures = figures_of(study, territory, atoms)
    known = known_classes(study, territory)
    parts: dict[str, Part] = {}
    units: dict[str, Unit] = {}
    for code, held in atoms.items():
        here = [part_of(study, figures, atom, known[code]) for atom in held]
        parts.update({part.atom.place: part for part in here})
        readings = here[0].readings
        if len(here) > 1:
            readings = figures.of([atom.place for atom in held])
        units[code] = unit_of(here, readings, known[code])
    zones = zones_of(territory, atoms, {place: part.statut for place, part in parts.items()})
    return Reference(study, territory, atoms, figures.total, figures.state, parts, units, zones)


def break_even(study: Study, territory: Territory, zone: Collection[str]) -> float | None:
    """Return the least hours by ETP at which no place of the zone is short, by bisection.

    Each step solves both fair flows again. None when a class with need has no capacity.
    """
    parts = atoms_of(study, territory)

    def short(factor: Fraction) -> bool:
        total = flow_of(study, territory, factor=factor, parts=parts)
        state = flow_of(study, territory, state_only=True, factor=factor, parts=parts)
        return any(
            is_short(study, mean_rate([place], total), mean_rate([place], state)) for place in zone
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

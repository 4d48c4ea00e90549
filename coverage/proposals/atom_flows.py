"""Hours served by a plan, counted on atoms not merged: the check's own network and flows.

Flows are scipy's (Dinic), in whole hours under 2**31. Zones are checked through minimum cuts: a
flow attains a goal if and only if it fills a minimum cut of that goal and sends nothing back
through it, so that goals become bounds on arcs, and one maximum flow tells whether a flow keeps
all bounds (Hoffman's circulation theorem).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from coverage.atoms import PRINCIPAL, structure_shares
from coverage.need import need_by_atom
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.perimeters import active_posts
from coverage.rounding import largest_remainder, sums
from coverage.supply import build_supply

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from coverage.model import Coverage, Study
    from coverage.proposals.model import Ask, Option

_LIMIT = 2**31
"""Scipy's flows are of 32 bits."""

_NOT_OF_THE_STATE = frozenset({"", "autre"})

Arcs = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64]"]
"""Tails, heads and capacities."""


@dataclass(frozen=True)
class AtomNetwork:
    """Demands of (atom, class, level), and the supplies that reach each.

    Attributes
    ----------
    hours, level
        Of each demand, > 0; 0, 1 or 2 as in `PlanNetwork`; shape (demands,).
    zone, zones
        Number of the zone of each demand, and their ids.
    demand, supply
        Of each link, shape (links,).
    capacities
        Whole hours of each supply; those before `existing` are in place today.
    """

    hours: NDArray[np.int64]
    level: NDArray[np.int64]
    zone: NDArray[np.int64]
    zones: Sequence[str]
    demand: NDArray[np.int64]
    supply: NDArray[np.int64]
    capacities: NDArray[np.int64]
    existing: int

    @cached_property
    def zone_hours(self) -> dict[str, int]:
        """Whole hours asked in each zone."""
        asked = sums(self.hours, self.zone, len(self.zones)).tolist()
        return dict(zip(self.zones, asked, strict=True))

    def served(self, level: int, *, today: bool = False) -> int:
        """Return the most hours served at a level and under, with the plan or without."""
        return self._flow(level, self.existing if today else len(self.capacities))[0]

    def lifts(self, least: Mapping[str, int]) -> bool:
        """Say whether one flow attains all goals of hours and serves enough of some zones.

        Parameters
        ----------
        least
            Zone id → whole hours that it must be served.
        """
        full, shut, filled = self._cuts()
        first = len(self.zones)
        supply = first + len(self.hours)
        source, sink = supply + len(self.capacities), supply + len(self.capacities) + 1
        whole = int(self.hours.sum())
        bounds = np.array([least.get(zone, 0) for zone in self.zones], dtype=np.int64)
        asked = np.array(list(self.zone_hours.values()), dtype=np.int64)
        near, far = self.demand[~shut], self.supply[~shut]
        demands, supplies = np.arange(len(self.hours)), np.arange(len(self.capacities))
        pieces = [
            (np.full(first, source), np.arange(first), bounds, asked),
            (self.zone, first + demands, np.where(full, self.hours, 0), self.hours),
            (first + near, supply + far, np.zeros_like(near), np.full(len(near), whole)),
            (
                *(supply + supplies, np.full(len(supplies), sink)),
                *(np.where(filled, self.capacities, 0), self.capacities),
            ),
            tuple(np.array([value]) for value in (sink, source, 0, whole)),
        ]
        tail, head, low, high = (np.concatenate(part) for part in zip(*pieces, strict=True))
        return _circulates(tail, head, low, high, size=sink + 1)

    def _cuts(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return demands to serve whole, links to leave empty, supplies to fill, for all goals."""
        full = np.zeros(len(self.hours), dtype=bool)
        shut = np.zeros(len(self.demand), dtype=bool)
        filled = np.zeros(len(self.capacities), dtype=bool)
        for level in range(3):
            side = self._flow(level, len(self.capacities))[1]
            short, cut = side[: len(self.hours)], side[len(self.hours) :][: len(self.capacities)]
            asks = self.level <= level
            full |= asks & ~short
            filled |= cut
            shut |= ~(asks & short)[self.demand] & cut[self.supply]
        return full, shut, filled

    def _flow(self, level: int, supplies: int) -> tuple[int, NDArray[np.bool_]]:
        """Return the maximum flow at a level and under, and which nodes its source reaches."""
        count = len(self.hours)
        source, sink = count + supplies, count + supplies + 1
        whole = int(self.hours.sum())
        asks = np.flatnonzero(self.level <= level)
        kept = (self.level <= level)[self.demand] & (self.supply < supplies)
        near, far = self.demand[kept], self.supply[kept]
        given = np.minimum(self.capacities[:supplies], whole)
        pieces = [
            (np.full(len(asks), source), asks, self.hours[asks]),
            (near, count + far, np.full(len(near), whole)),
            (count + np.arange(supplies), np.full(supplies, sink), given),
        ]
        tail, head, capacity = (np.concatenate(part) for part in zip(*pieces, strict=True))
        return _maximum_flow((tail, head, capacity), source, sink)


def _maximum_flow(arcs: Arcs, source: int, sink: int) -> tuple[int, NDArray[np.bool_]]:
    """Return the maximum flow, and which nodes the source still reaches."""
    tail, head, capacity = arcs
    size = max(source, sink) + 1
    if capacity.sum(where=tail == source) >= _LIMIT or capacity.max(initial=0) >= _LIMIT:
        raise OverflowError("hours beyond 32 bits cannot be checked")
    graph = coo_array((capacity.astype(np.int32), (tail, head)), shape=(size, size)).tocsr()
    solved = maximum_flow(graph, source, sink, method="dinic")
    left = csr_array(graph - solved.flow)
    left.eliminate_zeros()
    side = np.zeros(size, dtype=bool)
    side[breadth_first_order(left, source, return_predecessors=False)] = True
    return int(solved.flow_value), side


def _circulates(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    *,
    size: int,
) -> bool:
    """Say whether a circulation keeps the bounds of every arc."""
    if (low > high).any():
        return False
    excess = sums(low, head, size) - sums(low, tail, size)
    more, less = np.flatnonzero(excess > 0), np.flatnonzero(excess < 0)
    pieces = [
        (tail, head, high - low),
        (np.full(len(more), size), more, excess[more]),
        (less, np.full(len(less), size + 1), -excess[less]),
    ]
    arcs = tuple(np.concatenate(part) for part in zip(*pieces, strict=True))
    found, _ = _maximum_flow((arcs[0], arcs[1], arcs[2]), size, size + 1)
    return found == int(excess[more].sum())


def atom_network(ask: Ask, chosen: Collection[int], *, full_year: bool = False) -> AtomNetwork:
    """Return the demands of every atom, and the supplies in place and of some options."""
    coverage = ask.coverage
    study, atoms = coverage.study, coverage.atoms
    table = build_supply(
        study, coverage.territory, active_posts(study), structure_shares(atoms), coverage.need.known
    ).table
    posts = list(zip(table["structure_id"], table["scope"], strict=True))
    by_structure: dict[str, list[int]] = {}
    for number, (structure, _) in enumerate(posts):
        by_structure.setdefault(structure, []).append(number)
    options = [ask.options[k] for k in sorted(chosen)]
    by_unit: dict[int, list[int]] = {}
    for number, option in enumerate(options, start=len(posts)):
        for unit in option.units if option.volet == "facilitateur" else ():
            by_unit.setdefault(unit, []).append(number)
    scope = [*(own for _, own in posts), *(option.scope for option in options)]
    zones = sorted(coverage.zone_atoms)
    zone = np.zeros(len(atoms.table), dtype=np.int64)
    for rank, name in enumerate(zones):
        zone[coverage.zone_atoms[name]] = rank
    unit_of, signature = (atoms.table[name].tolist() for name in ("unit", "signature"))
    rows: list[tuple[int, int, int]] = []
    links: list[tuple[int, int]] = []
    for atom, class_, level, asked in _demands(coverage):
        principal = [s for s, nature in atoms.signatures[signature[atom]] if nature in PRINCIPAL]
        near = [post for s in principal for post in by_structure.get(s, ())]
        near += by_unit.get(unit_of[atom], [])
        links += [(len(rows), post) for post in near if CLASSES[class_] in scope[post]]
        rows.append((asked, level if level == 0 or principal else 1, int(zone[atom])))
    brought = [_hours(option, study, full_year=full_year) for option in options]
    return network_of_rows(rows, links, [*table["hours"].tolist(), *brought], zones, len(posts))


def network_of_rows(
    rows: Sequence[tuple[int, int, int]],
    links: Sequence[tuple[int, int]],
    capacities: Sequence[int],
    zones: Sequence[str],
    existing: int,
) -> AtomNetwork:
    """Return a network from (hours, level, zone) of demands and (demand, supply) of links."""
    hours, level, zone = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    demand, supply = np.array(links, dtype=np.int64).reshape(-1, 2).T
    given = np.array(capacities, dtype=np.int64)
    return AtomNetwork(hours, level, zone, zones, demand, supply, given, existing)


def _demands(coverage: Coverage) -> Iterator[tuple[int, int, int, int]]:
    """Yield atom, class, level (0 for priority hours, else 2) and hours > 0."""
    asked = need_by_atom(coverage.need, coverage.atoms)
    shared = _programme_hours(coverage, asked)
    for atom, column in zip(*(axis.tolist() for axis in np.nonzero(asked)), strict=True):
        hours = int(asked[atom, column])
        state = CLASSES[column] in STATE_CLASSES
        priority = hours if state else shared.get((atom, column), 0)
        for level, part in ((0, priority), (2, hours - priority)):
            if part:
                yield atom, column, level, part


def _programme_hours(coverage: Coverage, asked: NDArray[np.int64]) -> dict[tuple[int, int], int]:
    """Return the hours of State programmes by (atom, class), those of cut communes shared."""
    unit = coverage.atoms.table["unit"].to_numpy()
    whole: dict[tuple[int, int], int] = {}
    columns = ("unit", "donneur_ordre", "programme", "hours")
    for row, class_, name, hours in zip(
        *(coverage.need.parts[column].tolist() for column in columns), strict=True
    ):
        if name not in _NOT_OF_THE_STATE:
            key = (row, CLASSES.index(class_))
            whole[key] = whole.get(key, 0) + hours
    found: dict[tuple[int, int], int] = {}
    for (row, column), hours in whole.items():
        own = range(*np.searchsorted(unit, [row, row + 1]).tolist())
        parts = largest_remainder(hours, asked[own.start : own.stop, column].tolist())
        found.update(zip(((atom, column) for atom in own), parts, strict=True))
    return found


def _hours(option: Option, study: Study, *, full_year: bool) -> int:
    """Return the hours that an option brings, 0 for a kept post that is among those filed."""
    if option.volet != "facilitateur":
        return 0
    kept = option.origin == "convention"
    posts = active_posts(study)
    for structure, volet, call in zip(
        *(posts[name] for name in ("structure_id", "volet", "financement")), strict=True
    ):
        old = str(call).startswith("aap_") and call != f"aap_{study.year}"
        if kept and old and (structure, volet) == (option.structure_id, option.volet):
            return 0
    own = study.structures["heures_par_etp"].dropna().to_dict()
    hours = option.etp * int(own.get(option.structure_id, study.parameters.heures_par_etp))
    return int(hours if kept or full_year else hours * study.parameters.montee_en_charge)

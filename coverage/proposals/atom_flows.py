"""Hours served by a plan, counted on atoms not merged: the check's own network and flows.

Flows are scipy's (Dinic), in whole hours under 2**31. Zones are checked through minimum cuts: a
flow attains a goal if and only if it fills a minimum cut of that goal and sends nothing back
through it, so that goals become bounds on arcs, and one maximum flow tells whether a flow keeps
all bounds (Hoffman's circulation theorem). What a demand is served today is one bound more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from coverage.rounding import sums

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_LIMIT = 2**31
"""Scipy's flows are of 32 bits."""

Arcs = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64]"]
"""Tails, heads and capacities."""


@dataclass(frozen=True)
class _Attained:
    """Maximum flows of each level and under.

    Attributes
    ----------
    given
        Hours of the first supplies, the others being absent.
    sides
        Which demands, then supplies, the source of each flow still reaches.
    """

    given: NDArray[np.int64]
    hours: tuple[int, ...]
    sides: tuple[NDArray[np.bool_], ...]


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
        Whole hours of each supply; those before `existing` are in place today, those from
        `borrowing` on are lent by them to extensions without a post, which must use them all.
    lent
        Hours that each supply lends to extensions in the plan, shape (supplies,).
    """

    hours: NDArray[np.int64]
    level: NDArray[np.int64]
    zone: NDArray[np.int64]
    zones: Sequence[str]
    demand: NDArray[np.int64]
    supply: NDArray[np.int64]
    capacities: NDArray[np.int64]
    existing: int
    borrowing: int
    lent: NDArray[np.int64]

    @cached_property
    def zone_hours(self) -> dict[str, int]:
        """Whole hours asked in each zone."""
        asked = sums(self.hours, self.zone, len(self.zones)).tolist()
        return dict(zip(self.zones, asked, strict=True))

    @cached_property
    def given(self) -> NDArray[np.int64]:
        """Hours of each supply in the plan."""
        return self.capacities - self.lent

    @cached_property
    def _planned(self) -> _Attained:
        """The plan's supplies and maximum flows."""
        return self._attained(self.given)

    @cached_property
    def _today(self) -> _Attained:
        """Those of posts in place alone."""
        return self._attained(self.capacities[: self.existing])

    def served(self, level: int, *, today: bool = False) -> int:
        """Return the most hours served at a level and under, with the plan or without."""
        return (self._today if today else self._planned).hours[level]

    def lends_spare_hours(self) -> bool:
        """Say whether posts in place serve as much at each level without what they lend."""
        if not self.lent.any():
            return True
        return self._attained(self.given[: self.existing]).hours == self._today.hours

    def lifts(self, least: Mapping[str, int]) -> bool:
        """Say whether one flow attains all goals of hours and serves enough of some zones.

        Parameters
        ----------
        least
            Zone id → whole hours that it must be served.
        """
        bounds = np.array([least.get(zone, 0) for zone in self.zones], dtype=np.int64)
        return self._attaining(self._planned, zones=bounds) is not None

    def keeps_places(self) -> bool:
        """Say whether one flow attains all goals and takes no hour from a demand served today.

        Today's hours are those of one flow, the most at each level, of posts in place alone.
        """
        today = self._attaining(self._today)
        return today is not None and self._attaining(self._planned, demands=today) is not None

    def _attaining(
        self,
        found: _Attained,
        *,
        zones: NDArray[np.int64] | None = None,
        demands: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64] | None:
        """Return the hours of each demand in one flow that attains all goals, None if none does.

        Parameters
        ----------
        found
            What the supplies attain.
        zones, demands
            Least hours of each, 0 by default.
        """
        given = found.given
        full, shut, filled = self._cuts(found)
        filled[self.borrowing :] = True
        first, count = len(self.zones), len(self.hours)
        supply = first + count
        source, sink = supply + len(given), supply + len(given) + 1
        whole = int(self.hours.sum())
        asked = np.array(list(self.zone_hours.values()), dtype=np.int64)
        kept = ~shut & (self.supply < len(given))
        near, far = self.demand[kept], self.supply[kept]
        least = np.where(full, self.hours, 0 if demands is None else demands)
        supplies = np.arange(len(given))
        pieces = [
            (self.zone, first + np.arange(count), least, self.hours),
            (
                *(np.full(first, source), np.arange(first)),
                *(np.zeros_like(asked) if zones is None else zones, asked),
            ),
            (first + near, supply + far, np.zeros_like(near), np.full(len(near), whole)),
            (
                *(supply + supplies, np.full(len(supplies), sink)),
                *(np.where(filled, given, 0), given),
            ),
            tuple(np.array([value]) for value in (sink, source, 0, whole)),
        ]
        tail, head, low, high = (np.concatenate(part) for part in zip(*pieces, strict=True))
        hours = _circulation(tail, head, low, high, size=sink + 1)
        return None if hours is None else hours[:count]

    def _cuts(
        self, found: _Attained
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return demands to serve whole, links to leave empty, supplies to fill, for all goals."""
        full = np.zeros(len(self.hours), dtype=bool)
        shut = np.zeros(len(self.demand), dtype=bool)
        count = len(found.given)
        filled = np.zeros(count, dtype=bool)
        there = self.supply < count
        for level, side in enumerate(found.sides):
            short, cut = side[: len(self.hours)], side[len(self.hours) :][:count]
            asks = self.level <= level
            full |= asks & ~short
            filled |= cut
            shut[there] |= ~(asks & short)[self.demand[there]] & cut[self.supply[there]]
        return full, shut, filled

    def _attained(self, given: NDArray[np.int64]) -> _Attained:
        """Return what the first supplies attain with some hours, the others being absent."""
        flows = [self._flow(level, given) for level in range(3)]
        return _Attained(given, tuple(f[0] for f in flows), tuple(f[1] for f in flows))

    def _flow(self, level: int, hours: NDArray[np.int64]) -> tuple[int, NDArray[np.bool_]]:
        """Return the maximum flow at a level and under, and which nodes its source reaches.

        Parameters
        ----------
        hours
            Of the first supplies, the others being absent.
        """
        count, supplies = len(self.hours), len(hours)
        source, sink = count + supplies, count + supplies + 1
        whole = int(self.hours.sum())
        asks = np.flatnonzero(self.level <= level)
        kept = (self.level <= level)[self.demand] & (self.supply < supplies)
        near, far = self.demand[kept], self.supply[kept]
        given = np.minimum(hours, whole)
        pieces = [
            (np.full(len(asks), source), asks, self.hours[asks]),
            (near, count + far, np.full(len(near), whole)),
            (count + np.arange(supplies), np.full(supplies, sink), given),
        ]
        tail, head, capacity = (np.concatenate(part) for part in zip(*pieces, strict=True))
        solved, side = _maximum_flow((tail, head, capacity), source, sink)
        return int(solved.flow_value), side


def _maximum_flow(arcs: Arcs, source: int, sink: int) -> tuple[Any, NDArray[np.bool_]]:
    """Return the maximum flow as scipy tells it, and which nodes the source still reaches."""
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
    return solved, side


def _hours_of(
    flow: csr_array, tail: NDArray[np.int64], head: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the hours of some arcs, no two of the same ends."""
    size = flow.shape[0]
    sent = flow.tocoo()
    keys = sent.row.astype(np.int64) * size + sent.col
    order = np.argsort(keys)
    # One more, that no arc is: every place found is inside.
    known = np.append(keys[order], size * size)
    hours = np.append(sent.data[order], 0).astype(np.int64)
    asked = tail * size + head
    at = np.searchsorted(known, asked)
    return np.where(known[at] == asked, hours[at], 0)


def _circulation(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    *,
    size: int,
) -> NDArray[np.int64] | None:
    """Return the hours of each arc in a circulation that keeps its bounds, None if none does."""
    if (low > high).any():
        return None
    excess = sums(low, head, size) - sums(low, tail, size)
    more, less = np.flatnonzero(excess > 0), np.flatnonzero(excess < 0)
    pieces = [
        (tail, head, high - low),
        (np.full(len(more), size), more, excess[more]),
        (less, np.full(len(less), size + 1), -excess[less]),
    ]
    arcs = tuple(np.concatenate(part) for part in zip(*pieces, strict=True))
    solved, _ = _maximum_flow((arcs[0], arcs[1], arcs[2]), size, size + 1)
    if int(solved.flow_value) != int(excess[more].sum()):
        return None
    return low + _hours_of(solved.flow, tail, head)


def network_of_rows(
    rows: Sequence[tuple[int, int, int]],
    links: Sequence[tuple[int, int]],
    capacities: Sequence[int],
    zones: Sequence[str],
    existing: int,
    lent: Sequence[tuple[int, int]] = (),
) -> AtomNetwork:
    """Return a network from (hours, level, zone) of demands and (demand, supply) of links.

    Parameters
    ----------
    lent
        Existing supply and hours that it lends: each is a supply more, after `capacities`.
    """
    hours, level, zone = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    demand, supply = np.array(links, dtype=np.int64).reshape(-1, 2).T
    given = np.array([*capacities, *(hours for _, hours in lent)], dtype=np.int64)
    less = np.zeros(len(given), dtype=np.int64)
    for post, borrowed in lent:
        less[post] += borrowed
    return AtomNetwork(
        *(hours, level, zone, zones, demand, supply, given, existing),
        borrowing=len(capacities),
        lent=less,
    )

"""Which zones a post lifts to the threshold, whatever the other zones do.

A zone is lifted when its proved deficit no longer exceeds what the threshold leaves: when all that
reaches it, working only for it, could answer its threshold. That depends on the posts chosen and
on nothing else (an optimal flow may favour one zone or another), and it never unmakes itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from coverage.proposals.gains import Edges, Flow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from coverage.proposals.model import PlanNetwork


@dataclass(frozen=True)
class Zone:
    """One zone that may be lifted, alone.

    Attributes
    ----------
    nodes, supplies, options
        Its demand nodes, and the supply nodes and options that reach it, by their numbers in the
        whole network; `edges` numbers them anew, in the same order.
    """

    threshold: Fraction
    nodes: tuple[int, ...]
    supplies: tuple[int, ...]
    options: tuple[int, ...]
    edges: Edges


def zones_to_lift(network: PlanNetwork, thresholds: Sequence[Fraction]) -> tuple[Zone, ...]:
    """Return the zones that an option reaches, those of threshold 0 left out.

    Parameters
    ----------
    thresholds
        By zone number: share of its need at which it is lifted.
    """
    nodes: list[list[int]] = [[] for _ in network.zones]
    for d, zone in enumerate(network.zone):
        nodes[zone].append(d)
    options: list[dict[int, list[int]]] = [{} for _ in network.zones]
    for k, row in enumerate(network.options):
        for d in row:
            options[network.zone[d]].setdefault(k, []).append(d)
    found = []
    for own, reached, threshold in zip(nodes, options, thresholds, strict=True):
        if not threshold or not reached:
            continue
        place = {d: n for n, d in enumerate(own)}
        supplies = sorted({s for d in own for s in network.reach[d]})
        rank = {s: n for n, s in enumerate(supplies)}
        edges = Edges.of(
            levels=[0] * len(own),
            reach=[[rank[s] for s in network.reach[d]] for d in own],
            supplies=len(supplies),
            options=[[place[d] for d in reached[k]] for k in sorted(reached)],
        )
        found.append(Zone(threshold, tuple(own), tuple(supplies), tuple(sorted(reached)), edges))
    return tuple(found)


class Lifts:
    """The zones that wait to be lifted, while options are chosen.

    The flow of a zone is made only once one option more could lift it.

    Parameters
    ----------
    needs, capacities, hours
        By demand node, existing supply node and option.
    """

    def __init__(
        self,
        zones: Sequence[Zone],
        needs: Sequence[int],
        capacities: Sequence[int],
        hours: Sequence[int],
    ) -> None:
        self._zones, self._hours = zones, hours
        self._needs, self._capacities = needs, capacities
        self._target = [ceil(z.threshold * sum(needs[d] for d in z.nodes)) for z in zones]
        # No more than this can be answered: what a zone lacks is at least the rest.
        self._most = [sum(capacities[s] for s in z.supplies) for z in zones]
        self._largest = [max(hours[k] for k in z.options) for z in zones]
        self._of: list[list[int]] = [[] for _ in hours]
        for number, zone in enumerate(zones):
            for k in zone.options:
                self._of[k].append(number)
        self._chosen: list[tuple[int, ...]] = [() for _ in zones]
        self._flows: dict[int, Flow] = {}

    def copy(self) -> Lifts:
        """Return the same state, to be changed apart."""
        other = object.__new__(Lifts)
        other.__dict__ |= self.__dict__
        other._most, other._chosen = self._most.copy(), self._chosen.copy()
        other._flows = {zone: flow.copy() for zone, flow in self._flows.items()}
        return other

    def by(self, option: int) -> int:
        """Return how many zones an option would lift."""
        hours = self._hours[option]
        count = 0
        for zone in self._of[option]:
            if 0 < self._missing(zone, hours) <= hours:
                own = self._zones[zone].options.index(option)
                gain = self._flows[zone].gains(own, hours)[-1]
                count += gain >= self._missing(zone, hours)
        return count

    def add(self, option: int) -> set[int]:
        """Choose an option; return those that may now lift more zones, or fewer."""
        hours = self._hours[option]
        touched: set[int] = set()
        for zone in self._of[option]:
            largest = self._largest[zone]
            waits = self._missing(zone, 0) > 0
            self._most[zone] += hours
            self._chosen[zone] += (option,)
            if zone in self._flows:
                self._flows[zone].add(self._zones[zone].options.index(option), hours)
            if waits and self._missing(zone, largest) <= largest:
                touched.update(self._zones[zone].options)
        return touched

    def _missing(self, zone: int, hours: int) -> int:
        """Return the hours that a zone lacks, or at least lacks when they are more than some."""
        at_least = self._target[zone] - self._most[zone]
        if at_least > hours:
            return at_least
        if zone not in self._flows:
            own = self._zones[zone]
            flow = Flow(
                own.edges,
                [self._needs[d] for d in own.nodes],
                [self._capacities[s] for s in own.supplies],
            )
            for k in self._chosen[zone]:
                flow.add(own.options.index(k), self._hours[k])
            self._flows[zone] = flow
        return self._target[zone] - self._flows[zone].served[-1]

"""What a set of options attains on a network, in exact integers.

Goals of hours are maximum flows. Zones are lifted together when one flow attains all of these
and serves enough of each: a minimum-cost flow with small gains tells, without any large weight.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import min_cost_flow

from coverage.maxflow import bipartite_max_flow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coverage.proposals.model import PlanNetwork

LEVELS = 3
"""Priority hours, those where no principal perimeter applies, all: each goal holds the former."""


@dataclass(frozen=True)
class Served:
    """A network with some options as supplies.

    Attributes
    ----------
    capacities
        Of the existing supplies (less what extensions may borrow of them), then of the options
        chosen, then the hours to spare of the supplies that extensions join to more demands.
    edges
        For each demand node, positions in `capacities`.
    borrowed
        (Demand node, position in `capacities`) of the edges that extensions make → extension and
        existing supply.
    """

    network: PlanNetwork
    capacities: tuple[int, ...]
    edges: tuple[tuple[int, ...], ...]
    borrowed: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def hours(self) -> tuple[int, ...]:
        """The most hours served at each level and under, those of today included."""
        return tuple(self._served(level) for level in range(LEVELS))

    def _served(self, level: int) -> int:
        kept = [d for d, own in enumerate(self.network.level) if own <= level]
        needs = [self.network.needs[d] for d in kept]
        return bipartite_max_flow(needs, self.capacities, [self.edges[d] for d in kept]).value

    @cached_property
    def zone_needs(self) -> list[int]:
        """Whole hours asked in each zone."""
        needs = [0] * len(self.network.zones)
        for zone, hours in zip(self.network.zone, self.network.needs, strict=True):
            needs[zone] += hours
        return needs

    def lifts(self, zones: Mapping[int, int], held: Collection[int] = range(LEVELS)) -> bool:
        """Say whether one flow attains some goals of hours and serves enough of some zones.

        Parameters
        ----------
        zones
            Number of each zone → whole hours that it must be served.
        held
            Levels of the goals to attain.
        """
        asked = self.zone_needs
        if any(hours > asked[zone] for zone, hours in zones.items()):
            return False
        return self._bonus(zones, held) == list(zones.values())

    def liftable(self, zones: Mapping[int, int], held: Collection[int]) -> dict[int, int]:
        """Return zones that `lifts` together, not always the most: the least served are given up.

        At each turn an eighth of those that miss hours are, the worst first, ties by number.
        """
        trial = dict(zones)
        while trial:
            got = self._bonus(trial, held)
            missing = {
                zone: hours - own
                for (zone, hours), own in zip(trial.items(), got, strict=True)
                if own < hours
            }
            worst = sorted(missing, key=lambda zone: (-missing[zone], zone))
            if not worst:
                break
            for zone in worst[: -(-len(worst) // 8)]:
                del trial[zone]
        return trial

    def lent(self, zones: Mapping[int, int], held: Collection[int]) -> dict[tuple[int, int], int]:
        """Return the hours of each (extension, existing supply) in one flow, none when it is 0.

        The flow attains the goals held and serves the zones that `lifts` tells.
        """
        tails, heads, flows = self._flow(zones, held)[1]
        first = len(self.network.zones)
        found: dict[tuple[int, int], int] = {}
        for tail, head, hours in zip(tails, heads, flows, strict=True):
            pair = self.borrowed.get((tail - first, head - first - len(self.network.needs)))
            if pair and hours:
                found[pair] = found.get(pair, 0) + hours
        return found

    def _bonus(self, zones: Mapping[int, int], held: Collection[int]) -> list[int]:
        """Return hours that zones are served, each up to what it must, all goals held attained."""
        return self._flow(zones, held)[0]

    def _flow(
        self, zones: Mapping[int, int], held: Collection[int]
    ) -> tuple[list[int], tuple[list[int], list[int], list[int]]]:
        """Return hours that zones are served, and tails, heads and hours of the flow's arcs.

        Source → zones → demands → supplies → sink. An hour gains 2 for every goal held that counts
        it, and 1 more among those that a zone must have. Two flows differ by cycles that pass the
        source once at most, hence by 1 at most in hours of zones: they weigh less than one hour of
        a goal, and one flow attains all goals (`PlanNetwork`), so that the most gaining flow does.
        """
        network, asked = self.network, self.zone_needs
        first_demand = len(network.zones)
        first_supply = first_demand + len(network.needs)
        source = first_supply + len(self.capacities)
        arcs = [(source, zone, hours - zones.get(zone, 0), 0) for zone, hours in enumerate(asked)]
        first_bonus = len(arcs)
        arcs += [(source, zone, hours, -1) for zone, hours in zones.items()]
        for d, (zone, hours) in enumerate(zip(network.zone, network.needs, strict=True)):
            gain = 2 * sum(level >= network.level[d] for level in held)
            arcs.append((zone, first_demand + d, hours, -gain))
            arcs += [(first_demand + d, first_supply + j, hours, 0) for j in self.edges[d]]
        arcs += [(first_supply + j, source + 1, c, 0) for j, c in enumerate(self.capacities)]
        flows = _most_gaining(arcs, source, sum(asked))
        tails, heads = ([arc[side] for arc in arcs] for side in (0, 1))
        return flows[first_bonus : first_bonus + len(zones)], (tails, heads, flows)


def _most_gaining(arcs: Sequence[tuple[int, int, int, int]], source: int, most: int) -> list[int]:
    """Return the flow on each arc of the cheapest of the maximum flows to node `source` + 1."""
    tail, head, capacity, cost = np.array(arcs, dtype=np.int64).T
    flow = min_cost_flow.SimpleMinCostFlow()
    numbers = flow.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    flow.set_nodes_supplies(np.array([source, source + 1]), np.array([most, -most]))
    status = flow.solve_max_flow_with_min_cost()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"minimum-cost flow ended with status {status}")
    return [int(hours) for hours in flow.flows(numbers)]


def with_options(
    network: PlanNetwork, chosen: Collection[int], extended: Collection[int] = ()
) -> Served:
    """Return a network with some options as supplies, beside the existing ones.

    Options that bring no hours to the flow (coordinators) reach nothing. The hours to spare of an
    existing supply that extensions join to more demands are a supply of their own, which reaches
    these and what the existing one reaches.
    """
    edges = [list(row) for row in network.reach]
    capacities = list(network.capacities)
    for k in sorted(chosen):
        for d in network.options[k]:
            edges[d].append(len(capacities))
        capacities.append(network.hours[k])
    place: dict[int, int] = {}
    borrowed: dict[tuple[int, int], tuple[int, int]] = {}
    for e in sorted(extended):
        for d, s in network.extensions[e]:
            if s not in place:
                place[s] = len(capacities)
                capacities[s] -= network.spare[s]
                capacities.append(network.spare[s])
            borrowed.setdefault((d, place[s]), (e, s))
    for d, row in enumerate(network.reach) if place else ():
        edges[d] += [place[s] for s in row if s in place]
    for d, j in borrowed:
        edges[d].append(j)
    return Served(network, tuple(capacities), tuple(map(tuple, edges)), borrowed)

"""Rows of the program of the exact plan: `coverage.proposals.program` numbers them."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coverage.proposals.hard_rules import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.proposals.hard_rules import HardRule
    from coverage.proposals.model import PlanNetwork


@dataclass(frozen=True)
class Group:
    """Identical options: the first ones are taken first.

    Attributes
    ----------
    members
        Positions in `Ask.options`, in order.
    least, most
        How many must, and may, be in the plan.
    """

    members: tuple[int, ...]
    least: int
    most: int


class Rows:
    """Rows being written: entries, and bounds."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, entries: Sequence[tuple[int, float]], low: float, high: float) -> None:
        """Write a row from its (column, coefficient) and its bounds."""
        row = len(self.low)
        self.entries += [(row, column, value) for column, value in entries]
        self.low.append(low)
        self.high.append(high)


class Arc(NamedTuple):
    """Hours of a demand node from a supply (by an extension, if any) or from a group; −1: none."""

    node: int
    supply: int = -1
    group: int = -1
    extension: int = -1


def arcs_of(network: PlanNetwork, groups: Sequence[Group]) -> list[Arc]:
    """Return the flows of a program, in the order of their columns."""
    arcs = [Arc(d, supply=s) for d, row in enumerate(network.reach) for s in row]
    for number, group in enumerate(groups):
        arcs += [Arc(d, group=number) for d in network.options[group.members[0]]]
    for number, pairs in enumerate(network.extensions):
        arcs += [Arc(d, supply=s, extension=number) for d, s in pairs]
    return arcs


def flow_rows(
    rows: Rows,
    network: PlanNetwork,
    groups: Sequence[Group],
    arcs: Sequence[Arc],
    first: int,
) -> None:
    """Write rows (1) to (4)."""
    by_demand: list[list[tuple[int, float]]] = [[] for _ in network.needs]
    by_supply: list[list[tuple[int, float]]] = [[] for _ in network.capacities]
    by_group: list[list[tuple[int, float]]] = [[] for _ in groups]
    for column, (d, s, k, _) in enumerate(arcs, start=first):
        by_demand[d].append((column, 1.0))
        (by_supply[s] if k < 0 else by_group[k]).append((column, 1.0))
        if k >= 0 and network.needs[d] < network.hours[groups[k].members[0]]:
            rows.add([(column, 1.0), (k, -float(network.needs[d]))], -np.inf, 0)
    for entries, need in zip(by_demand, network.needs, strict=True):
        rows.add(entries, -np.inf, need)
    for entries, capacity in zip(by_supply, network.capacities, strict=True):
        rows.add(entries, -np.inf, capacity)
    for number, (entries, group) in enumerate(zip(by_group, groups, strict=True)):
        hours = network.hours[group.members[0]]
        rows.add([*entries, (number, -float(hours))], -np.inf, 0)


def extension_rows(rows: Rows, network: PlanNetwork, arcs: Sequence[Arc], first: int) -> None:
    """Write rows (8), the columns of extensions being the `first` and those that follow."""
    first_flow = first + len(network.extensions)
    by_supply: dict[int, list[tuple[int, float]]] = {}
    by_pair: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for column, (d, s, _, e) in enumerate(arcs, start=first_flow):
        if e >= 0:
            most = min(network.needs[d], network.spare[s])
            rows.add([(column, 1.0), (first + e, -float(most))], -np.inf, 0)
            by_supply.setdefault(s, []).append((column, 1.0))
            by_pair.setdefault((e, s), []).append((column, 1.0))
    for (e, s), entries in by_pair.items():
        rows.add([*entries, (first + e, -float(network.spare[s]))], -np.inf, 0)
    for s, entries in by_supply.items():
        rows.add(entries, -np.inf, network.spare[s])


def rule_rows(rows: Rows, groups: Sequence[Group], rules: Sequence[HardRule]) -> None:
    """Write rows (5); whole coefficients are divided by what they share.

    What is imposed or refused one by one is in the bounds of the groups.
    """
    for rule in rules:
        if rule.measure == OPTIONS:
            continue
        own = [(g, rule.coefficients.get(group.members[0], 0)) for g, group in enumerate(groups)]
        shared = gcd(*(value for _, value in own)) or 1
        entries = [(g, float(value // shared)) for g, value in own if value]
        if rule.least:
            rows.add(entries, -(-rule.bound // shared), np.inf)
        else:
            rows.add(entries, -np.inf, rule.bound // shared)

"""Max-min fair flow: the fair rate of response (method, section 5).

Demand node i asks d_i hours; supply node j can give c_j hours to the demand nodes it reaches.
Write N(S) for the supply nodes that reach a set S of demand nodes, d(S) and c(N(S)) for sums.
The vectors x of served hours (uncapped) are those of the polymatroid

    x(S) ≤ c(N(S))   for every set S of demand nodes,

and the fair flow is its lexicographically optimal base with weights d: it makes the least
rate x_i / d_i as high as possible, then the next, and uses all capacity that has a neighbour.
Rates are unique. They are found by recursive minimum cuts: in a group with need D and capacity
C, ask d_i · C / D of every node; if that saturates, every rate is C / D; otherwise the minimum
cut separates a poorer part, which keeps all the supplies that reach it, from a richer one.

Sources: N. Megiddo, *Optimal flows in networks with multiple sources and sinks*, Mathematical
Programming 7 (1974); S. Fujishige, *Lexicographically optimal base of a polymatroid with
respect to a weight vector*, Mathematics of Operations Research 5 (1980).
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING

from coverage.maxflow import bipartite_max_flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Group = tuple[list[int], list[int]]
"""Demand nodes and the supply nodes that are left to them."""


def fair_rates(
    needs: Sequence[int], capacities: Sequence[int], edges: Sequence[Sequence[int]]
) -> list[Fraction]:
    """Return the uncapped fair rate of every demand node.

    Parameters
    ----------
    needs
        Hours asked, > 0, by demand node.
    capacities
        Hours that can be given, ≥ 0, by supply node (any common unit).
    edges
        For each demand node, positions of the supply nodes that reach it.

    Returns
    -------
    list of Fraction
        By demand node, capacity unit / hour; 0 where no capacity reaches.

    Examples
    --------
    The worked example of the method: A, B, C and D; S on A, B and T on B, C.

    >>> fair_rates([30000, 20000, 10000, 8000], [35000, 17500], [[0], [0, 1], [1], []])
    [Fraction(7, 8), Fraction(7, 8), Fraction(7, 8), Fraction(0, 1)]
    """
    if any(need <= 0 for need in needs):
        raise ValueError("demand nodes ask more than 0 hours")
    reach = [[j for j in sorted(set(row)) if capacities[j] > 0] for row in edges]
    rates = [Fraction(0)] * len(needs)
    near: dict[int, list[int]] = {}
    for i, row in enumerate(reach):
        for j in row:
            near.setdefault(j, []).append(i)
    stack = list(_components((list(range(len(needs))), list(near)), reach, near))
    while stack:
        group = stack.pop()
        rate, parts = _split(group, needs, capacities, reach)
        if parts is None:
            for i in group[0]:
                rates[i] = rate
        else:
            for part in parts:
                stack.extend(_components(part, reach, near))
    return rates


def _split(
    group: Group,
    needs: Sequence[int],
    capacities: Sequence[int],
    reach: Sequence[Sequence[int]],
) -> tuple[Fraction, tuple[Group, Group] | None]:
    """Return the group's rate and, when it cannot be uniform, its poorer and richer parts."""
    demands, supplies = group
    need = sum(needs[i] for i in demands)
    capacity = sum(capacities[j] for j in supplies)
    rate = Fraction(capacity, need)
    # A connected group of one demand or of one supply is always uniform.
    if len(demands) == 1 or len(supplies) == 1:
        return rate, None
    common = gcd(need, capacity)
    ask, give = capacity // common, need // common
    position = {j: p for p, j in enumerate(supplies)}
    cut = bipartite_max_flow(
        [needs[i] * ask for i in demands],
        [capacities[j] * give for j in supplies],
        [[position[j] for j in reach[i] if j in position] for i in demands],
    )
    if cut.value == need * ask:
        return rate, None
    poor = [i for p, i in enumerate(demands) if p in cut.short_demands]
    rich = [i for p, i in enumerate(demands) if p not in cut.short_demands]
    kept = {j for i in poor for j in reach[i]}
    return rate, (
        (poor, [j for j in supplies if j in kept]),
        (rich, [j for j in supplies if j not in kept]),
    )


def _components(
    group: Group, reach: Sequence[Sequence[int]], near: Mapping[int, Sequence[int]]
) -> Iterator[Group]:
    """Yield the connected parts of a group that have supplies.

    Parameters
    ----------
    near
        For each supply node, the demand nodes that it reaches.
    """
    demands, supplies = set(group[0]), set(group[1])
    for start in group[0]:
        if start not in demands:
            continue
        demands.remove(start)
        part, own = [start], []
        for i in part:  # it grows while it is read
            for j in reach[i]:
                if j in supplies:
                    supplies.remove(j)
                    own.append(j)
                    further = [k for k in near[j] if k in demands]
                    demands.difference_update(further)
                    part += further
        if own:
            yield part, own

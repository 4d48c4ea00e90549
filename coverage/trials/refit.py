"""The fair flow after a change, from the one before: what did not move is not solved again.

The fair flow is the flow in which every supply node gives all its hours, and only to the nodes
of least rate among those it reaches: these are the optimality conditions of the least
Σ x_i² / d_i, which it alone attains (S. Fujishige, *Lexicographically optimal base of a
polymatroid with respect to a weight vector*, Mathematics of Operations Research 5, 1980). A
guess that satisfies them is the answer, however it was found:

1. A group whose needs stay and whose capacities all grow by one factor keeps its shape, and its
   rate grows by that factor. The other groups that a change touches are solved again, alone.
2. A supply node may then reach a node poorer than those it gives to. The groups of both are
   solved again together, until no supply node does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.fairflow import fair_rates
from coverage.means import ranked
from coverage.response import groups_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Problem:
    """What demand nodes ask and supply nodes can give; both are numbered.

    Attributes
    ----------
    needs
        Hours by demand node, 0 where nobody asks.
    capacities
        Hours by supply node.
    reach
        For each demand node, the supply nodes that reach it.
    demand, supply
        Ends of the edges of `reach`, shape (edges,).
    """

    needs: NDArray[np.int64]
    capacities: NDArray[np.int64]
    reach: Sequence[Sequence[int]]
    demand: NDArray[np.int64]
    supply: NDArray[np.int64]


@dataclass(frozen=True)
class Flow:
    """A fair flow.

    Attributes
    ----------
    rates
        Uncapped rate by demand node (`Fraction`), None where nobody asks.
    group
        Number of the group of each demand node, -1 where nobody asks.
    giver
        Number of the group that each supply node gives to, -1 when it reaches no need.
    """

    problem: Problem
    rates: NDArray[np.object_]
    group: NDArray[np.int64]
    giver: NDArray[np.int64]


def solved(problem: Problem) -> Flow:
    """Return the fair flow, solved whole."""
    asked = np.flatnonzero(problem.needs).tolist()
    reach = [problem.reach[i] for i in asked]
    found = fair_rates(problem.needs[asked].tolist(), problem.capacities.tolist(), reach)
    rates = np.full(len(problem.needs), None, dtype=object)
    rates[asked] = found
    group = np.full(len(problem.needs), -1, dtype=np.int64)
    giver = np.full(len(problem.capacities), -1, dtype=np.int64)
    for number, own in enumerate(groups_of(found, reach)):
        group[[asked[i] for i in own.nodes]] = number
        giver[list(own.supplies)] = number
    return Flow(problem, rates, group, giver)


def refitted(flow: Flow, problem: Problem) -> NDArray[np.object_]:
    """Return the rates of a flow whose problem has changed, as `Flow.rates`.

    Parameters
    ----------
    problem
        Nodes of the flow keep their numbers and their reach; new ones come after them.
    """
    before = _padded(flow, problem)
    rates = before.rates.copy()
    rates[problem.needs == 0] = None
    # What is solved again: at first the groups that moved, but for those that only grew.
    demands = problem.needs != before.problem.needs
    supplies = problem.capacities != before.problem.capacities
    grown = _grown(before, problem.capacities, demands)
    for number, rate in grown.items():
        rates[before.group == number] = rate
    supplies &= ~np.isin(before.giver, list(grown))
    while True:
        groups = np.union1d(before.group[demands], before.giver[supplies])
        demands |= np.isin(before.group, groups[groups >= 0])
        supplies |= np.isin(before.giver, groups[groups >= 0])
        _solve(problem, rates, demands, supplies)
        poorer = _poorer(before, problem, rates, demands, supplies)
        if not len(poorer):
            return rates
        demands[problem.demand[poorer]] = True
        supplies[problem.supply[poorer]] = True


def _padded(flow: Flow, problem: Problem) -> Flow:
    """Return a flow with the new nodes of a problem, that ask and give nothing."""

    def longer(values: NDArray[Any], size: int, blank: object) -> NDArray[Any]:
        blanks: NDArray[Any] = np.full(size - len(values), blank, dtype=values.dtype)
        return np.append(values, blanks)

    nodes, supplies = len(problem.needs), len(problem.capacities)
    needs = longer(flow.problem.needs, nodes, 0)
    capacities = longer(flow.problem.capacities, supplies, 0)
    return Flow(
        replace(flow.problem, needs=needs, capacities=capacities),
        longer(flow.rates, nodes, None),
        longer(flow.group, nodes, -1),
        longer(flow.giver, supplies, -1),
    )


def _grown(
    before: Flow, capacities: NDArray[np.int64], moved: NDArray[np.bool_]
) -> dict[int, Fraction]:
    """Return the new rate of the groups whose capacities all change by one factor.

    Parameters
    ----------
    moved
        Demand nodes whose need changes: their groups are left out.
    """
    placed = before.giver >= 0
    group = before.giver[placed]
    # Products of capacities may pass 64 bits.
    old, new = (c[placed].astype(object) for c in (before.problem.capacities, capacities))
    had, has = (np.zeros(len(before.group), dtype=object) for _ in range(2))
    np.add.at(had, group, old)
    np.add.at(has, group, new)
    uneven = group[(old * has[group] != new * had[group]) | (had[group] == 0)]
    numbers = np.setdiff1d(group[old != new], np.append(uneven, before.group[moved]))
    rate = np.full(len(before.group), None, dtype=object)
    rate[before.group[before.group >= 0]] = before.rates[before.group >= 0]
    return {g: rate[g] * Fraction(int(has[g]), int(had[g])) for g in numbers.tolist()}


def _solve(
    problem: Problem,
    rates: NDArray[np.object_],
    demands: NDArray[np.bool_],
    supplies: NDArray[np.bool_],
) -> None:
    """Write the fair rates of some demand nodes, served by some supply nodes alone."""
    asked = np.flatnonzero(demands & (problem.needs > 0)).tolist()
    given = np.where(supplies, problem.capacities, 0).tolist()
    rates[asked] = fair_rates(
        problem.needs[asked].tolist(), given, [problem.reach[i] for i in asked]
    )


def _poorer(
    before: Flow,
    problem: Problem,
    rates: NDArray[np.object_],
    demands: NDArray[np.bool_],
    supplies: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return the edges from a supply node to a node poorer than those it gives to.

    Parameters
    ----------
    demands, supplies
        What was solved again; other supply nodes give to the group they gave to.
    """
    asked = problem.needs > 0
    most = len(asked)
    rank = np.full(most, most)
    rank[asked] = ranked(rates[asked].tolist())[0]
    # The last place answers for group -1: who reaches nobody would give to anyone.
    of_group = np.full(most + 1, most)
    whole = asked & ~demands & (before.group >= 0)
    of_group[before.group[whole]] = rank[whole]
    level = np.where(supplies, most, of_group[before.giver])
    again = demands[problem.demand] & supplies[problem.supply]
    np.minimum.at(level, problem.supply[again], rank[problem.demand[again]])
    gives = problem.capacities[problem.supply] > 0
    return np.flatnonzero(gives & (rank[problem.demand] < level[problem.supply]))

"""The response to the needs of a trial: what demand nodes ask, and their fair rates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.means import means_of, ranked
from coverage.response import capped
from coverage.rounding import sums

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from coverage.means import Means, Ranks
    from coverage.trials.filing import Filing
    from coverage.trials.network import Network
    from coverage.trials.refit import Problem


@dataclass(frozen=True)
class Demand:
    """What atoms ask of some classes.

    Attributes
    ----------
    atom, node, hours
        Of each (atom, class) with need, shape (demands,).
    """

    atom: NDArray[np.int64]
    node: NDArray[np.int32]
    hours: NDArray[np.int64]
    problem: Problem


@dataclass(frozen=True)
class Answer:
    """The response to a demand.

    Attributes
    ----------
    rates
        Of each demand node, as `coverage.trials.refit.Flow.rates`.
    """

    demand: Demand
    rates: NDArray[np.object_]

    @cached_property
    def _ranks(self) -> Ranks:
        """Ranks of the capped rates of the nodes that ask; the others have any."""
        asked = np.flatnonzero(self.demand.problem.needs)
        level = np.zeros(len(self.rates), dtype=np.int64)
        level[asked], levels = ranked(capped(self.rates[asked].tolist()))
        return level, levels

    def by(self, labels: NDArray[np.integer[Any]], count: int) -> Means:
        """Return the taux de réponse by label of atoms, below `count`."""
        demand = self.demand
        return means_of(self._ranks, labels[demand.atom], demand.node, demand.hours, count)


def demand_of(filing: Filing, network: Network, columns: Sequence[int]) -> Demand:
    """Return what atoms ask of the classes of some columns."""
    land = filing.land
    chosen = np.isin(land.class_, columns)
    atom, hours = land.atom[chosen], land.hours[chosen]
    node = network.node[filing.signature[atom], land.class_[chosen]]
    needs = sums(hours, node, len(network.reach))
    return Demand(atom, node, hours, network.problem(needs, filing.capacities))


def moved_atoms(
    before: Answer, after: Answer, kept: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> NDArray[np.int64]:
    """Return the atoms that ask through other nodes or at other rates than before.

    Nodes of the first answer keep their numbers in the second.

    Parameters
    ----------
    kept
        Atoms of the one and of the other that are compared, the same in the same order.
    """
    same = [_alike(*pair) for pair in zip(before.rates, after.rates, strict=False)]
    same += [False] * (len(after.rates) - len(same))
    old, new = kept[0][before.demand.atom], kept[1][after.demand.atom]
    node = after.demand.node[new]
    moved = (before.demand.node[old] != node) | ~np.array(same, dtype=bool)[node]
    atoms: NDArray[np.int64] = after.demand.atom[new][moved]
    return atoms


def _alike(one: Fraction | None, other: Fraction | None) -> bool:
    """Say whether two rates are the same once capped."""
    if one is None or other is None or one is other:
        return one is other
    (a, b), (c, d) = one.as_integer_ratio(), other.as_integer_ratio()
    return (a, b) == (c, d) or (a >= b and c >= d)

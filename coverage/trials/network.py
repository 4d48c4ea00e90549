"""Who reaches whom in a trial: supply nodes, merged demand nodes, and their fair rates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from coverage.parameters import CLASSES
from coverage.response import number_reach
from coverage.trials.refit import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from coverage.atoms import Signature
    from coverage.supply import SupplyKey


@dataclass(frozen=True)
class Network:
    """Supply nodes, and the sets of them that reach some demand.

    Attributes
    ----------
    keys
        Structure and scope of each supply node, and its number.
    reach
        Sets of supply nodes (sorted numbers), and the number of each: that of a demand node.
    node
        Demand node of each (signature, class), int32.
    """

    keys: Mapping[SupplyKey, int]
    reach: Mapping[tuple[int, ...], int]
    node: NDArray[np.int32]

    @cached_property
    def _edges(self) -> tuple[tuple[tuple[int, ...], ...], NDArray[np.int64], NDArray[np.int64]]:
        reach = tuple(self.reach)
        demand = np.repeat(np.arange(len(reach)), [len(row) for row in reach])
        supply = np.fromiter(chain.from_iterable(reach), dtype=np.int64, count=len(demand))
        return reach, demand, supply

    def problem(self, needs: NDArray[np.int64], capacities: Mapping[SupplyKey, int]) -> Problem:
        """Return what demand nodes ask of supply nodes; those without capacity give nothing."""
        given = np.array([capacities.get(key, 0) for key in self.keys], dtype=np.int64)
        return Problem(needs, given, *self._edges)


EMPTY = Network({}, {}, np.empty((0, len(CLASSES)), dtype=np.int32))


def extended(
    network: Network, signatures: Sequence[Signature], wanted: Iterable[SupplyKey]
) -> Network:
    """Return a network with more signatures and supply nodes; what it had keeps its number.

    Supply nodes that are no longer wanted stay: they have no capacity.

    Parameters
    ----------
    signatures
        Those of the network, then new ones.
    """
    known = len(network.node)
    new = sorted(key for key in wanted if key not in network.keys)
    if not new and len(signatures) == known:
        return network
    keys = [*network.keys, *new]
    owners = {structure for structure, _ in new}
    rows = [
        number
        for number, signature in enumerate(signatures)
        if number >= known or any(structure in owners for structure, _ in signature)
    ]
    near = [[structure for structure, _ in signatures[number]] for number in rows]
    reach = dict(network.reach)
    fresh = np.empty((len(signatures) - known, len(CLASSES)), dtype=np.int32)
    node = np.concatenate([network.node, fresh])
    node[rows] = number_reach(near, keys, reach, classes=CLASSES)
    return Network({key: number for number, key in enumerate(keys)}, reach, node)

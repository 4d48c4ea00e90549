"""Connected sets of one label on the shared borders of the map (method, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray


def connected_sets(
    labels: NDArray[np.int64], left: NDArray[np.int32], right: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Give a number to the maximal sets of one label joined by shared borders.

    Parameters
    ----------
    labels
        By place; only places of one label join.
    left, right
        Positions of the places on either side of each shared border.

    Returns
    -------
    ndarray
        Set number by place, numbered in the order of their first place; shape (places,).
    """
    same = labels[left] == labels[right]
    pairs = (left[same], right[same])
    graph = coo_array(
        (np.ones(int(same.sum()), dtype=np.int8), pairs), shape=(len(labels), len(labels))
    )
    _, numbers = connected_components(graph, directed=False)
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]

"""Whole numbers that keep their sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

_TIE_DECIMALS = 6
"""Remainders equal to this many decimals are a tie: shares of area come from an overlay."""

GRAIN_BITS = 40
"""Running sums are kept to the grain of 2**-40, far under a rounding."""


def largest_remainder(total: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Share a whole total in proportion to weights, in whole parts that sum to it.

    Every part is the floor of its exact share, plus one for the largest remainders; ties go to
    the earlier position. Weights that are all zero share equally.

    >>> largest_remainder(10, [1, 1, 1])
    [4, 3, 3]

    Raises
    ------
    ValueError
        When there is nobody to share a total between.
    """
    if not weights:
        if total:
            raise ValueError("a total needs at least one weight")
        return []
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    parts = [int(total * weight // whole) for weight in weights]
    rests = [total * weight - part * whole for weight, part in zip(weights, parts, strict=True)]
    order = sorted(range(len(weights)), key=lambda i: (-rests[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def spread(
    totals: NDArray[np.int64], shares: NDArray[np.float64], owner: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Share whole totals between the parts of each owner by largest remainder.

    Parameters
    ----------
    totals
        The owner's total, repeated for each of its parts, shape (parts,).
    shares
        Of each part, summing to 1 by owner.
    owner
        Of each part, in increasing order; ties go to the earlier part.

    Examples
    --------
    >>> spread(np.array([7, 7, 5]), np.array([0.5, 0.5, 1.0]), np.array([0, 0, 3], np.int32))
    array([4, 3, 5])
    """
    exact = totals * shares
    parts = np.floor(exact).astype(np.int64)
    rests = np.round(exact - parts, _TIE_DECIMALS)
    first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])[: len(owner)])
    sizes = np.diff(np.append(first, len(owner)))
    missing = np.repeat(totals[first] - np.add.reduceat(parts, first), sizes) if len(first) else 0
    order = np.lexsort((np.arange(len(owner)), -rests, owner))
    rank = np.empty(len(owner), dtype=np.int64)
    rank[order] = np.arange(len(owner)) - np.repeat(first, sizes)
    return parts + (rank < missing)


def sums(
    values: NDArray[np.int64] | NDArray[np.bool_], labels: NDArray[np.integer[Any]], count: int
) -> NDArray[np.int64]:
    """Return the exact sum of whole values (or the count of flags) of each label below `count`.

    >>> sums(np.array([3, 4, 5]), np.array([1, 1, 0]), 3)
    array([5, 7, 0])
    """
    found = np.zeros((count, *values.shape[1:]), dtype=np.int64)
    np.add.at(found, labels, values)
    return found


def rounded_in_order(whole: NDArray[np.int64], grains: NDArray[np.int64]) -> NDArray[np.int64]:
    """Round values to whole numbers so that every run of neighbours keeps its sum within one.

    Each part is the step between the rounded running sums; the whole keeps its rounded sum.

    Parameters
    ----------
    whole, grains
        Of each value, to be added: whole numbers, and grains of 2**-40.

    >>> rounded_in_order(np.array([0, 0, 7, 0]), np.full(4, 2**39))
    array([1, 0, 8, 0])
    """
    half = 1 << (GRAIN_BITS - 1)
    running = np.cumsum(whole) + ((np.cumsum(grains) + half) >> GRAIN_BITS)
    return np.diff(running, prepend=0)

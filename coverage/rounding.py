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


def largest_remainders(
    totals: NDArray[np.int64], weights: NDArray[np.int64], group: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Share the whole total of each group in proportion to weights, as `largest_remainder`.

    Parameters
    ----------
    totals
        The total of its group, for each part, shape (parts,).
    weights
        Of each part, ≥ 0; their sum by group stays under 2**62.
    group
        Of each part, in increasing order; ties go to the earlier part.

    Examples
    --------
    >>> group = np.array([0, 0, 0, 4, 4])
    >>> largest_remainders(np.array([10, 10, 10, 7, 7]), np.array([1, 1, 1, 0, 0]), group)
    array([4, 3, 3, 4, 3])
    """
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    first, sizes = _runs(group)
    idle = np.repeat(np.add.reduceat(weights, first) == 0, sizes)
    weights = np.where(idle, 1, weights)
    whole = np.repeat(np.add.reduceat(weights, first), sizes)
    if int(totals.max()) * int(weights.max()) < 1 << 62:
        parts = totals * weights // whole
        rests = totals * weights - parts * whole
    else:
        exact = totals.astype(object) * weights
        parts = (exact // whole).astype(np.int64)
        rests = (exact - parts.astype(object) * whole).astype(np.int64)
    missing = np.repeat(totals[first] - np.add.reduceat(parts, first), sizes)
    found: NDArray[np.int64] = parts + (_ranks(rests, group, first, sizes) < missing)
    return found


def _runs(group: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each run of one label begins, and its size."""
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    return first, np.diff(np.append(first, len(group)))


def _ranks(
    rests: NDArray[Any],
    group: NDArray[np.integer[Any]],
    first: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the rank of each part in its group, from the largest rest; ties to the earlier."""
    order = np.lexsort((np.arange(len(group)), -rests, group))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(first, sizes)
    return rank


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
    first, sizes = _runs(owner)
    missing = np.repeat(totals[first] - np.add.reduceat(parts, first), sizes) if len(first) else 0
    return parts + (_ranks(rests, owner, first, sizes) < missing)


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

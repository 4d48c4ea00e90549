"""Exact need-weighted means of what merged nodes are given, by commune, zone or région.

Many places share few values: hours are summed by value first, places of one value take it as it
stands, and fractions are added for the others alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array

from coverage.rounding import GRAIN_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

_MARGIN = 1e-9
"""Floats nearer than this to what they are compared with give way to integers."""

_STEP_BITS = GRAIN_BITS // 2
"""Quotients are taken in two steps, so that remainders stay in 64 bits."""

_SAFE = 2 ** (62 - _STEP_BITS)


Ranks = tuple["NDArray[np.int64]", list[Fraction]]
"""Rank of each value among the distinct ones, and these from least to greatest."""


@dataclass(frozen=True)
class Means:
    """Values of merged nodes, weighted by the hours that places ask through them.

    Place p asks `hours[k]` at `levels[level[k]]` for k from `start[p]` to `start[p + 1]`.

    Attributes
    ----------
    levels
        The distinct values (`Fraction`), from least to greatest; shape (levels,).
    start
        Shape (places + 1,).
    level, hours
        Increasing levels of each place, and hours > 0 at each.
    """

    levels: NDArray[np.object_]
    start: NDArray[np.integer[Any]]
    level: NDArray[np.integer[Any]]
    hours: NDArray[np.int64]

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Place of each of `hours`."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    @cached_property
    def exact(self) -> NDArray[np.object_]:
        """The mean of each place (`Fraction`), None where nothing is asked; shape (places,)."""
        sizes = np.diff(self.start)
        means = np.full(len(sizes), None, dtype=object)
        alone = sizes == 1
        means[alone] = self.levels[self.level[self.start[:-1][alone]]]
        for place in np.flatnonzero(sizes > 1).tolist():
            means[place] = self.mean(place)
        return means

    def mean(self, place: int) -> Fraction:
        """Return the exact mean of a place that asks."""
        own = slice(self.start[place], self.start[place + 1])
        values: list[Fraction] = self.levels[self.level[own]].tolist()
        return values[0] if len(values) == 1 else weighted_mean(values, self.hours[own].tolist())

    def below(self, threshold: Fraction) -> NDArray[np.bool_]:
        """Say exactly which means are under a threshold; False where nothing is asked."""
        levels: list[Fraction] = self.levels.tolist()
        under, upto = bisect_left(levels, threshold), bisect_right(levels, threshold)
        asked = np.flatnonzero(np.diff(self.start))
        least, most = self.level[self.start[asked]], self.level[self.start[asked + 1] - 1]
        found = np.zeros(len(self.start) - 1, dtype=bool)
        found[asked] = (least < under) & (most < upto)
        between = asked[(least < under) & (most >= upto)]
        if len(between):
            gap = self.floats[between] - float(threshold)
            found[between] = gap < 0
            for place in between[np.abs(gap) < _MARGIN].tolist():
                found[place] = self.mean(place) < threshold
        return found

    @cached_property
    def floats(self) -> NDArray[np.float64]:
        """Means as floats, within 1e-9; NaN where nothing is asked."""
        count = len(self.start) - 1
        values = self.levels.astype(np.float64)[self.level]
        totals = np.bincount(self.place, weights=self.hours * values, minlength=count)
        asked = np.bincount(self.place, weights=self.hours, minlength=count)
        means = np.full(count, np.nan)
        np.divide(totals, asked, out=means, where=asked > 0)
        return means

    def answered(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return hours × value of each place, rounded down to the grain of `coverage.rounding`.

        Returns
        -------
        ndarray, ndarray
            Whole hours and grains, to be added; shape (places,).
        """
        top, bottom = (part[self.level] for part in self._ratios())
        whole, rest = _divided(self.hours * top, bottom)
        high, rest = _divided(rest << _STEP_BITS, bottom)
        low, rest = _divided(rest << _STEP_BITS, bottom)
        count = len(self.start) - 1
        grains = np.zeros(count, dtype=np.int64)
        np.add.at(grains, self.place, ((high << _STEP_BITS) + low).astype(np.int64))
        hours = np.zeros(count, dtype=np.int64)
        np.add.at(hours, self.place, whole.astype(np.int64))
        return hours, grains + self._carried(rest, bottom)

    def _ratios(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return numerators and denominators of levels, in 64 bits where their products fit."""
        pairs = [value.as_integer_ratio() for value in self.levels]
        most = max((max(pair) for pair in pairs), default=0)
        hours = int(self.hours.max(initial=0))
        fits = most < _SAFE and most * hours < 2**63
        top, bottom = np.array(pairs, dtype=np.int64 if fits else object).reshape(-1, 2).T
        return top, bottom

    def _carried(self, rest: NDArray[Any], bottom: NDArray[Any]) -> NDArray[np.int64]:
        """Return the whole part of the sum of rest / bottom of each place."""
        count = len(self.start) - 1
        total = np.bincount(self.place, weights=(rest / bottom).astype(np.float64), minlength=count)
        several = np.diff(self.start) > 1
        # One rest alone is under its bottom, even where its quotient rounds to 1.
        carried = np.where(several, np.floor(total), 0).astype(np.int64)
        close = several & (np.abs(total - np.rint(total)) < _MARGIN)
        for place in np.flatnonzero(close).tolist():
            own = slice(self.start[place], self.start[place + 1])
            a, b = sum_of_ratios(zip(rest[own].tolist(), bottom[own].tolist(), strict=True))
            carried[place] = a // b
        return carried


def _divided(top: NDArray[Any], bottom: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    quotient = top // bottom
    return quotient, top - quotient * bottom


def different(one: Means, other: Means, places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say exactly which of some places have not the same mean in both."""
    here, there = one.floats[places], other.floats[places]
    gap = np.abs(here - there)
    found: NDArray[np.bool_] = (gap >= _MARGIN) | (np.isnan(here) != np.isnan(there))
    for k in np.flatnonzero(gap < _MARGIN).tolist():
        found[k] = one.mean(places[k]) != other.mean(places[k])
    return found


def means_of(
    ranks: Ranks,
    places: NDArray[np.integer[Any]],
    nodes: NDArray[np.integer[Any]],
    hours: NDArray[np.int64],
    count: int,
) -> Means:
    """Weigh the values of nodes by the hours that places ask through them.

    Parameters
    ----------
    ranks
        Of the values of nodes.
    places, nodes, hours
        Place below `count`, node and hours > 0 of each demand, shape (demands,).
    """
    level, levels = ranks
    table = coo_array((hours, (places, level[nodes])), shape=(count, len(levels))).tocsr()
    found = np.empty(len(levels), dtype=object)
    found[:] = levels
    return Means(found, table.indptr, table.indices, table.data)


def ranked(values: Sequence[Fraction]) -> Ranks:
    """Return the rank of each value among the distinct ones, and these from least to greatest.

    >>> ranked([Fraction(1, 2), Fraction(1, 3), Fraction(1, 2)])
    (array([1, 0, 1]), [Fraction(1, 3), Fraction(1, 2)])
    """
    # Pairs of integers hash, and floats sort, several times faster than fractions do; fractions
    # of one float are still told apart.
    distinct = {value.as_integer_ratio(): value for value in values}
    levels = sorted(distinct.values(), key=lambda value: (float(value), value))
    rank = {value.as_integer_ratio(): number for number, value in enumerate(levels)}
    return np.array([rank[v.as_integer_ratio()] for v in values], dtype=np.int64), levels


def weighted_mean(values: Sequence[Fraction], weights: Sequence[int]) -> Fraction:
    """Return the exact mean of some values by positive whole weights.

    >>> weighted_mean([Fraction(1, 2), Fraction(1, 3)], [1, 3])
    Fraction(3, 8)
    """
    top, bottom = sum_of_ratios(
        (weight * value.numerator, value.denominator)
        for value, weight in zip(values, weights, strict=True)
    )
    return Fraction(top, bottom * sum(weights))


def sum_of_ratios(ratios: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the exact sum of ratios, not reduced.

    >>> sum_of_ratios([(1, 2), (1, 3), (1, 6)])
    (36, 36)
    """
    # Neighbours are added first, so that long integers meet few times.
    left = list(ratios)
    while len(left) > 1:
        pairs = zip(left[::2], left[1::2], strict=False)
        odd = left[-1:] if len(left) % 2 else []
        left = [(a * d + c * b, b * d) for (a, b), (c, d) in pairs] + odd
    return left[0] if left else (0, 1)

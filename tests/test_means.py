"""Exact means, their comparisons and their whole hours, against plain fractions."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_studies import few

from coverage.means import Means, different, means_of, ranked
from coverage.rounding import GRAIN_BITS, rounded_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACES = 4
GRAIN = 2**GRAIN_BITS
Demand = tuple[int, int, int]
"""Place, node and hours."""

plain = st.fractions(0, 1, max_denominator=12)
near = st.integers(-3, 3).map(lambda n: Fraction(2, 3) + Fraction(n, 10**12))
vast = st.integers(0, 10**40).map(lambda n: Fraction(n, 10**40 + 7))
values = st.lists(st.one_of(plain, plain, near, vast), min_size=1, max_size=5)


def means(found: Sequence[Fraction], demands: Sequence[Demand]) -> Means:
    place, node, hours = np.array(demands, dtype=np.int64).reshape(-1, 3).T
    return means_of(ranked(found), place, node, hours, PLACES)


@st.composite
def weighed(draw: st.DrawFn) -> tuple[list[Fraction], list[Demand]]:
    found = draw(values)
    hours = st.one_of(st.integers(1, 6), st.integers(1, 10**7))
    demand = st.tuples(st.integers(0, PLACES - 1), st.integers(0, len(found) - 1), hours)
    return found, draw(st.lists(demand, max_size=8))


def by_hand(found: Sequence[Fraction], demands: Sequence[Demand]) -> list[Fraction | None]:
    sums: list[Fraction | None] = []
    for place in range(PLACES):
        own = [(found[node], hours) for p, node, hours in demands if p == place]
        asked = sum(hours for _, hours in own)
        total = sum((value * hours for value, hours in own), Fraction(0))
        sums.append(total / asked if asked else None)
    return sums


@settings(few, max_examples=300)
@given(weighed(), st.one_of(plain, near))
def test_means_are_those_of_plain_fractions(
    case: tuple[list[Fraction], list[Demand]], threshold: Fraction
) -> None:
    found, demands = case
    expected = by_hand(found, demands)
    table = means(found, demands)
    assert table.exact.tolist() == expected
    assert table.below(threshold).tolist() == [m is not None and m < threshold for m in expected]
    assert table.floats == pytest.approx(
        [np.nan if m is None else m for m in expected], nan_ok=True
    )


# Under one grain by less than a double tells.
@example(([Fraction(9094947017729281874279411284, 10**40 + 7)] * 3, [(0, 2, 1)]))
@settings(few, max_examples=300)
@given(weighed())
def test_answered_hours_are_rounded_down_to_the_grain(
    case: tuple[list[Fraction], list[Demand]],
) -> None:
    found, demands = case
    whole, grains = means(found, demands).answered()
    exact = [
        sum((found[node] * hours for p, node, hours in demands if p == place), Fraction(0))
        for place in range(PLACES)
    ]
    told = [h * GRAIN + g for h, g in zip(whole.tolist(), grains.tolist(), strict=True)]
    assert told == [floor(value * GRAIN) for value in exact]


@settings(few, max_examples=200)
@given(weighed(), weighed())
def test_means_differ_when_fractions_do(
    one: tuple[list[Fraction], list[Demand]], other: tuple[list[Fraction], list[Demand]]
) -> None:
    pairs = zip(by_hand(*one), by_hand(*other), strict=True)
    found = different(means(*one), means(*other), np.arange(PLACES))
    assert found.tolist() == [a != b for a, b in pairs]


def test_thirds_that_make_an_hour_are_a_whole_one() -> None:
    whole, grains = means(
        [Fraction(1, 3), Fraction(2, 3)], [(0, 0, 1), (0, 1, 1), (1, 0, 3), (2, 1, 1)]
    ).answered()
    assert rounded_in_order(whole, grains).tolist() == [1, 1, 1, 0]


@settings(few, max_examples=100)
@given(st.lists(st.fractions(0, 1000, max_denominator=9), max_size=12))
def test_rounding_keeps_the_sum_of_every_run(parts: list[Fraction]) -> None:
    fine = [floor(value * GRAIN) for value in parts]
    whole, grains = (np.array([n // d for n in fine], dtype=np.int64) for d in (GRAIN, 1))
    rounded = rounded_in_order(whole, grains % GRAIN).tolist()
    for start in range(len(parts)):
        for end in range(start, len(parts) + 1):
            assert abs(sum(rounded[start:end]) - sum(parts[start:end])) <= 1 + 1e-9

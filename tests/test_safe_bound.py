"""Bounds by duality hold whatever prices they are made of, and good prices make them tight."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from coverage.proposals.safe_bound import dual_bound, linear_bound

WHOLE = st.integers(-9, 9)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[np.ndarray, csr_array, np.ndarray, tuple[np.ndarray, ...]]:
    """A program with a known point in its box; rows are drawn to hold there."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    matrix = np.array(draw(st.lists(WHOLE, min_size=rows * columns, max_size=rows * columns)))
    point = np.array(draw(st.lists(st.integers(0, 5), min_size=columns, max_size=columns)))
    goal = np.array(draw(st.lists(WHOLE, min_size=columns, max_size=columns)), dtype=float)
    table = matrix.reshape(rows, columns).astype(float)
    spare = np.array(draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows)))
    right = table @ point + spare
    return goal, csr_array(table), right, (point * 0.0, point + 1.0, point.astype(float))


@settings(max_examples=80, deadline=None)
@given(boxes(), st.lists(st.floats(-2, 5), min_size=4, max_size=4))
def test_any_prices_prove_a_bound(case: tuple, prices: list[float]) -> None:
    goal, rows, right, (lowest, highest, point) = case
    given_prices = np.array(prices[: rows.shape[0]])
    assert goal @ point <= dual_bound(goal, rows, right, (lowest, highest), given_prices)


@settings(max_examples=40, deadline=None)
@given(boxes())
def test_the_solver_s_prices_prove_its_own_value(case: tuple) -> None:
    goal, rows, right, (lowest, highest, point) = case
    none = np.full(len(right), -np.inf)
    bound = linear_bound(goal, rows, (none, right), (lowest, highest))
    assert bound is not None
    assert goal @ point <= bound
    # A row turned round is the same row.
    turned = linear_bound(goal, csr_array(-rows), (-right, -none), (lowest, highest))
    assert turned == bound


def test_a_knapsack_is_bounded_by_its_linear_relaxation() -> None:
    """max 3x + 2y, 2x + 2y ≤ 3, x and y at most 1: 3 + 2/2 = 4."""
    goal, rows = np.array([3.0, 2.0]), csr_array([[2.0, 2.0]])
    limits = (np.array([-np.inf]), np.array([3.0]))
    box = (np.zeros(2), np.ones(2))
    assert linear_bound(goal, rows, limits, box) == 4


def test_without_time_there_is_no_bound() -> None:
    rng = np.random.default_rng(1)
    rows = csr_array(rng.integers(1, 9, (60, 80)).astype(float))
    limits = (np.full(60, -np.inf), np.full(60, 100.0))
    assert linear_bound(np.ones(80), rows, limits, (np.zeros(80), np.ones(80)), seconds=0) is None

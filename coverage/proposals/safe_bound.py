"""A bound that holds whatever the solver's rounding: linear duality in exact integers.

For max c·x where A x ≤ b and l ≤ x ≤ u, any y ≥ 0 proves c·x ≤ y·b + Σ (c − yA)⁺ u − (c − yA)⁻ l
(weak duality; Neumaier and Shcherbina 2004, "Safe bounds in linear and mixed-integer linear
programming", Mathematical Programming 99). The solver only suggests y: it is rounded to a fine
grain, and the right-hand side is summed in unbounded integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import vstack

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

_GRAIN = 2**40
"""Of dual values: finer than a double's digits would need."""


def linear_bound(
    goal: NDArray[np.float64],
    matrix: csr_array,
    limits: tuple[NDArray[np.float64], NDArray[np.float64]],
    box: tuple[NDArray[np.float64], NDArray[np.float64]],
    *,
    seconds: float | None = None,
) -> int | None:
    """Return a whole number that goal · x never passes, None when no dual was found in time.

    Parameters
    ----------
    goal
        Whole numbers, to be made large; shape (columns,).
    matrix, limits
        Rows of whole numbers, and their lowest and highest values (infinite: none).
    box
        Lowest and highest values of the columns, all finite.
    seconds
        Time limit.
    """
    low, high = limits
    above, under = np.isfinite(high), np.isfinite(low)
    rows: Any = vstack([matrix[above], -matrix[under]]).tocsr()
    right = np.concatenate([high[above], -low[under]])
    program: Any = linprog  # its types refuse the sparse matrices that its documentation asks for
    options = {} if seconds is None else {"time_limit": seconds}
    solved = program(
        -goal,
        A_ub=rows,
        b_ub=right,
        bounds=np.column_stack(box),
        method="highs",
        options=options,
    )
    if solved.status != 0:
        return None
    return dual_bound(goal, rows, right, box, -solved.ineqlin.marginals)


def dual_bound(
    goal: NDArray[np.float64],
    rows: csr_array,
    right: NDArray[np.float64],
    box: tuple[NDArray[np.float64], NDArray[np.float64]],
    prices: NDArray[np.float64],
) -> int:
    """Return what prices of rows ≤ `right` prove, exactly; the better the prices, the less."""
    whole = [round(price * _GRAIN) for price in np.maximum(prices, 0).tolist()]
    reduced = [round(value) * _GRAIN for value in goal.tolist()]
    at = rows.tocoo()
    for row, column, value in zip(at.row.tolist(), at.col.tolist(), at.data.tolist(), strict=True):
        reduced[column] -= whole[row] * round(value)
    bound = 0
    for price, limit in zip(whole, right.tolist(), strict=True):
        bound += price * round(limit)
    for cost, lowest, highest in zip(reduced, *(side.tolist() for side in box), strict=True):
        bound += cost * round(highest if cost > 0 else lowest)
    return bound // _GRAIN

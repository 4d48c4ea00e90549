"""Rates of a what-if as numbers with six decimals, rounded down, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maps.web.values import rounded_down

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.means import Means

_MILLIONTHS = 1_000_000
_MARGIN = 0.01
"""Of a millionth: floats nearer than this to a change of decimal give way to exact ratios."""


def rounded_rates(means: Means, rows: NDArray[np.int64]) -> list[float | None]:
    """Return `maps.web.values.rounded_down` of the means of some places, None without need.

    Ratios are worked out only where floats could be wrong about the last decimal.
    """
    found: list[float | None] = [None] * len(rows)
    sizes = np.diff(means.start)[rows]
    levels = [rounded_down(value) for value in means.levels]
    for rank in np.flatnonzero(sizes == 1).tolist():
        found[rank] = levels[means.level[means.start[rows[rank]]]]
    several = np.flatnonzero(sizes > 1)
    scaled = means.floats[rows[several]] * _MILLIONTHS
    near = np.abs(scaled - np.rint(scaled)) < _MARGIN
    low = (np.floor(scaled) / _MILLIONTHS).tolist()
    for rank, value, close in zip(several.tolist(), low, near.tolist(), strict=True):
        found[rank] = rounded_down(means.mean(int(rows[rank]))) if close else value
    return found

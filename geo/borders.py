"""Borders that polygons of a clean coverage share, found by their common edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.crs import geodesic_length_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_LENGTH_M = 1.0
"""Two polygons are neighbours above this length (method, section 7): a point is not enough."""


def shared_borders(
    geometries: NDArray[np.object_], *, min_length_m: float = MIN_LENGTH_M
) -> pd.DataFrame:
    """Return the pairs of polygons that share more than `min_length_m` of edge.

    In a clean coverage (`shapely.coverage_clean`) a common border has the same vertices on both
    sides, so equal segments are the border: no geometry is intersected.

    Parameters
    ----------
    geometries
        Polygons of a clean coverage in WGS84, None where unknown, shape (units,).
    min_length_m
        Metres of common edge that a pair must exceed.

    Returns
    -------
    pandas.DataFrame
        Columns `left`, `right` (positions, int32, left < right) and `length_m` (geodesic,
        float64), sorted by pair.

    Raises
    ------
    CrsError
        When the coordinates are not degrees.
    """
    start, end, owner = _segments(geometries)
    order = np.lexsort((end[:, 1], end[:, 0], start[:, 1], start[:, 0]))
    start, end, owner = start[order], end[order], owner[order]
    same = (start[1:] == start[:-1]).all(axis=1) & (end[1:] == end[:-1]).all(axis=1)
    common = np.flatnonzero(same & (owner[1:] != owner[:-1]))
    sides = np.sort(np.column_stack((owner[common], owner[common + 1])), axis=1)
    pairs, pair = np.unique(sides, axis=0, return_inverse=True)
    lengths = geodesic_length_m(start[common], end[common])
    total = np.bincount(pair.ravel(), weights=lengths, minlength=len(pairs))
    kept = total > min_length_m
    return pd.DataFrame(
        {
            "left": pairs[kept, 0].astype(np.int32),
            "right": pairs[kept, 1].astype(np.int32),
            "length_m": total[kept],
        }
    )


def _segments(
    geometries: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return lower end, higher end (each (segments, 2)) and polygon of every ring segment."""
    polygons, part_owner = shapely.get_parts(geometries, return_index=True)
    rings, ring_part = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    first, second = points[:-1][inside], points[1:][inside]
    owner = part_owner[ring_part[ring[:-1][inside]]]
    swap = (first[:, 0] > second[:, 0]) | (
        (first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1])
    )
    start = np.where(swap[:, None], second, first)
    end = np.where(swap[:, None], first, second)
    return start, end, owner

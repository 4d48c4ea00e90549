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
    order = np.lexsort((end, start))
    start, end, owner = start[order], end[order], owner[order]
    same = (start[1:] == start[:-1]) & (end[1:] == end[:-1]) & (owner[1:] != owner[:-1])
    common = np.flatnonzero(same)
    left = np.minimum(owner[common], owner[common + 1])
    right = np.maximum(owner[common], owner[common + 1])
    pairs, pair = np.unique(left * len(geometries) + right, return_inverse=True)
    lengths = geodesic_length_m(_lonlat(start[common]), _lonlat(end[common]))
    total = np.bincount(pair, weights=lengths, minlength=len(pairs))
    kept = total > min_length_m
    left, right = np.divmod(pairs[kept], max(len(geometries), 1))
    return pd.DataFrame(
        {
            "left": left.astype(np.int32),
            "right": right.astype(np.int32),
            "length_m": total[kept],
        }
    )


def _segments(
    geometries: NDArray[np.object_],
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.int64]]:
    """Return lower end, higher end (lon + i lat) and polygon of every ring segment."""
    polygons, part_owner = shapely.get_parts(geometries, return_index=True)
    rings, ring_part = shapely.get_rings(polygons, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    points = np.ascontiguousarray(lonlat).view(np.complex128).ravel()
    inside = ring[1:] == ring[:-1]
    first, second = points[:-1][inside], points[1:][inside]
    owner = part_owner[ring_part[ring[:-1][inside]]]
    # Complex numbers compare by longitude, then latitude.
    return np.minimum(first, second), np.maximum(first, second), owner


def _lonlat(points: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.column_stack((points.real, points.imag))

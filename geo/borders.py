"""Borders that polygons of a clean coverage share, found by their common edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geo.crs import geodesic_length_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_LENGTH_M = 1.0
"""Two polygons are neighbours above this length (method, section 7): a point is not enough."""

METRES_IN_DEGREE = 111_195
"""On a sphere of 6,371 km."""

SPHERE_ERROR = 0.02
"""More than a sphere errs by on a length: 1 % at most."""


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
    start, end, pair, left, right = _common_segments(geometries)
    lengths = geodesic_length_m(_lonlat(start), _lonlat(end))
    total = np.bincount(pair, weights=lengths, minlength=len(left))
    kept = total > min_length_m
    return pd.DataFrame(
        {
            "left": left[kept].astype(np.int32),
            "right": right[kept].astype(np.int32),
            "length_m": total[kept],
        }
    )


def touching(geometries: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the pairs that `shared_borders` returns, shape (pairs, 2), without their lengths.

    Lengths are measured on the ellipsoid only where a sphere leaves a doubt.
    """
    start, end, pair, left, right = _common_segments(geometries)
    east = (end.real - start.real) * np.cos(np.radians(start.imag))
    lengths = np.hypot(east, end.imag - start.imag) * METRES_IN_DEGREE
    total = np.bincount(pair, weights=lengths, minlength=len(left))
    doubtful = np.abs(total - MIN_LENGTH_M) < SPHERE_ERROR * MIN_LENGTH_M
    near = np.flatnonzero(doubtful[pair])
    exact = geodesic_length_m(_lonlat(start[near]), _lonlat(end[near]))
    measured = np.bincount(pair[near], weights=exact, minlength=len(left))
    kept = np.where(doubtful, measured, total) > MIN_LENGTH_M
    return np.column_stack((left[kept], right[kept]))


def _common_segments(geometries: NDArray[np.object_]) -> tuple[NDArray[Any], ...]:
    """Return the segments of two polygons: both ends, pair; then the pairs, sorted."""
    start, end, owner = _segments(geometries)
    point, _ = pd.factorize(np.concatenate([start, end]))
    first, second = point[: len(start)], point[len(start) :]
    name = np.minimum(first, second) * len(point) + np.maximum(first, second)
    order = np.argsort(name, kind="stable")
    name, owner = name[order], owner[order]
    common = np.flatnonzero((name[1:] == name[:-1]) & (owner[1:] != owner[:-1]))
    left = np.minimum(owner[common], owner[common + 1])
    right = np.maximum(owner[common], owner[common + 1])
    size = max(len(geometries), 1)
    pairs, pair = np.unique(left * size + right, return_inverse=True)
    return start[order[common]], end[order[common]], pair, *np.divmod(pairs, size)


def _segments(
    geometries: NDArray[np.object_],
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.int64]]:
    """Return both ends (lon + i lat) and the polygon of every ring segment."""
    polygons, part_owner = shapely.get_parts(geometries, return_index=True)
    rings, ring_part = shapely.get_rings(polygons, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    points = np.ascontiguousarray(lonlat).view(np.complex128).ravel()
    inside = ring[1:] == ring[:-1]
    owner = part_owner[ring_part[ring[:-1][inside]]]
    return points[:-1][inside], points[1:][inside], owner


def _lonlat(points: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.column_stack((points.real, points.imag))

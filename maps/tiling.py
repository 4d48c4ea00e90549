"""Parts of cut communes made a clean coverage with the communes around: every border shared.

A drawn border that ends on the border between two communes puts a point there that the neighbour
lacks. Given to the neighbour too, it lets parts be simplified, dissolved and rounded as whole
communes are, without a gap nor an overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

REACH_DEG = 5e-6
"""Half a metre: points this near are one, and a point this near a border is on it.

Two parts compute the end of a drawn border each for itself, and the straight edge between two
points differs in degrees and in a projection.
"""

_SMALLEST_RING = 4


def tiled(
    shapes: NDArray[np.object_], cut: NDArray[np.bool_], originals: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return the same polygons, each with the points that its neighbours have on its border.

    Parameters
    ----------
    shapes
        WGS84 polygons that tile the land, None where unknown, shape (parts,).
    cut
        Which ones are parts of a commune, shape (parts,).
    originals
        Whole geometry of the communes that are cut: their points stay where they are.
    """
    fixed = np.unique(_keys(shapely.get_coordinates(originals)))
    made = np.setdiff1d(_keys(shapely.get_coordinates(shapes[cut])), fixed)
    if not len(made):
        return shapes
    merged = _merged(made, fixed)

    def taken(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        keys = _keys(lonlat)
        at = np.minimum(np.searchsorted(made, keys), len(made) - 1)
        keys = np.where(made[at] == keys, merged[at], keys)
        return np.column_stack([keys.real, keys.imag])

    found = shapes.copy()
    found[cut] = shapely.transform(shapes[cut], taken)
    ends = np.setdiff1d(merged, fixed)
    return _with_points(found, shapely.points(ends.real, ends.imag), moved=cut)


def _keys(lonlat: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return one comparable value a point."""
    keys: NDArray[np.complex128] = lonlat[:, 0] + 1j * lonlat[:, 1]
    return keys


def _merged(made: NDArray[np.complex128], fixed: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return for each point that cutting made the one it is taken for, itself or one at reach.

    A point taken for another takes none: points close together along a line do not all end in
    one.
    """
    points = np.concatenate([fixed, made])
    pairs = cKDTree(np.column_stack([points.real, points.imag])).query_pairs(
        REACH_DEG, output_type="ndarray"
    )
    pairs = pairs[pairs[:, 1] >= len(fixed)]
    leader = np.arange(len(points))
    for first, then in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].tolist():
        if leader[first] == first and leader[then] == then:
            leader[then] = first
    return points[leader[len(fixed) :]]


def _mended(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return valid polygons: moved by a centimetre, a ring may have come to touch itself."""
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return shapes


def _with_points(
    shapes: NDArray[np.object_], points: NDArray[np.object_], *, moved: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Insert points in the polygons whose border they lie on, and mend those that moved."""
    polygons, owner = shapely.get_parts(shapes, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    near = shapely.STRtree(points).query(rings, predicate="dwithin", distance=REACH_DEG)[0]
    on = np.union1d(near, np.flatnonzero(moved[owner[polygon]]))
    touched = np.unique(owner[polygon[on]])
    rings[on] = _threaded(rings[on], points)
    mine = np.isin(owner[polygon], touched)
    held = np.unique(polygon[mine])
    polygons[held] = shapely.polygons(rings[mine], indices=np.searchsorted(held, polygon[mine]))
    of_shape = np.searchsorted(touched, owner[held])
    found = shapes.copy()
    found[touched] = _mended(shapely.multipolygons(polygons[held], indices=of_shape))
    return found


def _threaded(rings: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return rings with a point more wherever one of these lies on an edge of theirs."""
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring[1:] == ring[:-1])
    edges = shapely.linestrings(np.stack([lonlat[start], lonlat[start + 1]], axis=1))
    edge, point = shapely.STRtree(points).query(edges, predicate="dwithin", distance=REACH_DEG)
    more = shapely.get_coordinates(points[point])
    along = shapely.line_locate_point(edges[edge], points[point], normalized=True)
    between = (along > 0) & (along < 1)
    at, more, along = start[edge[between]], more[between], along[between]
    order = np.lexsort(
        (np.append(np.zeros(len(lonlat)), along), np.append(np.arange(len(lonlat)), at))
    )
    lonlat = np.concatenate([lonlat, more])[order]
    ring = np.append(ring, ring[at])[order]
    repeated = np.append(False, (lonlat[1:] == lonlat[:-1]).all(axis=1) & (ring[1:] == ring[:-1]))
    # A ring that collapses keeps its points, to be dropped with what is mended.
    kept = ~repeated | (np.bincount(ring[~repeated], minlength=len(rings)) < _SMALLEST_RING)[ring]
    threaded: NDArray[np.object_] = shapely.linearrings(lonlat[kept], indices=ring[kept])
    return threaded

"""Contacts between parts of units: how much edge lies along both (method, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.borders import MIN_LENGTH_M
from geo.planes import to_plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR_M = 0.1
"""An edge counts for a part that lies within this distance of it."""


def in_contact(
    left: NDArray[np.object_],
    right: NDArray[np.object_],
    left_units: NDArray[np.object_],
    right_units: NDArray[np.object_],
    epsg: int,
) -> NDArray[np.bool_]:
    """Say of each pair of parts whether more than 1 m of edge lies within 0.1 m of both.

    The edge is the common border of their two units, or the outline of the left part when both
    are parts of one unit.

    Parameters
    ----------
    left, right
        WGS84 polygons of the pairs, shape (pairs,).
    left_units, right_units
        WGS84 polygons of their units, shape (pairs,); the same object when it is one unit.
    epsg
        Projection to measure in.

    Returns
    -------
    ndarray
        Shape (pairs,), bool.
    """
    found = np.zeros(len(left), dtype=bool)
    a, b = to_plane(left, epsg), to_plane(right, epsg)
    near = np.flatnonzero(shapely.dwithin(a, b, 2 * NEAR_M))
    if not len(near):
        return found
    a, b = a[near], b[near]
    edges = _edges(a, to_plane(left_units[near], epsg), to_plane(right_units[near], epsg))
    wide_a, wide_b = shapely.buffer(a, NEAR_M), shapely.buffer(b, NEAR_M)
    along = shapely.intersection(shapely.intersection(edges, wide_a), wide_b)
    found[near] = shapely.length(along) > MIN_LENGTH_M
    return found


def _edges(
    a: NDArray[np.object_], a_units: NDArray[np.object_], b_units: NDArray[np.object_]
) -> NDArray[np.object_]:
    common = shapely.intersection(shapely.boundary(a_units), shapely.boundary(b_units))
    same: NDArray[np.bool_] = shapely.equals_identical(a_units, b_units)
    edges: NDArray[np.object_] = np.where(same, shapely.boundary(a), common)
    return edges

"""Contacts between parts of units: how much edge lies along both (method, section 7).

A part counts where it is at least 0.1 m thick: a sliver that an overlay leaves along an edge,
or the tip of a wedge, joins nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.borders import MIN_LENGTH_M
from geo.planes import image
from geo.threads import in_threads, workers

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR_M = 0.1
"""An edge counts for a part that lies within this distance of it, and thinner is nothing."""


def thick(parts: NDArray[np.object_], epsg: int) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return parts without what is thinner than 0.1 m, in the plane, and which ones change.

    Parameters
    ----------
    parts
        WGS84 polygons, shape (parts,).
    epsg
        Projection to measure in.

    Returns
    -------
    ndarray, ndarray
        Polygons in that projection; True where more than 1 m of outline goes with what was thin.
    """
    plane = image(parts, epsg)
    length = shapely.length(plane)
    narrowed = _offset(plane, -NEAR_M / 2)
    # Corners lose little when narrowed: only what is thin, or pointed, loses half a metre.
    thin: NDArray[np.bool_] = length - shapely.length(narrowed) > MIN_LENGTH_M / 2
    opened = plane.copy()
    opened[thin] = _offset(narrowed[thin], NEAR_M / 2)
    thin &= length - shapely.length(opened) > MIN_LENGTH_M
    return np.where(thin, opened, plane), thin


def _offset(plane: NDArray[np.object_], metres: float) -> NDArray[np.object_]:
    moved: NDArray[np.object_] = shapely.buffer(plane, metres, join_style="mitre", quad_segs=1)
    return moved


def in_contact(
    left: NDArray[np.object_],
    right: NDArray[np.object_],
    left_units: NDArray[np.object_],
    right_units: NDArray[np.object_],
) -> NDArray[np.bool_]:
    """Say of each pair of parts whether more than 1 m of edge lies within 0.1 m of both.

    The edge is the border of the left unit, or the outline of the left part when both are parts
    of one unit. All polygons are in one projection, in metres.

    Parameters
    ----------
    left, right
        Parts as `thick` returns them, shape (pairs,).
    left_units, right_units
        Their units; equal when it is one unit.

    Returns
    -------
    ndarray
        Shape (pairs,), bool.
    """
    found = np.zeros(len(left), dtype=bool)
    near = np.flatnonzero(shapely.dwithin(left, right, 2 * NEAR_M))
    if len(near):
        sides = (left[near], right[near], left_units[near], right_units[near])
        shared = [np.array_split(side, workers()) for side in sides]
        found[near] = np.concatenate(in_threads(_along_both, *shared))
    return found


def _along_both(
    left: NDArray[np.object_],
    right: NDArray[np.object_],
    left_units: NDArray[np.object_],
    right_units: NDArray[np.object_],
) -> NDArray[np.bool_]:
    same = shapely.equals_identical(left_units, right_units)
    edges = shapely.boundary(np.where(same, left, left_units))
    along = shapely.intersection(edges, shapely.buffer(left, NEAR_M))
    along = shapely.intersection(along, shapely.buffer(right, NEAR_M))
    long: NDArray[np.bool_] = shapely.length(along) > MIN_LENGTH_M
    return long

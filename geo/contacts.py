"""Contacts between parts of units: how much edge lies along both (method, section 7).

A part counts where it is at least 0.1 m thick: a sliver that an overlay leaves along an edge,
or the tip of a wedge, joins nothing.
"""

from __future__ import annotations

from functools import partial
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
    opened = np.concatenate(in_threads(_opened, np.array_split(plane, workers())))
    thin: NDArray[np.bool_] = shapely.length(plane) - shapely.length(opened) > MIN_LENGTH_M
    return np.where(thin, opened, plane), thin


def _opened(plane: NDArray[np.object_]) -> NDArray[np.object_]:
    widened = partial(shapely.buffer, join_style="mitre", quad_segs=1)
    opened: NDArray[np.object_] = widened(widened(plane, -NEAR_M / 2), NEAR_M / 2)
    return opened


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
    a, b = left[near], right[near]
    same = shapely.equals_identical(left_units[near], right_units[near])
    edges = shapely.boundary(np.where(same, a, left_units[near]))
    along = shapely.intersection(edges, shapely.buffer(a, NEAR_M))
    along = shapely.intersection(along, shapely.buffer(b, NEAR_M))
    found[near] = shapely.length(along) > MIN_LENGTH_M
    return found

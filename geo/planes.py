"""Places in the legal projection where they are cut, and back to WGS84 without loss."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from geo.crs import WGS84_EPSG

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_EDGE_DEG = 0.02
"""Longer edges get points between: straight in WGS84, they bend in a projection.

The gap between an edge of length L and its image is at most L² tan φ / 8R: 0.1 m for 2 km.
"""

EQUAL_AREA_EPSG = 6933
"""WGS 84 / NSIDC EASE-Grid 2.0 Global: one square metre is the same everywhere."""

MILLIMETRES = 1000
"""Coordinates are snapped to this part of a metre before cutting (method, section 3)."""

_QUARTER_MERIDIAN_MM = 10**10


def to_plane(shapes: NDArray[np.object_], epsg: int) -> NDArray[np.object_]:
    """Return polygons of short edges (WGS84) in a projection, in metres, valid, snapped to 1 mm.

    A point gets the same image in whatever polygon it stands, so that common edges stay common.
    """
    plane = image(shapes, epsg)
    return _mended(shapely.transform(plane, _snapped))


def image(shapes: NDArray[np.object_], epsg: int) -> NDArray[np.object_]:
    """Return WGS84 geometries in a projection, point for point."""
    forward = _transformers(epsg)[0]
    moved: NDArray[np.object_] = shapely.transform(
        shapes, lambda lonlat: np.column_stack(forward.transform(lonlat[:, 0], lonlat[:, 1]))
    )
    return moved


def from_plane(
    shapes: NDArray[np.object_], epsg: int, *, originals: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return planar polygons in WGS84; points that come from the originals get theirs back.

    A piece of a commune keeps the very vertices of the commune, so that it still shares them
    with the neighbours that were not cut; where a drawing crosses their border, the point is
    snapped to 1 mm, so that the pieces on both sides share it too.

    Parameters
    ----------
    originals
        WGS84 polygons whose images by `to_plane` the shapes were cut from.
    """
    forward, backward = _transformers(epsg)
    lonlat = shapely.get_coordinates(originals)
    known = pd.Index(_key(np.column_stack(forward.transform(lonlat[:, 0], lonlat[:, 1]))))
    repeated = known.duplicated()
    known, lonlat = known[~repeated], lonlat[~repeated]

    def source(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        at = known.get_indexer(pd.Index(_key(xy)))
        found: NDArray[np.float64] = lonlat[at]
        new = at < 0
        x, y = _snapped(xy[new]).T
        found[new] = np.column_stack(backward.transform(x, y))
        return found

    return _mended(shapely.transform(shapes, source))


def with_short_edges(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return polygons whose edges are at most `MAX_EDGE_DEG` long."""
    lonlat, owner = shapely.get_coordinates(shapes, return_index=True)
    # A step from one ring to the next may count as long: that only costs its time.
    long = np.hypot(*np.diff(lonlat, axis=0).T) > MAX_EDGE_DEG
    concerned = np.unique(owner[1:][long])
    divided = shapes.copy()
    divided[concerned] = shapely.segmentize(shapes[concerned], MAX_EDGE_DEG)
    return divided


def _mended(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return valid polygons: moved by a millimetre, a ring may have come to touch itself."""
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return shapes


def _snapped(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(xy * MILLIMETRES) / MILLIMETRES


def _key(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return one number a point, to the millimetre.

    Northings are under the quarter of a meridian and eastings under a sixth of it, so that
    numbers differ even where they go round 64 bits.
    """
    east, north = np.round(xy * MILLIMETRES).astype(np.int64).T
    key: NDArray[np.int64] = east * _QUARTER_MERIDIAN_MM + north
    return key


def equal_area_m2(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the area of WGS84 polygons in a cylindrical equal-area projection, shape (shapes,).

    For the parts that one polygon is cut into: they share its geodesic area in proportion.
    """
    areas: NDArray[np.float64] = shapely.area(image(shapes, EQUAL_AREA_EPSG))
    return areas


@cache
def _transformers(epsg: int) -> tuple[Transformer, Transformer]:
    return (
        Transformer.from_crs(WGS84_EPSG, epsg, always_xy=True),
        Transformer.from_crs(epsg, WGS84_EPSG, always_xy=True),
    )

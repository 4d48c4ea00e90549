"""Places in the legal projection where they are cut, and back to WGS84 without loss."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
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


def to_plane(shapes: NDArray[np.object_], epsg: int) -> NDArray[np.object_]:
    """Return polygons (WGS84) in a legal projection, in metres, valid, snapped to 1 mm.

    A point gets the same image in whatever polygon it stands, so that common edges stay common.
    """
    plane = image(shapely.segmentize(shapes, MAX_EDGE_DEG), epsg)
    return _mended(shapely.transform(plane, lambda xy: np.round(xy * MILLIMETRES) / MILLIMETRES))


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
    with the neighbours that were not cut.

    Parameters
    ----------
    originals
        WGS84 polygons whose images by `to_plane` the shapes were cut from.
    """
    forward, backward = _transformers(epsg)
    lonlat = shapely.get_coordinates(shapely.segmentize(originals, MAX_EDGE_DEG))
    xy = np.column_stack(forward.transform(lonlat[:, 0], lonlat[:, 1]))
    keys, first = np.unique(_key(xy), return_index=True)

    def source(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        wanted = _key(xy)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found: NDArray[np.float64] = lonlat[first[at]]
        new = keys[at] != wanted
        found[new] = np.column_stack(backward.transform(xy[new, 0], xy[new, 1]))
        return found

    return _mended(shapely.transform(shapes, source))


def _mended(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return valid polygons: moved by a millimetre, a ring may have come to touch itself."""
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return shapes


def _key(xy: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return one comparable value a point, to the millimetre."""
    whole = np.round(xy * MILLIMETRES)
    key: NDArray[np.complex128] = whole[:, 0] + 1j * whole[:, 1]
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

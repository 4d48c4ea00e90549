"""Coordinate reference systems: the only place that speaks of them.

Places travel in WGS84 (longitude, latitude). Nothing is measured in degrees: areas and lengths
are geodesic, and cutting is done in the legal projection of the place.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS, Geod

from geo.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

WGS84_EPSG = 4326

_METROPOLITAN_EPSG = 2154
_OVERSEAS_EPSG = {
    "971": 5490,
    "972": 5490,
    "973": 2972,
    "974": 2975,
    "975": 4467,
    "976": 4471,
    "977": 5490,
    "978": 5490,
}
_METROPOLITAN_DIGITS = 2
_MAX_LON, _MAX_LAT = 180.0, 90.0


def legal_epsg(departement: str) -> int:
    """Return the EPSG code of the legal projection of a département (metres).

    Source: decree 2000-1276 as amended, on the national coordinate reference systems.

    Raises
    ------
    CrsError
        For a code that is no département of the territory.

    Examples
    --------
    >>> legal_epsg("2A"), legal_epsg("974")
    (2154, 2975)
    """
    if len(departement) == _METROPOLITAN_DIGITS:
        return _METROPOLITAN_EPSG
    try:
        return _OVERSEAS_EPSG[departement]
    except KeyError:
        raise CrsError(
            f"aucune projection légale connue pour le département « {departement} » ; "
            "attendu : un code de département (01 à 95, 2A, 2B) ou 971 à 978"
        ) from None


def require_crs(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> CRS:
    """Return the CRS that `frame` declares.

    Raises
    ------
    CrsError
        When it declares none: coordinates alone do not say where they are.
    """
    if frame.crs is None:
        raise CrsError(
            "aucun système de coordonnées n’est déclaré ; enregistrez la couche avec son "
            "système (par exemple EPSG:2154 ou EPSG:4326)"
        )
    return CRS.from_user_input(frame.crs)


def geodesic_area_km2(geometries: NDArray[np.object_] | Sequence[Any]) -> NDArray[np.float64]:
    """Return the area of WGS84 polygons on the ellipsoid, shape (geometries,), in km².

    Holes are taken off whatever the direction of the rings. No geometry has no area (NaN); an
    empty one or one without surface has area 0.

    Raises
    ------
    CrsError
        When the coordinates are not degrees.
    """
    shapes = np.asarray(geometries, dtype=object)
    polygons, owner = shapely.get_parts(shapes, return_index=True)
    surface = shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON
    rings, part = shapely.get_rings(polygons[surface], return_index=True)
    outer = np.append(True, part[1:] != part[:-1])[: len(part)]
    signed = np.where(outer, 1.0, -1.0) * _ring_areas_m2(rings)
    total = np.bincount(owner[surface][part], weights=signed, minlength=len(shapes)) / 1e6
    total[shapely.is_missing(shapes)] = np.nan
    return total


def geodesic_length_m(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the length of segments on the ellipsoid, in metres, shape (segments,).

    Parameters
    ----------
    start, end
        Longitude and latitude of the ends, in degrees, shape (segments, 2).

    Raises
    ------
    CrsError
        When the coordinates are not degrees.
    """
    _require_degrees(start)
    _require_degrees(end)
    _, _, length = _ellipsoid().inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    return np.asarray(length, dtype=np.float64)


def _ring_areas_m2(rings: NDArray[np.object_]) -> NDArray[np.float64]:
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    _require_degrees(lonlat)
    ends = np.cumsum(np.bincount(ring, minlength=len(rings)))
    lon, lat = np.ascontiguousarray(lonlat.T)
    measure = _ellipsoid().polygon_area_perimeter
    areas = np.empty(len(rings))
    start = 0
    for number, end in enumerate(ends.tolist()):
        areas[number] = measure(lon[start:end], lat[start:end])[0]
        start = end
    return np.abs(areas)


def _require_degrees(lonlat: NDArray[np.float64]) -> None:
    if len(lonlat) and not (np.abs(lonlat).max(axis=0) <= (_MAX_LON, _MAX_LAT)).all():
        raise CrsError(
            "coordonnées hors des bornes d’une longitude et d’une latitude ; attendu : WGS84 "
            "(EPSG:4326), en degrés, longitude d’abord"
        )


@cache
def _ellipsoid() -> Geod:
    return Geod(ellps="WGS84")

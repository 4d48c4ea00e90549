"""Coordinate reference systems: the only place that speaks of them.

Places travel in WGS84 (longitude, latitude). Nothing is measured in degrees: areas and lengths
are geodesic, and cutting is done in the legal projection of the place. What was drawn in another
system comes to WGS84 here, x before y whatever the order of its axes.
"""

from __future__ import annotations

import re
import warnings
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

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

MAX_EDGE_M = 1_000.0
"""Longest edge of a projected drawing that goes to WGS84 without points between its ends."""

_MAX_EDGE_DEG = 0.01
_WRITTEN_CRS = re.compile(
    r"(?:urn:ogc:def:crs:|https?://www\.opengis\.net/def/crs/|[a-z]+:)[\w.:/-]+|[A-Za-z_0-9]+\s*\[.*",
    re.IGNORECASE | re.DOTALL,
)
_SAME_CRS = 70  # pyproj’s confidence, in %: the same definition under another name
_NEAR_DEG = 0.01
_SHOWN_CHARS = 60


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


def declared_crs(text: str) -> CRS:
    """Return the system that a file declares, without its heights.

    A definition that the EPSG register holds under another name (the `.prj` of a shapefile) is
    taken from the register, for its area of use and its datum.

    Parameters
    ----------
    text
        A code (`EPSG:2154`, `urn:ogc:def:crs:EPSG::2154`) or a definition (WKT).

    Raises
    ------
    CrsError
        When it is unknown, or neither geographic nor projected.

    Examples
    --------
    >>> declared_crs("urn:ogc:def:crs:EPSG::2154").name
    'RGF93 v1 / Lambert-93'
    """
    if not _WRITTEN_CRS.fullmatch(text.strip()):
        raise CrsError(f"système de coordonnées « {_shortened(text)} » inconnu")
    try:
        crs = _horizontal(CRS.from_user_input(text.strip()))
    except CRSError:
        raise CrsError(f"système de coordonnées « {_shortened(text)} » inconnu") from None
    if not (crs.is_geographic or crs.is_projected):
        raise CrsError(
            f"système de coordonnées « {_shortened(crs.name)} » ni géographique ni projeté : "
            "local, vertical ou géocentrique"
        )
    registered = None if crs.is_bound else crs.to_authority(min_confidence=_SAME_CRS)
    return CRS.from_authority(*registered) if registered else crs


def crs_label(crs: CRS) -> str:
    """Return the name of a system and its code when it has one.

    >>> crs_label(CRS.from_epsg(2154))
    'RGF93 v1 / Lambert-93 (EPSG:2154)'
    """
    code = crs.to_json_dict().get("id")
    return f"{crs.name} ({code['authority']}:{code['code']})" if code else str(crs.name)


def is_registered(crs: CRS) -> bool:
    """Tell whether a register, and not the file alone, defines a system and where it serves."""
    return crs.area_of_use is not None


def to_wgs84(geometries: NDArray[np.object_], crs: CRS) -> NDArray[np.object_]:
    """Return geometries in WGS84, their edges straight as they were drawn.

    An edge straight in its own system bends in another. Edges longer than `MAX_EDGE_M` on the
    projected plane, or 0.01° of a geographic system, first get points between their ends. Between
    two points the image of an edge, a geodesic or nearly, then leaves the straight line of WGS84
    by a sagitta of at most L² tan φ / 8R: for L = 1 km and R = 6,371 km, 2.5 cm at latitude 51.5°;
    the bend of the projection itself adds less than as much within its area of use.

    Parameters
    ----------
    geometries
        x (east) first, shape (geometries,); None stays None.

    Returns
    -------
    NDArray
        The same shape. WGS84 itself comes back untouched. Coordinates that the projection cannot
        place are infinite.

    Raises
    ------
    CrsError
        When no shift of its datum to WGS84 is known.
    """
    shapes = np.asarray(geometries, dtype=object)
    if is_wgs84(crs):
        return shapes.copy()
    shift = _shift(crs, shapely.get_coordinates(shapes))
    fine = shapely.segmentize(shapes, _longest_edge(crs))
    placed: NDArray[np.object_] = shapely.transform(fine, lambda xy: _lonlat(xy, shift))
    return placed


def positions_to_wgs84(positions: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Return longitudes and latitudes, shape (positions, 2), infinite where there is none.

    It raises as `to_wgs84` does.
    """
    return positions if is_wgs84(crs) else _lonlat(positions, _shift(crs, positions))


def points_between(geometries: NDArray[np.object_], crs: CRS) -> NDArray[np.float64]:
    """Return how many points `to_wgs84` would add to each geometry, shape (geometries,)."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    edges = np.hypot(*np.diff(xy, axis=0).T)[np.diff(ring) == 0]
    added = np.maximum(np.ceil(edges / _longest_edge(crs)) - 1, 0) * (not is_wgs84(crs))
    of_edge = owner[part[ring[1:][np.diff(ring) == 0]]]
    total = np.bincount(of_edge, weights=added, minlength=len(geometries))
    return total.astype(np.float64)


def shift_accuracy_m(geometries: NDArray[np.object_], crs: CRS) -> float:
    """Return how far WGS84 positions may be, in metres, infinite when unknown.

    The best shift of the datum that can be done on this machine is judged: where a grid is
    missing, what remains without it. It raises as `to_wgs84` does.
    """
    if is_wgs84(crs):
        return 0.0
    accuracy = float(_shift(crs, shapely.get_coordinates(geometries)).accuracy)
    return accuracy if accuracy >= 0 else np.inf


def within_area_of_use(bounds: NDArray[np.float64], crs: CRS) -> NDArray[np.bool_]:
    """Tell which WGS84 bounds lie within the area that a system is made for, shape (bounds,).

    Bounds are west, south, east, north in degrees, shape (bounds, 4).
    """
    area = crs.area_of_use
    if area is None or is_wgs84(crs):
        return np.ones(len(bounds), bool)
    west, south, east, north = bounds.T
    wide = area.west > area.east  # across the antimeridian
    inside = (
        (west >= area.west) | (east <= area.east)
        if wide
        else (west >= area.west) & (east <= area.east)
    )
    return np.asarray(inside & (south >= area.south) & (north <= area.north))


def outside_angles(positions: NDArray[np.float64], crs: CRS) -> NDArray[np.bool_]:
    """Tell which positions of a geographic system are no angles on a globe, shape (positions,).

    Those of a projected system are never told.
    """
    if not crs.is_geographic:
        return np.zeros(len(positions), bool)
    degrees = np.abs(np.degrees(positions * _unit(crs)))
    # Axes in the other order are told by where they fall.
    return np.asarray((degrees > _MAX_LON).any(axis=1) | (degrees > _MAX_LAT).all(axis=1))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_CHARS else f"{line[: _SHOWN_CHARS - 1]}…"


def _horizontal(crs: CRS) -> CRS:
    return (crs.sub_crs_list[0] if crs.is_compound else crs).to_2d()


def _unit(crs: CRS) -> float:
    """Return metres, or radians, in the unit of the axes."""
    own = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    return float(own.axis_info[0].unit_conversion_factor)


def _longest_edge(crs: CRS) -> float:
    longest = np.radians(_MAX_EDGE_DEG) if crs.is_geographic else MAX_EDGE_M
    return float(longest) / _unit(crs)


def is_wgs84(crs: CRS) -> bool:
    """Tell whether a system is WGS84 itself, whatever the order of its axes."""
    return bool(crs.equals(_wgs84(), ignore_axis_order=True))


def _lonlat(xy: NDArray[np.float64], shift: Transformer) -> NDArray[np.float64]:
    return np.column_stack(shift.transform(xy[:, 0], xy[:, 1]))


def _shift(crs: CRS, xy: NDArray[np.float64]) -> Transformer:
    """Return the best way to WGS84 for the place where most of the positions are."""
    shift = _best_shift(crs, _middle(crs, xy)) or _best_shift(crs, None)
    if shift is None:
        raise CrsError(
            f"aucun passage connu du système « {_shortened(crs_label(crs))} » au système WGS84"
        )
    return shift


def _middle(crs: CRS, xy: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return the whole longitude and latitude of the median position, None when it has none."""
    try:
        roughly = _rough_shift(crs)
    except ProjError:
        return None
    lon, lat = roughly.transform(*np.median(xy, axis=0)) if len(xy) else (np.inf, np.inf)
    on_earth = abs(lon) < _MAX_LON and abs(lat) < _MAX_LAT
    return (int(np.floor(lon)), int(np.floor(lat))) if on_earth else None


@lru_cache(maxsize=32)
def _rough_shift(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, _wgs84(), always_xy=True)


@lru_cache(maxsize=32)
def _best_shift(crs: CRS, middle: tuple[int, int] | None) -> Transformer | None:
    """Return the best shift for one square degree, or for the whole area of the system."""
    if middle is None:
        interest = None
    else:
        # A narrow square: one that reaches abroad would let the shifts of others in.
        lon, lat = middle[0] + 0.5, middle[1] + 0.5
        interest = AreaOfInterest(
            lon - _NEAR_DEG, lat - _NEAR_DEG, lon + _NEAR_DEG, lat + _NEAR_DEG
        )
    try:
        with warnings.catch_warnings():
            # That a better grid exists elsewhere is told by `shift_accuracy_m`.
            warnings.simplefilter("ignore", UserWarning)
            group = TransformerGroup(
                crs,
                _wgs84(),
                always_xy=True,
                area_of_interest=interest,  # type: ignore[arg-type]  # the public class is right
                allow_ballpark=False,
            )
    except (ProjError, IndexError):
        # No operation, or one that pyproj cannot describe (a projection of an unknown method).
        return None
    return group.transformers[0] if group.transformers else None


@cache
def _wgs84() -> CRS:
    return CRS.from_epsg(WGS84_EPSG)

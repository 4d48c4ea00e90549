"""Where drawn features fall: in France, or elsewhere, and then what was likely mistaken."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.wording import decimal
from data.drawings.layer import DECLARE_CRS
from geo.crs import crs_label, outside_angles, positions_to_wgs84

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

_FRANCE = np.array(
    [
        (-5.5, 41.0, 10.0, 51.5),  # metropolitan France
        (-61.9, 15.7, -60.9, 16.6),  # 971
        (-61.3, 14.3, -60.7, 15.0),  # 972
        (-54.7, 2.0, -51.5, 5.9),  # 973
        (55.1, -21.5, 55.95, -20.8),  # 974
        (-56.6, 46.7, -56.0, 47.2),  # 975
        (44.9, -13.1, 45.4, -12.5),  # 976
        (-62.95, 17.8, -62.7, 18.0),  # 977
        (-63.2, 18.0, -62.95, 18.15),  # 978
    ]
)
"""West, south, east, north of each territory, in degrees, with some sea around."""

_EARTH = np.array([[-180.0, -90.0, 180.0, 90.0]])
_LAMBERT_METRES = np.array([[0.0, 6_000_000.0, 1_300_000.0, 7_200_000.0]])
_EXPORT_WGS84 = (
    "dans QGIS, clic droit sur la couche, Exporter, Sauvegarder les entités sous, format GeoJSON, "
    "SCR EPSG:4326 ; ou format GeoPackage, qui garde le SCR de la couche"
)
_SWAP = (
    "dans QGIS, lancez Permuter les coordonnées X et Y (boîte à outils), puis exportez le résultat"
)
_EXCHANGED = (
    "axes inversés : longitude et latitude (ou x et y) échangées, l’élément tomberait en France "
    "dans l’autre ordre"
)
_CHECK_CRS = (
    "vérifiez dans QGIS que la couche se pose sur un fond de carte ; sinon corrigez son SCR, ou "
    "déplacez cet élément"
)


@dataclass(frozen=True)
class Places:
    """Where the vertices fall: bounds (west, south, east, north), shape (features, 4) each.

    Attributes
    ----------
    raw
        As drawn.
    lonlat, swapped
        In WGS84, infinite where the projection fails; the same with x and y exchanged.
    no_angle
        Features of a geographic system whose coordinates are no angles, shape (features,).
    """

    raw: NDArray[np.float64]
    lonlat: NDArray[np.float64]
    swapped: NDArray[np.float64]
    no_angle: NDArray[np.bool_]


def fallen(shapes: NDArray[np.object_], crs: CRS) -> Places:
    """Return where the vertices of polygons fall, before any point is added to them."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    no_angle = np.logical_or.reduceat(outside_angles(xy, crs), starts)
    return Places(
        _bounds(xy, starts),
        _bounds(positions_to_wgs84(xy, crs), starts),
        _bounds(positions_to_wgs84(xy[:, ::-1], crs), starts),
        no_angle,
    )


def _bounds(xy: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.hstack([np.minimum.reduceat(xy, starts), np.maximum.reduceat(xy, starts)])


def _touch(bounds: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which bounds meet one of the boxes, shape (bounds,)."""
    west, south, east, north = bounds.T[:, :, None]
    meets = (west <= boxes[:, 2]) & (boxes[:, 0] <= east)
    return np.asarray((meets & (south <= boxes[:, 3]) & (boxes[:, 1] <= north)).any(axis=1))


def _within(bounds: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(((bounds[:, :2] >= box[:, :2]) & (bounds[:, 2:] <= box[:, 2:])).all(axis=1))


def lost_features(places: Places, crs: CRS, *, assumed: bool) -> dict[int, tuple[str, str]]:
    """Return the position of each feature that is not in France → message and remedy."""
    on_earth = _within(places.lonlat, _EARTH)
    here = _touch(places.lonlat, _FRANCE) & on_earth & ~places.no_angle
    swapped = _touch(places.swapped, _FRANCE) & _within(places.swapped, _EARTH)
    degrees = _touch(places.raw, _FRANCE) & _within(places.raw, _EARTH)
    lambert = _within(places.raw, _LAMBERT_METRES)
    told = {}
    for at in np.flatnonzero(~here).tolist():
        if places.no_angle[at]:
            told[at] = _not_degrees(crs, assumed=assumed, lambert=bool(lambert[at]))
        elif swapped[at]:
            told[at] = (_EXCHANGED, _SWAP)
        elif degrees[at] and not crs.is_geographic:
            message = f"coordonnées en degrés, alors que le système déclaré est {crs_label(crs)}"
            told[at] = (message, DECLARE_CRS)
        elif on_earth[at]:
            told[at] = (f"hors de France : {_extent(places.lonlat[at])}", _CHECK_CRS)
        else:
            message = f"coordonnées hors de ce que le système {crs_label(crs)} peut placer"
            told[at] = (message, _CHECK_CRS)
    return told


def _not_degrees(crs: CRS, *, assumed: bool, lambert: bool) -> tuple[str, str]:
    why = "un GeoJSON sans membre « crs » est en WGS84" if assumed else f"SCR : {crs_label(crs)}"
    message = f"coordonnées qui ne sont pas des degrés ({why})"
    if lambert:
        message += " ; elles ressemblent à du Lambert-93 (EPSG:2154)"
    return message, _EXPORT_WGS84


def _extent(bounds: NDArray[np.float64]) -> str:
    west, south, east, north = (written_degrees(value) for value in bounds)
    return f"longitudes de {west} à {east}, latitudes de {south} à {north}"


def written_degrees(value: float) -> str:
    """Return an angle in French.

    >>> written_degrees(2.5)
    '2,50000°'
    """
    return f"{decimal(Fraction(float(value)), 5)}°"

"""Drawn shapes to WGS84: where they fall is checked, what cannot be placed is told."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.wording import decimal, whole
from data.drawings.layer import DECLARE_CRS, GEOMETRY, MAX_VERTICES
from data.drawings.places import fallen, lost_features, written_degrees
from data.drawings.repair import NO_SURFACE, SURFACE, Flaw, Mended, mend, repair
from data.study.faults import Findings, count
from geo.crs import (
    MAX_EDGE_M,
    crs_label,
    geodesic_area_km2,
    is_registered,
    points_between,
    positions_to_wgs84,
    shift_accuracy_m,
    to_wgs84,
    within_area_of_use,
)
from geo.errors import CrsError, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from pyproj import CRS

    from data.drawings.layer import Layer

_SMALLEST_KM2 = 1e-6
_SAME_SURFACE = 1e-6
_WORTH_TELLING_M = 5.0
_MEND = (
    "dans QGIS, montrez la faute avec Vérifier la validité (Vecteur, Outils de géométrie), "
    "corrigez le contour, ou lancez Réparer les géométries et regardez le résultat, puis exportez"
)
_CHECK_MEND = "vérifiez le contour à cet endroit ; rien à faire s’il convient"
_REDRAW = "dans QGIS, redessinez cet élément, ou supprimez-le"
_CHECK_PLACE = "vérifiez la place des périmètres sur la carte ; préférez EPSG:2154 ou EPSG:4326"
_SIMPLER = "dans QGIS, supprimez l’élément démesuré ou ses sommets lointains"


def place_shapes(layer: Layer, file: str) -> tuple[NDArray[np.object_], Findings]:
    """Return the shapes of a layer in WGS84, shape (features,), and what is wrong with them.

    Every feature is judged on its place and on its validity; None stands where an error was told,
    by this function or before.
    """
    placed = np.full(len(layer.rows), None, dtype=object)
    drawn = np.flatnonzero(~shapely.is_missing(layer.shapes))
    if not len(drawn):
        return placed, Findings()
    shapes, rows = layer.shapes[drawn], layer.rows[drawn]
    if layer.crs is None:
        return placed, _refused(_told(mend(shapes).refused, None), rows, file)
    try:
        placed[drawn], findings = _placed(shapes, rows, layer.crs, file, assumed=layer.crs_assumed)
    except CrsError as error:
        findings = _refused(_told(mend(shapes).refused, None), rows, file)
        findings += Findings((Notice(file, 0, "", str(error), DECLARE_CRS),))
    return placed, findings


def _placed(
    shapes: NDArray[np.object_], rows: NDArray[np.int64], crs: CRS, file: str, *, assumed: bool
) -> tuple[NDArray[np.object_], Findings]:
    places = fallen(shapes, crs)
    lost = lost_features(places, crs, assumed=assumed)
    mended = mend(shapes)
    findings = Findings(
        tuple(Notice(file, int(rows[at]), GEOMETRY, *told) for at, told in lost.items())
    ) + _refused(_told(mended.refused, crs), rows, file)
    placed = np.full(len(shapes), None, dtype=object)
    kept = [at for at in range(len(shapes)) if at not in lost and at not in mended.refused]
    if not kept:
        return placed, findings
    endless = _endless(mended.shapes[kept], rows[kept], crs, file)
    if endless.faults:
        return placed, findings + endless
    placed[kept], told = _surfaces(to_wgs84(mended.shapes[kept], crs))
    findings += _refused({kept[at]: why for at, why in told.items()}, rows, file)
    done = np.flatnonzero(~shapely.is_missing(placed))
    findings += _repaired(mended, shapes, placed, rows, crs, file)
    findings += _used_elsewhere(places.lonlat[done], rows[done], crs, file)
    return placed, findings + _imprecise(shapes[kept], crs, file)


def _told(flaws: Mapping[int, Flaw], crs: CRS | None) -> dict[int, str]:
    """Return what is wrong and near what place: in degrees, or as drawn when there is no way."""
    if not flaws:
        return {}
    drawn = np.array([(flaw.x, flaw.y) for flaw in flaws.values()])
    lonlat = np.full_like(drawn, np.inf) if crs is None else positions_to_wgs84(drawn, crs)
    return {
        at: f"{flaw.what}, près de {_spot(flaw, place)}"
        for (at, flaw), place in zip(flaws.items(), lonlat, strict=True)
    }


def _spot(flaw: Flaw, lonlat: NDArray[np.float64]) -> str:
    if np.isfinite(lonlat).all():
        return f"longitude {written_degrees(lonlat[0])}, latitude {written_degrees(lonlat[1])}"
    return f"x = {decimal(Fraction(flaw.x), 5)}, y = {decimal(Fraction(flaw.y), 5)}"


def _refused(told: Mapping[int, str], rows: NDArray[np.int64], file: str) -> Findings:
    return Findings(
        tuple(
            Notice(
                file,
                int(rows[at]),
                GEOMETRY,
                why,
                _REDRAW if why.startswith(NO_SURFACE) else _MEND,
            )
            for at, why in told.items()
        )
    )


def _endless(shapes: NDArray[np.object_], rows: NDArray[np.int64], crs: CRS, file: str) -> Findings:
    """Refuse edges so long that following them would need more points than a file may have."""
    longest = MAX_EDGE_M if crs.is_projected else 1.0
    lines = shapely.get_dimensions(shapes) == 1
    added = points_between(shapes, crs) + lines * shapely.length(shapes) / longest
    if added.sum() <= MAX_VERTICES:
        return Findings()
    row = int(rows[added.argmax()])
    message = f"arêtes démesurées : plus de {count(MAX_VERTICES, 'kilomètre')} bout à bout"
    return Findings((Notice(file, row, GEOMETRY, message, _SIMPLER),))


def _surfaces(placed: NDArray[np.object_]) -> tuple[NDArray[np.object_], dict[int, str]]:
    """Return WGS84 shapes valid there too; None, and why, where one has no surface left.

    Edges that graze each other on one plane may cross by a rounding on the other.
    """
    sound = placed.copy()
    told = {}
    surfaces = shapely.get_dimensions(placed) == SURFACE
    for at in np.flatnonzero(surfaces & ~shapely.is_valid(placed)).tolist():
        again = repair(placed[at])
        old, new = shapely.area(placed[at]), shapely.area(again)  # no surface: NaN
        sound[at] = again if abs(new - old) <= _SAME_SURFACE * old else None
        if sound[at] is None:
            told[at] = "polygone qui se recoupe une fois placé en WGS84"
    filled = np.flatnonzero(surfaces & ~shapely.is_missing(sound))
    for at in filled[geodesic_area_km2(sound[filled]) < _SMALLEST_KM2].tolist():
        sound[at] = None
        told[at] = f"{NO_SURFACE} ou presque : moins d’un mètre carré"
    return sound, told


def _repaired(
    mended: Mended,
    shapes: NDArray[np.object_],
    placed: NDArray[np.object_],
    rows: NDArray[np.int64],
    crs: CRS,
    file: str,
) -> Findings:
    done = [at for at in mended.repaired if placed[at] is not None]
    if not done:
        return Findings()
    flaws = _told({at: mended.repaired[at] for at in done}, crs)
    before, after = geodesic_area_km2(to_wgs84(shapes[done], crs)), geodesic_area_km2(placed[done])
    return Findings(
        (),
        tuple(
            Notice(
                file,
                int(rows[at]),
                GEOMETRY,
                f"{flaws[at]} : réparé, {_km2(old)} avant, {_km2(new)} après",
                _CHECK_MEND,
            )
            for at, old, new in zip(done, before, after, strict=True)
        ),
    )


def _km2(area: float) -> str:
    return f"{decimal(Fraction(float(area)), 4)} km²"


def _used_elsewhere(
    bounds: NDArray[np.float64], rows: NDArray[np.int64], crs: CRS, file: str
) -> Findings:
    if len(rows) and not is_registered(crs):
        message = (
            f"système de coordonnées « {crs_label(crs)} » dont la définition, propre au fichier, "
            "n’est celle d’aucun registre"
        )
        return Findings((), (Notice(file, 0, GEOMETRY, message, _CHECK_PLACE),))
    message = (
        f"dessiné dans le système {crs_label(crs)} hors de la région pour laquelle il est fait"
    )
    remedy = "vérifiez sa place sur la carte ; préférez la projection légale du lieu, ou EPSG:4326"
    outside = rows[~within_area_of_use(bounds, crs)]
    return Findings((), tuple(Notice(file, int(row), GEOMETRY, message, remedy) for row in outside))


def _imprecise(shapes: NDArray[np.object_], crs: CRS, file: str) -> Findings:
    accuracy = shift_accuracy_m(shapes, crs)
    if accuracy <= _WORTH_TELLING_M:
        return Findings()
    known = np.isfinite(accuracy)
    near = f"à {whole(round(accuracy))} m près" if known else "avec une précision inconnue"
    message = f"le passage du système {crs_label(crs)} à WGS84 se fait {near} sur cette machine"
    remedy = "exportez la couche en EPSG:4326 depuis QGIS, qui peut avoir une grille plus précise"
    return Findings((), (Notice(file, 0, GEOMETRY, message, remedy),))

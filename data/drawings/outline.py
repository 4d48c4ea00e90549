"""The outline of a perimeter as someone writes it: a vertex a line, or a GeoJSON pasted.

Rings are written one after the other, their last vertex not repeated. A line `partie` begins
another surface, a line `trou` a hole in the surface before it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import orjson
import shapely

from data.study.faults import Findings, count, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTLINE = "contour"
"""What the findings about a written outline call it."""

_PART, _HOLE = "partie", "trou"
_LEAST = 3
_NUMBER = r"([+-]?\d+(?:[.,]\d*)?(?:e[+-]?\d+)?)"
_POINTED = r"([+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?)"
_PAIRS = (
    re.compile(rf"{_NUMBER}(?:\s*;\s*|\s*,\s+|\s+){_NUMBER}"),
    # Between two numbers with points, a comma alone is no decimal sign.
    re.compile(rf"{_POINTED}\s*,\s*{_POINTED}"),
)
_WRITE_POSITIONS = (
    "écrire la longitude puis la latitude, en degrés, séparées par un espace : « 2.3522 48.8566 »"
)
_AS_ONE = "coller la géométrie d’un seul polygone, ou déposer le fichier"

_Ring = list[list[float]]


def read_outline(text: str) -> tuple[dict[str, Any] | None, Findings]:
    r"""Return the GeoJSON geometry that an outline writes, and all that is wrong line by line.

    Only how it is written is judged here: the reader of drawings judges the surface.

    Examples
    --------
    >>> read_outline("2 48\n2,5 48\n2;49")[0]["coordinates"]
    [[[2.0, 48.0], [2.5, 48.0], [2.0, 49.0], [2.0, 48.0]]]
    """
    if text.lstrip().startswith(("{", "[")):
        return _pasted(text)
    surfaces: list[list[_Ring]] = []
    faults = []
    for begun, mark, ring, told in _rings(text):
        faults += told
        if len(ring) < _LEAST and not told:
            found = f"{count(len(ring), 'sommet')} ; un contour en a trois au moins"
            faults.append(Notice(OUTLINE, begun, "", found, "ajouter des sommets"))
        if mark == _HOLE and not surfaces:
            remedy = "écrire d’abord le contour, puis le trou"
            faults.append(Notice(OUTLINE, begun, "", "trou qu’aucun contour n’entoure", remedy))
        elif mark == _HOLE:
            surfaces[-1].append(ring)
        else:
            surfaces.append([ring])
    if not surfaces and not faults:
        faults.append(Notice(OUTLINE, 0, "", "aucun sommet", _WRITE_POSITIONS))
    if faults:
        return None, Findings(tuple(faults))
    return _geometry([[_closed(ring) for ring in rings] for rings in surfaces]), Findings()


def outline_text(shape: shapely.Geometry) -> str:
    """Return the outline of a polygon or multipolygon as `read_outline` reads it back.

    Examples
    --------
    >>> print(outline_text(shapely.box(2, 48, 2.5, 49)))
    2.5 48.0
    2.5 49.0
    2.0 49.0
    2.0 48.0
    """
    parts = [_part_text(part) for part in shapely.get_parts(shape).tolist()]
    return f"\n{_PART}\n".join(parts)


def _part_text(part: shapely.Polygon) -> str:
    rings = [part.exterior, *part.interiors]
    return f"\n{_HOLE}\n".join(
        "\n".join(f"{x!r} {y!r}" for x, y in shapely.get_coordinates(ring)[:-1].tolist())
        for ring in rings
    )


def _rings(text: str) -> Iterator[tuple[int, str, _Ring, list[Notice]]]:
    """Yield each ring: line where it begins, what announces it, positions, unreadable lines."""
    begun, mark, ring = 1, _PART, _Ring()
    told: list[Notice] = []
    for number, line in enumerate(text.splitlines(), 1):
        word = line.strip().rstrip(" :").casefold()
        if word in (_PART, _HOLE):
            if ring or told or mark == _HOLE:
                yield begun, mark, ring, told
            begun, mark, ring, told = number, word, _Ring(), []
        elif word:
            position = _position(line.strip())
            if position is None:
                message = f"{quoted(line)} n’est pas une position"
                told.append(Notice(OUTLINE, number, "", message, _WRITE_POSITIONS))
            else:
                ring.append(position)
    if ring or told or mark == _HOLE:
        yield begun, mark, ring, told


def _position(line: str) -> list[float] | None:
    for pair in _PAIRS:
        found = pair.fullmatch(line)
        if found is not None:
            read = [float(number.replace(",", ".")) for number in found.groups()]
            return read if all(map(math.isfinite, read)) else None
    return None


def _closed(ring: _Ring) -> _Ring:
    return ring if ring[0] == ring[-1] and len(ring) > _LEAST else [*ring, ring[0]]


def _geometry(surfaces: list[list[_Ring]]) -> dict[str, Any]:
    if len(surfaces) == 1:
        return {"type": "Polygon", "coordinates": surfaces[0]}
    return {"type": "MultiPolygon", "coordinates": surfaces}


def _pasted(text: str) -> tuple[dict[str, Any] | None, Findings]:
    """Return the one geometry of a GeoJSON text."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None, _fault("GeoJSON coupé ou abîmé", "le coller en entier")
    if isinstance(document, dict) and "crs" in document:
        remedy = "l’exporter en EPSG:4326, ou déposer le fichier"
        return None, _fault("GeoJSON qui déclare un système de coordonnées", remedy)
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        listed = document.get("features")
        features = listed if isinstance(listed, list) else []
        if len(features) != 1:
            return None, _fault(f"{count(len(features), 'élément')} ; un seul est attendu", _AS_ONE)
        document = features[0]
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = document.get("geometry")
    if not isinstance(document, dict) or not isinstance(document.get("type"), str):
        return None, _fault("texte JSON qui n’est pas une géométrie GeoJSON", _AS_ONE)
    return document, Findings()


def _fault(message: str, remedy: str) -> Findings:
    return Findings((Notice(OUTLINE, 0, "", message, remedy),))

"""GeoJSON (RFC 7946, and the `crs` member of 2008) to a layer, no ring closed in silence."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from data.drawings.layer import (
    DECLARE_CRS,
    MAX_VERTICES,
    NO_GEOMETRY,
    NOT_NUMBERS,
    ONE_POSITION,
    PERIMETERS,
    SAVE_AGAIN,
    SHORT_RING,
    UNCLOSED,
    Layer,
    Wanted,
    fault,
    shaped,
    split_refusals,
    too_large,
)
from data.study.cells import Refusal
from data.study.faults import Findings, quoted
from geo.crs import declared_crs
from geo.errors import CrsError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

_RFC_CRS = "OGC:CRS84"
_BLOCK = 1 << 24
_BLANKS = b" \t\r\n"
_MAX_MARKS = 20_000_000
_RING_POINTS = 4
_MEMBERS = {"Polygon", "MultiPolygon", "GeometryCollection"}
_STANDS_FOR = {
    "Point": shapely.Point(),
    "MultiPoint": shapely.MultiPoint(),
    "LineString": shapely.LineString(),
    "MultiLineString": shapely.MultiLineString(),
}
"""Geometries that may be refused for their kind: their coordinates then need no look."""

_MADE_OF_POINTS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2}
"""How many lists deep the positions of each are."""


def read_geojson(
    content: bytes, file: str, wanted: Wanted = PERIMETERS
) -> tuple[Layer | None, Findings]:
    """Return the layer that a GeoJSON text holds, None when there is none to speak of."""
    plain = content.removeprefix(BOM_UTF8)
    size = _size(plain, file, wanted)
    if size.faults:
        return None, size
    document, findings = _parsed(plain, file)
    if findings.faults:
        return None, findings
    features, findings = _features(document, file)
    if features is None:
        return None, findings
    findings += too_large(file, features=len(features))
    if findings.faults:
        return None, findings
    crs, assumed, found = _crs(document, file)
    rows = np.arange(1, len(features) + 1)
    shapes, in_shapes = split_refusals((_shape(each, wanted) for each in features), rows, file)
    properties = [_properties(feature) for feature in features]
    names = tuple(dict.fromkeys(chain.from_iterable(properties)))
    values = {name: [each.get(name) for each in properties] for name in names}
    layer = Layer(crs, rows, shapes, names, values, crs_assumed=assumed)
    return layer, found + in_shapes


def _size(content: bytes, file: str, wanted: Wanted) -> Findings:
    """Refuse before parsing what would not hold in memory: brackets before a number are counted."""
    positions = marks = 0
    last = b""
    for start in range(0, len(content), _BLOCK):
        block = last + content[start : start + _BLOCK].translate(None, _BLANKS)
        codes = np.frombuffer(block, np.uint8)
        after = codes[1:][codes[:-1] == ord("[")]
        digit = (after >= ord("0")) & (after <= ord("9"))
        positions += int(np.count_nonzero(digit | (after == ord("-"))))
        marks += sum(block.count(mark) for mark in (b",", b"[", b"{"))
        last = block[-1:]
    if positions <= MAX_VERTICES and marks > _MAX_MARKS:
        return fault(file, f"fichier démesuré, qui n’est pas une couche de {wanted.things}")
    return too_large(file, vertices=positions)


def _parsed(content: bytes, file: str) -> tuple[Any, Findings]:
    try:
        return orjson.loads(content), Findings()
    except orjson.JSONDecodeError:
        return _parsed_slowly(content, file)


def _parsed_slowly(content: bytes, file: str) -> tuple[Any, Findings]:
    """Read NaN and Infinity, that JSON does not have, to tell where they stand; else say why."""
    try:
        return json.loads(content.decode()), Findings()
    except UnicodeDecodeError:
        return None, fault(file, "texte qui n’est pas en UTF-8, l’encodage du GeoJSON")
    except json.JSONDecodeError as error:
        where = f"illisible à partir de la ligne {error.lineno} du texte"
    except (RecursionError, ValueError):
        where = "trop imbriqué"
    return None, fault(file, f"fichier coupé ou abîmé : JSON {where}")


def _features(document: Any, file: str) -> tuple[list[Any] | None, Findings]:  # noqa: ANN401 - JSON
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "Feature":
        return [document], Findings()
    features = document.get("features") if kind == "FeatureCollection" else None
    if isinstance(features, list):
        return features, Findings()
    found = f"de type {quoted(kind)}" if isinstance(kind, str) else "sans type"
    message = f"JSON {found}, qui n’est pas une couche GeoJSON (FeatureCollection)"
    remedy = SAVE_AGAIN.replace("GeoPackage", "GeoJSON")
    return None, fault(file, message, remedy)


def _crs(document: dict[str, Any], file: str) -> tuple[CRS | None, bool, Findings]:
    """Return the system, whether the format alone says it, and what is wrong with it."""
    if "crs" not in document:
        return declared_crs(_RFC_CRS), True, Findings()
    member = document["crs"]
    inside = member.get("properties") if isinstance(member, dict) else None
    name = inside.get("name") if isinstance(inside, dict) else None
    if not isinstance(name, str):
        message = "membre « crs » qui ne nomme aucun système de coordonnées"
        return None, False, fault(file, message, DECLARE_CRS)
    try:
        return declared_crs(name), False, Findings()
    except CrsError as error:
        return None, False, fault(file, str(error), DECLARE_CRS)


def _properties(feature: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    inside = feature.get("properties") if isinstance(feature, dict) else None
    return inside if isinstance(inside, dict) else {}


def _shape(feature: Any, wanted: Wanted) -> shapely.Geometry | Refusal:  # noqa: ANN401 - JSON
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return Refusal("élément qui n’est pas de type « Feature »", SAVE_AGAIN)
    geometry = feature.get("geometry")
    if geometry is None:
        return NO_GEOMETRY
    built = _built(geometry, wanted)
    return built if isinstance(built, Refusal) else shaped(built, wanted)


def _built(geometry: Any, wanted: Wanted) -> shapely.Geometry | Refusal:  # noqa: ANN401 - JSON
    """Return the geometry written, collections flattened."""
    waiting, parts = [geometry], []
    while waiting:
        each = waiting.pop()
        kind = each.get("type") if isinstance(each, dict) else None
        members = each.get("geometries") if kind == "GeometryCollection" else None
        if isinstance(members, list):
            waiting += members[::-1]
            continue
        part = _single(kind, each, wanted)
        if isinstance(part, Refusal):
            return part
        parts.append(part)
    whole = parts[0] if len(parts) == 1 else shapely.GeometryCollection(parts)
    return whole if parts else NO_GEOMETRY


def _single(
    kind: object,
    geometry: Any,  # noqa: ANN401 - JSON
    wanted: Wanted,
) -> shapely.Geometry | Refusal:
    if not isinstance(kind, str) or kind not in _STANDS_FOR.keys() | _MEMBERS:
        found = quoted(kind) if isinstance(kind, str) else "absent"
        return Refusal(f"géométrie de type {found} ; {wanted.expected}", SAVE_AGAIN)
    if kind in _STANDS_FOR and wanted.polygons_only:
        return _STANDS_FOR[kind]
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list):
        return NO_GEOMETRY if coordinates is None else NOT_NUMBERS
    if not coordinates:
        return NO_GEOMETRY
    if kind in _STANDS_FOR:
        return _points_or_lines(kind, coordinates)
    polygons = [_polygon(each) for each in (coordinates if kind[0] == "M" else [coordinates])]
    refused = next((each for each in polygons if isinstance(each, Refusal)), None)
    return refused or shapely.multipolygons(polygons)


def _points_or_lines(kind: str, coordinates: list[Any]) -> shapely.Geometry | Refusal:
    runs = [coordinates]
    for _ in range(_MADE_OF_POINTS[kind] - 1):
        if set(map(type, runs)) - {list}:
            return NOT_NUMBERS
        runs = list(chain.from_iterable(runs))
    read = []
    for run in runs:
        positions = _positions([run] if kind == "Point" else run)
        if isinstance(positions, Refusal):
            return positions
        read.append(positions)
    if kind in ("Point", "MultiPoint"):
        return shapely.multipoints(np.concatenate(read))
    if min(map(len, read)) < 2:  # noqa: PLR2004 - both ends of a line
        return ONE_POSITION
    return shapely.multilinestrings([shapely.linestrings(each) for each in read])


def _polygon(rings: Any) -> shapely.Polygon | Refusal:  # noqa: ANN401 - JSON
    if not isinstance(rings, list):
        return NOT_NUMBERS
    read = [_ring(ring) for ring in rings]
    refused = next((each for each in read if isinstance(each, Refusal)), None)
    return refused or (shapely.Polygon(read[0], read[1:]) if read else shapely.Polygon())


def _ring(ring: Any) -> NDArray[np.float64] | Refusal:  # noqa: ANN401 - JSON
    """Return the positions of a ring, shape (positions, 2)."""
    if not isinstance(ring, list) or set(map(type, ring)) - {list}:
        return NOT_NUMBERS
    if len(ring) < _RING_POINTS:
        return SHORT_RING
    positions = _positions(ring)
    if isinstance(positions, Refusal):
        return positions
    return positions if (positions[0] == positions[-1]).all() else UNCLOSED


def _positions(run: Any) -> NDArray[np.float64] | Refusal:  # noqa: ANN401 - JSON
    """Return positions, shape (positions, 2)."""
    if not isinstance(run, list) or not run or set(map(type, run)) - {list}:
        return NOT_NUMBERS
    if set(map(type, chain.from_iterable(run))) - {int, float} or min(map(len, run)) < 2:  # noqa: PLR2004
        return NOT_NUMBERS
    try:
        positions = np.array([position[:2] for position in run], dtype=np.float64)
    except OverflowError:
        return NOT_NUMBERS
    return positions if np.isfinite(positions).all() else NOT_NUMBERS

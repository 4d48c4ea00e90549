"""Shapefile to a layer: pyshp reads its parts, held against one another beforehand.

Source: ESRI Shapefile Technical Description, July 1998.
"""

from __future__ import annotations

import struct
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapefile
import shapely

from data.drawings.dbf_tables import PYSHP_ERRORS, read_dbf
from data.drawings.layer import (
    DECLARE_CRS,
    NO_GEOMETRY,
    ONE_POSITION,
    PERIMETERS,
    SAVE_AGAIN,
    SHORT_RING,
    UNCLOSED,
    Layer,
    Wanted,
    fault,
    polygonal,
    refused_positions,
    shaped,
    split_refusals,
    too_large,
)
from data.study.cells import Refusal
from data.study.faults import Findings
from geo.crs import declared_crs
from geo.errors import CrsError, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray
    from pyproj import CRS

PARTS = ("shp", "shx", "dbf", "prj", "cpg")
"""Files that are read, the last one when it is there."""

_NEEDED = {
    "shx": "l’index des éléments",
    "dbf": "les attributs",
    "prj": "le système de coordonnées",
}
_WITH_PARTS = (
    "copiez-le aussi : .shp, .shx, .dbf et .prj vont ensemble ; le plus sûr est d’exporter en "
    "GeoPackage, un seul fichier"
)
_HEADER_BYTES = 100
_INDEX_BYTES = 8
_RECORD_HEADER_BYTES = 8
_BEFORE_PARTS = 52
_RING_POINTS = 4
_NULL = 0
_POLYGONS = {5: (0,), 15: (1, 2), 25: (0, 1)}
"""Shape type → how many values a vertex may have besides x and y; measures may be left out."""

_POINTS = {1: (20,), 11: (28, 36), 21: (28,)}
"""Shape type of one point → lengths that it may have."""

_MULTIPOINTS = {8: (0,), 18: (1, 2), 28: (0, 1)}
_LINES = {3: (0,), 13: (1, 2), 23: (0, 1)}
"""As `_POLYGONS`."""

_STANDS_FOR = {
    **dict.fromkeys((1, 11, 21), shapely.Point()),
    **dict.fromkeys((8, 18, 28), shapely.MultiPoint()),
    **dict.fromkeys((3, 13, 23), shapely.LineString()),
}
"""Shape types that may be refused for their kind."""

_SPOILT = Refusal("géométrie abîmée, illisible", SAVE_AGAIN)


class _Record(NamedTuple):
    """What a record announces; counts are those of polygons and lines, else mean nothing.

    Of several points, `rings` is their number.
    """

    start: int
    number: int
    length: int
    kind: int
    rings: int
    points: int

    @classmethod
    def announced(cls, shp: bytes, start: int) -> _Record:
        """Return the record that starts at a byte; its length is without its own header."""
        head = shp[start : start + _BEFORE_PARTS].ljust(_BEFORE_PARTS, b"\0")
        number, words = struct.unpack_from(">2I", head)
        return cls(start, number, 2 * words, *struct.unpack_from("<I32x2I", head, 8))


def read_shapefile(
    parts: Mapping[str, bytes], file: str, wanted: Wanted = PERIMETERS
) -> tuple[Layer | None, Findings]:
    """Return the layer of a shapefile, None when it cannot be trusted.

    Parameters
    ----------
    parts
        Extension, without its dot → content; `shp` at least.
    """
    findings = _missing(parts, file)
    crs, found = _crs(parts, file)
    findings += found
    if "shx" not in parts or "dbf" not in parts:
        return None, findings
    records, found = _records(parts["shp"], parts["shx"], file, wanted)
    if records is None:
        return None, findings + found
    page = parts.get("cpg", b"").decode("ascii", "replace").strip("\0 \r\n\ufffd")
    table, found = read_dbf(parts["dbf"], page, len(records), file, wanted)
    findings += found
    if table is None:
        return None, findings
    kept = (records[at] for at in table.kept)
    rows = table.kept + 1
    shapes, found = split_refusals(_shapes(parts["shp"], kept, wanted), rows, file)
    return Layer(crs, rows, shapes, table.names, table.values), findings + found


def _missing(parts: Mapping[str, bytes], file: str) -> Findings:
    return Findings(
        tuple(
            Notice(file, 0, "", f"fichier .{part} absent, qui porte {what}", _WITH_PARTS)
            for part, what in _NEEDED.items()
            if part not in parts
        )
    )


def _crs(parts: Mapping[str, bytes], file: str) -> tuple[CRS | None, Findings]:
    if "prj" not in parts:
        return None, Findings()
    try:
        return declared_crs(parts["prj"].decode(errors="replace").lstrip("\ufeff")), Findings()
    except CrsError as error:
        return None, fault(file, str(error), DECLARE_CRS)


def _records(
    shp: bytes, shx: bytes, file: str, wanted: Wanted
) -> tuple[list[_Record] | None, Findings]:
    """Return the records that the index lists, None when both files do not tell the same."""
    for part, content, step in (("shp", shp, 2), ("shx", shx, _INDEX_BYTES)):
        length = int.from_bytes(content[24:28], "big") * 2
        if not _HEADER_BYTES <= length == len(content) or (length - _HEADER_BYTES) % step:
            message = f"fichier .{part} coupé ou abîmé : sa taille n’est pas celle qu’il annonce"
            return None, fault(file, message)
    index = 2 * np.frombuffer(shx, ">u4", offset=_HEADER_BYTES).reshape(-1, 2).astype(np.int64)
    large = too_large(file, features=len(index))
    if large.faults:
        return None, large
    records = [_Record.announced(shp, start) for start in index[:, 0].tolist()]
    last = len(shp) - _RECORD_HEADER_BYTES
    whole = all(_HEADER_BYTES <= each.start <= last - each.length for each in records)
    alike = [each.length for each in records] == index[:, 1].tolist()
    if not (whole and alike and all(b.number - a.number == 1 for a, b in pairwise(records))):
        return None, fault(file, "fichiers .shp et .shx qui ne se correspondent pas")
    sound = (each for each in records if not _refusal(each, wanted))
    large = too_large(file, vertices=sum(map(_vertices, sound)))
    return (None if large.faults else records), large


def _vertices(record: _Record) -> int:
    if record.kind in _POINTS:
        return 1
    return record.rings if record.kind in _MULTIPOINTS else record.points


def _refusal(record: _Record, wanted: Wanted) -> Refusal | None:
    """Return why a record is not sound, None when it is as long as its vertices make it."""
    if record.kind in _STANDS_FOR and wanted.polygons_only:
        refused = polygonal(_STANDS_FOR[record.kind])
        return refused if isinstance(refused, Refusal) else None
    if record.kind not in (_NULL, *_POLYGONS, *_STANDS_FOR):
        return Refusal(f"géométrie de type {record.kind} ; {wanted.expected}", SAVE_AGAIN)
    if record.kind in _POINTS:
        return None if record.length in _POINTS[record.kind] else _SPOILT
    several = record.kind in _MULTIPOINTS
    counts = (record.rings,) if several else (record.rings, record.points)
    if record.kind == _NULL or 0 in counts:
        return NO_GEOMETRY
    points = _vertices(record)
    flat = 40 + 16 * points + (0 if several else 4 + 4 * record.rings)
    besides = (_MULTIPOINTS | _LINES | _POLYGONS)[record.kind]
    fits = record.length in (flat + number * (16 + 8 * points) for number in besides)
    return None if fits else _SPOILT


def _shapes(
    shp: bytes, records: Iterable[_Record], wanted: Wanted
) -> Iterator[shapely.Geometry | Refusal]:
    with BytesIO(shp) as stream:
        reader = shapefile.ShpReader(stream)
        for at, record in enumerate(records):
            refused = _refusal(record, wanted)
            try:
                shape = None if refused else reader.shape(at, record.start, record.length)
                yield refused or _shape(shape, record.kind, wanted)
            except PYSHP_ERRORS:
                yield _SPOILT


def _shape(shape: shapefile.Shape, kind: int, wanted: Wanted) -> shapely.Geometry | Refusal:
    if kind in _POLYGONS:
        return _polygon(shape)
    xy = np.array(shape.points)
    refused = refused_positions(xy)
    if refused is not None:
        return refused
    if kind not in _LINES:
        return shaped(shapely.multipoints(xy), wanted)
    firsts = np.array(shape.parts)
    sizes = np.diff(firsts, append=len(xy))
    if firsts[0] != 0 or (sizes < 0).any():
        return _SPOILT
    if (sizes < 2).any():  # noqa: PLR2004 - both ends of a line
        return ONE_POSITION
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(len(firsts)), sizes))
    return shaped(shapely.multilinestrings(lines), wanted)


def _polygon(shape: shapefile.Shape) -> shapely.Geometry | Refusal:
    xy, firsts = np.array(shape.points), np.array(shape.parts)
    sizes = np.diff(firsts, append=len(xy))
    if firsts[0] != 0 or (sizes < 0).any():
        return _SPOILT
    refused = refused_positions(xy)
    if refused is not None:
        return refused
    if (sizes < _RING_POINTS).any():
        return SHORT_RING
    if (xy[firsts] != xy[firsts + sizes - 1]).any():
        return UNCLOSED
    rings = shapely.linearrings(xy, indices=np.repeat(np.arange(len(firsts)), sizes))
    return polygonal(shapely.multipolygons(_assembled(rings)))


def _assembled(rings: NDArray[np.object_]) -> list[shapely.Polygon]:
    """Return polygons of rings: outer ones turn one way, holes the other.

    The standard says clockwise for outer rings; the largest ring, that no other can hold, says
    which way this writer took. A hole goes to the smallest outer ring around it; one that lies in
    none is a part drawn the wrong way. Overlaps that follow are judged with the other geometries.
    """
    shells = shapely.polygons(rings)
    areas = shapely.area(shells)
    turns = shapely.is_ccw(rings)
    outer = np.flatnonzero(turns == turns[areas.argmax()])
    inner = np.flatnonzero(turns != turns[areas.argmax()])
    holes: dict[int, list[shapely.LinearRing]] = {int(at): [] for at in outer}
    inside = shapely.point_on_surface(shells[inner])
    hole, around = shapely.STRtree(shells[outer]).query(inside, predicate="intersects")
    for at, ring in enumerate(inner.tolist()):
        candidates = outer[around[hole == at]]
        # The point may also lie on an island of the hole, which is smaller.
        candidates = candidates[areas[candidates] > areas[ring]]
        if len(candidates):
            holes[int(candidates[areas[candidates].argmin()])].append(rings[ring])
        else:
            holes[ring] = []
    return [shapely.Polygon(rings[at], within) for at, within in holes.items()]

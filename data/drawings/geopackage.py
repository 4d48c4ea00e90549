"""GeoPackage (OGC 12-128) to a layer, read in memory by the SQLite of Python.

Nothing is written beside the file, and no view, trigger or extension of it runs.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
import shapely

from data.drawings.layer import (
    CURVED,
    DECLARE_CRS,
    MAX_VERTICES,
    NO_GEOMETRY,
    NOT_NUMBERS,
    PERIMETERS,
    SAVE_AGAIN,
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
    from pyproj import CRS

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_VERSIONS_AT = 18
_LARGEST_PAGE = 65_536
_SURFACES = {
    *("POLYGON", "MULTIPOLYGON", "SURFACE", "CURVEPOLYGON", "MULTISURFACE"),
    *("GEOMETRY", "GEOMETRYCOLLECTION", "GEOMCOLLECTION"),
}
_CORRUPT = "fichier coupé ou abîmé : la base GeoPackage n’est pas lisible"
_CORRUPT_SHAPE = Refusal("géométrie abîmée, illisible", SAVE_AGAIN)
_VERTEX_BYTES = 64  # a vertex with its share of headers takes less, in whatever dimension
_FIRST_CURVE, _LAST_CURVE, _DIMENSIONS = 8, 14, 1000
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_EMPTY_FLAG = 0x10
_BLOB_HEADER = 8


@dataclass(frozen=True)
class _Listed:
    """One layer of the contents table."""

    name: str
    geometry: str
    kind: str
    srs: int


def read_geopackage(
    content: bytes, file: str, wanted: Wanted = PERIMETERS
) -> tuple[Layer | None, Findings]:
    """Return the layer that a GeoPackage holds, None when there is none to speak of."""
    if not _whole(content):
        return None, fault(file, "fichier coupé : des pages de la base GeoPackage manquent")
    with closing(sqlite3.connect(":memory:")) as base:
        try:
            base.deserialize(_journalless(content))
            base.execute("PRAGMA trusted_schema = OFF")
            return _read(base, file, wanted)
        except (sqlite3.Error, UnicodeDecodeError, OverflowError):
            return None, fault(file, _CORRUPT)


def _whole(content: bytes) -> bool:
    """Tell whether a database has all the pages of its header (SQLite file format, 1.3)."""
    if len(content) < _HEADER_BYTES or not content.startswith(_MAGIC):
        return False
    page = int.from_bytes(content[16:18], "big")
    page = _LARGEST_PAGE if page == 1 else page
    pages = int.from_bytes(content[28:32], "big")
    return page > 0 and len(content) % page == 0 and pages <= len(content) // page


def _journalless(content: bytes) -> bytes:
    """Return a database as read without its write-ahead log, that memory has no room for."""
    return content[:_VERSIONS_AT] + b"\1\1" + content[_VERSIONS_AT + 2 :]


def _read(base: sqlite3.Connection, file: str, wanted: Wanted) -> tuple[Layer | None, Findings]:
    listed, findings = _layer(base, file, wanted)
    if listed is None:
        return None, findings
    table, column = _name(listed.name), _name(listed.geometry)
    features, heavy = base.execute(
        f"SELECT count(*), total(length({column})) FROM {table}"  # noqa: S608 - quoted names
    ).fetchone()
    if heavy > MAX_VERTICES * _VERTEX_BYTES:
        # Far too many to be worth reading: a floor of their number, at 32 bytes a vertex, is told.
        return None, too_large(file, vertices=int(heavy // 32))
    findings = too_large(file, features=features)
    if findings.faults:
        return None, findings
    if base.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        return None, fault(file, _CORRUPT)
    return _features(base, listed, file, wanted)


def _features(
    base: sqlite3.Connection, listed: _Listed, file: str, wanted: Wanted
) -> tuple[Layer | None, Findings]:
    declared = {
        name: kind.upper()
        for _, name, kind, _, _, key in base.execute(f"PRAGMA table_info({_name(listed.name)})")
        if not key and name != listed.geometry
    }
    known = [name for name in declared if name.strip().lower() in wanted.columns]
    picked = ", ".join(map(_name, (listed.geometry, *known)))
    selected = f"SELECT {picked} FROM {_name(listed.name)} ORDER BY rowid"  # noqa: S608 - as above
    columns = list(zip(*base.execute(selected), strict=True)) or [()] * (1 + len(known))
    rows = np.arange(1, len(columns[0]) + 1)
    read = [_shape(blob, wanted) for blob in columns[0]]
    vertices = sum(shapely.get_num_coordinates(s) for s in read if not isinstance(s, Refusal))
    if vertices > MAX_VERTICES:
        return None, too_large(file, vertices=vertices)
    shapes, findings = split_refusals(read, rows, file)
    crs, found = _crs(base, listed, file)
    values = {
        name: _booleans(column) if declared[name].startswith("BOOL") else column
        for name, column in zip(known, columns[1:], strict=True)
    }
    return Layer(crs, rows, shapes, tuple(declared), values), found + findings


def _booleans(column: tuple[object, ...]) -> list[object]:
    return [value if value is None else bool(value) for value in column]


def _name(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _layer(base: sqlite3.Connection, file: str, wanted: Wanted) -> tuple[_Listed | None, Findings]:
    """Return the one layer to read, or what there is instead."""
    tables = {
        name.lower()
        for name, sql in base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if not str(sql).lstrip().upper().startswith("CREATE VIRTUAL")
    }
    if not {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} <= tables:
        return None, fault(file, "base SQLite sans couche géographique : pas un GeoPackage")
    every = [
        _Listed(*row)
        for row in base.execute(
            "SELECT c.table_name, g.column_name, upper(g.geometry_type_name), g.srs_id "
            "FROM gpkg_contents c JOIN gpkg_geometry_columns g "
            "ON lower(c.table_name) = lower(g.table_name) "
            "WHERE c.data_type = 'features' ORDER BY c.table_name"
        )
    ]
    listed = [layer for layer in every if layer.name.lower() in tables]
    named = [layer for layer in listed if layer.name.lower() == wanted.layer]
    drawn = [layer for layer in listed if layer.kind in _SURFACES or not wanted.polygons_only]
    chosen = named or drawn
    if len(chosen) == 1:
        return chosen[0], Findings()
    return None, _not_one(chosen, listed, file, wanted)


def _not_one(chosen: list[_Listed], listed: list[_Listed], file: str, wanted: Wanted) -> Findings:
    keep = f"exportez la seule couche des {wanted.things}, ou nommez-la {quoted(wanted.layer)}"
    if chosen:
        names = ", ".join(quoted(layer.name) for layer in chosen)
        kind = "couches de polygones" if wanted.polygons_only else "couches"
        message = f"{len(chosen)} {kind} : {names} ; une seule est attendue"
    elif listed:
        names = ", ".join(f"{quoted(layer.name)} ({layer.kind.lower()})" for layer in listed)
        message = f"aucune couche de polygones ; trouvé : {names}"
    else:
        message = "aucune couche géographique dans le GeoPackage"
    return fault(file, message, f"dans QGIS, {keep}")


def _crs(base: sqlite3.Connection, listed: _Listed, file: str) -> tuple[CRS | None, Findings]:
    found = base.execute(
        "SELECT organization, organization_coordsys_id, definition "
        "FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (listed.srs,),
    ).fetchone()
    if found is None or listed.srs in (-1, 0):  # the two undefined ones of the standard
        message = "aucun système de coordonnées n’est déclaré pour la couche"
        return None, fault(file, message, DECLARE_CRS)
    organization, code, definition = found
    registered = str(organization).upper() == "EPSG"
    try:
        return declared_crs(f"EPSG:{code}" if registered else str(definition)), Findings()
    except CrsError as error:
        return None, fault(file, str(error), DECLARE_CRS)


def _shape(blob: object, wanted: Wanted) -> shapely.Geometry | Refusal:
    """Return the shape of a GeoPackage geometry (OGC 12-128, 2.1.3)."""
    if blob is None:
        return NO_GEOMETRY
    if not isinstance(blob, bytes) or len(blob) < _BLOB_HEADER or not blob.startswith(b"GP"):
        return _CORRUPT_SHAPE
    if blob[3] & _EMPTY_FLAG:
        return NO_GEOMETRY
    header = _BLOB_HEADER + _ENVELOPES.get(blob[3] >> 1 & 0b111, len(blob))
    return _from_wkb(blob[header:], wanted)


def _from_wkb(wkb: bytes, wanted: Wanted) -> shapely.Geometry | Refusal:
    if _curved(wkb):
        return CURVED
    try:
        with np.errstate(invalid="ignore"):  # a NaN is told by `shaped`
            return shaped(shapely.from_wkb(wkb), wanted)
    except NotImplementedError:
        return CURVED
    except shapely.errors.ShapelyError as error:
        if "closed" not in str(error):
            return _CORRUPT_SHAPE
        return NOT_NUMBERS if _has_nan(wkb) else UNCLOSED


def _curved(wkb: bytes) -> bool:
    """Tell whether a geometry has arcs, by its type (ISO 13249-3, WKB)."""
    if len(wkb) < struct.calcsize("<BI"):
        return False
    kind = int.from_bytes(wkb[1:5], "little" if wkb[0] == 1 else "big") % _DIMENSIONS
    return _FIRST_CURVE <= kind <= _LAST_CURVE


def _has_nan(wkb: bytes) -> bool:
    """Tell a ring that NaN keeps open from one that was never closed."""
    return any(wkb.find(nan) >= 0 for nan in map(struct.pack, ("<d", ">d"), repeat(float("nan"))))

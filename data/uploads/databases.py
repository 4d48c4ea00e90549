"""GeoPackages from outside: opened in memory to be read, refused when they could do anything else.

The triggers that GIS programs lay in every GeoPackage (spatial index, count of features) are let
through by their names: nothing here writes, so that none ever runs.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from data.study.cells import Refusal
from data.study.faults import quoted
from data.uploads.names import shown_name

_VERSIONS_AT = 18
_USUAL_TRIGGERS = re.compile(
    r"rtree_.+|gpkg_.+|trigger_(?:insert|delete|update)_feature_count_.+|fti_.+", re.DOTALL
)
_NAME = r"(?:\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|\[[^\]]*\]|`[^`]*`|\w+)"
_USUAL_INDEX = re.compile(
    rf"\s*CREATE\s+VIRTUAL\s+TABLE\s+{_NAME}\s+USING\s+rtree\s*\(", re.IGNORECASE
)
_VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\b", re.IGNORECASE)
_MOST_OBJECTS = 10_000
_MAY_READ = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
)
_NEW_FILE = "dans QGIS, exportez la seule couche utile dans un GeoPackage neuf"
_CORRUPT = Refusal("GeoPackage coupé ou abîmé : la base n’est pas lisible", _NEW_FILE)


def database_refusals(content: bytes) -> list[Refusal]:
    """Return why a GeoPackage is not to be opened by a reader, from the objects it declares."""
    with closing(sqlite3.connect(":memory:")) as base:
        try:
            # Without its write-ahead log, that memory has no room for.
            base.deserialize(content[:_VERSIONS_AT] + b"\1\1" + content[_VERSIONS_AT + 2 :])
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA query_only = ON")
            base.set_authorizer(_authorize)
            objects = base.execute(
                "SELECT type, name, sql FROM sqlite_master ORDER BY type, name LIMIT ?",
                (_MOST_OBJECTS + 1,),
            ).fetchall()
        except (sqlite3.Error, UnicodeDecodeError, OverflowError):
            return [_CORRUPT]
    if len(objects) > _MOST_OBJECTS:
        return [Refusal("GeoPackage qui déclare des milliers d’objets", _NEW_FILE)]
    found = (_object_refusal(*map(str, each)) for each in objects)
    return [refusal for refusal in found if refusal is not None]


def _authorize(action: int, *_about: object) -> int:
    return sqlite3.SQLITE_OK if action in _MAY_READ else sqlite3.SQLITE_DENY


def _object_refusal(kind: str, name: str, sql: str) -> Refusal | None:
    shown = quoted(shown_name(name))
    if kind == "trigger" and not _USUAL_TRIGGERS.fullmatch(name.lower()):
        return Refusal(f"GeoPackage qui contient un déclencheur inhabituel : {shown}", _NEW_FILE)
    if kind == "view":
        return Refusal(f"GeoPackage qui contient une vue : {shown}", _NEW_FILE)
    if kind == "table" and _VIRTUAL.match(sql) and not _USUAL_INDEX.match(sql):
        message = f"GeoPackage qui contient une table virtuelle inhabituelle : {shown}"
        return Refusal(message, _NEW_FILE)
    return None

"""Shapefiles to break, one fault at a time, and how each fault must be told."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import broken_drawings as draw

if TYPE_CHECKING:
    from collections.abc import Callable


def shp(
    edit: Callable[[draw.Files], object] | None = None, data: draw.Files | None = None
) -> draw.Files:
    files = dict(data or draw.kept_files("shp"))
    if edit is not None:
        edit(files)
    return files


def parts(
    edit: Callable[[draw.Files], object], message: str, remedy: str, row: int = 0, column: str = ""
) -> tuple[draw.Files, draw.Expected]:
    return shp(edit), ("perimetres.shp", row, column, message, remedy)


def setting(part: str, content: Callable[[bytes], bytes]) -> Callable[[draw.Files], object]:
    """Return the edit of one part of a shapefile."""
    name = f"perimetres.{part}"
    return lambda files: files.update({name: content(files[name])})


def put(part: str, at: int, new: bytes) -> Callable[[draw.Files], object]:
    """Return the edit of some bytes of a part, counted from its end when negative."""
    return setting(part, lambda c: c[:at] + new + c[at + len(new) or len(c) :])


def kind(number: int, message: str, remedy: str) -> tuple[draw.Files, draw.Expected]:
    """Return a case whose second feature has that shape type."""
    return parts(put("shp", LAST, struct.pack("<I", number)), message, remedy, 2, "geometry")


LAST = -128
"""Where the last record of the shapes starts, without its header: one ring of five vertices."""

CASES: dict[str, tuple[draw.Files, draw.Expected]] = {
    "no .shx": parts(lambda f: f.pop("perimetres.shx"), "fichier .shx absent", "vont ensemble"),
    "no .dbf": parts(lambda f: f.pop("perimetres.dbf"), "fichier .dbf absent", "vont ensemble"),
    "no .prj": parts(lambda f: f.pop("perimetres.prj"), "fichier .prj absent", "vont ensemble"),
    ".shp cut": parts(setting("shp", lambda c: c[:-9]), "fichier .shp coupé", "GeoPackage"),
    ".shx cut": parts(setting("shx", lambda c: c[:-8]), "fichier .shx coupé", "GeoPackage"),
    ".dbf cut": parts(setting("dbf", lambda c: c[:-40]), ".dbf coupé", "GeoPackage"),
    ".dbf of another": parts(
        setting("dbf", lambda c: c[:4] + b"\1" + c[5:]), "1 lignes d’attributs pour 2", "QGIS"
    ),
    ".shx of another": parts(
        setting("shx", lambda c: c[:-1] + bytes([c[-1] - 8])), "ne se correspondent", "QGIS"
    ),
    ".prj local": parts(setting("prj", lambda _: draw.LOCAL.encode()), "« plan de ville »", "EPSG"),
    ".prj unknown": parts(setting("prj", lambda _: b"Lambert"), "« Lambert » inconnu", "EPSG"),
    "unknown encoding": parts(setting("cpg", lambda _: b"klingon"), "« klingon »", "GeoPackage"),
    "not that encoding": parts(
        setting("dbf", lambda c: c.replace("É".encode(), b"\xc9 ")),
        *("pas en UTF-8", "GeoPackage", 1, "structure_id"),
    ),
    "unclosed in a shapefile": parts(
        setting("shp", lambda c: c[:-16] + struct.pack("<2d", 650_000, 6_800_001)),
        *("non fermé", "Réparer", 2, "geometry"),
    ),
    ".shp longer than announced": parts(
        setting("shp", lambda c: c + bytes(4)), "fichier .shp coupé ou abîmé", "GeoPackage"
    ),
    ".shx with half an entry": parts(
        setting("shx", lambda c: c[:24] + struct.pack(">I", len(c) // 2 - 2) + c[28:-4]),
        *("fichier .shx coupé ou abîmé", "GeoPackage"),
    ),
    "index in another order": parts(
        setting("shx", lambda c: c[:100] + c[108:116] + c[100:108]), "ne se correspondent", "QGIS"
    ),
    "index twice to one record": parts(
        setting("shx", lambda c: c[:108] + c[100:108]), "ne se correspondent", "QGIS"
    ),
    "one vertex fewer": parts(
        put("shp", LAST + 40, b"\4"), "abîmée, illisible", "QGIS", 2, "geometry"
    ),
    "one ring more": parts(
        put("shp", LAST + 36, b"\2"), "abîmée, illisible", "QGIS", 2, "geometry"
    ),
    "no ring": parts(put("shp", LAST + 36, b"\0"), "absente ou vide", "supprimez", 2, "geometry"),
    "ring that starts late": parts(
        put("shp", LAST + 44, b"\1"), "abîmée, illisible", "QGIS", 2, "geometry"
    ),
    "NaN in a shapefile": parts(
        put("shp", LAST + 64, struct.pack("<d", float("nan"))), "nombres", "dess", 2, "geometry"
    ),
    "null shape": kind(0, "absente ou vide", "supprimez-le"),
    "point shape": kind(11, "de type point ;", "polygones"),
    "line shape": kind(3, "de type ligne ;", "polygones"),
    "points shape": kind(28, "de type points ;", "polygones"),
    "patches": kind(31, "de type 31 ;", "dans QGIS"),
    "polygon without its heights": kind(15, "abîmée, illisible", "dans QGIS"),
    ".dbf without fields": parts(
        setting("dbf", lambda c: c[:8] + b"\x21\0" + c[10:]),
        "champs ne se lisent pas",
        "GeoPackage",
    ),
    ".dbf field of no known type": parts(
        put("dbf", 43, b"X"), "champs ne se lisent pas", "GeoPackage"
    ),
    ".dbf field too short": parts(put("dbf", 48, b"\3"), "champs ne se lisent pas", "GeoPackage"),
    ".dbf records a byte late": parts(
        setting("dbf", lambda c: c[:8] + bytes([c[8] + 1]) + c[9:]),
        *("champs ne se lisent pas", "GeoPackage"),
    ),
    ".dbf record marked otherwise": parts(
        setting("dbf", lambda c: c[: c[8]] + b"!" + c[c[8] + 1 :]),
        *("champs ne se lisent pas", "GeoPackage"),
    ),
    "shapefile without .prj in an archive": draw.zipped(
        draw.archive(
            *[(f"x/{name}", content) for name, content in shp().items() if "prj" not in name]
        ),
        *("fichier .prj absent", "vont ensemble"),
    ),
}

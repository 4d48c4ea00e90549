"""What a received file is, told by its content; its name only says what it should be."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import TYPE_CHECKING

import numpy as np

from coverage.wording import whole
from data.study.cells import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEXT, JSON, JSON_LIST, EMPTY = "text", "json", "json_list", "empty"
ZIP, SQLITE, PARQUET, SHAPEFILE, DBASE = "zip", "sqlite", "parquet", "shapefile", "dbase"

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"SQLite format 3\0", SQLITE),
    (b"PAR1", PARQUET),
    (b"\x00\x00\x27\x0a", SHAPEFILE),
    (bytes.fromhex("d0cf11e0a1b11ae1"), "ole"),
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"\x1f\x8b", "compressed"),
    (b"7z\xbc\xaf\x27\x1c", "compressed"),
    (b"Rar!\x1a\x07", "compressed"),
    (b"BZh", "compressed"),
    (b"\xfd7zXZ\0", "compressed"),
    (b"\x28\xb5\x2f\xfd", "compressed"),
    (b"MZ\x90\0", "program"),
    (b"\x7fELF", "program"),
)
_FOUND: Mapping[str, str] = {
    TEXT: "du texte",
    JSON: "du JSON",
    JSON_LIST: "du JSON",
    EMPTY: "un fichier vide",
    ZIP: "une archive zip ou un classeur",
    SQLITE: "une base SQLite ou GeoPackage",
    PARQUET: "un fichier Parquet",
    SHAPEFILE: "un Shapefile",
    "ole": "un document Office 97-2003, ou protégé par un mot de passe",
    "pdf": "un PDF",
    "image": "une image",
    "compressed": "une archive d’un autre format que zip",
    "program": "un programme",
    "xml": "une page HTML ou XML",
    "binary": "un contenu qui n’est pas du texte",
}
_EXPECTED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "csv": ("une table CSV", (TEXT, EMPTY)),
    "toml": ("un texte TOML", (TEXT, JSON_LIST, EMPTY)),
    "txt": ("du texte", (TEXT, JSON_LIST, EMPTY)),
    "json": ("du JSON", (JSON, JSON_LIST)),
    "geojson": ("du GeoJSON", (JSON,)),
    "xlsx": ("un classeur .xlsx", (ZIP,)),
    "zip": ("une archive zip", (ZIP,)),
    "gpkg": ("un GeoPackage", (SQLITE,)),
    "parquet": ("un fichier Parquet", (PARQUET,)),
    "shp": ("un Shapefile", (SHAPEFILE,)),
    "shx": ("l’index d’un Shapefile", (SHAPEFILE,)),
    "dbf": ("la table d’un Shapefile", (DBASE,)),
    "prj": ("le système de coordonnées d’un Shapefile", (TEXT,)),
    "cpg": ("le codage d’un Shapefile", (TEXT, EMPTY)),
}
READ = frozenset(_EXPECTED)
"""Extensions of the files that a study may hold."""

_DBASE_VERSIONS = bytes.fromhex("0203040530313243638b8ecbf5fb83e5")
_DBASE_HEADER = 32
_UTF16 = (BOM_UTF16_LE, BOM_UTF16_BE)
_CLOSED = {b"{": (b"}", JSON), b"[": (b"]", JSON_LIST)}
_HEAD = 4096
_BLOCK = 1 << 20
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_TRUE_NAME = "enregistrez-le de nouveau dans ce format, ou donnez-lui l’extension de ce qu’il est"


def extension_of(path: str) -> str:
    """Return the extension of a file in small letters, empty when it has none."""
    return path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path else ""


def mistaken(content: bytes, extension: str) -> Refusal | None:
    """Return why a content is not what an extension of `READ` announces."""
    expected, kinds = _EXPECTED[extension]
    found = _dbase(content) if extension == "dbf" else sniff(content)
    if found in kinds:
        return None
    message = f"contenu qui n’est pas {expected} : c’est {_FOUND[found]}"
    return Refusal(message, _TRUE_NAME)


def sniff(content: bytes) -> str:
    """Return the kind of a content, from its first bytes and, for JSON, its last one."""
    for start, kind in _SIGNATURES:
        if content.startswith(start):
            return kind
    if not content.strip(b"\0"):
        return EMPTY
    return TEXT if content.startswith(_UTF16) else _sniffed_text(content)


def _sniffed_text(content: bytes) -> str:
    head = content[:_HEAD].removeprefix(BOM_UTF8).lstrip()
    if b"\0" in head:
        return "binary"
    if head.startswith(b"<"):
        return "xml"
    last, kind = _CLOSED.get(head[:1], (b"", TEXT))
    return kind if content[-_HEAD:].rstrip().endswith(last) else TEXT


def _dbase(content: bytes) -> str:
    """Tell a dBase table by its version: its first byte alone is its signature."""
    known = content[:1] and content[0] in _DBASE_VERSIONS and len(content) >= _DBASE_HEADER
    return DBASE if known else sniff(content)


def too_nested(content: bytes, most: int) -> Refusal | None:
    """Return why a JSON text is refused before it is parsed: lists and objects too deep."""
    deepest = max(_depths(content), default=0)
    if deepest <= most:
        return None
    message = f"JSON de plus de {whole(most)} niveaux imbriqués"
    return Refusal(message, "exportez de nouveau la couche ou les données")


def _depths(content: bytes) -> Iterator[int]:
    """Give the greatest depth of each block, brackets inside texts left out."""
    depth, in_text, pending = 0, False, b""
    for at in range(0, len(content), _BLOCK):
        block = pending + content[at : at + _BLOCK]
        odd = (len(block) - len(block.rstrip(b"\\"))) % 2
        pending = block[len(block) - odd :]
        plain = _ESCAPED.sub(b"  ", block[: len(block) - odd]) if b"\\" in block else block
        codes = np.frombuffer(plain, np.uint8)
        inside = (np.cumsum(codes == ord('"')) + in_text) % 2 == 1
        opened = (codes == ord("[")) | (codes == ord("{"))
        closed = (codes == ord("]")) | (codes == ord("}"))
        steps = (opened.astype(np.int32) - closed) * ~inside
        levels = depth + np.cumsum(steps)
        if len(levels):
            yield int(levels.max())
            depth, in_text = int(levels[-1]), bool(inside[-1])

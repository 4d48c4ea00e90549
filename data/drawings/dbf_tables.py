"""Attributes of a shapefile: its dBASE table, that pyshp cuts into cells, to texts and numbers."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import shapefile

from data.drawings.layer import PERIMETERS, Wanted, fault
from data.study.cells import Refusal
from data.study.faults import Findings, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

PYSHP_ERRORS = (shapefile.ShapefileException, struct.error, ValueError, LookupError)
"""What the library raises of files that it cannot read."""

_HEADER = struct.Struct("<4xIHH17xB2x")
_NAME_LENGTH = 10
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_CODE_PAGES = {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x57: "cp1252"}
_ENCODINGS = {
    **dict.fromkeys(("utf8", "65001"), "utf-8"),
    **dict.fromkeys(("1252", "cp1252", "windows1252", "ansi1252"), "cp1252"),
    **dict.fromkeys(("88591", "iso88591", "latin1"), "iso8859-1"),
    **dict.fromkeys(("885915", "iso885915", "latin9"), "iso8859-15"),
    **dict.fromkeys(("437", "cp437", "oem437"), "cp437"),
    **dict.fromkeys(("850", "cp850", "oem850"), "cp850"),
    "ascii": "ascii",
}
_AS_GPKG = "dans QGIS, exportez la couche en GeoPackage, qui n’a pas ces limites"


@dataclass(frozen=True)
class DbfTable:
    """Attributes of the features that the file still shows.

    Attributes
    ----------
    names
        In file order; those cut to ten characters are completed.
    values
        Known attribute → `str`, `Decimal`, `bool`, `bytes` (no text), `Refusal` (not in that
        encoding) or None, one a feature.
    kept
        Place of each feature among all records, deleted ones included, from 0, shape (features,).
    """

    names: tuple[str, ...]
    values: Mapping[str, list[object]]
    kept: NDArray[np.int64]


def read_dbf(
    content: bytes, page: str, expected: int, file: str, wanted: Wanted = PERIMETERS
) -> tuple[DbfTable | None, Findings]:
    """Return the attributes of a shapefile, None when they cannot be read.

    Parameters
    ----------
    page
        What the `.cpg` file says of the encoding; empty when there is none.
    expected
        Number of records in the other parts.
    file
        Name of the shapefile, for messages.
    """
    number, start, width, driver = _HEADER.unpack(content[: _HEADER.size].ljust(_HEADER.size))
    rows = content[start : start + number * width]
    if len(content) < _HEADER.size or not width or len(rows) < number * width:
        message = "fichier .dbf coupé ou abîmé : il annonce plus d’éléments qu’il n’en a"
        return None, fault(file, message, _AS_GPKG)
    if number != expected:
        message = f"{number} lignes d’attributs pour {expected} géométries"
        return None, fault(file, f"fichier .dbf d’un autre jeu : {message}")
    encoding, findings = _encoding(page, driver, rows, file)
    try:
        names, table = _table(content, encoding, wanted.columns)
    except PYSHP_ERRORS:
        message = "fichier .dbf abîmé : ses champs ne se lisent pas"
        return None, findings + fault(file, message, _AS_GPKG)
    return table, findings + _cut_names(names, table.names, file)


def _encoding(page: str, driver: int, rows: bytes, file: str) -> tuple[str, Findings]:
    """Return how the texts are encoded: as the `.cpg` says, else the table, else as they read."""
    if page:
        key = "".join(char for char in page.lower() if char.isalnum())
        if key in _ENCODINGS:
            return _ENCODINGS[key], Findings()
        message = f"encodage {quoted(page)} inconnu, annoncé par le fichier .cpg"
        return "cp1252", fault(file, message, _AS_GPKG)
    told = _CODE_PAGES.get(driver, "")
    if told or rows.isascii():
        return told or "ascii", Findings()
    try:
        # Two bytes of an accent in UTF-8 hardly ever are two letters side by side.
        rows.decode()
        encoding, label = "utf-8", "UTF-8"
    except UnicodeDecodeError:
        encoding, label = "cp1252", "Windows-1252"
    message = f"textes lus en {label} : aucun fichier .cpg ne dit leur encodage"
    remedy = f"vérifiez les accents ; {_AS_GPKG}"
    return encoding, Findings((), (Notice(file, 0, "", message, remedy),))


def _table(content: bytes, encoding: str, columns: Sequence[str]) -> tuple[list[str], DbfTable]:
    """Return the names as written, and the table.

    The library rounds numbers and drops those it cannot read, so it reads every field as a text;
    bytes that do not decode stay as surrogates, so that their cell is refused alone.
    """
    number, start, width, _ = _HEADER.unpack_from(content)
    marks = content[start : start + number * width : width]
    with BytesIO(content) as stream:
        reader = shapefile.DbfReader(stream, encoding=encoding, encodingErrors="surrogateescape")
        fields = reader.data_fields
        after = _HEADER.size * (1 + len(fields)) + 1
        filled = fields and 1 + sum(field.size for field in fields) == width
        if not filled or content[after:start].strip(b"\0") or set(marks) - set(b" *"):
            raise ValueError("records that the library would read aside, or take for deleted")
        names = [_name(field.name, encoding) for field in fields]
        whole = [_completed(name, names, columns) for name in names]
        known = [at for at, name in enumerate(whole) if name.strip().lower() in columns]
        reader.fields[1:] = [field._replace(field_type="C") for field in fields]
        wanted = [fields[at].name for at in known]
        records = list(reader.iterRecords(wanted, deleted_as_None=True))
    kept = [at for at, record in enumerate(records) if record is not None]
    values = {
        whole[at]: [_value(records[row][i], fields[at].field_type, encoding) for row in kept]
        for i, at in enumerate(known)
    }
    return names, DbfTable(tuple(whole), values, np.array(kept, np.int64))


def _name(name: str, encoding: str) -> str:
    """Return the name of a field up to its first null byte, bytes that do not decode replaced."""
    return name.partition("\0")[0].encode(encoding, "surrogateescape").decode(encoding, "replace")


def _completed(name: str, names: Sequence[str], columns: Sequence[str]) -> str:
    """Return a name made whole when it was cut to ten characters and only one name fits."""
    low, taken = name.strip().lower(), {each.strip().lower() for each in names}
    whole = [known for known in columns if known.startswith(low) and known not in taken]
    cut = len(low) == _NAME_LENGTH and low not in columns
    return whole[0] if cut and len(whole) == 1 else name


def _cut_names(names: Sequence[str], whole: Sequence[str], file: str) -> Findings:
    why = "le format Shapefile coupe les noms à dix caractères"
    cut = [(old, new) for old, new in zip(names, whole, strict=True) if old != new]
    messages = [(new, f"champ {quoted(old)} lu comme {quoted(new)} : {why}") for old, new in cut]
    return Findings((), tuple(Notice(file, 0, *told, _AS_GPKG) for told in messages))


def _value(cell: str, kind: str, encoding: str) -> object:
    text = cell.strip(" \0")
    try:
        text.encode()
    except UnicodeEncodeError:
        message = f"texte qui n’est pas en {encoding.upper()}, l’encodage de la couche"
        return Refusal(message, _AS_GPKG)
    if kind in "NF":
        return _number(text.strip())
    if kind == "L":
        return None if text in ("", "?") else text in tuple("TtYy")
    if kind == "D":
        return _DATE.sub(r"\1-\2-\3", text)
    return text.encode() or None if kind == "M" else text


def _number(text: str) -> Decimal | str | None:
    """Return a number; stars stand for none, anything else is left for the reader to refuse."""
    if not text.strip("*"):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return number if number.is_finite() else text

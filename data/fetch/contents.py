"""The columns that a received file holds, whatever its format, read from its beginning."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from data.reference.sources import DeclaredSource

_HEAD_BYTES = 8_000_000
_TAIL_BYTES = 64
_RECORDS = 100
_HEADER_ROWS = 40
_SEPARATORS = ";,\t|"
_LIST_OF_OBJECTS = re.compile(r"\[\s*\{")
_BETWEEN = " \t\r\n,"
_SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
_UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    pa.ArrowException,
    CalamineError,
    csv.Error,
)


def columns_found(stream: BinaryIO, source: DeclaredSource) -> tuple[str, ...]:
    """Return the names of the columns or fields of a file; none when its format hides them.

    Raises
    ------
    DataUnavailableError
        When the content is not of the format that the name of the file announces.
    """
    return _read(stream, source.file, source)


def matching(names: Sequence[str], pattern: str) -> str:
    """Return the first name that a declared member stands for, empty when there is none."""
    return next((name for name in names if fnmatchcase(name, pattern)), "")


def _read(stream: BinaryIO, name: str, source: DeclaredSource) -> tuple[str, ...]:
    suffix = PurePosixPath(name).suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        return ()
    try:
        return tuple(reader(stream, source))
    except DataUnavailableError:
        raise
    except _UNREADABLE as error:
        raise DataUnavailableError(
            f"contenu illisible, ce n’est pas un fichier {suffix} entier ({error}) ; relancez, ou "
            "vérifiez l’adresse"
        ) from error


def _csv(stream: BinaryIO, _source: DeclaredSource) -> list[str]:
    head = stream.read(_HEAD_BYTES)
    try:
        line = head.split(b"\n", 1)[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        line = head.split(b"\n", 1)[0].decode("cp1252", "replace")
    separator = max(_SEPARATORS, key=line.count)
    row = next(csv.reader(io.StringIO(line.rstrip("\r")), delimiter=separator), [])
    return [name.strip() for name in row if name.strip()]


def _parquet(stream: BinaryIO, _source: DeclaredSource) -> list[str]:
    return list(pq.read_schema(stream).names)


def _json(stream: BinaryIO, _source: DeclaredSource) -> list[str]:
    """Return the fields of the first records, or the attributes of the first features."""
    head = stream.read(_HEAD_BYTES)
    stream.seek(max(0, stream.seek(0, io.SEEK_END) - _TAIL_BYTES))
    if not stream.read().rstrip().endswith((b"]", b"}")):
        raise ValueError("la fin manque")
    fields: dict[str, None] = {}
    for record in _records(head.decode("utf-8-sig", "ignore")):
        properties = record.get("properties")
        fields |= dict.fromkeys(properties if isinstance(properties, dict) else record)
    return list(fields)


def _records(text: str) -> Iterator[dict[str, Any]]:
    start = _LIST_OF_OBJECTS.search(text)
    if start is None:
        raise ValueError("aucune liste d’éléments")
    decoder, at = json.JSONDecoder(), start.end() - 1
    for _ in range(_RECORDS):
        if not text.startswith("{", at):
            return
        try:
            record, at = decoder.raw_decode(text, at)
        except ValueError:
            # The beginning that is read ends inside this record.
            return
        yield record
        while at < len(text) and text[at] in _BETWEEN:
            at += 1


def _workbook(stream: BinaryIO, source: DeclaredSource) -> list[str]:
    """Return the row, among the first ones, that holds most of the expected columns."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(stream.read()))
    sheet = source.sheet or book.sheet_names[0]
    if sheet not in book.sheet_names:
        raise DataUnavailableError(
            f"feuille « {sheet} » absente ; feuilles reçues : {', '.join(book.sheet_names)}"
        )
    rows = [
        [str(cell).strip() for cell in row if str(cell).strip()]
        for row in book.get_sheet_by_name(sheet).to_python(nrows=_HEADER_ROWS)
    ]
    expected = set(source.columns)
    return max(rows, key=lambda row: (len(expected.intersection(row)), len(row)), default=[])


def _archive(stream: BinaryIO, source: DeclaredSource) -> tuple[str, ...]:
    with zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        found = [matching(names, pattern) for pattern in source.members]
        if "" in found:
            missing = [p for p, name in zip(source.members, found, strict=True) if not name]
            raise DataUnavailableError(
                f"il manque {', '.join(missing)} dans l’archive ; reçu : {', '.join(names[:10])}"
            )
        spoilt = archive.testzip()
        if spoilt:
            raise DataUnavailableError(f"archive abîmée : « {spoilt} » n’en sort pas ; relancez")
        if not found:
            return ()
        with archive.open(found[0]) as member:
            return _read(io.BytesIO(member.read()), found[0], source)


def _seven_zip(stream: BinaryIO, _source: DeclaredSource) -> list[str]:
    """Recognise the archive only: nothing of the program unpacks it."""
    if stream.read(len(_SEVEN_ZIP)) != _SEVEN_ZIP:
        raise ValueError("ce n’est pas une archive 7z")
    return []


_READERS: dict[str, Callable[[BinaryIO, DeclaredSource], Sequence[str]]] = {
    ".csv": _csv,
    ".json": _json,
    ".geojson": _json,
    ".parquet": _parquet,
    ".xlsx": _workbook,
    ".zip": _archive,
    ".7z": _seven_zip,
}
FORMATS = tuple(_READERS)
"""Extensions of the files that may be declared."""

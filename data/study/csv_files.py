"""CSV files as spreadsheets write them: bytes to a table of text cells."""

from __future__ import annotations

import csv
import io
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from data.study.faults import Findings
from data.study.text_tables import TextTable, from_records
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIMITERS = (";", "\t", ",")
"""Accepted delimiters; of two that cut the header equally, the first wins."""

_AS_UTF8 = "dans le tableur : Enregistrer sous, type « CSV UTF-8 »"


def read_csv(content: bytes, file: str) -> tuple[TextTable | None, Findings]:
    """Return the table that a CSV file holds, None when it cannot be read at all.

    A record is one spreadsheet line, whatever line breaks its quoted cells hold.

    Parameters
    ----------
    file
        Name relative to the study folder, for messages.
    """
    text, findings = decode(content, file)
    if text is None:
        return None, findings
    records, fault_at = _records(text, sniff_delimiter(text))
    if fault_at:
        message = "guillemets mal fermés, ou cellule démesurée"
        remedy = "doublez les guillemets à l’intérieur d’une cellule, et fermez-la"
        return None, findings + Findings((Notice(file, fault_at, "", message, remedy),))
    table, more = from_records(records, file)
    return table, findings + more


def decode(content: bytes, file: str) -> tuple[str | None, Findings]:
    """Return the text of a file: UTF-8, else Windows-1252 with a warning; composed (NFC)."""
    if b"\0" in content or content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        message = "octets nuls : texte en UTF-16, ou fichier qui n’est pas du texte"
        return None, Findings((Notice(file, 0, "", message, _AS_UTF8),))
    plain = content.removeprefix(BOM_UTF8)
    try:
        return unicodedata.normalize("NFC", plain.decode()), Findings()
    except UnicodeDecodeError as error:
        row = plain.count(b"\n", 0, error.start) + 1
    if content.startswith(BOM_UTF8):
        message = "texte annoncé en UTF-8 mais qui n’en est pas"
        return None, Findings((Notice(file, row, "", message, _AS_UTF8),))
    try:
        text = unicodedata.normalize("NFC", content.decode("cp1252"))
    except UnicodeDecodeError:
        message = "encodage inconnu : ni UTF-8, ni Windows-1252"
        return None, Findings((Notice(file, row, "", message, _AS_UTF8),))
    warning = Notice(
        file,
        0,
        "",
        "texte lu en Windows-1252, faute d’être en UTF-8",
        f"vérifiez les accents, ou {_AS_UTF8}",
    )
    return text, Findings((), (warning,))


def sniff_delimiter(text: str) -> str:
    r"""Return the delimiter that cuts the header, the first line not blank, in most cells.

    >>> sniff_delimiter("a,b\n1;2"), sniff_delimiter("a\tb")
    (',', '\t')
    """
    return max(DELIMITERS, key=lambda delimiter: len(_header(text, delimiter)))


def _header(text: str, delimiter: str) -> list[str]:
    try:
        return next((row for row in _reader(text, delimiter) if _says_something(row)), [])
    except csv.Error:
        return []


def _says_something(row: list[str]) -> bool:
    others = "".join(DELIMITERS)
    return any(cell.strip().strip(others).strip() for cell in row)


def _records(text: str, delimiter: str) -> tuple[pa.ListArray, int]:
    """Return every record, and the line of the first one that cannot be read (0: none)."""
    if '"' not in text:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return pc.split_pattern(pa.array(lines, pa.string()), delimiter), 0
    records: list[list[str]] = []
    try:
        records.extend(_reader(text, delimiter))
    except csv.Error:
        return None, len(records) + 1
    return pa.array(records, pa.list_(pa.string())), 0


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)

"""CSV files as spreadsheets write them: bytes to a table of text cells."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from data.study.cells import NUMBERS
from data.study.faults import COMPARE, MAYBE_CUT, Findings, quoted
from data.study.text_tables import (
    HEADER_WITHIN,
    TextTable,
    find_header,
    from_records,
    header_names,
)
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.study.tables import Table

DELIMITERS = (";", "\t", ",")
"""Accepted delimiters; of two that cut the header equally, the first wins."""

_DECLARED = re.compile(r"[ \t]*\"?sep=(.)\"?[;,\t ]*(?:\r\n|\r|\n|$)", re.IGNORECASE)
"""First line by which a file tells Excel its delimiter; no spreadsheet shows it as a line."""

_AS_UTF8 = "dans le tableur : Enregistrer sous, type « CSV UTF-8 »"


def read_csv(
    content: bytes, file: str, table: Table | None = None
) -> tuple[TextTable | None, Findings]:
    """Return the table that a CSV file holds, None when it cannot be read at all.

    A record is one spreadsheet line, whatever line breaks its quoted cells hold.

    Parameters
    ----------
    file
        Name relative to the study folder, for messages.
    table
        Whose columns tell the header from titles above it; None: the first filled line.
    """
    text, findings = decode(content, file)
    if text is None:
        return None, findings
    delimiter, body = declared_delimiter(text)
    records, fault_at = _records(body, delimiter or sniff_delimiter(body, table))
    if fault_at:
        message = "guillemets mal fermés, ou cellule démesurée"
        remedy = "doublez les guillemets à l’intérieur d’une cellule, et fermez-la"
        return None, findings + Findings((Notice(file, fault_at, "", message, remedy),))
    read, more = from_records(records, file, table)
    findings += more
    if read is not None and table is not None and not body.endswith(("\n", "\r", '"')):
        findings += _perhaps_cut(records, read, table)
    return read, findings


def _perhaps_cut(records: pa.ListArray, read: TextTable, table: Table) -> Findings:
    """Warn of a number that ends the file without a line break: it may have lost its end.

    Of texts and codes nothing is said: one cut short is unknown elsewhere, or harms no sum.
    """
    last = records[-1].as_py()
    names, lines = read.cells.columns, read.cells.index
    whole = len(last) == len(names) and len(lines) and lines[-1] == len(records)
    kinds = {column.name: column.kind for column in table.columns}
    if not whole or kinds.get(names[-1]) not in NUMBERS:
        return Findings()
    shown = quoted(last[-1]) if last[-1].strip() else "vide"
    message = f"fichier qui finit sans retour à la ligne : sa dernière valeur, {shown}, {MAYBE_CUT}"
    return Findings((), (Notice(read.file, len(records), names[-1], message, COMPARE),))


def decode(content: bytes, file: str) -> tuple[str | None, Findings]:
    """Return the text of a file: UTF-8, else Windows-1252 with a warning; composed (NFC)."""
    if b"\0" in content or content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        message = "octets nuls : texte en UTF-16, ou fichier qui n’est pas du texte"
        return None, Findings((Notice(file, 0, "", message, _AS_UTF8),))
    plain = content.removeprefix(BOM_UTF8)
    try:
        return unicodedata.normalize("NFC", plain.decode()), Findings()
    except UnicodeDecodeError as error:
        row = len(re.findall(rb"\r\n|\r|\n", plain[: error.start])) + 1
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


def declared_delimiter(text: str) -> tuple[str, str]:
    """Return the delimiter that a first line `sep=;` declares, and the text after that line."""
    match = _DECLARED.match(text)
    if match is None:
        return "", text
    return (match[1] if match[1] in DELIMITERS else ""), text[match.end() :]


def sniff_delimiter(text: str, table: Table | None = None) -> str:
    r"""Return the delimiter that cuts the header in most column names, then in most cells.

    >>> sniff_delimiter("a,b\n1;2"), sniff_delimiter("a\tb")
    (',', '\t')
    """
    known = {column.name for column in table.columns} if table else set()

    def names_and_cells(delimiter: str) -> tuple[int, int]:
        names = _header(text, delimiter, table)
        return len(known.intersection(names)), len(names)

    return max(DELIMITERS, key=names_and_cells)


def _header(text: str, delimiter: str, table: Table | None) -> list[str]:
    lines: list[list[str]] = []
    # What stands before a line that cannot be read may still hold the header.
    with suppress(csv.Error):
        lines.extend(islice(_reader(text, delimiter), HEADER_WITHIN))
    said = [line if _says_something(line) else [""] for line in lines]
    at = find_header(said, table)
    return [] if at is None else header_names(said[at])


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

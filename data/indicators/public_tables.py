"""Tables that public bodies publish (CSV or XLSX), recognised by their columns, not by their name.

A format lists the columns it needs, each under the names that publishers give it. Every cell is
read as text: zeros that begin codes are kept. A file whose lines do not hold together is refused
whole: half a file would pass for a whole one.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from codecs import BOM_UTF8
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
from python_calamine import CalamineError, CalamineWorkbook

from coverage.model import InputFile
from data.study.cells import Refusal
from data.study.csv_files import DELIMITERS
from data.study.faults import Findings, count, quoted
from data.workbooks.archive import clean_copy, read_parts
from data.workbooks.cells import plain_text
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pyarrow.csv import InvalidRow

HEADER_WITHIN = 20
"""Lines among which headers are looked for: official workbooks have notes above them."""

SOURCES_FOLDER = "sources"
"""Folder of a study that holds public files as they were downloaded."""

_HEAD_BYTES = 1 << 16
_AGAIN = "téléchargez-le de nouveau à sa source"


@dataclass(frozen=True)
class Format:
    """What a public table must have.

    Attributes
    ----------
    label
        What it is and who publishes it, in French.
    columns
        Our name → the names that publishers give, folded by `plain_name`.
    others
        Pattern of further columns that are read too, under their folded name; at least one is
        needed. Empty: none.
    """

    label: str
    columns: Mapping[str, tuple[str, ...]]
    others: str = ""

    def chosen(self, line: Sequence[str]) -> dict[str, int] | None:
        """Return our names → positions among headers, None when one is missing."""
        names = [plain_name(cell) for cell in line]
        found = {}
        for own, published in self.columns.items():
            at = next((names.index(name) for name in published if name in names), None)
            if at is None:
                return None
            found[own] = at
        if not self.others:
            return found
        more = {name: at for at, name in enumerate(names) if re.fullmatch(self.others, name)}
        return {**more, **found} if more else None


@dataclass(frozen=True)
class PublicTable:
    """Cells of a public table.

    Attributes
    ----------
    file
        As messages name it.
    frame
        Columns by our names, trimmed texts, empty when blank.
    first_row
        The file's line of the first row of `frame` (blank lines are not counted).
    entry
        For provenance.
    """

    file: str
    frame: pl.DataFrame
    first_row: int
    entry: InputFile


def plain_name(text: str) -> str:
    """Return a column name without accent, case or sign.

    >>> plain_name("[DISP] Médiane (€)"), plain_name("Nombre de demandeurs d'emploi")
    ('disp_mediane', 'nombre_de_demandeurs_d_emploi')
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return "_".join(re.findall(r"[a-z0-9]+", letters))


def shown_name(path: Path) -> str:
    """Return a file's name relative to its study."""
    folder = path.parent.name
    return f"{folder}/{path.name}" if folder == SOURCES_FOLDER else path.name


def entry_of(path: Path, rows: int, content: bytes) -> InputFile:
    """Return what provenance keeps of a public file."""
    return InputFile(shown_name(path), rows, sha256(content).hexdigest())


def content_of(path: Path) -> tuple[bytes | None, Findings]:
    """Return the bytes of a public file, None with a fault when it cannot be read."""
    try:
        return path.read_bytes(), Findings()
    except OSError:
        return None, fault(path, "fichier illisible", "vérifiez vos droits de lecture")


def fault(path: Path, message: str, remedy: str = _AGAIN) -> Findings:
    """Return the error of a public file as a whole."""
    return Findings((Notice(shown_name(path), 0, "", message, remedy),))


def warning(file: str, column: str, message: str, remedy: str = "") -> Findings:
    """Return one warning about a public file."""
    return Findings((), (Notice(file, 0, column, message, remedy),))


def first_lines(content: bytes, suffix: str) -> list[list[list[str]]]:
    """Return the first lines of each sheet, cut in cells; none when it is no table.

    Parameters
    ----------
    suffix
        `.csv` or `.xlsx`.
    """
    if suffix == ".xlsx":
        sheets = _sheets(content)
        return [] if isinstance(sheets, Refusal) else [lines[:HEADER_WITHIN] for lines in sheets]
    head = content[:_HEAD_BYTES].removeprefix(BOM_UTF8)
    text = head.decode("utf-8", errors="replace").replace("\0", "")
    lines = text.splitlines()[:HEADER_WITHIN]
    return [[_cells(line, _delimiter(text)) for line in lines]]


def header_at(lines: Iterable[Sequence[str]], wanted: Format) -> int | None:
    """Return the rank of the line that has the columns of a format, None when there is none."""
    return next((at for at, line in enumerate(lines) if wanted.chosen(line) is not None), None)


def read_public(path: Path, wanted: Format) -> tuple[PublicTable | None, Findings]:
    """Return the table of a public file, None with a fault when it cannot be read whole."""
    content, findings = content_of(path)
    if content is None:
        return None, findings
    if path.suffix.lower() == ".xlsx":
        found, findings = _from_workbook(content, path, wanted)
    else:
        found, findings = _from_csv(content, path, wanted)
    if found is None:
        return None, findings
    frame, first_row = found
    trimmed = frame.with_columns(pl.all().fill_null("").str.strip_chars())
    entry = entry_of(path, len(trimmed), content)
    return PublicTable(shown_name(path), trimmed, first_row, entry), findings


def numbers(column: str) -> pl.Expr:
    """Return the numbers written in a column, null where there is none (blank, `nd`, `s`…)."""
    plain = pl.col(column).str.replace_all(r"[ \u00a0\u202f]", "").str.replace(",", ".")
    number = plain.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _delimiter(text: str) -> str:
    lines = text.splitlines()[:HEADER_WITHIN]
    return max(DELIMITERS, key=lambda each: max((line.count(each) for line in lines), default=0))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _missing(path: Path, wanted: Format) -> Findings:
    names = ", ".join(f"« {names[0]} »" for names in wanted.columns.values())
    message = f"colonnes attendues absentes ; attendu, pour {wanted.label} : {names}"
    return fault(path, message, f"l’éditeur les a peut-être renommées ; {_AGAIN}")


def _from_csv(
    content: bytes, path: Path, wanted: Format
) -> tuple[tuple[pl.DataFrame, int] | None, Findings]:
    plain, findings = _utf8(content, path)
    head = plain[:_HEAD_BYTES].decode("utf-8", errors="replace")
    delimiter = _delimiter(head)
    lines = [_cells(line, delimiter) for line in head.splitlines()[:HEADER_WITHIN]]
    at = header_at(lines, wanted)
    if at is None:
        return None, findings + _missing(path, wanted)
    chosen = wanted.chosen(lines[at]) or {}
    body = plain.split(b"\n", at + 1)[-1] if plain.count(b"\n") > at else b""
    if not body.strip():
        return None, findings + fault(path, "aucune ligne sous les en-têtes")
    table, found = _parsed(body, path, delimiter, len(lines[at]))
    if table is None:
        return None, findings + found
    frame = pl.DataFrame(
        {name: pl.from_arrow(table.column(position)) for name, position in chosen.items()}
    )
    return (frame, at + 2), findings


def _utf8(content: bytes, path: Path) -> tuple[bytes, Findings]:
    """Return the text as UTF-8 without its mark, read in Windows-1252 when it is not."""
    plain = content.removeprefix(BOM_UTF8)
    try:
        plain.decode()
    except UnicodeDecodeError:
        text = plain.decode("cp1252", errors="replace")
        told = "texte lu en Windows-1252, faute d’être en UTF-8"
        return text.encode(), warning(shown_name(path), "", told, "vérifiez les accents")
    return plain, Findings()


def _parsed(
    body: bytes, path: Path, delimiter: str, width: int
) -> tuple[pa.Table | None, Findings]:
    broken: list[int] = []

    def skipped(row: InvalidRow) -> str:
        broken.append(row.actual_columns)
        return "skip"

    names = [f"c{at}" for at in range(width)]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(body),
            pa_csv.ReadOptions(column_names=names),
            pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=b'"' in body, invalid_row_handler=skipped
            ),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None, fault(path, "fichier coupé ou abîmé : ses lignes ne se lisent pas")
    if broken:
        found = count(len(broken), "ligne", "lignes")
        message = f"{found} de {broken[0]} cellules et non {width} : fichier coupé ou abîmé"
        return None, fault(path, message)
    return table, Findings()


def _from_workbook(
    content: bytes, path: Path, wanted: Format
) -> tuple[tuple[pl.DataFrame, int] | None, Findings]:
    sheets = _sheets(content)
    if isinstance(sheets, Refusal):
        return None, fault(path, sheets.message, sheets.remedy)
    for lines in sheets:
        at = header_at(lines[:HEADER_WITHIN], wanted)
        if at is None:
            continue
        chosen = wanted.chosen(lines[at]) or {}
        filled = [line for line in lines[at + 1 :] if any(cell.strip() for cell in line)]
        columns = {name: [line[i] for line in filled] for name, i in chosen.items()}
        return (pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), at + 2), Findings()
    return None, _missing(path, wanted)


def _sheets(content: bytes) -> list[list[list[str]]] | Refusal:
    """Return every sheet of a workbook as lines of texts."""
    parts = read_parts(content)
    if isinstance(parts, Refusal):
        return parts
    try:
        with CalamineWorkbook.from_filelike(clean_copy(parts)) as workbook:
            grids = [
                workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in workbook.sheet_names
            ]
    except (CalamineError, ValueError, OSError):
        return Refusal("classeur tronqué ou abîmé", _AGAIN)
    return [[[plain_text(cell) for cell in line] for line in grid] for grid in grids]


def listed(texts: Iterable[str], shown: int = 5) -> str:
    """Return the first texts between quotes, and how many more there are."""
    everything = list(texts)
    more = len(everything) - shown
    names = ", ".join(quoted(text) for text in everything[:shown])
    return f"{names} et {count(more, 'autre')}" if more > 0 else names

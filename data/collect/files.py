"""The files of a study and the received workbooks: bytes to tables of canonical texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from data.collect.model import Received, Row
from data.study.cells import parse_cell, parse_number
from data.study.csv_files import read_csv
from data.study.faults import Findings, quoted
from data.study.filed_tables import file_bytes
from data.study.folder import list_folder
from data.study.tables import TABLES
from data.workbooks.reader import read_workbook
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from data.study.folder import StudyFolder
    from data.study.table_reader import TypedTable
    from data.study.tables import Column, Table
    from data.study.text_tables import TextTable

_BY_NAME = {table.name: table for table in TABLES}
_ETAT = "etat"


@dataclass(frozen=True)
class FiledFile:
    """One file of tables as it stands in the study.

    Attributes
    ----------
    only
        The table it holds; None when it may hold them all, a sheet each.
    texts
        Table name → its cells.
    """

    name: str
    content: bytes
    only: Table | None
    texts: Mapping[str, TextTable]


def list_study(folder: Path) -> tuple[StudyFolder, Findings]:
    """Return what a study folder holds, and the faults of its list of files.

    Raises
    ------
    InputErrors
        When it is not a folder that can be read.
    """
    try:
        files, findings = list_folder(folder)
    except OSError as error:
        remedy = "vérifiez le chemin ; la commande « nouvelle-etude » crée un dossier d’étude"
        message = f"dossier d’étude {quoted(folder.name)} introuvable ou illisible"
        raise InputErrors([Notice("", 0, "", message, remedy)]) from error
    return files, Findings(findings.faults)


def read_filed(files: StudyFolder) -> tuple[list[FiledFile], Findings]:
    """Return the files of tables of a study; a table that two of them hold is a fault."""
    sources: list[tuple[Path, Table | None]] = []
    for by_name in (files.tables, files.workbooks):
        sources += [(path, _BY_NAME[n]) for n, path in by_name.items() if n in _BY_NAME]
    sources += [] if files.workbook is None else [(files.workbook, None)]
    read: list[FiledFile] = []
    findings = Findings()
    for path, only in sources:
        content, found = file_bytes(path)
        findings += Findings(found.faults)
        if content is not None:
            filed, found = read_content(path.name, content, only)
            read.append(filed)
            findings += Findings(found.faults)
    return read, findings + Findings(_given_twice(read))


def read_content(
    name: str, content: bytes, only: Table | None, *, tables: Sequence[Table] = TABLES
) -> tuple[FiledFile, Findings]:
    """Return a file of tables read from its bytes; `tables` are those that sheets may hold."""
    texts: Mapping[str, TextTable | None] | None
    if only is not None and name.lower().endswith(".csv"):
        text, findings = read_csv(content, name, only)
        texts = {only.name: text}
    else:
        texts, findings = read_workbook(content, name, only, tables=tables)
    kept = {key: text for key, text in (texts or {}).items() if text is not None}
    return FiledFile(name, content, only, kept), findings


def _given_twice(read: Iterable[FiledFile]) -> tuple[Notice, ...]:
    first: dict[str, str] = {}
    faults = []
    for filed in read:
        for name in filed.texts:
            holder = first.setdefault(name, filed.name)
            if holder != filed.name:
                message = f"table {quoted(name)} déjà donnée par {holder}"
                remedy = "gardez la bonne, retirez l’autre du dossier ou du classeur"
                faults.append(Notice(filed.name, 0, "", message, remedy))
    return tuple(faults)


def read_received(path: Path, label: str) -> tuple[dict[str, TextTable], Findings]:
    """Return the sheets of a received workbook; one without any table is a fault."""
    content, findings = file_bytes(path)
    if content is None:
        return {}, findings
    texts, findings = read_workbook(content, label)
    if texts is not None and not texts and not findings.faults:
        known = ", ".join(_BY_NAME)
        message = "aucune feuille ne porte le nom d’une table"
        remedy = f"partez du classeur envoyé par l’étude ; feuilles attendues : {known}"
        findings += Findings((Notice(label, 0, "", message, remedy),))
    return {name: text for name, text in (texts or {}).items() if text is not None}, findings


def study_rows(text: TextTable, typed: TypedTable) -> list[Row]:
    """Return the rows of a table of the study, with all its columns."""
    table = typed.table
    columns = {
        column.name: _canonical(text, typed, column)
        if column.name in text.cells.columns
        else [column.default] * len(typed.frame)
        for column in table.columns
    }
    return _rows(text, columns)


def received(
    label: str, texts: Mapping[str, TextTable], typed: Mapping[str, TypedTable]
) -> Received:
    """Return a received workbook; the state of a perimeter left empty stays empty."""
    tables = {}
    for name, table in typed.items():
        text = texts[name]
        columns = {
            column.name: _canonical(text, table, column, fill=column.name != _ETAT)
            for column in table.table.columns
            if column.name in text.cells.columns
        }
        tables[name] = _rows(text, columns)
    return Received(label, tables)


def _rows(text: TextTable, columns: Mapping[str, Sequence[str]]) -> list[Row]:
    lines = text.cells.index.tolist()
    return [
        Row(text.file, line, dict(zip(columns, cells, strict=True)))
        for line, cells in zip(lines, zip(*columns.values(), strict=True), strict=True)
    ]


def _canonical(
    text: TextTable, typed: TypedTable, column: Column, *, fill: bool = True
) -> list[str]:
    """Return the canonical texts of a column.

    Parameters
    ----------
    fill
        Whether an empty cell is written as the default that it reads as.
    """
    # Codes were repaired, from digits lost or from names, once read.
    cells = typed.frame[column.name] if column.kind == "code" else text.cells[column.name]
    read = {
        each: canonical_text(each.strip(), column) or (column.default if fill else "")
        for each in cells.unique().tolist()
    }
    return [read[each] for each in cells.tolist()]


def canonical_text(text: str, column: Column) -> str:
    """Return the one writing of a cell's value, that the reader reads back the same.

    >>> from data.study.tables import POSTES
    >>> canonical_text("0.50", POSTES.column("etp"))
    '0,5'
    >>> canonical_text("2023-07-01", POSTES.column("fin"))
    '01/07/2023'
    """
    value = parse_cell(text, column) if text else ""
    if column.kind in ("whole", "decimal", "etp"):
        number = parse_number(text) if text else None
        return text if number is None else _number_text(number)
    if isinstance(value, tuple):
        return "" if value == column.choices else "|".join(value)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return value if isinstance(value, str) else text


def _number_text(number: Decimal) -> str:
    return f"{number.normalize() or Decimal(0):f}".replace(".", ",")

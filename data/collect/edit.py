"""Changes written into the files of a study: only what changes is touched, all else is kept."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.collect.sheets import has_formulas, sheet_label, workbook_lines
from data.study.csv_files import DELIMITERS, decode, sniff_delimiter
from data.study.faults import Findings, count, quoted
from data.study.tables import TABLES
from data.study.text_tables import header_names, is_comment
from data.workbooks.reader import README_SHEET, fold_name
from data.workbooks.writer import study_workbook
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.collect.files import FiledFile
    from data.collect.model import Change
    from data.study.tables import Table

BACKUP = ".avant-collecte"
"""Hidden folder, in the study, of the files as they were before the last collection."""

_TEXTS = ("identifier", "text", "label")
_FORMULA_SIGNS = ("=", "+", "-", "@")
_DECLARED = re.compile(r"[ \t]*\"?sep=(.)", re.IGNORECASE)
_MOVE = "déplacez-la dans un autre classeur, ou passez l’étude en CSV (nouvelle-etude --csv)"


@dataclass(frozen=True)
class Lines:
    """Every line of a table's file or sheet, and the rank of its header."""

    records: Sequence[Sequence[str]]
    header_at: int


def edited(lines: Lines, table: Table, changes: Iterable[Change]) -> Lines:
    """Return the lines of a table once changed: added rows last, missing columns added."""
    listed = list(changes)
    header = list(lines.records[lines.header_at])
    header += _missing_columns(header_names(header), table, listed)
    names = header_names(header)
    above, below = lines.records[: lines.header_at], lines.records[lines.header_at + 1 :]
    records = [*map(list, above), header, *(_padded(record, len(header)) for record in below)]
    gone: set[int] = set()
    for change in listed:
        if change.old is None:
            records.append([change.cells.get(name, "") for name in names])
        elif change.kind == "removed":
            gone.add(change.old.line - 1)
        else:
            record = records[change.old.line - 1]
            for name, text in change.cells.items():
                if name in names:
                    record[names.index(name)] = text
    kept = [record for at, record in enumerate(records) if at not in gone]
    return Lines(kept, lines.header_at)


def _padded(record: Sequence[str], width: int) -> list[str]:
    """Return a line as wide as its header, a blank one as it is."""
    return [*record, *[""] * (width - len(record))] if record else []


def _missing_columns(names: Sequence[str], table: Table, changes: Sequence[Change]) -> list[str]:
    """Return the columns to add: those where a change says more than an empty cell."""
    return [
        column.name
        for column in table.columns
        if column.name not in names
        and any(
            change.cells.get(column.name, column.default) != column.default for change in changes
        )
    ]


def new_csv(table: Table, changes: Iterable[Change]) -> bytes:
    """Return the CSV file of a table that the study did not have."""
    header = [column.name for column in table.columns]
    return _csv_bytes(edited(Lines([header], 0), table, changes), ";")


def edited_csv(filed: FiledFile, table: Table, changes: Iterable[Change]) -> bytes:
    """Return a CSV file once changed, in UTF-8 with BOM, with the delimiter that it has."""
    text = decode(filed.content, filed.name)[0] or ""
    declared = _DECLARED.match(text)
    body = text.partition("\n")[2] if declared else text
    delimiter = declared[1] if declared and declared[1] in DELIMITERS else ""
    delimiter = delimiter or sniff_delimiter(body, table)
    records = list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter))
    lines = Lines(records, filed.texts[table.name].header_row - 1)
    return _csv_bytes(edited(lines, table, changes), delimiter)


def _csv_bytes(lines: Lines, delimiter: str) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(lines.records)
    return BOM_UTF8 + buffer.getvalue().encode()


def formula_warnings(file: str, table: Table, changes: Iterable[Change]) -> Findings:
    """Return a warning for each column where a text to write in a CSV looks like a formula."""
    texts = {column.name for column in table.columns if column.kind in _TEXTS}
    columns = dict.fromkeys(
        name
        for change in changes
        for name, text in change.cells.items()
        if name in texts and text.startswith(_FORMULA_SIGNS)
    )
    message = "texte qui commence par =, +, - ou @ : un tableur le calculerait en ouvrant le CSV"
    remedy = "corrigez-le dans le classeur reçu, ou tenez l’étude dans etude.xlsx, qui l’en empêche"
    return Findings((), tuple(Notice(file, 0, name, message, remedy) for name in columns))


def edited_workbook(
    filed: FiledFile, changes: Mapping[str, Sequence[Change]]
) -> tuple[bytes | None, Findings]:
    """Return a workbook once changed, written whole; None when something of it would be lost.

    Parameters
    ----------
    changes
        Table name → its changes, those of tables without a sheet included.
    """
    sheets = workbook_lines(filed.content)
    labels = {sheet_label(filed.name, name): name for name in sheets}
    by_table = {name: labels[text.file] for name, text in filed.texts.items()}
    faults = _lost_sheets(filed.name, sheets, set(by_table.values()))
    tables = [table for table in TABLES if table.name in {*by_table, *changes}]
    rows: dict[str, list[dict[str, str]]] = {}
    for table in tables:
        text = filed.texts.get(table.name)
        header = [[column.name for column in table.columns]]
        records = header if text is None else sheets[by_table[table.name]]
        lines = Lines(records, 0 if text is None else text.header_row - 1)
        faults += _lost_cells("" if text is None else text.file, lines, table)
        rows[table.name] = _row_cells(edited(lines, table, changes.get(table.name, ())), table)
    if faults:
        return None, Findings(tuple(faults))
    lost = (_formulas_lost(filed.name),) if has_formulas(filed.content) else ()
    return study_workbook(rows, tables=tables), Findings((), lost)


def _lost_sheets(
    file: str, sheets: Mapping[str, Sequence[Sequence[str]]], kept: set[str]
) -> list[Notice]:
    return [
        Notice(
            file,
            0,
            "",
            f"la feuille {quoted(name)} n’est pas une table : elle serait perdue",
            _MOVE,
        )
        for name, records in sheets.items()
        if name not in kept
        and fold_name(name) != README_SHEET
        and any(cell.strip() for record in records for cell in record)
    ]


def _lost_cells(label: str, lines: Lines, table: Table) -> list[Notice]:
    """Report titles above the header and filled columns that the format does not know."""
    faults = []
    above = [record for record in lines.records[: lines.header_at] if any(map(str.strip, record))]
    if above:
        message = f"{count(len(above), 'ligne')} au-dessus des en-têtes : le titre serait perdu"
        faults.append(Notice(label, 1, "", message, "supprimez ce titre, ou passez l’étude en CSV"))
    known = {column.name for column in table.columns}
    body = lines.records[lines.header_at + 1 :]
    for at, name in enumerate(header_names(lines.records[lines.header_at])):
        if name not in known and any(len(record) > at and record[at].strip() for record in body):
            shown = quoted(name) if name else f"n° {at + 1}"
            message = f"colonne {shown} hors du format : elle serait perdue"
            faults.append(Notice(label, lines.header_at + 1, name, message, _MOVE))
    return faults


def _row_cells(lines: Lines, table: Table) -> list[dict[str, str]]:
    """Return the rows under the header, comments included: they keep their first cell first."""
    names = header_names(lines.records[lines.header_at])
    columns = [column.name for column in table.columns]
    return [
        dict(zip(columns if is_comment(record[0]) else names, record, strict=False))
        for record in lines.records[lines.header_at + 1 :]
        if any(cell.strip() for cell in record)
    ]


def _formulas_lost(file: str) -> Notice:
    message = "formules remplacées par leur valeur"
    return Notice(file, 0, "", message, f"le classeur d’avant est gardé dans {BACKUP}")

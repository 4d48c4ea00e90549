"""Changes written into the files of a study: only what changes is touched, all else is kept."""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.collect.sheets import has_formulas, sheet_label, workbook_lines
from data.study.csv_lines import CsvLines, csv_bytes, csv_lines
from data.study.faults import Findings, count, quoted
from data.study.sources_tables import EVERY_TABLE
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
_MOVE = "déplacez-la dans un autre classeur, ou passez l’étude en CSV (nouvelle-etude --csv)"


@dataclass(frozen=True)
class Lines:
    """Every line of a table's file or sheet, and the rank of its header.

    Attributes
    ----------
    origins
        Of lines once changed: the rank that each had before, -1 for an added one.
    """

    records: Sequence[Sequence[str]]
    header_at: int
    origins: Sequence[int] = ()


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
            del record[len(names) :]
    kept = [at for at in range(len(records)) if at not in gone]
    known = len(lines.records)
    return Lines(
        [records[at] for at in kept], lines.header_at, [at if at < known else -1 for at in kept]
    )


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
    made = edited(Lines([header], 0), table, changes)
    # The words of a new file are those of any spreadsheet set to French.
    written = CsvLines("", ";", (), ())
    return BOM_UTF8 + "".join(map(written.line, made.records)).encode()


def edited_csv(filed: FiledFile, table: Table, changes: Iterable[Change]) -> bytes:
    """Return a CSV file once changed: lines that do not change are the same bytes.

    A column added changes them all. A text that the encoding of the file cannot hold makes it
    UTF-8 with BOM.
    """
    before = csv_lines(filed.content, table)
    made = edited(Lines(before.records, filed.texts[table.name].header_row - 1), table, changes)
    width = len(made.records[made.header_at])
    widened = width > len(before.records[made.header_at])
    written = []
    for record, origin in zip(made.records, made.origins, strict=True):
        same = origin >= 0 and record == _padded(before.records[origin], width)
        above = 0 <= origin < made.header_at
        kept = above or (same and not widened)
        written.append(before.written[origin] if kept else before.line(record))
    return csv_bytes(before.prefix, before.joined(written), like=filed.content)


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
    if faults := _losses(filed, sheets):
        return None, Findings(faults)
    held = _held(filed, sheets)
    tables = [table for table in EVERY_TABLE if table.name in {*held, *changes}]
    rows: dict[str, list[dict[str, str]]] = {}
    for table in tables:
        empty = Lines([[column.name for column in table.columns]], 0)
        lines = held.get(table.name, empty)
        rows[table.name] = _row_cells(edited(lines, table, changes.get(table.name, ())), table)
    lost = (_formulas_lost(filed.name),) if has_formulas(filed.content) else ()
    return study_workbook(rows, tables=tables), Findings((), lost)


def workbook_losses(filed: FiledFile) -> tuple[Notice, ...]:
    """Return what of a workbook would be lost were it written anew: it is then left alone."""
    return _losses(filed, workbook_lines(filed.content))


def _held(filed: FiledFile, sheets: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, Lines]:
    """Return the lines of each table that a workbook holds."""
    labels = {sheet_label(filed.name, name): name for name in sheets}
    return {
        name: Lines(sheets[labels[text.file]], text.header_row - 1)
        for name, text in filed.texts.items()
    }


def _losses(filed: FiledFile, sheets: Mapping[str, Sequence[Sequence[str]]]) -> tuple[Notice, ...]:
    faults = _lost_sheets(filed, sheets)
    held = _held(filed, sheets)
    for table in EVERY_TABLE:
        if table.name in held:
            faults += _lost_cells(filed.texts[table.name].file, held[table.name], table)
    return tuple(faults)


def _lost_sheets(filed: FiledFile, sheets: Mapping[str, Sequence[Sequence[str]]]) -> list[Notice]:
    kept = {text.file for text in filed.texts.values()}
    return [
        Notice(
            filed.name,
            0,
            "",
            f"la feuille {quoted(name)} n’est pas une table : elle serait perdue",
            _MOVE,
        )
        for name, records in sheets.items()
        if sheet_label(filed.name, name) not in kept
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

"""A row added, changed or removed, to the bytes of its file, read back before they are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize

from data.collect.edit import edited_csv, edited_workbook, new_csv, workbook_losses
from data.collect.files import canonical_text, read_content
from data.collect.model import Change, Row
from data.edited.filed import Held, place_of
from data.edited.rows import FiledRow, FiledRows, filed_rows
from data.study.folder import WORKBOOK
from data.study.sources_tables import EVERY_TABLE
from data.study.table_reader import read_table
from geo.errors import InputErrors, Notice, OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.collect.files import FiledFile
    from data.edited.filed import Filing
    from data.study.tables import Table


@dataclass(frozen=True)
class Rewritten:
    """A file once one row of it changed.

    Attributes
    ----------
    line
        Of the row as it now stands, 0 when it was removed.
    """

    path: str
    content: bytes
    line: int


def changed(held: Held, row: FiledRow, cells: Mapping[str, str]) -> Rewritten | None:
    """Return the file with cells of a row written anew, None when they say the same already.

    Cells beyond the header go: no column names them, and the row could not be read with them.

    Parameters
    ----------
    cells
        Column → text; columns that are not there keep theirs.

    Raises
    ------
    InputErrors
        When a workbook would lose something.
    OutputError
        When the file would not read back as it should.
    """
    new = differing(held.table, row, cells)
    if not new and not row.excess:
        return None
    old = Row(held.label, row.line, row.cells)
    return _rewritten(held, Change(held.table.name, old, old, new))


def removed(held: Held, row: FiledRow) -> Rewritten:
    """Return the file without a row.

    Raises
    ------
    InputErrors, OutputError
        As `changed`.
    """
    old = Row(held.label, row.line, row.cells)
    return _rewritten(held, Change(held.table.name, old, None, {}))


def added(
    filing: Filing, files: Mapping[str, bytes], table: Table, cells: Mapping[str, str]
) -> Rewritten:
    """Return the file of a table with one more row; a table without file is begun.

    Raises
    ------
    InputErrors, OutputError
        As `changed`.
    """
    told = {each.name: _written(table, each.name, cells) for each in table.columns}
    change = Change(
        table.name,
        None,
        Row(table.file, 0, {}),
        {name: text for name, text in told.items() if text},
    )
    held = filing.held(table)
    if held is not None:
        return _rewritten(held, change)
    path = place_of(table, files)
    if path == table.file:
        return _proved(FiledRows(table, path, ()), path, new_csv(table, [change]), change)
    begun, _ = read_content(path, files[path], None, tables=EVERY_TABLE)
    return _proved(FiledRows(table, path, ()), path, _workbook(begun, change), change)


def differing(table: Table, row: FiledRow, cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells that say something else than those of a row, as they are written."""
    asked = [column.name for column in table.columns if column.name in cells]
    new = {name: _written(table, name, cells) for name in asked}
    return {
        name: text
        for name, text in new.items()
        if text != _written(table, name, row.cells)
        and not (name not in row.cells and text == table.column(name).default)
    }


def _written(table: Table, name: str, cells: Mapping[str, str]) -> str:
    """Return a cell as it is written: numbers, dates and values in their one form."""
    text = normalize("NFC", cells.get(name, "")).strip()
    return canonical_text(text, table.column(name)) if text else ""


def _rewritten(held: Held, change: Change) -> Rewritten:
    before = filed_rows(held)
    if before is None or held.filed is None:
        raise InputErrors(blockers(held))
    if held.path.lower().endswith(".csv"):
        content = edited_csv(held.filed, held.table, [change])
    else:
        content = _workbook(held.filed, change)
    return _proved(before, held.path, content, change)


def blockers(held: Held) -> tuple[Notice, ...]:
    """Return why the file of a table is not to be written anew, nothing when it may be.

    A workbook is written whole: what it holds besides tables would be lost, and cells that
    cannot be believed (a formula without value) would become plain empty cells.
    """
    if held.filed is None or held.text is None:
        return held.findings.faults
    if filed_rows(held) is None:
        return read_table(held.text, held.table)[1].faults
    if held.path.lower().endswith(".csv"):
        return ()
    return workbook_losses(held.filed) + _doubtful(held.filed)


def _doubtful(filed: FiledFile) -> tuple[Notice, ...]:
    message = "cellule dont la valeur n’est pas sûre, qui serait écrite sans elle"
    remedy = "corrigez-la dans le tableur, puis déposez le classeur"
    return tuple(
        Notice(text.file, line, column, message, remedy)
        for text in filed.texts.values()
        for column, lines in text.refusals.items()
        for line in lines
    )


def _workbook(filed: FiledFile, change: Change) -> bytes:
    if doubtful := _doubtful(filed):
        raise InputErrors(doubtful)
    content, findings = edited_workbook(filed, {change.table: [change]})
    if content is None:
        raise InputErrors(findings.faults)
    return content


def _proved(before: FiledRows, path: str, content: bytes, change: Change) -> Rewritten:
    """Return a file once it reads back as expected, row for row."""
    table = before.table
    sole = None if path.lower() == WORKBOOK else table
    filed, findings = read_content(path, content, sole, tables=EVERY_TABLE)
    after = filed_rows(Held(table, path, filed, findings))
    expected, at = _expected(before, change)
    if after is None or not _alike(table, expected, [row.cells for row in after.rows]):
        raise OutputError(
            f"la table « {table.name} » ne se relirait pas comme attendu ; rien n’est enregistré → "
            "cherchez dans la ligne un texte qui commence par « # » ou un signe inhabituel"
        )
    return Rewritten(path, content, 0 if at is None else after.rows[at].line)


def _expected(before: FiledRows, change: Change) -> tuple[list[Mapping[str, str]], int | None]:
    """Return the cells of every row once changed, and the rank of the row that changes."""
    cells = [row.cells for row in before.rows]
    if change.old is None:
        return [*cells, change.cells], len(cells)
    lines = [row.line for row in before.rows]
    at = lines.index(change.old.line)
    if change.kind == "removed":
        return cells[:at] + cells[at + 1 :], None
    return [*cells[:at], {**cells[at], **change.cells}, *cells[at + 1 :]], at


def _alike(
    table: Table, expected: Sequence[Mapping[str, str]], found: Sequence[Mapping[str, str]]
) -> bool:
    return len(expected) == len(found) and all(
        one == other or _told(table, one) == _told(table, other)
        for one, other in zip(expected, found, strict=True)
    )


def _told(table: Table, cells: Mapping[str, str]) -> dict[str, str]:
    """Return what cells say: those of the format as they read, the others as they are."""
    known = {each.name: _written(table, each.name, cells) or each.default for each in table.columns}
    others = {name: normalize("NFC", text) for name, text in cells.items() if name not in known}
    return known | {name: text for name, text in others.items() if text}

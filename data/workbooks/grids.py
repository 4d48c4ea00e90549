"""One sheet of a workbook to a table of text cells, with what its cells give to mend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from data.study.cells import Refusal
from data.study.faults import Findings
from data.study.text_tables import (
    HEADER_WITHIN,
    Grid,
    TextTable,
    find_header,
    from_records,
    header_names,
    is_comment,
)
from data.workbooks.cells import cell_text, failed_text, plain_text
from data.workbooks.sheets import cell_name
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.study.tables import Column, Table
    from data.workbooks.cells import Value

Place = tuple[int, int]
"""Row and column of a cell, from 0."""

MergedRange = tuple[Place, Place]
"""First and last cell of a merged range."""


@dataclass(frozen=True)
class SheetValues:
    """What a sheet holds.

    Attributes
    ----------
    label
        The workbook and its sheet, for messages.
    rows
        Values from A1, all rows of one width.
    failed
        Cell → the error shown, empty for a formula without value.
    """

    label: str
    rows: Sequence[Sequence[Value]]
    failed: Mapping[Place, str]
    merged: Sequence[MergedRange]


def read_sheet(sheet: SheetValues, table: Table) -> tuple[TextTable | None, Findings]:
    """Return the table that a sheet holds, None when its header cannot be trusted."""
    texts = [[plain_text(value) for value in row] for row in sheet.rows]
    refusals: dict[Place, Refusal | None] = {}
    for (row, at), error in sheet.failed.items():
        texts[row][at], refusals[row, at] = failed_text(error)
    header_at = find_header(texts[:HEADER_WITHIN], table) or 0
    header = [(at, why) for (row, at), why in refusals.items() if row == header_at and why]
    known = _known_columns(texts[header_at], table)
    for at, column in known.items():
        _read_column(sheet, at, column, texts, refusals)
    merges, covered = _merged(sheet, texts, header_at, known)
    refusals |= dict.fromkeys(covered)
    records = pa.array(texts, pa.list_(pa.string()))
    text, findings = from_records(records, sheet.label, table, Grid(refusals))
    faults = [_in_header(sheet, header_at, at, why) for at, why in header]
    return text, Findings((*faults, *merges)) + findings


def _known_columns(header: Sequence[str], table: Table) -> dict[int, Column]:
    columns = {column.name: column for column in table.columns}
    return {at: columns[name] for at, name in enumerate(header_names(header)) if name in columns}


def _read_column(
    sheet: SheetValues,
    at: int,
    column: Column,
    texts: list[list[str]],
    refusals: dict[Place, Refusal | None],
) -> None:
    """Write the texts of a column's typed cells, and the refusals of those not to be believed."""
    for row, values in enumerate(sheet.rows):
        value = values[at]
        if isinstance(value, str):
            continue
        text = cell_text(value, column)
        if isinstance(text, Refusal):
            refusals[row, at] = text
        else:
            texts[row][at] = text


def _in_header(sheet: SheetValues, row: int, column: int, why: Refusal) -> Notice:
    message = f"en-tête {cell_name(row, column)} : {why.message}"
    return Notice(sheet.label, row + 1, "", message, why.remedy)


def _merged(
    sheet: SheetValues,
    texts: Sequence[Sequence[str]],
    header_at: int,
    known: Mapping[int, Column],
) -> tuple[list[Notice], list[Place]]:
    """Return a fault for each merged range that touches data, and the cells it hides.

    A title above the header may be merged, and so may a comment or columns that are not read.
    """
    faults: list[Notice] = []
    covered: list[Place] = []
    for (top, left), (bottom, right) in sorted(sheet.merged):
        columns = [at for at in sorted(known) if left <= at <= right]
        outside = bottom < header_at or top >= len(texts) or not columns
        if outside or (top > header_at and is_comment(texts[top][0])):
            continue
        span = f"{cell_name(top, left)}:{cell_name(bottom, right)}"
        message = f"cellules fusionnées {span} : seule la première porte la valeur"
        remedy = "défusionnez-les, puis écrivez la valeur dans chacune des cellules"
        name = known[columns[0]].name
        faults.append(Notice(sheet.label, top + 1, name, message, remedy))
        rows = range(top, min(bottom + 1, len(texts)))
        covered += [(row, at) for row in rows for at in columns if (row, at) != (top, left)]
    return faults, covered

"""The rows of a table as its file holds them, every column and every line, to be changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from data.collect.sheets import sheet_label, workbook_lines
from data.study.csv_lines import csv_lines
from data.study.text_tables import header_names, is_comment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.edited.filed import Held
    from data.study.tables import Table


@dataclass(frozen=True)
class FiledRow:
    """One row of a file.

    Attributes
    ----------
    line
        The spreadsheet's line.
    cells
        Column → text as filed, spaces around left out; columns that the format does not know are
        there too.
    excess
        Cells beyond the header, that no column names.
    """

    line: int
    cells: Mapping[str, str]
    excess: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What tells that the row is the one that was seen: its content, not its place."""
        told = "\x1f".join([*(f"{name}={text}" for name, text in self.cells.items()), *self.excess])
        return sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class FiledRows:
    """The rows of a table, in the order of the file.

    Attributes
    ----------
    names
        Of the columns of the file; empty for a nameless one.
    """

    table: Table
    label: str
    names: tuple[str, ...]
    rows: tuple[FiledRow, ...] = field(default=())

    @property
    def first_column(self) -> str:
        """The column whose cell makes a comment of its row when it begins with `#`."""
        return self.names[0] if self.names else self.table.columns[0].name

    def row(self, line: int) -> FiledRow | None:
        """Return the row of a line, None when there is none."""
        return next((row for row in self.rows if row.line == line), None)

    def seen(self, mark: str, line: int) -> FiledRow | None:
        """Return the row that was seen at a line, where it now is; None when it is not sure."""
        alike = [row for row in self.rows if row.mark == mark]
        here = [row for row in alike if row.line == line]
        return here[0] if here else alike[0] if len(alike) == 1 else None


def filed_rows(held: Held) -> FiledRows | None:
    """Return the rows of a table, None when its header cannot be trusted."""
    text = held.text
    if held.filed is None or text is None:
        return None
    records = _records(held)
    names = tuple(header_names(records[text.header_row - 1]))
    if not {column.name for column in held.table.columns}.intersection(names):
        return None
    rows = [
        _row(line, record, names)
        for line, record in enumerate(records[text.header_row :], text.header_row + 1)
        if any(map(str.strip, record)) and not is_comment(record[0])
    ]
    return FiledRows(held.table, text.file, names, tuple(rows))


def _records(held: Held) -> Sequence[Sequence[str]]:
    content = held.filed.content if held.filed is not None else b""
    if held.path.lower().endswith(".csv"):
        return csv_lines(content, held.table).records
    sheets = workbook_lines(content)
    labels = {sheet_label(held.path, name): name for name in sheets}
    return sheets[labels[held.label]]


def _row(line: int, record: Sequence[str], names: Sequence[str]) -> FiledRow:
    texts = [cell.strip() for cell in record]
    padded = [*texts, *[""] * (len(names) - len(texts))]
    cells = {name: text for name, text in zip(names, padded, strict=False) if name}
    return FiledRow(line, cells, tuple(text for text in texts[len(names) :] if text))

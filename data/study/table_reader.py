"""A table of text cells to typed columns, by the declaration of its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.study.columns import empty_column, parse_column
from data.study.faults import Findings, nearest, proposal, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from data.study.tables import Table
    from data.study.text_tables import TextTable


@dataclass(frozen=True)
class TypedTable:
    """A table read cell by cell; nothing is checked across cells yet.

    Attributes
    ----------
    frame
        Column `row` (the spreadsheet's line, int64), then every column of the declaration, in
        its order, in the dtypes of `columns.ParsedColumn.parsed`; the index counts rows in
        file order.
    empty, refused
        Masks, same index and columns as `frame` but `row`: empty cells; cells whose value is
        not to be believed (refused, or required and absent from the file).
    """

    table: Table
    file: str
    frame: pd.DataFrame
    empty: pd.DataFrame
    refused: pd.DataFrame

    def usable(self, *columns: str) -> NDArray[np.bool_]:
        """Return the mask of rows whose cells in these columns are believed, shape (rows,)."""
        return ~_any(self.refused, columns)

    def filled(self, *columns: str) -> NDArray[np.bool_]:
        """Return the mask of rows whose cells in these columns are believed and not empty."""
        return self.usable(*columns) & ~_any(self.empty, columns)


def _any(mask: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.bool_]:
    found = np.zeros(len(mask), bool)
    for column in columns:
        found |= mask[column].to_numpy(bool)
    return found


def read_table(text: TextTable, table: Table) -> tuple[TypedTable | None, Findings]:
    """Return the typed table; None when no column is known, so that nothing can be said of it."""
    found = [column.name for column in table.columns if column.name in text.cells.columns]
    if not found:
        return None, Findings((_no_header(text, table),))
    rows = text.cells.index
    cells = text.cells.reset_index(drop=True)
    parsed = {
        column.name: parse_column(cells[column.name], column)
        if column.name in found
        else empty_column(cells.index, column)
        for column in table.columns
    }
    faults = [
        Notice(text.file, int(rows[at]), name, refusal.message, refusal.remedy)
        for name, column in parsed.items()
        for at, refusal in column.refusals.items()
    ]
    frame = pd.DataFrame({"row": rows} | {name: column.parsed for name, column in parsed.items()})
    typed = TypedTable(
        table,
        text.file,
        frame,
        pd.DataFrame({name: column.empty for name, column in parsed.items()}),
        pd.DataFrame({name: column.refused for name, column in parsed.items()}),
    )
    return typed, Findings((*_missing(text, table), *faults), _unknown(text, table))


def _no_header(text: TextTable, table: Table) -> Notice:
    return Notice(
        text.file,
        text.header_row,
        "",
        "aucun nom de colonne connu sur la première ligne remplie",
        f"écrivez-y les en-têtes : {', '.join(column.name for column in table.columns)}",
    )


def _missing(text: TextTable, table: Table) -> list[Notice]:
    headers = [name for name in text.cells.columns if name not in _names(table)]
    return [
        Notice(
            text.file,
            text.header_row,
            column.name,
            f"colonne obligatoire {quoted(column.name)} absente",
            _renaming(column.name, headers),
        )
        for column in table.columns
        if column.required and column.name not in text.cells.columns
    ]


def _renaming(name: str, headers: list[str]) -> str:
    near = nearest(name, headers)
    if near:
        return f"ajoutez-la, ou renommez ainsi la colonne {quoted(near)} si c’est elle"
    return "ajoutez-la aux en-têtes et remplissez-la"


def _unknown(text: TextTable, table: Table) -> tuple[Notice, ...]:
    names = _names(table)
    return tuple(
        Notice(
            text.file,
            text.header_row,
            name,
            f"colonne {quoted(name)} inconnue, ignorée",
            proposal(name, [known for known in names if known not in text.cells.columns])
            or f"colonnes connues : {', '.join(names)}",
        )
        for name in text.cells.columns
        if name not in names
    )


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]

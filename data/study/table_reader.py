"""A table of text cells to typed columns, by the declaration of its table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.study.cells import NUMBERS
from data.study.columns import empty_column, parse_column
from data.study.faults import Findings, count, nearest, proposal, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from data.study.columns import ParsedColumn
    from data.study.tables import Table
    from data.study.text_tables import TextTable

_THOUSAND = 1000


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
        column.name: _refuse(parse_column(cells[column.name], column), text, column.name)
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
    warnings = _unknown(text, table) + _perhaps_thousands(text, table)
    return typed, Findings((*_missing(text, table), *faults), warnings)


def _refuse(parsed: ParsedColumn, text: TextTable, name: str) -> ParsedColumn:
    """Return a column whose cells that the file itself makes doubtful are refused."""
    doubtful = text.refusals.get(name)
    if not doubtful:
        return parsed
    lines = list(doubtful)
    at = text.cells.index.get_indexer(pd.Index(lines))
    refused, empty = parsed.refused.copy(), parsed.empty.copy()
    refused[at], empty[at] = True, False
    told = {position: doubtful[line] for position, line in zip(at.tolist(), lines, strict=True)}
    refusals = {each: why for each, why in {**parsed.refusals, **told}.items() if why is not None}
    return replace(parsed, empty=empty, refused=refused, refusals=refusals)


def _no_header(text: TextTable, table: Table) -> Notice:
    headers = ", ".join(_names(table))
    return Notice(
        text.file,
        text.header_row,
        "",
        "aucun nom de colonne connu sur les premières lignes remplies",
        f"écrivez les en-têtes au-dessus des données : {headers}",
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


def _perhaps_thousands(text: TextTable, table: Table) -> tuple[Notice, ...]:
    """Return a warning for each column whose points may all stand between thousands.

    One number with other decimals shows what the point means in its column.
    """
    warnings = []
    for column in table.columns:
        if column.kind not in NUMBERS or column.high < _THOUSAND or column.name not in text.cells:
            continue
        cells = text.cells[column.name].str.strip()
        pointed = cells[cells.str.fullmatch(r"[0-9]+\.[0-9]+")]
        if pointed.empty or not pointed.str.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}").all():
            continue
        first = str(pointed.iloc[0])
        found = f"{count(len(pointed), 'nombre')} avec un point suivi de trois chiffres"
        read = first.rstrip("0").rstrip(".").replace(".", ",")
        message = f"{found}, {quoted(first)} lu {read} : le point y est une décimale"
        remedy = f"si c’étaient des milliers, écrivez {quoted(first.replace('.', ''))}"
        warnings.append(Notice(text.file, int(pointed.index[0]), column.name, message, remedy))
    return tuple(warnings)


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]

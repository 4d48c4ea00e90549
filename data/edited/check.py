"""A row as it is typed, checked by the parsers of files before its file is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from data.store.checks import checked_text, impersonal_text
from data.study.proposal_reader import check_proposals
from data.study.study_checks import cross_checks, place_tables
from data.study.table_reader import read_table
from data.study.tables import POSTES, STRUCTURES
from data.study.text_tables import TextTable, is_comment
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.edited.filed import Filing, Held
    from data.edited.rows import FiledRow
    from data.study.place_names import PlaceNames
    from data.study.table_reader import TypedTable
    from data.study.tables import Column, Table

BESIDE = (STRUCTURES, POSTES)
"""Tables whose identifiers the others name."""

_FORMULA_SIGNS = ("=", "+", "-", "@")
_TEXTS = ("identifier", "text", "label")


@dataclass(frozen=True)
class Typed:
    """A row as someone typed it.

    Attributes
    ----------
    cells
        Column of the format → text.
    row
        What it replaces, None when it is added.
    """

    table: Table
    cells: Mapping[str, str]
    row: FiledRow | None = None

    def is_new(self, column: str) -> bool:
        """Tell whether a cell is not the one of the file."""
        old = "" if self.row is None else self.row.cells.get(column, "")
        return self.cells.get(column, "") != old


def row_faults(typed: Typed, filing: Filing, names: PlaceNames, year: int) -> tuple[Notice, ...]:
    """Return what is wrong in a typed row, by column: what the reading of its file would say.

    Rules that need other tables than `BESIDE` are left to the reading of the whole study.

    Parameters
    ----------
    filing
        Where its table and those of `BESIDE` are.
    """
    faults = [fault for column in typed.table.columns for fault in _as_typed(typed, column, filing)]
    told = {fault.column for fault in faults}
    read = _as_read(typed, filing, names, year)
    return (*faults, *(fault for fault in read if fault.column not in told))


def _as_typed(typed: Typed, column: Column, filing: Filing) -> list[Notice]:
    """Return what a file may hold but a form does not write."""
    text = typed.cells.get(column.name, "")
    if not typed.is_new(column.name):
        return []
    check = impersonal_text if column.kind == "text" else checked_text
    try:
        check(text, column.name, empty=True)
    except InputErrors as refused:
        return [Notice("", 0, column.name, each.message, each.remedy) for each in refused.faults]
    held = filing.held(typed.table)
    in_csv = (held.path if held is not None else typed.table.file).lower().endswith(".csv")
    if in_csv and column.kind in _TEXTS and text.startswith(_FORMULA_SIGNS):
        message = "texte qui commence par =, +, - ou @ : un tableur le calculerait"
        return [Notice("", 0, column.name, message, "commencez par une lettre ou un chiffre")]
    if is_comment(text) and column.name in _first_columns(typed.table, held):
        message = "texte qui commence par « # » : la ligne passerait pour un commentaire"
        return [Notice("", 0, column.name, message, "commencez par une lettre ou un chiffre")]
    return []


def _first_columns(table: Table, held: Held | None) -> tuple[str, ...]:
    """Return the columns that may come first in a line, where `#` makes it a comment."""
    text = None if held is None else held.text
    return (table.columns[0].name, *(() if text is None else text.cells.columns[:1]))


def _as_read(typed: Typed, filing: Filing, names: PlaceNames, year: int) -> list[Notice]:
    texts = {table.name: held.text for table in BESIDE if (held := filing.held(table)) is not None}
    mine, line = _with_row(typed, filing)
    tables: dict[str, TypedTable] = {}
    faults: list[Notice] = []
    for table in {each.name: each for each in (*BESIDE, typed.table)}.values():
        text = mine if table is typed.table else texts.get(table.name)
        read, found = (None, None) if text is None else read_table(text, table)
        if read is not None and found is not None:
            tables[table.name] = read
            faults += found.faults
    placed, in_codes = place_tables(tables, names)
    across = cross_checks(placed, names.territory, year) + check_proposals(placed)
    faults += [*in_codes.faults, *across.faults]
    return [each for each in faults if (each.file, each.row) == (mine.file, line)]


def _with_row(typed: Typed, filing: Filing) -> tuple[TextTable, int]:
    """Return the table with the typed row in its place, and its line; every column is there."""
    columns = [column.name for column in typed.table.columns]
    held = filing.held(typed.table)
    text = None if held is None else held.text
    file = typed.table.file if text is None else text.file
    filed = pd.DataFrame(columns=columns, dtype="str") if text is None else text.cells
    cells = filed.reindex(columns=columns, fill_value="").copy()
    last = int(cells.index.max()) if len(cells) else 1
    line = last + 1 if typed.row is None else typed.row.line
    cells.loc[line] = [typed.cells.get(name, "").strip() for name in columns]
    return TextTable(file, 1, cells), line

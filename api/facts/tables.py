"""The tables of a deposit: what each holds, its rows with their faults, its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts.places import fold
from data.edited.filed import filed_tables, place_of
from data.study.award_tables import AWARD_TABLES, CONVENTIONS
from data.study.proposal_tables import PROPOSAL_TABLES
from data.study.sources_tables import SOURCE_TABLES
from data.study.tables import POSTES, STRUCTURES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.edited.filed import Filing
    from data.edited.rows import FiledRow, FiledRows
    from data.study.tables import Table
    from geo.errors import Notice

GROUPS = (
    ("L’étude", TABLES),
    ("D’où viennent les heures", SOURCE_TABLES),
    ("Pour proposer des postes", PROPOSAL_TABLES),
    ("Après l’attribution", AWARD_TABLES),
)
"""Tables as the pages show them together."""

_NAMING = (("structure_id", STRUCTURES), ("poste_id", POSTES), ("convention_id", CONVENTIONS))
"""Columns that name what another table owns."""

_PROPOSED = 500
"""Identifiers proposed to a browser, that keeps all of them in the page."""


@dataclass(frozen=True)
class TableLine:
    """A table in the list of all.

    Attributes
    ----------
    file
        Where it is, as messages name it; where it would be begun when `rows` is None.
    rows
        How many it has; None when no file holds it.
    faults
        Of the last reading; None when there is none.
    """

    table: Table
    file: str
    rows: int | None
    faults: int | None


@dataclass(frozen=True)
class RowLine:
    """A row of a table, with the faults of its cells.

    Attributes
    ----------
    cells
        In the order of the file: name of the column, text, faults.
    whole
        Faults that bear on no column.
    """

    row: FiledRow
    cells: tuple[tuple[str, str, tuple[Notice, ...]], ...]
    whole: tuple[Notice, ...]

    @property
    def faulty(self) -> bool:
        """Whether something is wrong in it."""
        return bool(self.whole) or any(faults for _, _, faults in self.cells)


def table_groups(
    files: Mapping[str, bytes], faults: Sequence[Notice] | None
) -> list[tuple[str, list[TableLine]]]:
    """Return every table that a study may hold, by group.

    Parameters
    ----------
    faults
        Of the last reading of the whole study; None when it is not read.
    """
    filing = filed_tables(files)
    return [
        (name, [_table_line(table, filing, files, faults) for table in tables])
        for name, tables in GROUPS
    ]


def _table_line(
    table: Table, filing: Filing, files: Mapping[str, bytes], faults: Sequence[Notice] | None
) -> TableLine:
    held = filing.held(table)
    file = place_of(table, files) if held is None else held.label
    told = None if faults is None else sum(each.file == file for each in faults)
    return TableLine(table, file, None if held is None else held.rows, told)


def row_lines(rows: FiledRows, faults: Iterable[Notice]) -> list[RowLine]:
    """Return the rows of a table with the faults of each cell."""
    by_place: dict[tuple[int, str], tuple[Notice, ...]] = {}
    for fault in faults:
        if fault.file == rows.label:
            column = fault.column if fault.column in rows.names else ""
            key = (fault.row, column)
            by_place[key] = (*by_place.get(key, ()), fault)
    return [
        RowLine(
            row,
            tuple(
                (name, text, by_place.get((row.line, name), ())) for name, text in row.cells.items()
            ),
            by_place.get((row.line, ""), ()),
        )
        for row in rows.rows
    ]


def other_faults(rows: FiledRows, faults: Iterable[Notice]) -> list[Notice]:
    """Return the faults of a table that none of its rows shows."""
    lines = {row.line for row in rows.rows}
    return [each for each in faults if each.file == rows.label and each.row not in lines]


def matching(lines: Iterable[RowLine], text: str, *, faulty: bool) -> list[RowLine]:
    """Return the rows that hold every word of a text, accents and case aside.

    Parameters
    ----------
    faulty
        Whether only rows where something is wrong are kept.
    """
    words = fold(text).split()
    return [
        line
        for line in lines
        if (line.faulty or not faulty)
        and all(word in fold(" ".join(line.row.cells.values())) for word in words)
    ]


def proposed_names(table: Table, filing: Filing) -> dict[str, list[str]]:
    """Return the identifiers of other tables that a column of a table may name."""
    found: dict[str, list[str]] = {}
    for name, owner in _NAMING:
        held = filing.held(owner)
        text = None if held is None else held.text
        if table is not owner and text is not None and name in text.cells.columns:
            known = sorted({cell.strip() for cell in text.cells[name]} - {""})
            found[name] = known[:_PROPOSED]
    return found

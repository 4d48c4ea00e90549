"""What joining received workbooks to a study is made of: rows, changes, conflicts, a balance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from data.study.tables import PERIMETRES, POSTES, STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.study.tables import Table

OWNED = (POSTES, PERIMETRES)
"""Tables whose rows belong to a structure: only there does an absence say something."""

Outcome = Literal["added", "changed", "unchanged", "repeated", "conflicting"]
"""What becomes of a received line; each has one outcome."""

OUTCOMES: tuple[Outcome, ...] = ("added", "changed", "unchanged", "repeated", "conflicting")

Reason = Literal["values", "foreign", "owner", "elsewhere"]
"""Why lines conflict: two values for one key; a structure that the file does not speak for; a
post that the study gives to another structure; a post without identifier that another file on
the same structure does not know."""


@dataclass(frozen=True)
class Row:
    """One line of one table.

    Attributes
    ----------
    file
        The file and its sheet, for messages.
    line
        The spreadsheet's line.
    cells
        Column → canonical text: two writings of one value are equal. A received row holds only
        the columns of its file; a row of the study, all of them.
    """

    file: str
    line: int
    cells: Mapping[str, str]

    def cell(self, name: str) -> str:
        """Return the text of a cell, empty when its file has no such column."""
        return self.cells.get(name, "")


@dataclass(frozen=True)
class Received:
    """One received workbook: its name, and its rows by table."""

    file: str
    tables: Mapping[str, Sequence[Row]]

    def rows(self, table: Table) -> Sequence[Row]:
        """Return the rows of a table, none when the workbook has no such sheet."""
        return self.tables.get(table.name, ())

    @property
    def structures(self) -> frozenset[str]:
        """The structures it speaks for: those of its sheet, else those of its rows."""
        named = frozenset(row.cell("structure_id") for row in self.rows(STRUCTURES))
        return named or frozenset(
            row.cell("structure_id") for table in OWNED for row in self.rows(table)
        )


@dataclass(frozen=True)
class Change:
    """One change of the study.

    Attributes
    ----------
    old
        The row of the study; None when one is added.
    source
        The received row; None when a row is removed.
    cells
        Column → text to write: all columns of an added row, those that differ of a changed one.
    """

    table: str
    old: Row | None
    source: Row | None
    cells: Mapping[str, str]

    @property
    def kind(self) -> Literal["added", "changed", "removed"]:
        """What is done to the row."""
        if self.old is None:
            return "added"
        return "removed" if self.source is None else "changed"


@dataclass(frozen=True)
class Conflict:
    """Received lines that cannot all be believed.

    Attributes
    ----------
    alone
        Row by row, what believing this one alone would change; nothing when the study says so
        already, or when another line, that is believed, says the same.
    kept
        The changes of the diff that keep all of them, contested.
    """

    table: str
    rows: tuple[Row, ...]
    reason: Reason
    alone: tuple[tuple[Change, ...], ...] = ()
    kept: tuple[Change, ...] = ()

    @property
    def blocking(self) -> bool:
        """Whether nothing may be written; perimeters are kept as contested instead."""
        return self.table != PERIMETRES.name


RemarkKind = Literal["not_believed", "to_confirm", "says_nothing", "spoken_twice"]
"""A state « valide » that stays to be confirmed; a valid perimeter changed, to be confirmed again;
an empty sheet that removes nothing; a structure that two files speak for."""


@dataclass(frozen=True)
class Remark:
    """Something the planner should know that is not a change.

    Attributes
    ----------
    structure
        Empty when the remark is about a row.
    count
        Rows of the study that an empty sheet leaves alone.
    """

    kind: RemarkKind
    table: str
    file: str
    line: int = 0
    structure: str = ""
    count: int = 0


@dataclass(frozen=True)
class Diff:
    """What joining received workbooks does to a study.

    Attributes
    ----------
    balance
        (received file, table) → how many of its lines have each outcome; tables without any
        line are left out.
    """

    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    remarks: tuple[Remark, ...] = ()
    balance: Mapping[tuple[str, str], Counter[Outcome]] = field(default_factory=dict)

    @property
    def blocked(self) -> bool:
        """Whether a conflict forbids to write anything."""
        return any(conflict.blocking for conflict in self.conflicts)

    def changes_of(self, table: Table) -> list[Change]:
        """Return the changes of a table: added, changed, removed, each in file order."""
        return [change for change in self.changes if change.table == table.name]


@dataclass
class Ledger:
    """A diff being made: every received line is entered once."""

    changes: list[Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    balance: dict[tuple[str, str], Counter[Outcome]] = field(default_factory=dict)

    def enter(self, file: str, table: Table, outcome: Outcome) -> None:
        """Count one line of a received file."""
        self.balance.setdefault((file, table.name), Counter())[outcome] += 1

    def conflict(
        self,
        table: Table,
        claims: Sequence[Claim],
        reason: Reason,
        *,
        alone: Iterable[Sequence[Change]],
        kept: Sequence[Change] = (),
    ) -> None:
        """Enter lines that conflict; what keeps them contested is entered as any change."""
        rows = tuple(claim.row for claim in claims)
        options = tuple(map(tuple, alone))
        self.conflicts.append(Conflict(table.name, rows, reason, options, tuple(kept)))
        for claim in claims:
            self.enter(claim.file, table, "conflicting")

    def closed(self) -> Diff:
        """Return the diff."""
        return Diff(
            tuple(self.changes), tuple(self.conflicts), tuple(self.remarks), dict(self.balance)
        )


@dataclass(frozen=True)
class Claim:
    """A received row and the file that it comes from."""

    file: str
    row: Row


def merged(claims: Iterable[Claim]) -> dict[str, str] | None:
    """Return the cells that rows of one key give together, None when two of them disagree."""
    cells: dict[str, str] = {}
    for claim in claims:
        for name, text in claim.row.cells.items():
            if cells.setdefault(name, text) != text:
                return None
    return cells


def addition(table: Table, source: Row, cells: Mapping[str, str]) -> Change:
    """Return the addition of a row; columns that no file has are as an empty cell reads."""
    full = {column.name: cells.get(column.name, column.default) for column in table.columns}
    return Change(table.name, None, source, full)


def replacement(
    table: Table, old: Row | None, source: Row, cells: Mapping[str, str]
) -> list[Change]:
    """Return what it takes for the study to hold cells received: nothing when it does already."""
    if old is None:
        return [addition(table, source, cells)]
    new = {name: text for name, text in cells.items() if old.cell(name) != text}
    return [Change(table.name, old, source, new)] if new else []


def split_foreign(table: Table, received: Sequence[Received]) -> tuple[list[Claim], list[Claim]]:
    """Return the claims of files on structures they speak for, and those on other ones."""
    own: list[Claim] = []
    foreign: list[Claim] = []
    for each in received:
        structures = each.structures
        for row in each.rows(table):
            spoken = table not in OWNED or row.cell("structure_id") in structures
            (own if spoken else foreign).append(Claim(each.file, row))
    return own, foreign


def spoken_for(table: Table, received: Iterable[Received]) -> frozenset[str]:
    """Return the structures whose rows may be removed from a table of the study.

    A file whose sheet is empty or absent says nothing: it is not believed to remove all.
    """
    if table not in OWNED:
        return frozenset()
    return frozenset().union(*(each.structures for each in received if each.rows(table)))

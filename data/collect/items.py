"""What is to be decided of received workbooks, line by line, and the answers there may be.

Pure: a diff in, items out. An item is told by what it says, never by its line: decided once, it
stays decided while it says the same.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from data.collect.perimeters import KEY as PERIMETER_KEY
from data.collect.report import REASONS, ROW_REMARKS, row_name
from data.collect.rows import KEYS
from data.study.tables import PERIMETRES, POSTES, STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.collect.model import Change, Conflict, Diff, Received, Row

CONFLICT = "conflict"
"""Kind of an item that is no single change."""

_ACCEPT = "Accepter"
_KEEP_ALL = "Garder tout, contesté"
_KEY_OF = {**KEYS, POSTES.name: ("poste_id",), PERIMETRES.name: (*PERIMETER_KEY, "nature")}
_NAMED_IN = frozenset((POSTES.name, PERIMETRES.name))


@dataclass(frozen=True)
class Written:
    """What accepting does to one row of the study: column, text before, text after."""

    kind: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Option:
    """One way to accept an item.

    Attributes
    ----------
    label
        What choosing it does, in French.
    writes
        The rows that it changes in the study; none when the study says so already.
    touches
        Rows that it changes or adds, where two of them could not both be.
    names, gives
        Structures that its rows name, and that it adds.
    """

    label: str
    writes: tuple[Written, ...]
    touches: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """Something to accept or refuse.

    Attributes
    ----------
    key
        Digest of what it says, told apart from those that say the same.
    kind
        `added`, `changed`, `removed` or `conflict`.
    books
        Received workbooks that say it, the first one counting its line.
    place
        File, sheet and line of the received row, of the study's row when it would be removed.
    name
        What tells the row, in French.
    reason
        Why its lines conflict; empty when they do not.
    remarks
        What the planner should know of it.
    """

    key: str
    table: str
    kind: str
    books: tuple[str, ...]
    place: str
    name: str
    reason: str
    remarks: tuple[str, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True)
class _Draft:
    """An item not named yet, and what each of its answers does."""

    item: Item
    answers: tuple[tuple[Change, ...], ...]
    says: tuple[object, ...]


@dataclass(frozen=True)
class Decidable:
    """A diff made of items, and the changes that each answer stands for."""

    diff: Diff
    items: tuple[Item, ...]
    answers: Mapping[str, tuple[tuple[Change, ...], ...]]

    def changes(self, chosen: Mapping[str, int]) -> list[Change]:
        """Return the changes of some answers, in the order of the diff.

        Parameters
        ----------
        chosen
            Key of an item → rank of the option accepted, from 1.

        Raises
        ------
        LookupError
            When an item or an option is not there.
        """
        wanted = [each for key, rank in chosen.items() for each in self.answers[key][rank - 1]]
        ours = {id(each) for each in wanted}
        listed = [each for each in self.diff.changes if id(each) in ours]
        known = {id(each) for each in listed}
        return listed + [each for each in wanted if id(each) not in known]


def decidable(diff: Diff, received: Sequence[Received]) -> Decidable:
    """Return what is to be decided of a diff, by table, in the order of the diff."""
    books = _Books(diff, received)
    kept = {id(change) for conflict in diff.conflicts for change in conflict.kept}
    drafts = [_of_change(each, books) for each in diff.changes if id(each) not in kept]
    drafts += [_of_conflict(each, books) for each in diff.conflicts]
    seen: Counter[str] = Counter()
    items, answers = [], {}
    for draft in drafts:
        digest = _digest(draft.says)
        seen[digest] += 1
        key = f"{digest}-{seen[digest]}"
        items.append(replace(draft.item, key=key))
        answers[key] = draft.answers
    return Decidable(diff, tuple(items), answers)


class _Books:
    """Which workbook each row comes from, and what is remarked of it."""

    def __init__(self, diff: Diff, received: Sequence[Received]) -> None:
        self._received = received
        self._of_file = {
            row.file: each.file
            for each in received
            for rows in each.tables.values()
            for row in rows
        }
        self._remarks: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for remark in diff.remarks:
            if remark.line:
                self._remarks[remark.file, remark.line].append(ROW_REMARKS[remark.kind])

    def of(self, row: Row) -> str:
        return self._of_file[row.file]

    def without(self, row: Row, table: str) -> tuple[str, ...]:
        """Return the workbooks that speak for the structure of a row, and do not give it."""
        return tuple(
            each.file
            for each in self._received
            if each.tables.get(table) and row.cell("structure_id") in each.structures
        )

    def remarks(self, row: Row) -> tuple[str, ...]:
        return tuple(self._remarks.get((row.file, row.line), ()))


def _of_change(change: Change, books: _Books) -> _Draft:
    row = change.source or change.old
    assert row is not None  # noqa: S101 - a change has one or the other
    told = change.cells if change.old is None else change.old.cells
    item = Item(
        key="",
        table=change.table,
        kind=change.kind,
        books=books.without(row, change.table) if change.source is None else (books.of(row),),
        place=place_of(row),
        name=row_name(change.table, told),
        reason="",
        remarks=books.remarks(row),
        options=(_option(_ACCEPT, (change,)),),
    )
    says = (change.table, item.books, change.kind, _said(change))
    return _Draft(item, ((change,),), says)


def _of_conflict(conflict: Conflict, books: _Books) -> _Draft:
    first = conflict.rows[0]
    answers = list(zip([_keep(row) for row in conflict.rows], conflict.alone, strict=True))
    if conflict.kept:
        answers.insert(0, (_KEEP_ALL, conflict.kept))
    item = Item(
        key="",
        table=conflict.table,
        kind=CONFLICT,
        books=tuple(dict.fromkeys(books.of(row) for row in conflict.rows)),
        place=place_of(first),
        name=row_name(conflict.table, first.cells),
        reason=REASONS[conflict.reason],
        remarks=(),
        options=tuple(_option(label, changes) for label, changes in answers),
    )
    rows = [(books.of(row), sorted(row.cells.items())) for row in conflict.rows]
    says = (conflict.table, CONFLICT, conflict.reason, rows)
    return _Draft(item, tuple(changes for _, changes in answers), says)


def _option(label: str, changes: Sequence[Change]) -> Option:
    return Option(
        label,
        tuple(Written(change.kind, tuple(_cells(change))) for change in changes),
        tuple(touched for change in changes if (touched := _touched(change))),
        tuple(sorted({name for change in changes if (name := _structure_named(change))})),
        tuple(sorted({name for change in changes if (name := _structure_given(change))})),
    )


def _cells(change: Change) -> Iterable[tuple[str, str, str]]:
    if change.old is None:
        return [(name, "", text) for name, text in change.cells.items() if text]
    if change.source is None:
        return [(name, text, "") for name, text in change.old.cells.items() if text]
    return [(name, change.old.cell(name), text) for name, text in change.cells.items()]


def _touched(change: Change) -> str:
    """Return what tells the row that a change writes; empty when many may be alike."""
    if change.old is not None:
        return f"{change.old.file}\n{change.old.line}"
    key = [change.cells.get(name, "") for name in _KEY_OF[change.table]]
    return "\n".join([change.table, *key]) if any(key) else ""


def _structure_named(change: Change) -> str:
    written = change.source is not None and change.table in _NAMED_IN
    return change.cells.get("structure_id", "") if written else ""


def _structure_given(change: Change) -> str:
    added = change.old is None and change.table == STRUCTURES.name
    return change.cells.get("structure_id", "") if added else ""


def _said(change: Change) -> list[object]:
    old = None if change.old is None else sorted(change.old.cells.items())
    return [old, sorted(change.cells.items())]


def _keep(row: Row) -> str:
    return f"Garder celle de {place_of(row)}"


def place_of(row: Row) -> str:
    """Return where a row stands, in French."""
    return f"{row.file}, ligne {row.line}"


def _digest(says: Sequence[object]) -> str:
    return sha256(json.dumps(says, ensure_ascii=False).encode()).hexdigest()[:16]

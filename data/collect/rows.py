"""Received rows joined by key: structures, posts, needs, declarations of completeness."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from data.collect.model import (
    Change,
    Claim,
    merged,
    replacement,
    split_foreign,
    spoken_for,
)
from data.study.tables import BESOINS, EXHAUSTIVITE, POSTES, STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.collect.model import Ledger, Outcome, Reason, Received, Row
    from data.study.tables import Table

KEYS = {
    STRUCTURES.name: ("structure_id",),
    BESOINS.name: ("commune", "donneur_ordre", "annee", "programme", "source"),
    EXHAUSTIVITE.name: tuple(column.name for column in EXHAUSTIVITE.columns),
}
"""Table → the columns that tell its rows apart. A post has its identifier, or all its cells."""

_Key = tuple[str, ...]
_IDENTIFIED, _ANONYMOUS = "identified", "anonymous"


def join_rows(
    table: Table, study: Sequence[Row], received: Sequence[Received], ledger: Ledger
) -> None:
    """Enter in the ledger what received rows of a table do to those of the study."""
    own, foreign = split_foreign(table, received)
    columns = _shared_columns(table, received)
    known = dict(zip(_keys(table, [("", row) for row in study], columns), study, strict=True))
    for key, claim in _keyed(table, foreign, columns):
        _conflict(table, [claim], "foreign", known.get(key), ledger)
    claims: defaultdict[_Key, list[Claim]] = defaultdict(list)
    for key, claim in _keyed(table, own, columns):
        claims[key].append(claim)
    speakers = _speakers(own) if table is POSTES else {}
    for key, group in claims.items():
        cells = merged(group)
        if cells is None:
            _conflict(table, group, "values", known.get(key), ledger)
        elif reason := _doubt(key, group, known.get(key), speakers):
            _conflict(table, group, reason, known.get(key), ledger)
        else:
            _enter(table, group, cells, known.get(key), ledger)
    may_go = spoken_for(table, received)
    ledger.changes += [
        Change(table.name, row, None, {})
        for key, row in known.items()
        if key not in claims and row.cell("structure_id") in may_go
    ]


def _shared_columns(table: Table, received: Sequence[Received]) -> list[str]:
    """Return the columns that every received sheet of a table has."""
    filed = [rows[0].cells for each in received if (rows := each.rows(table))]
    return [column.name for column in table.columns if all(column.name in row for row in filed)]


def _keys(table: Table, rows: Sequence[tuple[str, Row]], columns: Sequence[str]) -> list[_Key]:
    """Return the key of each row of a file; alike posts without identifier are numbered."""
    if table is not POSTES:
        return [tuple(row.cell(name) for name in KEYS[table.name]) for _, row in rows]
    seen: Counter[_Key] = Counter()
    keys: list[_Key] = []
    for file, row in rows:
        name = row.cell("poste_id")
        if name:
            keys.append((_IDENTIFIED, name))
            continue
        shown = (_ANONYMOUS, row.cell("structure_id"), *(row.cell(each) for each in columns))
        seen[file, *shown] += 1
        keys.append((*shown, str(seen[file, *shown])))
    return keys


def _keyed(
    table: Table, claims: Sequence[Claim], columns: Sequence[str]
) -> Iterable[tuple[_Key, Claim]]:
    return zip(
        _keys(table, [(claim.file, claim.row) for claim in claims], columns), claims, strict=True
    )


def _conflict(
    table: Table, claims: Sequence[Claim], reason: Reason, old: Row | None, ledger: Ledger
) -> None:
    alone = [replacement(table, old, claim.row, claim.row.cells) for claim in claims]
    ledger.conflict(table, claims, reason, alone=alone)


def _speakers(own: Sequence[Claim]) -> dict[str, set[str]]:
    """Return the files that give posts of each structure."""
    speakers: dict[str, set[str]] = {}
    for claim in own:
        speakers.setdefault(claim.row.cell("structure_id"), set()).add(claim.file)
    return speakers


def _doubt(
    key: _Key, group: Sequence[Claim], old: Row | None, speakers: Mapping[str, set[str]]
) -> Reason | None:
    """Return why rows that agree are not believed, None when they are."""
    structure = group[0].row.cell("structure_id")
    if key[0] == _IDENTIFIED and old is not None and old.cell("structure_id") != structure:
        return "owner"
    if key[0] == _ANONYMOUS and speakers[structure] != {claim.file for claim in group}:
        return "elsewhere"
    return None


def _enter(
    table: Table,
    group: Sequence[Claim],
    cells: Mapping[str, str],
    old: Row | None,
    ledger: Ledger,
) -> None:
    first, *others = group
    for claim in others:
        ledger.enter(claim.file, table, "repeated")
    made = replacement(table, old, first.row, cells)
    ledger.changes += made
    outcome: Outcome = "unchanged" if not made else "added" if old is None else "changed"
    ledger.enter(first.file, table, outcome)

"""Workbooks received from structures against a study: what they add, change, remove, contest.

Pure: tables of canonical texts in, a diff out. A received line is never guessed at: it is added,
it changes a line, it changes nothing, it repeats another received line, or it conflicts.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from data.collect.model import OWNED, Ledger, Remark, Row, spoken_for
from data.collect.perimeters import join_perimeters
from data.collect.rows import join_rows
from data.study.tables import PERIMETRES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.collect.model import Change, Diff, Received


def diff(study: Mapping[str, Sequence[Row]], received: Sequence[Received]) -> Diff:
    """Return what joining received workbooks does to a study.

    Applied once, it finds nothing more to do: only conflicts of perimeters stay told.

    Parameters
    ----------
    study
        Table name → its rows, with all their columns; lines are unique in a table.
    received
        Workbooks of distinct names.
    """
    ledger = Ledger()
    for table in TABLES:
        rows = study.get(table.name, ())
        if table is PERIMETRES:
            join_perimeters(rows, received, ledger)
        else:
            join_rows(table, rows, received, ledger)
    ledger.remarks += [*_left_alone(study, received), *_spoken_twice(received)]
    return ledger.closed()


def _left_alone(
    study: Mapping[str, Sequence[Row]], received: Sequence[Received]
) -> Iterable[Remark]:
    """Tell the empty sheets of structures that the study has rows of: they remove nothing."""
    for table in OWNED:
        said = spoken_for(table, received)
        held = Counter(row.cell("structure_id") for row in study.get(table.name, ()))
        for each in received:
            for name in sorted(each.structures - said):
                if held[name]:
                    yield Remark(
                        "says_nothing", table.name, each.file, structure=name, count=held[name]
                    )


def _spoken_twice(received: Sequence[Received]) -> Iterable[Remark]:
    speakers: dict[str, list[str]] = {}
    for each in received:
        for name in each.structures:
            speakers.setdefault(name, []).append(each.file)
    for name in sorted(speakers):
        if len(speakers[name]) > 1:
            files = ", ".join(speakers[name])
            yield Remark("spoken_twice", "", files, structure=name)


def apply_changes(rows: Sequence[Row], changes: Iterable[Change]) -> list[Row]:
    """Return the rows of a table once changed; added ones are last, at line 0."""
    changed: dict[int, Change] = {}
    new: list[Row] = []
    for change in changes:
        if change.old is None:
            new.append(Row("", 0, change.cells))
        else:
            changed[change.old.line] = change
    kept = [row for row in rows if row.line not in changed or changed[row.line].kind == "changed"]
    return [
        Row(row.file, row.line, {**row.cells, **changed[row.line].cells})
        if row.line in changed
        else row
        for row in kept
    ] + new

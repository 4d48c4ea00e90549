"""Received workbooks against a study folder: read, checked, compared, ready to be written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from data.collect.checks import study_faults
from data.collect.diff import apply_changes, diff
from data.collect.edit import edited_csv, edited_workbook, formula_warnings, new_csv
from data.collect.files import read_content
from data.collect.read import read_all, tables_of
from data.collect.write import replace_files
from data.study.faults import Findings, gather
from data.study.tables import TABLES
from geo.errors import InputErrors, Notice, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from data.collect.files import FiledFile
    from data.collect.model import Change, Diff, Row
    from data.collect.read import Reading
    from geo.territory import Territory


@dataclass(frozen=True)
class Collection:
    """What a collection would do, and the files it would write.

    Attributes
    ----------
    files
        Name → new bytes, of the files that change; none when a conflict blocks.
    former
        Name → bytes read, of all files of tables.
    """

    folder: Path
    diff: Diff
    warnings: tuple[Notice, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    former: Mapping[str, bytes] = field(default_factory=dict)


def collect(folder: Path, paths: Sequence[Path], territory: Territory) -> Collection:
    """Return what joining workbooks does to a study; nothing is written.

    Raises
    ------
    InputErrors
        With every fault of the study's tables and of all workbooks, or with what forbids to
        write the joined study.
    OutputError
        When the joined tables do not read back as they should.
    """
    reading = read_all(folder, paths, territory)
    findings = reading.findings + gather(reading.book_findings(reading.books).values())
    _refuse(findings)
    made = diff(reading.study.rows, [book.received for book in reading.books])
    if made.blocked or not made.changes:
        return Collection(folder, made, findings.warnings)
    joined, warnings = join(reading, made.changes)
    former = {filed.name: filed.content for filed in reading.study.files}
    return Collection(folder, made, findings.warnings + warnings, joined, former)


def join(
    reading: Reading, changes: Sequence[Change]
) -> tuple[dict[str, bytes], tuple[Notice, ...]]:
    """Return the files of a study that changes touch, by name, and what is to be told of them.

    Raises
    ------
    InputErrors
        With what forbids to write the study once changed.
    OutputError
        When its tables do not read back as they should.
    """
    by_table = {
        table.name: mine
        for table in TABLES
        if (mine := [change for change in changes if change.table == table.name])
    }
    joined, findings = _joined_files(reading.study.files, by_table)
    _refuse(findings)
    _refuse(_proof(reading, by_table, joined))
    return joined, findings.warnings


def _refuse(findings: Findings) -> None:
    if findings.faults:
        raise InputErrors(findings.faults, findings.warnings)


def write_collection(collection: Collection) -> None:
    """Write the files of a collection, all of them or none.

    Raises
    ------
    OutputError
        When it cannot be done; the study is left as it was.
    """
    if collection.files:
        replace_files(collection.folder, collection.files, collection.former)


def _joined_files(
    filed: Sequence[FiledFile], changes: Mapping[str, Sequence[Change]]
) -> tuple[dict[str, bytes], Findings]:
    """Return the new bytes of the files that change, by name.

    A table that no file holds yet gets a sheet of the study's workbook, else a CSV file.
    """
    left = dict(changes)
    joined: dict[str, bytes] = {}
    findings = Findings()
    for each in sorted(filed, key=lambda file: file.only is None):
        mine = {name: left.pop(name) for name in each.texts if name in left}
        if each.only is None:
            mine |= left
            left = {}
        if mine:
            content, found = _joined_file(each, mine)
            findings += found
            joined |= {} if content is None else {each.name: content}
    for table in TABLES:
        if table.name in left:
            joined[table.file] = new_csv(table, left[table.name])
            findings += formula_warnings(table.file, table, left[table.name])
    return joined, findings


def _joined_file(
    filed: FiledFile, changes: Mapping[str, Sequence[Change]]
) -> tuple[bytes | None, Findings]:
    if filed.only is None or not filed.name.lower().endswith(".csv"):
        return edited_workbook(filed, changes)
    mine = changes[filed.only.name]
    found = formula_warnings(filed.name, filed.only, mine)
    return edited_csv(filed, filed.only, mine), found


def _proof(
    reading: Reading, changes: Mapping[str, Sequence[Change]], joined: Mapping[str, bytes]
) -> Findings:
    """Read the joined files back, and return what the study so made has that is wrong.

    Raises
    ------
    OutputError
        When a table read back is not the table expected, row for row.
    """
    study, names = reading.study, reading.names
    only = {filed.name: filed.only for filed in study.files} | {
        table.file: table for table in TABLES if table.file in joined
    }
    read = [read_content(name, content, only[name])[0] for name, content in joined.items()]
    kept = [filed for filed in study.files if filed.name not in joined]
    after, findings = tables_of([*kept, *read], names)
    findings += study_faults(after.typed, names.territory, reading.year)
    for table in TABLES:
        expected = apply_changes(study.rows.get(table.name, ()), changes.get(table.name, ()))
        if _counted(expected) != _counted(after.rows.get(table.name, ())):
            raise OutputError(
                f"la table « {table.name} » ne se relirait pas comme attendu ; rien n’est écrit → "
                "cherchez dans les lignes reçues une cellule qui commence par « # » ou démesurée"
            )
    return Findings(
        tuple(replace(each, file=f"{each.file} (une fois joint)") for each in findings.faults)
    )


def _counted(rows: Iterable[Row]) -> Counter[tuple[tuple[str, str], ...]]:
    return Counter(tuple(row.cells.items()) for row in rows)

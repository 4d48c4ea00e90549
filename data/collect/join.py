"""Received workbooks against a study folder: read, checked, compared, ready to be written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from data.collect.checks import received_findings, study_faults, typed_tables
from data.collect.diff import apply_changes, diff
from data.collect.edit import edited_csv, edited_workbook, formula_warnings, new_csv
from data.collect.files import (
    list_study,
    read_content,
    read_filed,
    read_received,
    received,
    study_rows,
)
from data.collect.write import replace_files
from data.study.faults import Findings
from data.study.filed_tables import file_bytes
from data.study.place_names import PlaceNames
from data.study.settings_file import read_settings
from data.study.tables import STRUCTURES, TABLES
from geo.errors import InputErrors, Notice, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from data.collect.files import FiledFile
    from data.collect.model import Change, Diff, Received, Row
    from data.study.folder import StudyFolder
    from data.study.table_reader import TypedTable
    from data.study.text_tables import TextTable
    from geo.territory import Territory


@dataclass(frozen=True)
class _Filed:
    """The tables of a study, and the files that hold them."""

    files: Sequence[FiledFile]
    typed: Mapping[str, TypedTable]
    rows: Mapping[str, Sequence[Row]]


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
    files, findings = list_study(folder)
    names, year = PlaceNames(territory), _year(files, territory)
    study, found = _read_study(files, names, year)
    workbooks, heard = _read_workbooks(paths, study.typed.get(STRUCTURES.name), names)
    findings += found + heard
    _refuse(findings)
    made = diff(study.rows, workbooks)
    if made.blocked or not made.changes:
        return Collection(folder, made, findings.warnings)
    joined, found = _joined_files(study.files, made)
    findings += found
    _refuse(findings)
    _refuse(_proof(study, made, joined, names, year))
    former = {filed.name: filed.content for filed in study.files}
    return Collection(folder, made, findings.warnings, joined, former)


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


def _year(files: StudyFolder, territory: Territory) -> int:
    """Return the year of the study, 0 when its settings do not say it yet."""
    content = None if files.settings is None else file_bytes(files.settings)[0]
    return 0 if content is None else read_settings(content, territory)[0].year


def _labelled(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Return each file once, with its name, longer where two files have the same."""
    unique = list({path.resolve(): path for path in paths}.values())
    names = Counter(path.name for path in unique)
    return [
        (path, path.name if names[path.name] == 1 else f"{path.resolve().parent.name}/{path.name}")
        for path in unique
    ]


def _read_study(files: StudyFolder, names: PlaceNames, year: int) -> tuple[_Filed, Findings]:
    filed, findings = read_filed(files)
    study, found = _tables_of(filed, names)
    findings += found + study_faults(study.typed, names.territory, year)
    return study, Findings(findings.faults)


def _read_workbooks(
    paths: Sequence[Path], known: TypedTable | None, names: PlaceNames
) -> tuple[list[Received], Findings]:
    findings = Findings()
    read: list[tuple[str, dict[str, TextTable], dict[str, TypedTable]]] = []
    for path, label in _labelled(paths):
        texts, found = read_received(path, label)
        typed, in_cells = typed_tables(texts, names)
        findings += found + in_cells
        read.append((label, texts, typed))
    listed = [known, *(typed.get(STRUCTURES.name) for _, _, typed in read)]
    nameable = [table for table in listed if table is not None]
    for _, _, typed in read:
        findings += received_findings(typed, nameable, names.territory)
    return [received(*each) for each in read], findings


def _tables_of(filed: Sequence[FiledFile], names: PlaceNames) -> tuple[_Filed, Findings]:
    texts = {name: text for each in filed for name, text in each.texts.items()}
    typed, findings = typed_tables(texts, names)
    rows = {name: study_rows(texts[name], table) for name, table in typed.items()}
    return _Filed(filed, typed, rows), findings


def _joined_files(filed: Sequence[FiledFile], made: Diff) -> tuple[dict[str, bytes], Findings]:
    """Return the new bytes of the files that change, by name.

    A table that no file holds yet gets a sheet of the study's workbook, else a CSV file.
    """
    left = {table.name: changes for table in TABLES if (changes := made.changes_of(table))}
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
    study: _Filed, made: Diff, joined: Mapping[str, bytes], names: PlaceNames, year: int
) -> Findings:
    """Read the joined files back, and return what the study so made has that is wrong.

    Raises
    ------
    OutputError
        When a table read back is not the table expected, row for row.
    """
    only = {filed.name: filed.only for filed in study.files} | {
        table.file: table for table in TABLES if table.file in joined
    }
    read = [read_content(name, content, only[name])[0] for name, content in joined.items()]
    kept = [filed for filed in study.files if filed.name not in joined]
    after, findings = _tables_of([*kept, *read], names)
    findings += study_faults(after.typed, names.territory, year)
    for table in TABLES:
        expected = apply_changes(study.rows.get(table.name, ()), made.changes_of(table))
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

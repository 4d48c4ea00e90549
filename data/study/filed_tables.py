"""The tables of a study, whatever files hold them: CSV, a workbook each, or one workbook."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from coverage.model import InputFile
from data.study.csv_files import read_csv
from data.study.faults import Findings, quoted
from data.study.folder import WITHOUT, missing_tables
from data.study.sources_tables import EVERY_TABLE
from data.study.table_reader import TypedTable, read_table
from data.study.tables import PERIMETRES
from data.workbooks.reader import read_workbook
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from data.study.folder import StudyFolder
    from data.study.tables import Table
    from data.study.text_tables import TextTable

_BY_NAME = {table.name: table for table in EVERY_TABLE}


@dataclass(frozen=True)
class _Given:
    """One table as one file gives it.

    Attributes
    ----------
    place
        The file, or the workbook and its sheet, for messages.
    cells
        None when they cannot be read.
    empty
        What to say if no other file gives rows; nothing when this one has some.
    """

    name: str
    place: str
    cells: TypedTable | None
    empty: Findings = field(default_factory=Findings)

    @property
    def says_something(self) -> bool:
        return self.cells is None or len(self.cells.frame) > 0


@dataclass(frozen=True)
class _Filed:
    """What one file gives: its tables, and its entry.

    Nothing at all, not even a name, when a file of several tables cannot be opened.
    """

    tables: tuple[_Given, ...] = ()
    inputs: tuple[InputFile, ...] = ()


def read_tables(
    files: StudyFolder,
) -> tuple[dict[str, TypedTable], list[InputFile], Findings]:
    """Return the tables of all files; one given twice or by none is a fault."""
    sources: list[tuple[Path, Table | None]] = []
    sources += [(path, _BY_NAME[name]) for name, path in files.tables.items()]
    sources += [(path, _BY_NAME[name]) for name, path in files.workbooks.items()]
    sources += [] if files.workbook is None else [(files.workbook, None)]
    given: dict[str, list[_Given]] = {}
    entries: list[InputFile] = []
    findings, opened = Findings(), True
    for path, only in sources:
        filed, found = _read_file(path, only)
        findings += found
        entries += filed.inputs
        opened &= bool(filed.tables or filed.inputs)
        for each in filed.tables:
            given.setdefault(each.name, []).append(each)
    tables: dict[str, TypedTable] = {}
    for name, candidates in given.items():
        kept, found = _choose(candidates, drawn=bool(files.drawn))
        findings += found
        if kept.cells is not None:
            tables[name] = kept.cells
    return tables, entries, findings + (missing_tables(files, given) if opened else Findings())


def _choose(candidates: Sequence[_Given], *, drawn: bool) -> tuple[_Given, Findings]:
    """Return the one that gives a table; two that say something are a fault.

    Headers without rows say nothing: a sheet left as it was beside a filled file is no choice.
    """
    filled = [each for each in candidates if each.says_something]
    if not filled:
        unasked = drawn and candidates[0].name == PERIMETRES.name
        return candidates[0], Findings() if unasked else candidates[0].empty
    if len(filled) == 1:
        return filled[0], Findings()
    places = " ; ".join(each.place for each in filled)
    message = f"table {quoted(filled[0].name)} donnée plusieurs fois : {places}"
    remedy = "gardez la bonne, retirez les autres du dossier ou du classeur"
    return filled[0], Findings((Notice(filled[0].place, 0, "", message, remedy),))


def _read_file(path: Path, only: Table | None) -> tuple[_Filed, Findings]:
    """Return what a file of tables gives.

    Parameters
    ----------
    only
        The table that the file holds; None when it may hold all of them, a sheet each.
    """
    content, findings = file_bytes(path)
    texts: Mapping[str, TextTable | None] | None = None
    if content is not None and path.suffix.lower() == ".csv" and only is not None:
        text, found = read_csv(content, path.name, only)
        texts = {only.name: text}
        findings += found
    elif content is not None:
        texts, found = read_workbook(content, path.name, only, tables=EVERY_TABLE)
        findings += found
    if texts is None or content is None:
        return _Filed(() if only is None else (_Given(only.name, path.name, None),)), findings
    if only is not None and only.name not in texts:
        texts = {only.name: None}
    tables = []
    for name, text in texts.items():
        if text is None:
            tables.append(_Given(name, path.name, None))
            continue
        typed, found = read_table(text, _BY_NAME[name])
        findings += found
        empty = Findings() if found.faults else _no_row(text.file, _BY_NAME[name])
        tables.append(_Given(name, text.file, typed, empty))
    rows = sum(len(each.cells.frame) for each in tables if each.cells is not None)
    return _Filed(tuple(tables), (file_entry(path.name, rows, content),)), findings


def file_entry(name: str, rows: int, content: bytes) -> InputFile:
    """Return what provenance keeps of a file."""
    return InputFile(name, rows, sha256(content).hexdigest())


def file_bytes(path: Path) -> tuple[bytes | None, Findings]:
    """Return the bytes of a file, None with a fault when it cannot be read."""
    try:
        return path.read_bytes(), Findings()
    except OSError:
        remedy = "fermez-le dans le tableur, vérifiez que c’est un fichier et vos droits de lecture"
        return None, Findings((Notice(path.name, 0, "", "fichier illisible", remedy),))


def _no_row(place: str, table: Table) -> Findings:
    if table.name in WITHOUT:
        return Findings((), (Notice(place, 0, "", *WITHOUT[table.name]),))
    if not table.required:
        return Findings()
    message = f"auc{table.rows_are} : le tableau n’a que ses en-têtes"  # auc + une structure
    remedy = f"écrivez {table.rows_are} par ligne, sous les en-têtes"
    return Findings((Notice(place, 0, "", message, remedy),))

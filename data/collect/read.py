"""The tables of a study and received workbooks, read and checked: what is sound, what is not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.collect.checks import received_findings, study_faults, typed_tables
from data.collect.files import list_study, read_filed, read_received, received, study_rows
from data.study.faults import Findings, gather
from data.study.filed_tables import file_bytes
from data.study.place_names import PlaceNames
from data.study.settings_file import read_settings
from data.study.tables import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from data.collect.files import FiledFile
    from data.collect.model import Received, Row
    from data.study.folder import StudyFolder
    from data.study.table_reader import TypedTable
    from data.study.text_tables import TextTable
    from geo.territory import Territory


@dataclass(frozen=True)
class Filed:
    """The tables of a study, and the files that hold them."""

    files: Sequence[FiledFile]
    typed: Mapping[str, TypedTable]
    rows: Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Book:
    """A received workbook, and what its cells alone tell is wrong with it."""

    label: str
    texts: Mapping[str, TextTable]
    typed: Mapping[str, TypedTable]
    findings: Findings

    @property
    def received(self) -> Received:
        """Its rows, to be compared."""
        return received(self.label, self.texts, self.typed)


@dataclass(frozen=True)
class Reading:
    """A study and the workbooks received for it.

    Attributes
    ----------
    findings
        Faults of the study's own tables.
    year
        Of the study, 0 when its settings do not say it yet.
    """

    study: Filed
    findings: Findings
    books: Sequence[Book]
    names: PlaceNames
    year: int

    def book_findings(self, books: Sequence[Book]) -> dict[str, Findings]:
        """Return what is found in workbooks, each of which may name the structures of all."""
        listed = [self.study.typed.get(STRUCTURES.name)]
        listed += [book.typed.get(STRUCTURES.name) for book in books]
        nameable = [table for table in listed if table is not None]
        return {
            book.label: book.findings
            + received_findings(book.typed, nameable, self.names.territory)
            for book in books
        }

    def sound_books(self) -> tuple[list[Book], dict[str, Findings]]:
        """Return the workbooks without a fault, and what is found in every one.

        One that names a structure of a workbook left aside is left aside in its turn.
        """
        sound, found = list(self.books), dict[str, Findings]()
        while True:
            told = self.book_findings(sound)
            found |= told
            kept = [book for book in sound if not told[book.label].faults]
            if len(kept) == len(sound):
                return sound, found
            sound = kept


def read_all(folder: Path, paths: Sequence[Path], territory: Territory) -> Reading:
    """Return what a study folder and received workbooks hold.

    Raises
    ------
    InputErrors
        When the folder cannot be read.
    """
    files, findings = list_study(folder)
    names, year = PlaceNames(territory), _year(files, territory)
    filed, found = read_filed(files)
    study, in_tables = tables_of(filed, names)
    findings = gather([findings, found, in_tables, study_faults(study.typed, territory, year)])
    books = [_read_book(path, label, names) for path, label in _labelled(paths)]
    return Reading(study, Findings(findings.faults), books, names, year)


def tables_of(filed: Sequence[FiledFile], names: PlaceNames) -> tuple[Filed, Findings]:
    """Return the tables that some files hold, and what is found in their cells."""
    texts = {name: text for each in filed for name, text in each.texts.items()}
    typed, findings = typed_tables(texts, names)
    rows = {name: study_rows(texts[name], table) for name, table in typed.items()}
    return Filed(filed, typed, rows), findings


def _year(files: StudyFolder, territory: Territory) -> int:
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


def _read_book(path: Path, label: str, names: PlaceNames) -> Book:
    texts, findings = read_received(path, label)
    typed, in_cells = typed_tables(texts, names)
    return Book(label, texts, typed, findings + in_cells)

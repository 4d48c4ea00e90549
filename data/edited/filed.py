"""Which file of a study holds each table, told from the files in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.wording import THIN
from data.collect.files import FiledFile, read_content
from data.study.faults import Findings, quoted
from data.study.folder import WORKBOOK, is_official
from data.study.sources_tables import EVERY_TABLE, MARCHES
from data.study.tables import TABLES
from data.workbooks.archive import unpacked_bytes
from data.workbooks.reader import fold_name
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from data.study.tables import Table
    from data.study.text_tables import TextTable

MOST_BYTES = 60_000_000
"""Of a file of tables, unpacked, that is opened between two answers of a server."""

_MEGA = 1_000_000
_ELSEWHERE = "modifiez-le dans le tableur, puis déposez-le"


@dataclass(frozen=True)
class Held:
    """One table as one file holds it.

    Attributes
    ----------
    path
        Of the file, as the study names it.
    filed
        The file; None when it cannot be opened.
    findings
        Of the whole file.
    """

    table: Table
    path: str
    filed: FiledFile | None
    findings: Findings

    @property
    def text(self) -> TextTable | None:
        """Its cells, None when they cannot be read."""
        return None if self.filed is None else self.filed.texts.get(self.table.name)

    @property
    def label(self) -> str:
        """How messages name its place: the file, or the workbook and its sheet."""
        return self.path if self.text is None else self.text.file

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return 0 if self.text is None else len(self.text.cells)


@dataclass(frozen=True)
class Filing:
    """Where the tables of a study are.

    Attributes
    ----------
    by_table
        Table name → each file that holds it: those read are CSV files, workbooks of one table,
        then the workbook of all.
    """

    by_table: Mapping[str, tuple[Held, ...]]

    def held(self, table: Table) -> Held | None:
        """Return a table as the study is read: of files without rows, the first; None without."""
        listed = self.by_table.get(table.name, ())
        return next((each for each in listed if each.rows), listed[0] if listed else None)

    def rivals(self, table: Table) -> tuple[Notice, ...]:
        """Return the fault of a table that several files fill."""
        filled = [each for each in self.by_table.get(table.name, ()) if each.rows]
        if len(filled) < 2:  # noqa: PLR2004 - two are a choice to make
            return ()
        places = " ; ".join(each.label for each in filled)
        message = f"table {quoted(table.name)} donnée plusieurs fois : {places}"
        remedy = "gardez la bonne, retirez l’autre, puis déposez l’étude"
        return (Notice(filled[0].label, 0, "", message, remedy),)


def filed_tables(files: Mapping[str, bytes], *only: Table) -> Filing:
    """Return where the tables of a study are.

    Parameters
    ----------
    files
        Path from the study folder → content.
    only
        The tables asked for, so that no file is opened for nothing; none: all of them.
    """
    asked = only or EVERY_TABLE
    found: dict[str, tuple[Held, ...]] = {}
    for path, sole in _sources(files):
        if sole is None or sole in asked:
            for held in _held(path, files[path], sole, asked):
                name = held.table.name
                found[name] = (*found.get(name, ()), held)
    return Filing(found)


def place_of(table: Table, files: Mapping[str, bytes]) -> str:
    """Return the file that a table without any would be begun in."""
    books = [path for path, sole in _sources(files) if sole is None]
    return books[0] if books and table in TABLES else table.file


def _sources(files: Mapping[str, bytes]) -> Iterator[tuple[str, Table | None]]:
    """Give the files of tables and the table of each, None for the workbook of all."""
    by_name = {path.lower(): path for path in files}
    for table in EVERY_TABLE:
        path = by_name.get(table.file)
        if path is not None and not (table is MARCHES and is_official(files[path])):
            yield path, table
    for table in EVERY_TABLE:
        if f"{table.name}.xlsx" in by_name:
            yield by_name[f"{table.name}.xlsx"], table
    if WORKBOOK in by_name:
        yield by_name[WORKBOOK], None


def _held(
    path: str, content: bytes, sole: Table | None, asked: tuple[Table, ...]
) -> Iterator[Held]:
    size = unpacked_bytes(content) if path.lower().endswith(".xlsx") else len(content)
    filed, findings = None, Findings((_too_large(path, size),))
    if size <= MOST_BYTES:
        filed, findings = read_content(path, content, sole, tables=EVERY_TABLE)
    for table in asked:
        if table is sole or (sole is None and _may_hold(filed, findings, table)):
            yield Held(table, path, filed, findings)


def _may_hold(filed: FiledFile | None, findings: Findings, table: Table) -> bool:
    """Tell whether the workbook of all tables holds one, be it that it cannot be read."""
    if filed is None or (not filed.texts and findings.faults):
        return table in TABLES
    sheets = {fold_name(each.file.rpartition(" ")[2]) for each in findings.faults}
    return table.name in filed.texts or fold_name(table.name) in sheets


def _too_large(path: str, size: int) -> Notice:
    most = f"{MOST_BYTES // _MEGA}{THIN}Mo"
    message = f"fichier de {size // _MEGA}{THIN}Mo une fois déplié, {most} au plus pour être ouvert"
    return Notice(path, 0, "", message, _ELSEWHERE)

"""The form's workbook read back: every cell that is filled goes to its box, or is told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from data.applications.form_labels import LABELS, Label
from data.applications.form_reading import broken
from data.applications.form_sheets import (
    ANSWER,
    BOX_SHEETS,
    GOES_ON,
    HEADERS,
    LIST_SHEETS,
    VOLET,
    boxes_of,
)
from data.applications.form_texts import filed_texts, spot_of
from data.study.faults import Findings, nearest, quoted
from data.workbooks.cells import failed_text, plain_text
from data.workbooks.reader import fold_name, read_sheets
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.applications.form_reading import Filed
    from data.applications.form_sheets import ListSheet
    from data.study.cells import Refusal
    from data.workbooks.grids import SheetValues

_HEADER_WITHIN = 20
_KEY = "cle"
_AS_BOX = "recopiez-le dans la case du formulaire qui convient, ou effacez-le"


@dataclass
class _Book:
    """What is gathered of a workbook, sheet after sheet."""

    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    stray: dict[str, str] = field(default_factory=dict)
    faults: list[Notice] = field(default_factory=list)
    last: str = ""

    def box(self, key: str, sheet: _Texts, row: int, at: int) -> None:
        """Take the text of a cell for a box; a second one goes on when it follows the first."""
        text = sheet.rows[row][at]
        if key in self.texts and self.last != key:
            if text.strip():
                self.out(sheet, row, text, "case déjà remplie plus haut", key)
            return
        self.last = key
        self.texts[key] = self.texts.get(key, "") + text
        self.places.setdefault(key, (sheet.label, row + 1))
        why = sheet.refused.get((row, at))
        self.refused |= {key: why} if why else {}

    def out(self, sheet: _Texts, row: int, text: str, message: str, key: str = "") -> None:
        """Keep a text that goes to no box, and tell where: it may name a person."""
        place = f"{sheet.label.rpartition(', ')[2]}, ligne {row + 1}"
        self.stray[place] = f"{self.stray[place]}\n{text}" if place in self.stray else text
        self.faults.append(Notice(sheet.label, row + 1, key, message, _AS_BOX))


@dataclass(frozen=True)
class _Texts:
    """A sheet as texts from A1, with the cells that are not to be believed."""

    name: str
    label: str
    rows: Sequence[Sequence[str]]
    refused: Mapping[tuple[int, int], Refusal]


def filed_workbook(content: bytes, file: str) -> Filed:
    """Return a workbook of the form as filed.

    Sheets are known by their headers and their keys, so that one may be renamed or moved.
    """
    sheets, found = read_sheets(content, file)
    if not sheets:
        remedy = "envoyez le classeur du formulaire, rempli"
        empty = Findings((Notice(file, 0, "", "classeur sans une case remplie", remedy),))
        return broken(file, found if found.faults else empty)
    book = _Book()
    for name, values in sheets.items():
        _read_sheet(book, _as_texts(name, values))
    filed = filed_texts(book.texts, file, book.places, book.refused)
    missing = _missing(book, file)
    return replace(filed, stray=book.stray, found=found + Findings((*book.faults, *missing)))


def _as_texts(name: str, values: SheetValues) -> _Texts:
    rows = [
        [value if isinstance(value, str) else plain_text(value) for value in row]
        for row in values.rows
    ]
    refused = {}
    for (row, at), error in values.failed.items():
        rows[row][at], refused[row, at] = failed_text(error)
    return _Texts(name, values.label, rows, refused)


def _read_sheet(book: _Book, sheet: _Texts) -> None:
    for at, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
        folded = [fold_name(cell) for cell in row]
        keyed = [place for place, cell in enumerate(folded) if cell.startswith(_KEY)]
        if keyed and fold_name(ANSWER) in folded:
            _read_boxes(book, sheet, at, folded.index(fold_name(ANSWER)), keyed[-1])
            return
        for listed in LIST_SHEETS:
            if {fold_name(header) for header in listed.headers} <= set(folded):
                _read_list(book, sheet, at, listed, folded)
                return
    filled = [at for at, row in enumerate(sheet.rows) if any(cell.strip() for cell in row)]
    for at in filled:
        text = _line(sheet.rows[at])
        book.out(sheet, at, text, "feuille qui n’est pas du formulaire, ou sans ses en-têtes")


def _read_boxes(book: _Book, sheet: _Texts, header: int, answer: int, keys: int) -> None:
    """Read a sheet of boxes: the text of the answer's column by the key of its line."""
    book.last = ""
    for at, row in enumerate(sheet.rows):
        key = row[keys].strip()
        own = at > header and bool(spot_of(key) or (key and row[0].strip() == key))
        if own:
            book.box(key, sheet, at, answer)
        printed = _printed(key) if own else HEADERS if at == header else ()
        text = _line(
            [cell for place, cell in enumerate(row) if not (own and place == answer)], printed
        )
        if text:
            book.out(sheet, at, text, "texte hors des cases du formulaire")


def _printed(key: str) -> tuple[str, ...]:
    """Return what stands in the line of a box before anyone fills it."""
    made = LABELS.get(key, Label(key))
    return made.label, f"{made.label}{GOES_ON}", made.help, key


def _read_list(
    book: _Book, sheet: _Texts, header: int, listed: ListSheet, folded: Sequence[str]
) -> None:
    """Read a list: a line that is not blank is an item, numbered by volet."""
    places = {name: folded.index(fold_name(name)) for name in listed.headers}
    numbers = dict.fromkeys(listed.keys, 0)
    for at, row in enumerate(sheet.rows):
        if at == header or not any(cell.strip() for cell in row):
            continue
        volet = "" if "" in listed.keys else _volet(row[places[VOLET]], listed)
        if at < header or volet not in listed.keys:
            said = "ligne sans volet" if at > header else "texte au-dessus des en-têtes"
            text = _line(row)
            book.out(sheet, at, text, said, "perimetre" if "" not in listed.keys else "")
            continue
        numbers[volet] += 1
        for name, box in listed.columns.items():
            book.box(f"{listed.keys[volet]}[{numbers[volet]}].{box}", sheet, at, places[name])
        outside = _line([cell for place, cell in enumerate(row) if place not in places.values()])
        if outside:
            book.out(sheet, at, outside, "texte hors des colonnes")


def _volet(text: str, listed: ListSheet) -> str:
    """Return the volet that a cell names, the text itself when it names none."""
    return nearest(text.strip(), listed.keys) or text.strip()


def _line(cells: Sequence[str], printed: Sequence[str] = ()) -> str:
    """Return the texts of a line, but those that the workbook had from the start."""
    return " ; ".join(cell.strip() for cell in cells if cell.strip() and cell not in printed)


def _missing(book: _Book, file: str) -> list[Notice]:
    """Tell the sheets of boxes whose every key is gone."""
    remedy = "repartez du classeur envoyé : chaque rubrique y a sa feuille"
    return [
        Notice(file, 0, table, f"feuille {quoted(name)} absente", remedy)
        for table, name in BOX_SHEETS.items()
        if not any(key in book.texts for key in boxes_of(table))
    ]

"""Workbooks for tests: the sound study by an independent hand, and archives made by hand."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import xlsxwriter
from toy import STUDY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openpyxl.workbook import Workbook

TABLE_NAMES = tuple(name.removesuffix(".csv") for name in STUDY if name.endswith(".csv"))
SETTINGS = {"etude.toml": STUDY["etude.toml"]}
_NUMBERS = ("etp", "heures", "annee", "lon", "lat", "heures_par_etp")
_DATES = ("debut", "fin")

SHEET_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FIRST_SHEET = "xl/worksheets/sheet1.xml"

Cell = str | float | date | None


def cells(table: str) -> list[list[Cell]]:
    """Return a table of the sound study, typed as a spreadsheet would type it."""
    header, *rows = csv.reader(io.StringIO(STUDY[f"{table}.csv"]))
    return [list(header)] + [
        [_typed(name, text) for name, text in zip(header, row, strict=True)] for row in rows
    ]


def _typed(name: str, text: str) -> Cell:
    if not text:
        return None
    if name in _NUMBERS:
        return float(text)
    return date.fromisoformat(text) if name in _DATES else text


def sound_book() -> Workbook:
    """Return the sound study, a sheet a table, to edit."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for table in TABLE_NAMES:
        sheet = book.create_sheet(table)
        for row in cells(table):
            sheet.append(row)
    return book


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def edited_book(edit: Callable[[Workbook], None]) -> bytes:
    book = sound_book()
    edit(book)
    return saved(book)


def one_sheet(rows: list[list[Cell]], name: str = "Feuil1") -> bytes:
    """Return a workbook of one sheet, by openpyxl."""
    book = openpyxl.Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    return saved(book)


def other_hand(*, date_1904: bool = False, titles: int = 0) -> bytes:
    """Return the sound study by xlsxwriter, codes that can be numbers turned into numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"date_1904": date_1904}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        share = book.add_format({"num_format": "0%"})
        for table in TABLE_NAMES:
            sheet = book.add_worksheet(f" {table.capitalize()} ".replace("Peri", "Péri"))
            for row, values in enumerate(cells(table)):
                for column, value in enumerate(values):
                    if isinstance(value, str) and value.isdecimal():
                        sheet.write_number(row + titles, column, int(value))
                    elif isinstance(value, date):
                        sheet.write_datetime(row + titles, column, value, day)
                    elif isinstance(value, float):
                        sheet.write_number(row + titles, column, value, share)
                    elif value:
                        sheet.write_string(row + titles, column, value)
            if titles:
                sheet.merge_range(0, 0, 0, 3, "Ce que nous avons déclaré")
    return out.getvalue()


def repacked(content: bytes, changes: Mapping[str, bytes | None], *, deflate: bool = True) -> bytes:
    """Return an archive whose members are replaced, added, or left out (None)."""
    out = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", kind) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, member in changes.items():
            if member is not None:
                new.writestr(name, member)
    return out.getvalue()


def archive(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, member in members.items():
            new.writestr(name, member)
    return out.getvalue()


def raw_sheet(rows: str, *, head: str = "", prefix: str = "") -> bytes:
    """Return the XML of a sheet from that of its rows."""
    space = f"xmlns:{prefix}" if prefix else "xmlns"
    name = f"{prefix}:" if prefix else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<{name}worksheet {space}="{SHEET_NS}">'
        f"<{name}sheetData>{rows}</{name}sheetData></{name}worksheet>"
    ).encode()

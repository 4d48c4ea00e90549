"""Seeded damages to a workbook: the XML of its cells, its rows, its strings, its members."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import xlsxwriter
from books import TABLE_NAMES, cells, repacked
from mutations_text import any_bytes, any_cell

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    Rewrite = Callable[[re.Match[str], random.Random], str]

_STRINGS, _BOOK = "xl/sharedStrings.xml", "xl/workbook.xml"
_SHEETS = [f"xl/worksheets/sheet{at}.xml" for at in range(1, len(TABLE_NAMES) + 1)]
_CELL = re.compile(r'<c r="([A-Z]+)([0-9]+)"([^>]*?)>(.*?)</c>')
_TEXTS = ("12500", "0.5", "01004", "2023-07-01", "etat")


def sound_workbook() -> bytes:
    """Return the sound study, strings shared and days with a format, as spreadsheets write it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        book.add_format({"num_format": "0.00%"})
        for table in TABLE_NAMES:
            sheet = book.add_worksheet(table)
            for row, values in enumerate(cells(table)):
                for column, value in enumerate(values):
                    if isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif isinstance(value, float):
                        sheet.write_number(row, column, value)
                    elif value is not None:
                        sheet.write_datetime(row, column, value, day)
    return out.getvalue()


def member(book: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return archive.read(name)


def _changed(book: bytes, name: str, old: str, new: str) -> bytes:
    xml = member(book, name).decode()
    return repacked(book, {name: xml.replace(old, new, 1).encode()})


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _value(cell: re.Match[str], rng: random.Random) -> str:
    new = re.sub("<v>(.*?)</v>", lambda v: f"<v>{_escaped(any_cell(v[1], rng))}</v>", cell[4])
    return f'<c r="{cell[1]}{cell[2]}"{cell[3]}>{new}</c>'


def _type(cell: re.Match[str], rng: random.Random) -> str:
    kind = rng.choice(["n", "s", "str", "b", "e", "inlineStr", "d"])
    return f'<c r="{cell[1]}{cell[2]}" t="{kind}">{cell[4]}</c>'


def _text(cell: re.Match[str], rng: random.Random) -> str:
    text = _escaped(any_cell(rng.choice(_TEXTS), rng))
    return f'<c r="{cell[1]}{cell[2]}" t="inlineStr"><is><t>{text}</t></is></c>'


def _number(cell: re.Match[str], rng: random.Random) -> str:
    number = rng.choice(
        ["0.1", "-3", "1e5", "12345678901234567", "0.30000000000000004", "45108", "4"]
    )
    return f'<c r="{cell[1]}{cell[2]}"><v>{number}</v></c>'


def _style(cell: re.Match[str], rng: random.Random) -> str:
    kind = re.sub(' s="[0-9]+"', "", cell[3])
    return f'<c r="{cell[1]}{cell[2]}" s="{rng.randint(0, 3)}"{kind}>{cell[4]}</c>'


def _formula(cell: re.Match[str], rng: random.Random) -> str:
    value = rng.choice(["", "<v></v>", "<v>7</v>", cell[4]])
    return f'<c r="{cell[1]}{cell[2]}"{cell[3]}><f>1+1</f>{value}</c>'


def _place(cell: re.Match[str], rng: random.Random) -> str:
    places = (f"{cell[1]}{rng.randint(1, 7)}", f"{rng.choice('ABCDEFGH')}{cell[2]}", "A0", "")
    return f'<c r="{rng.choice(places)}"{cell[3]}>{cell[4]}</c>'


CELLS: dict[str, Rewrite] = {
    "value": _value,
    "type": _type,
    "text": _text,
    "number": _number,
    "style": _style,
    "formula": _formula,
    "place": _place,
}

OF_A_LINE = ("text", "number", "style")
"""Damages that leave a workbook its spreadsheet can open."""


def damage_cell(book: bytes, rng: random.Random, how: str) -> tuple[bytes, int]:
    """Rewrite the XML of one cell; return its line."""
    name = rng.choice(_SHEETS)
    cell = rng.choice(list(_CELL.finditer(member(book, name).decode())))
    return _changed(book, name, cell[0], CELLS[how](cell, rng)), int(cell[2])


def _rows(book: bytes, rng: random.Random) -> bytes:
    name = rng.choice(_SHEETS)
    rows = re.findall("<row .*?</row>", member(book, name).decode())
    row, other = rng.choice(rows), rng.choice(rows)
    moved = re.sub('row r="[0-9]+"', 'row r="9"', row)
    return _changed(book, name, row, rng.choice(["", row + row, other, moved]))


def _strings(book: bytes, rng: random.Random) -> bytes:
    text = rng.choice(re.findall("<si>.*?</si>", member(book, _STRINGS).decode()))
    other = re.sub(
        "(<t[^>]*>)(.*?)</t>", lambda t: f"{t[1]}{_escaped(any_cell(t[2], rng))}</t>", text
    )
    return _changed(book, _STRINGS, text, rng.choice(["", "<si/>", text * 2, other, other]))


def _member(book: bytes, rng: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        name, other = rng.choice(archive.namelist()), rng.choice(archive.namelist())
        content, twin = archive.read(name), archive.read(other)
    cut = content[: rng.randrange(len(content))]
    new = rng.choice([None, b"", twin, cut, any_bytes(content, rng), any_bytes(content, rng)])
    return repacked(book, {name: new})


def _settings(book: bytes, rng: random.Random) -> bytes:
    old, new = rng.choice(
        [
            ("<workbookPr", '<workbookPr date1904="1"'),
            ("<sheet ", '<sheet state="hidden" '),
            ('name="besoins"', 'name="besoin"'),
            ('name="postes"', 'name="besoins"'),
            ('name="postes"', 'name="Postes "'),
            ('r:id="rId4"', 'r:id="rId3"'),
            ('r:id="rId4"', 'r:id="rId99"'),
        ]
    )
    return _changed(book, _BOOK, old, new)


PARTS = {
    "row": _rows,
    "shared strings": _strings,
    "member": _member,
    "settings": _settings,
}

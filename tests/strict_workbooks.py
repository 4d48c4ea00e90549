"""The cells of a workbook as its XML plainly says them; anything unusual raises."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from books import TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DATE_FORMATS = range(14, 18)
_DAYS = ("debut", "fin")


def read_workbook(content: bytes) -> dict[str, list[dict[str, str]]]:
    """Return table → lines, column → text; numbers in full, days in ISO."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())

        def part(name: str) -> ET.Element:
            return ET.fromstring(archive.read(name))  # noqa: S314 - written by the tests

        book = part("xl/workbook.xml")
        targets = {
            each.get("Id"): each.get("Target") for each in part("xl/_rels/workbook.xml.rels")
        }
        # A workbook without shared strings or styles is one without texts or days.
        strings = [_text(each) for each in part("xl/sharedStrings.xml").iter(f"{_NS}si")]
        days = _day_styles(part("xl/styles.xml"))
        properties = book.find(f"{_NS}workbookPr")
        in_1904 = properties is not None and properties.get("date1904") == "1"
        origin = datetime(1904, 1, 1) if in_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - a day
        tables = {}
        for sheet in book.iter(f"{_NS}sheet"):
            name = sheet.get("name", "").strip().lower()
            assert name in TABLE_NAMES
            assert name not in tables
            assert sheet.get("state", "visible") == "visible"
            xml = part(f"xl/{targets[sheet.get(_ID)]}")
            assert xml.tag == f"{_NS}worksheet"
            assert xml.find(f"{_NS}mergeCells") is None
            tables[name] = _lines(_grid(xml, strings, days, origin))
    return tables


def _text(element: ET.Element) -> str:
    return "".join(each.text or "" for each in element.iter(f"{_NS}t"))


def _day_styles(styles: ET.Element) -> set[int]:
    codes = {
        each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter(f"{_NS}numFmt")
    }
    formats = [each.get("numFmtId", "0") for each in styles.find(f"{_NS}cellXfs") or []]
    return {
        at
        for at, number in enumerate(formats)
        if int(number) in _DATE_FORMATS or re.search("[dmy]", codes.get(number, ""))
    }


def _grid(
    xml: ET.Element, strings: list[str], days: set[int], origin: datetime
) -> dict[tuple[int, str], str]:
    def day(value: str) -> str:
        moment = origin + timedelta(days=float(value))
        assert moment.time() == datetime.min.time()
        return moment.date().isoformat()

    kinds: dict[str, Callable[[str], str]] = {
        "s": lambda value: strings[int(value)],
        "str": str,
        "n": _number,
        "day": day,
    }
    found: dict[tuple[int, str], str] = {}
    for row in xml.iter(f"{_NS}row"):
        for cell in row:
            place = re.fullmatch("([A-Z])([0-9]+)", cell.get("r", ""))
            assert place is not None
            at = (int(place[2]), place[1])
            assert row.get("r") == place[2]
            assert all(at > each for each in found)
            found[at] = _cell(cell, kinds, days)
    return found


def _cell(cell: ET.Element, kinds: dict[str, Callable[[str], str]], days: set[int]) -> str:
    kind = cell.get("t", "n")
    children = [each.tag.removeprefix(_NS) for each in cell]
    if kind == "inlineStr":
        assert children == ["is"]
        return _text(cell)
    if not children:
        return ""
    assert children in (["v"], ["f", "v"])
    value = cell.findtext(f"{_NS}v") or ""
    if kind == "n":
        assert _NUMBER.fullmatch(value)
        kind = "day" if int(cell.get("s", "0")) in days else "n"
    return kinds[kind](value)


def _number(value: str) -> str:
    assert abs(float(value)) < 1e15
    exact = Decimal(f"{float(value):.15g}")
    if exact == int(exact):
        return str(int(exact))
    return f"{exact:f}".rstrip("0").replace(".", ",")


def _lines(grid: dict[tuple[int, str], str]) -> list[dict[str, str]]:
    rows = sorted({row for row, _ in grid if any(grid[at].strip() for at in grid if at[0] == row)})
    header = {
        letter: grid[rows[0], letter].strip().lower() for row, letter in grid if row == rows[0]
    }
    assert len(set(header.values())) == len(header)
    lines = []
    for row in rows[1:]:
        assert all(letter in header for at, letter in grid if at == row)
        line = {name: grid.get((row, letter), "") for letter, name in header.items()}
        first = next(iter(line.values())).strip()
        if not first.startswith("#"):
            lines.append(line)
    return lines

"""What the XML of a sheet tells that its values do not: formulas without value, errors, extent."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from data.workbooks.archive import RELATIONS_PART, WORKBOOK_PART
from data.workbooks.spoilt import is_spoilt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_CELLS = 12_000_000
"""Cells from A1 to the last filled one: a sheet of all its lines, eleven columns wide."""

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Size of a sheet in the format itself."""

NO_VALUE = ""
"""What stands for the value of a formula that was never computed."""

_SHEET = re.compile(rb"<(?:[^\s<>/:]+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:[^\s<>/:]+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ROW_OR_CELL = re.compile(rb"<(?:[^\s<>/:]+:)?(row|c)(\s[^>]*?)?(/?)>")
_TAG = re.compile(rb"<(?:[^\s<>/:]+:)?(?:row|c)[\s/>]")
_PLAIN_TAG = re.compile(
    rb"<c r=\"([A-Z]{1,3})([0-9]{1,7})\"[^>]*?(/?)>|<row r=\"([0-9]{1,7})\"[^>]*>"
)
_AT = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)([0-9]*)[^\"']*[\"']")
_TYPE = re.compile(rb"\st\s*=\s*[\"'](\w+)[\"']")
_MAY_FAIL = re.compile(rb"<(?:[^\s<>/:]+:)?f[\s/>]|\st\s*=\s*[\"']e[\"']")
_FAILURE_SIGNS = (b"<f", b":f", b'"e"', b"'e'")
_PREFIXED = re.compile(rb":(?:row|c)[\s/>]")
_FORMULA = re.compile(rb"<(?:[^\s<>/:]+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:[^\s<>/:]+:)?v(?:\s[^>]*)?>([^<]*)<")
_CELL_END = re.compile(rb"</(?:[^\s<>/:]+:)?c\s*>")


@dataclass(frozen=True)
class SheetScan:
    """What a sheet's XML tells of it.

    The library lays out every cell up to the last filled one, so the extent is checked first.

    Attributes
    ----------
    failed
        (row, column), from 0 → the error shown, `NO_VALUE` for a formula without value.
    rows, columns
        Up to the last filled cell.
    """

    failed: Mapping[tuple[int, int], str]
    rows: int
    columns: int

    @property
    def too_wide(self) -> bool:
        """Whether a cell stands where no sheet has any, or too far to lay all out up to it."""
        beyond = self.rows > MAX_ROWS or self.columns > MAX_COLUMNS
        return beyond or self.rows * self.columns > MAX_CELLS


def sheet_parts(parts: Mapping[str, bytes]) -> list[bytes | None]:
    """Return the XML of each sheet in the workbook's order, None for one that is not there."""
    by_name = {name.lower(): content for name, content in parts.items()}
    targets = {}
    for match in _RELATION.finditer(by_name.get(RELATIONS_PART, b"")):
        attributes = _attributes(match[1])
        target = attributes.get("target", "")
        full = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        targets[attributes.get("id", "")] = posixpath.normpath(full).lower()
    sheets = [_attributes(match[1]) for match in _SHEET.finditer(by_name[WORKBOOK_PART])]
    return [by_name.get(targets.get(sheet.get("id", ""), "")) for sheet in sheets]


def _attributes(text: bytes) -> dict[str, str]:
    """Return attributes by their name without prefix, in lower case."""
    found = {}
    for match in _ATTRIBUTE.finditer(text.decode("utf-8", "replace")):
        name, double, single = match.groups()
        found[name.rpartition(":")[2].lower()] = unescape(double or single or "")
    return found


def scan_sheet(xml: bytes) -> SheetScan:
    """Return what the XML of a sheet tells: extent, failed formulas.

    Raises
    ------
    ValueError
        When a cell stands twice or out of its row, or is not written as spreadsheets do: the
        library would keep one value of two, or lose one, without a word.
    """
    if is_spoilt(xml):
        raise ValueError("not as a spreadsheet writes")
    may_fail = any(sign in xml for sign in _FAILURE_SIGNS) and _MAY_FAIL.search(xml)
    scan = None if may_fail else _plain_scan(xml)
    return scan or _scan_cells(xml)


def _plain_scan(xml: bytes) -> SheetScan | None:
    """Scan a sheet whose every row and cell begins by saying where it stands, None for another."""
    found = _PLAIN_TAG.findall(xml)
    if not _are_all(found, xml):
        return None
    row, place = b"0", (0, b"")
    rows = columns = 0
    last_letters = b""
    for letters, digits, closed, next_row in found:
        if next_row:
            _check(follows=int(next_row) > int(row))
            row, place = next_row, (0, b"")
            continue
        _check(follows=digits == row and (len(letters), letters) > place)
        place = (len(letters), letters)
        if not closed:
            rows = row_number(row) + 1
            if place > (len(last_letters), last_letters):
                last_letters, columns = letters, column_number(letters) + 1
    return SheetScan({}, rows, columns)


def _are_all(found: Sequence[object], xml: bytes) -> bool:
    """Tell whether there are no other tags of rows and cells than those found."""
    likely = xml.count(b"<c") + xml.count(b"<row") - xml.count(b"<col")
    if len(found) == likely and _PREFIXED.search(xml) is None:
        return True
    return len(found) == len(_TAG.findall(xml))


def _check(*, follows: bool) -> None:
    if not follows:
        raise ValueError("cells out of order")


def _scan_cells(xml: bytes) -> SheetScan:
    """Scan tag by tag: sheets with formulas, and those whose cells do not say where they stand."""
    failed: dict[tuple[int, int], str] = {}
    row = column = -1
    rows = columns = 0
    numbered = False
    for match in _ROW_OR_CELL.finditer(xml):
        at = _AT.search(match[2] or b"")
        if match[1] == b"row":
            number, numbered = row_number(at[2]) if at else row + 1, at is not None
            _check(follows=number > row)
            row, column = number, -1
            continue
        here = (row_number(at[2]), column_number(at[1])) if at else (row, column + 1)
        _check(follows=here > (row, column) and (here[0] == row or not numbered))
        row, column = here
        if match[3]:
            continue
        rows, columns = max(rows, row + 1), max(columns, column + 1)
        error = _failure(xml, match)
        if error is not None:
            failed[row, column] = error
    return SheetScan(failed, rows, columns)


def _failure(xml: bytes, cell: re.Match[bytes]) -> str | None:
    end = _CELL_END.search(xml, cell.end())
    body = xml[cell.end() : end.start() if end else len(xml)]
    kind, value = _TYPE.search(cell[2] or b""), _VALUE.search(body)
    text = unescape(value[1].decode("utf-8", "replace")).strip() if value else ""
    if kind and kind[1] == b"e":
        return text or "#ERREUR"
    computed = text or (kind and kind[1] in (b"str", b"inlineStr"))
    return NO_VALUE if _FORMULA.search(body) and not computed else None


def row_number(digits: bytes) -> int:
    """Return the rank of a row from 0, beyond any sheet for one that is not a number."""
    return int(digits) - 1 if 0 < len(digits) <= len(str(MAX_ROWS)) else MAX_ROWS


def column_number(letters: bytes) -> int:
    """Return the rank of a column from 0, beyond any sheet for one without letters.

    >>> column_number(b"A"), column_number(b"XFD")
    (0, 16383)
    """
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + letter - ord("A") + 1
    return number - 1 if letters else MAX_COLUMNS


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell from its row and column, from 0.

    >>> cell_name(0, 0), cell_name(9, 27)
    ('A1', 'AB10')
    """
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"

"""A table of results as a workbook: numbers as numbers, codes as text, its provenance beside."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_range

from coverage.wording import whole
from data.results.provenance import flattened
from data.results.tables import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from data.results.tables import Table

PROVENANCE_SHEET = "Provenance"

_NO_CLOCK = datetime(1970, 1, 1, tzinfo=UTC)
_CELL_CHARS = 32_767
"""Longest text a cell of a spreadsheet holds."""

_WIDTHS = (9, 42)
_SAMPLE = 200
_HEADER = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79", "valign": "vcenter"}
_WORDS = {"text_wrap": True, "valign": "top"}


def workbook(name: str, table: Table, origin: Mapping[str, Any]) -> bytes:
    """Return a workbook of one table and of what it comes from, the same for the same content.

    Parameters
    ----------
    name
        Of the table's sheet.
    origin
        As `data.results.provenance.provenance` gives it, what is said of the selection included.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties(
        {"title": f"{origin['etude']} – {name}", "author": "", "created": _NO_CLOCK}
    )
    _table_sheet(book, name, table)
    _provenance_sheet(book, origin)
    book.close()
    return buffer.getvalue()


def _table_sheet(book: Workbook, name: str, table: Table) -> None:
    sheet = book.add_worksheet(name)
    header = book.add_format(_HEADER)
    rows = records(table)
    for column, (title, cells) in enumerate(table.columns.items()):
        sheet.write_string(0, column, title, header)
        number = title in table.whole or title in table.decimal
        style = book.add_format({"num_format": _number_format(cells) if number else "@"})
        longest = max(map(len, [title + "  ", *cells[:_SAMPLE]]))
        sheet.set_column(column, column, min(max(longest + 1, _WIDTHS[0]), _WIDTHS[1]), style)
        _write_column(sheet, column, [row[title] for row in rows], style)
    last = (len(rows), max(len(table.columns) - 1, 0))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, *last)
    # Codes are text on purpose: no warning in each of their cells.
    sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, *last)})


def _write_column(sheet: Worksheet, column: int, values: list[Any], style: Format) -> None:
    for row, value in enumerate(values, start=1):
        if isinstance(value, str):
            # Written as a string whatever it looks like: no formula, no link.
            sheet.write_string(row, column, _cut(value), style)
        elif value is not None:
            sheet.write_number(row, column, value, style)


def _provenance_sheet(book: Workbook, origin: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(PROVENANCE_SHEET)
    words = book.add_format(_WORDS)
    sheet.set_column(0, 0, 34, words)
    sheet.set_column(1, 1, 100, words)
    lines = [("cle", "valeur")]
    if origin["fictif"]:
        lines.append(("avertissement", "Étude fictive : elle ne décrit aucune situation réelle."))
    lines += flattened(dict(origin))
    header = book.add_format(_HEADER)
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            sheet.write_string(row, column, _cut(text), header if row == 0 else words)
    sheet.freeze_panes(1, 0)


def _number_format(cells: Any) -> str:  # noqa: ANN401 - a sequence of texts
    """Return the format that shows all the decimals written: rounding would hide « under 1 »."""
    first = next((text for text in cells if text), "")
    places = len(first.partition(".")[2])
    return f"0.{'0' * places}" if places else "#,##0"


def _cut(text: str) -> str:
    """Return a text that a cell holds, the cut said."""
    if len(text) <= _CELL_CHARS:
        return text
    note = f" … (coupé : {whole(len(text))} caractères ; entier en CSV et en GeoJSON)"
    return text[: _CELL_CHARS - len(note)] + note

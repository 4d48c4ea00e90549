"""Every line of a workbook's sheets, those that are not data included: nothing may be lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from python_calamine import CalamineWorkbook

from data.study.cells import Refusal
from data.workbooks.archive import clean_copy, read_parts
from data.workbooks.cells import plain_text
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.workbooks.cells import Value

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


def workbook_lines(content: bytes) -> dict[str, list[list[str]]]:
    """Return the texts of every line of every sheet, from A1, by sheet name.

    A sheet that holds no cells (a chart) has one line, its name.

    Parameters
    ----------
    content
        Of a workbook that `read_workbook` could open.

    Raises
    ------
    InputErrors
        When it is not a workbook.
    """
    sheets: dict[str, list[list[str]]] = {}
    with CalamineWorkbook.from_filelike(clean_copy(_parts(content))) as workbook:
        for name in workbook.sheet_names:
            try:
                cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            except ValueError:
                sheets[name] = [[name]]
                continue
            values = cast("list[list[Value]]", cells)
            sheets[name] = [[plain_text(value) for value in row] for row in values]
    return sheets


def has_formulas(content: bytes) -> bool:
    """Tell whether a cell of a workbook holds a formula."""
    parts = _parts(content).items()
    return any(_FORMULA.search(part) for name, part in parts if "worksheets/" in name.lower())


def _parts(content: bytes) -> Mapping[str, bytes]:
    parts = read_parts(content)
    if isinstance(parts, Refusal):
        raise InputErrors([Notice("", 0, "", parts.message, parts.remedy)])
    return parts


def sheet_label(file: str, sheet: str) -> str:
    """Return how messages name a sheet of a workbook, as `read_workbook` does."""
    return f"{file}, feuille {' '.join(sheet.split())}"

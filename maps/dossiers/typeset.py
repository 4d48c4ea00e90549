"""Typst, as the sheet calls it: its own fonts alone, no clock, data apart from the template."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst

if TYPE_CHECKING:
    from collections.abc import Mapping


class FullPageError(Exception):
    """A page that cannot hold its content, `page` its number."""

    def __init__(self, page: int) -> None:
        super().__init__(f"page {page} overflows")
        self.page = page


PNG_PER_INCH = 160
_FULL_PAGE = re.compile("page-pleine-([12])")
_FOLDER = Path(__file__).parent
_ALONE = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.map), format: "svg")
"""


def pdf(template: str, values: Mapping[str, str]) -> bytes:
    """Return the PDF/UA-1 of a template of this folder.

    Parameters
    ----------
    values
        What the template reads in `sys.inputs`.

    Raises
    ------
    FullPageError
        When the template says that a page overflows.
    """
    source = (_FOLDER / template).read_bytes()
    try:
        made = _compiler(source).compile(
            format="pdf", sys_inputs=dict(values), pdf_standards=["ua-1"]
        )
    except typst.TypstError as error:
        full = _FULL_PAGE.search(error.message)
        if full is None:
            raise
        raise FullPageError(int(full[1])) from None
    return bytes(made)  # type: ignore[arg-type]  # one file for a PDF


def png(svg: str) -> bytes:
    """Return a drawing as PNG."""
    made = _compiler(_ALONE).compile(format="png", ppi=PNG_PER_INCH, sys_inputs={"map": svg})
    return bytes(made)  # type: ignore[arg-type]  # one page


def queried(source: bytes, values: Mapping[str, str], selector: str) -> Any:  # noqa: ANN401 - JSON
    """Return the value that a source gives to a label."""
    asked = typst.Compiler(source, font_paths=_fonts(), sys_inputs=dict(values))
    return json.loads(asked.query(selector, field="value", one=True))


def _compiler(source: bytes) -> typst.Compiler:
    """Return a compiler of its own: a fault in one must not be left to the next."""
    return typst.Compiler(source, font_paths=_fonts())


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)

"""The evidence sheet of a dossier: two pages in PDF/UA, the same bytes for the same dossier."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from maps.dossiers.blocks import TIGHTER
from maps.dossiers.content import main_volet, sheet_of
from maps.dossiers.static_map import static_map
from maps.dossiers.typeset import FullPageError, pdf

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Dossier

TEMPLATE = "sheet.typ"


def sheet_pdf(dossier: Dossier, bench: Bench) -> bytes:
    """Return the sheet of a dossier, exactly two A4 pages.

    What is long is told shorter, the rest counted, until the two pages hold it.

    Raises
    ------
    RuntimeError
        When no shortening suffices, which is a fault of the program.
    """
    volet = main_volet(dossier)
    drawing = static_map(dossier, volet, bench) if volet else ""
    tried = [0, 0]
    while max(tried) < len(TIGHTER):
        limits = TIGHTER[tried[0]], TIGHTER[tried[1]]
        sheet = asdict(sheet_of(dossier, bench, limits, svg=drawing))
        try:
            return pdf(TEMPLATE, {"content": _content(sheet), "map": drawing})
        except FullPageError as full:
            tried[full.page - 1] += 1
    raise RuntimeError(f"the sheet of {dossier.case.application_id} does not fit two pages")


def _content(sheet: dict[str, Any]) -> str:
    """Return what the template reads, without the drawing that goes apart."""
    for section in sheet["sections"]:
        for block in section["blocks"]:
            block.pop("svg", None)
    return json.dumps(sheet, ensure_ascii=False)

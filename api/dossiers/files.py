"""The files of a dossier: its sheets, its map, its tables; each made apart or all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.model import VOLETS
from data.results.dossiers import FACTS, FINDINGS, PLACES, dossier_files
from data.results.provenance import provenance
from data.results.readme import ABOUT_DOSSIER, README_FILE, readme_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Dossier

SHEET, EDITABLE = "fiche.pdf", "fiche.docx"
MAPS = {"facilitateur": "carte.svg", "coordinateur": "carte_coordinateur.svg"}
"""Volet → the map of the perimeter claimed for it."""


def file_names(dossier: Dossier) -> list[str]:
    """Return the names of the files of a dossier: a map for each perimeter that could be read."""
    maps = [name for volet, name in MAPS.items() if volet in dossier.claims]
    return [SHEET, EDITABLE, *maps, FINDINGS, PLACES, FACTS]


def one_file(name: str, dossier: Dossier, bench: Bench, *, excel: bool = True) -> bytes:
    """Return a file of a dossier.

    Parameters
    ----------
    name
        One of `file_names`.
    excel
        As for `whole_files`.
    """
    return MAKERS[name](dossier, bench, excel)


def whole_files(dossier: Dossier, bench: Bench, *, excel: bool = False) -> dict[str, bytes]:
    """Return every file of a dossier by name, the one that explains them included.

    Parameters
    ----------
    excel
        CSV files as a spreadsheet set to French opens them.
    """
    names = file_names(dossier)
    tables = dossier_files(dossier, bench, excel=excel)
    made = {
        name: tables[name] if name in tables else one_file(name, dossier, bench) for name in names
    }
    coverage = bench.coverage
    origin = provenance(coverage.study, coverage.territory)
    about = {name: text for name, text in ABOUT_DOSSIER.items() if name in made}
    return {README_FILE: readme_text(origin, excel=excel, about=about).encode(), **made}


def _sheet(dossier: Dossier, bench: Bench, _: bool) -> bytes:  # noqa: FBT001 - as the others
    from maps.dossiers.sheet import sheet_pdf  # noqa: PLC0415 - slow to import

    return sheet_pdf(dossier, bench)


def _editable(dossier: Dossier, bench: Bench, _: bool) -> bytes:  # noqa: FBT001 - as the others
    from maps.dossiers.sheet_docx import sheet_docx  # noqa: PLC0415 - slow to import

    return sheet_docx(dossier, bench)


def _map(volet: str) -> Callable[[Dossier, Bench, bool], bytes]:
    def make(dossier: Dossier, bench: Bench, _: bool) -> bytes:  # noqa: FBT001 - as the others
        from maps.dossiers.static_map import static_map  # noqa: PLC0415 - slow to import

        return static_map(dossier, volet, bench).encode()

    return make


def _table(name: str) -> Callable[[Dossier, Bench, bool], bytes]:
    def make(dossier: Dossier, bench: Bench, excel: bool) -> bytes:  # noqa: FBT001 - as the others
        return dossier_files(dossier, bench, excel=excel)[name]

    return make


MAKERS: dict[str, Callable[[Dossier, Bench, bool], bytes]] = {
    SHEET: _sheet,
    EDITABLE: _editable,
    **{MAPS[volet]: _map(volet) for volet in VOLETS},
    **{name: _table(name) for name in (FINDINGS, PLACES, FACTS)},
}
"""By name: what makes each file."""

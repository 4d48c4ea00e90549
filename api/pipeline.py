"""From a study folder to a results folder: read, compute, draw, write together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.study import compute
from data.reference.territory import load_territory
from data.results.files import result_files
from data.results.places import check_folder
from data.results.writing import write_folder
from data.study.reader import read_study
from maps.map import build_map

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coverage.model import Coverage, Study
    from geo.territory import Territory

STAGES = 10
"""Calls of `on_step` in `calculate`."""


def read_and_compute(folder: Path, *, on_step: Callable[[str], None]) -> Coverage:
    """Return the coverage of a study folder.

    Raises
    ------
    InputErrors
        All the faults of the study at once.
    DataUnavailableError
        When the reference territory cannot be had.
    """
    study, territory = read(folder, on_step=on_step)
    return compute(study, territory, on_step=on_step)


def read(folder: Path, *, on_step: Callable[[str], None]) -> tuple[Study, Territory]:
    """Return the study of a folder, and the territory that it is read against.

    Raises
    ------
    InputErrors, DataUnavailableError
        As `read_and_compute`.
    """
    on_step("Territoire de référence")
    territory = load_territory(on_step=on_step)
    on_step("Lecture de l’étude")
    return read_study(folder, territory), territory


def calculate(
    folder: Path, out: Path, *, on_step: Callable[[str], None], excel: bool = False
) -> Coverage:
    """Compute a study folder and write its results folder, whole or not at all.

    Parameters
    ----------
    excel
        CSV files as a spreadsheet set to French opens them.

    Raises
    ------
    InputErrors, DataUnavailableError
        As `read_and_compute`.
    OutputError
        When the results folder cannot be written, found before computing where possible.
    """
    check_folder(out, study=folder)
    coverage = read_and_compute(folder, on_step=on_step)
    on_step("Tableaux, GeoJSON et GeoPackage")
    files = result_files(coverage, excel=excel)
    on_step("Carte")
    files["carte.html"] = build_map(coverage)
    on_step("Écriture des résultats")
    write_folder(out, files)
    return coverage

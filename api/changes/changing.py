"""Two study folders compared: what changed class, and the cause of each change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pipeline import read_and_compute
from coverage.dossiers.changes.changes import changes
from coverage.study import compute
from data.results.changes import change_files
from data.results.places import check_folder
from data.results.readme import ABOUT_CHANGES
from data.results.writing import write_folder
from data.study.reader import read_study
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from coverage.dossiers.changes.changes import Change
    from coverage.model import Coverage


def written_changes(
    folder: Path,
    before_folder: Path,
    out: Path,
    *,
    on_step: Callable[[str], None],
    excel: bool = False,
) -> tuple[Change, ...]:
    """Write what changed from a study folder to another one.

    Raises
    ------
    InputErrors, OutputError
        As `api.pipeline.calculate`, for either study.
    """
    check_folder(out, study=folder, about=ABOUT_CHANGES)
    after = read_and_compute(folder, on_step=on_step)
    before = before_of(after, before_folder, on_step=on_step)
    found = changes(before, after, on_step=on_step)
    on_step("Écriture des changements")
    files = change_files(found, before, after, excel=excel)
    write_folder(out, files, about=ABOUT_CHANGES)
    return found


def before_of(after: Coverage, folder: Path, *, on_step: Callable[[str], None]) -> Coverage:
    """Return the coverage of the study before, on the territory of the study after.

    Raises
    ------
    InputErrors
        All the faults of the study before, each said to be its own.
    """
    on_step("Lecture de l’étude d’avant")
    try:
        study = read_study(folder, after.territory)
    except InputErrors as errors:
        raise InputErrors(*(_named(found, folder) for found in (errors.faults, errors.warnings)))  # noqa: B904 - the same faults, said of their folder
    on_step("Calcul de l’étude d’avant")
    return compute(study, after.territory)


def changes_of_commune(
    after: Coverage, code: str, folder: Path, *, on_step: Callable[[str], None]
) -> tuple[Change, ...]:
    """Return what changed of a commune, and of its zone, since the study of a folder.

    Raises
    ------
    InputErrors
        As `before_of`.
    """
    before = before_of(after, folder, on_step=on_step)
    zones = {str(each.communes["zone_id"].loc[code]) for each in (before, after)}
    only = {("commune", code), *(("zone", zone) for zone in zones)}
    return changes(before, after, only=only, on_step=on_step)


def _named(notices: Sequence[Notice], folder: Path) -> list[Notice]:
    return [
        Notice(f"{folder.name}/{n.file}", n.row, n.column, n.message, n.remedy) for n in notices
    ]

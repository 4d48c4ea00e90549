"""Where results may be written: everything that can be refused before computing."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

from data.results.readme import ABOUT
from data.results.writing import reason, recover, refuse_other_content
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

LEAST_FREE_BYTES = 50_000_000
"""Under it a computation does not start: a national one writes about as much."""


def check_folder(
    folder: Path, *, study: Path | None = None, about: Collection[str] = ABOUT
) -> None:
    """Refuse a folder that results cannot replace; put back what a killed run left beside.

    Parameters
    ----------
    study
        The study that the results come from: neither folder may hold the other.
    about
        Names of the files that these results may replace.

    Raises
    ------
    OutputError
        When it is a file, holds something else than results, holds the study or lies inside it,
        cannot be written beside, or when the disk is nearly full.
    """
    folder = folder.resolve()
    if study is not None:
        _check_apart(folder, study.resolve())
    existing = _nearest(folder)
    try:
        if existing == folder.parent:
            recover(folder)
        refuse_other_content(folder, about=about)
        with tempfile.TemporaryDirectory(dir=existing, prefix=f".{folder.name}-essai-"):
            pass
        free = shutil.disk_usage(existing).free
    except OSError as error:
        raise OutputError(
            f"impossible d’écrire dans « {existing} » ({reason(error)}) : choisir un autre dossier"
        ) from error
    if free < LEAST_FREE_BYTES:
        raise OutputError(
            f"disque presque plein : il reste {free // 10**6} Mo pour « {folder} », il en faut "
            f"{LEAST_FREE_BYTES // 10**6} ; libérer de la place ou choisir un autre disque"
        )


def check_outside(path: Path, study: Path) -> None:
    """Refuse a file inside the study, where it would be taken for one of its tables.

    Raises
    ------
    OutputError
        When it is inside.
    """
    if _within(path.resolve(), study.resolve()):
        raise OutputError(
            f"« {path} » est dans le dossier de l’étude : l’écrire ailleurs, pour qu’il ne soit "
            "pas lu comme une donnée"
        )


def _nearest(folder: Path) -> Path:
    """Return the nearest folder above that is there and may be looked into."""
    for path in folder.parents:
        with suppress(OSError):
            if path.exists():
                return path
    return folder.parent


def _check_apart(folder: Path, study: Path) -> None:
    if _within(folder, study):
        raise OutputError(
            f"« {folder} » est dans le dossier de l’étude : les résultats y seraient lus comme "
            "des données ; donner un dossier à part"
        )
    if _within(study, folder):
        raise OutputError(
            f"« {folder} » contient le dossier de l’étude, que les résultats remplaceraient ; "
            "donner un dossier à part"
        )


def _within(inner: Path, outer: Path) -> bool:
    """Say whether a path is another or lies inside, however its letters are cased."""
    if not outer.exists():
        return False
    return any(path.exists() and path.samefile(outer) for path in (inner, *inner.parents))

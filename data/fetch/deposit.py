"""Put a fetched file where a study reads it; never over another one without being told to."""

from __future__ import annotations

import shutil
import zipfile
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from data.fetch.contents import matching
from data.fetch.copies import digest
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.fetch.copies import Copy
    from data.reference.sources import DeclaredSource

    Outcome = Literal["depose", "identique", "remplace"]


def require_study(folder: Path) -> None:
    """Refuse a folder that is not there: a file put beside a study would never be read.

    Raises
    ------
    OutputError
        When it is no folder.
    """
    if not folder.is_dir():
        raise OutputError(
            f"« {folder} » n’est pas un dossier ; créez l’étude par « zones-blanches "
            f"nouvelle-etude {folder} », puis relancez"
        )


def deposit(
    copy: Copy, source: DeclaredSource, study: Path, *, replace: bool = False
) -> tuple[Path, Outcome]:
    """Copy a fetched file into a study, whole or not at all.

    An archive of one declared file gives that file, since a study reads no archive of tables.

    Parameters
    ----------
    replace
        Whether a different file of that name may be replaced.

    Returns
    -------
    path, outcome
        Where it is; `depose` (it was not there), `identique` (it was), `remplace`.

    Raises
    ------
    OutputError
        When another file is there and may not be replaced, or the disk refuses.
    """
    target = study / source.deposit
    draft = target.with_name(f".{target.name}.partiel")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _content(copy, source) as content, draft.open("wb") as file:
            shutil.copyfileobj(content, file)
        if not target.exists():
            outcome: Outcome = "depose"
        elif digest(target) == digest(draft):
            return target, "identique"
        elif replace:
            outcome = "remplace"
        else:
            raise OutputError(
                f"« {target} » existe déjà et n’est pas le fichier téléchargé ; il est laissé tel "
                "quel : déplacez-le, ou ajoutez --remplacer pour le remplacer"
            )
        draft.replace(target)
    except OSError as error:
        raise OutputError(f"« {target} » ne s’écrit pas ({error}) ; vérifiez les droits") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return target, outcome


@contextmanager
def _content(copy: Copy, source: DeclaredSource) -> Iterator[BinaryIO]:
    """Open what a study takes: the file, or the one declared member of an archive."""
    if Path(source.deposit).suffix == copy.path.suffix:
        with copy.path.open("rb") as file:
            yield file
        return
    (pattern,) = source.members
    with zipfile.ZipFile(copy.path) as archive:
        name = matching(archive.namelist(), pattern)
        with archive.open(PurePosixPath(name).as_posix()) as member:
            yield cast("BinaryIO", member)

"""Folders and files that appear whole or not at all, even when the program is killed.

A folder is written beside the old one, in a hidden neighbour, then both are exchanged in one step
(Linux). Where the system knows no such step, two renames follow each other, and what a kill
between them leaves is put back by the next run. Hidden neighbours of a folder `NAME`:

- `.NAME-brouillon-…` is incomplete, or being deleted: never worth keeping;
- `.NAME-precedent-…`, `.NAME-nouveau-…` are complete: the old results and the new.

Their owner holds a lock on them, so that another run leaves them alone.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import shutil
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from data.results.readme import ABOUT, README_FILE
from geo.errors import OutputError

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

_DRAFT, _OLD, _NEW = "brouillon", "precedent", "nouveau"
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux's renameat2
_HERE = -100  # AT_FDCWD: paths are not relative to an open folder
_BYSTANDERS = (
    *("etude.gpkg-wal", "etude.gpkg-shm", "etude.gpkg-journal"),
    *(".DS_Store", "Thumbs.db", "desktop.ini"),
)
"""What QGIS or the system leaves among results, of no worth without them."""

_REASONS = {
    errno.ENOSPC: "disque plein",
    errno.EDQUOT: "quota de disque atteint",
    errno.EROFS: "support en lecture seule",
    errno.EACCES: "droits insuffisants, ou fichier ouvert dans un autre programme",
    errno.EPERM: "droits insuffisants",
    errno.EBUSY: "dossier en cours d’utilisation",
    errno.ENOENT: "dossier introuvable",
    errno.ENOTDIR: "un fichier se trouve sur le chemin",
    errno.EEXIST: "un fichier se trouve sur le chemin",
    errno.ENAMETOOLONG: "nom trop long",
}


def reason(error: OSError) -> str:
    """Say in French why the system refused."""
    return _REASONS.get(error.errno or 0, f"refus du système, code {error.errno}")


def write_folder(
    folder: Path, files: Mapping[str, str | bytes], *, about: Collection[str] = ABOUT
) -> None:
    """Write all files of a results folder together or none of them.

    Parameters
    ----------
    about
        Names of the files that results of this kind may replace.

    Raises
    ------
    OutputError
        When the folder holds something else than results, or the disk refuses; what was there
        is then left as it was.
    """
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        recover(folder)
        refuse_other_content(folder, about=about)
        with _draft(folder) as draft:
            for name, content in files.items():
                _write(draft / name, content)
            _sync(draft)
            _publish(draft, folder)
    except OSError as error:
        raise OutputError(
            f"écriture impossible dans « {folder} » ({reason(error)}) : les résultats "
            "précédents, s’il y en avait, sont intacts"
        ) from error


def write_file(path: Path, content: str | bytes) -> None:
    """Write one file whole, its folder made if need be, or leave what stood there.

    Raises
    ------
    OutputError
        When the disk refuses.
    """
    path = path.resolve()
    draft = _neighbour(path, _DRAFT)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(draft, content)
        draft.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise OutputError(f"écriture impossible de « {path} » ({reason(error)})") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def refuse_other_content(folder: Path, *, about: Collection[str] = ABOUT) -> None:
    """Refuse a folder that results would not merely replace: a file, a volume, others' files.

    Results of another kind are others' files: a coverage does not replace proposals.

    Parameters
    ----------
    about
        As for `write_folder`.

    Raises
    ------
    OutputError
        Naming what is there.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(f"« {folder} » est un fichier : donner un dossier de résultats")
    if os.path.ismount(folder):
        raise OutputError(
            f"« {folder} » est la racine d’un disque ou d’un volume : donner un dossier à "
            "l’intérieur"
        )
    names = {path.name for path in folder.iterdir()}
    others = sorted(names - {*about, README_FILE, *_BYSTANDERS})
    if others:
        raise OutputError(
            f"le dossier « {folder} » contient autre chose que des résultats (« {others[0]} ») : "
            "rien n’y est écrit ; donner un dossier vide ou nouveau, ou déplacer ce fichier"
        )


def recover(folder: Path) -> None:
    """Put back the results that a kill left beside, then delete what is no longer of use.

    A complete neighbour is deleted only while the folder itself stands.

    Parameters
    ----------
    folder
        Resolved; its parent exists.
    """
    for kind in (_OLD, _NEW):
        for left in _left(folder, kind):
            if not folder.exists():
                left.rename(folder)
            else:
                _discard(left, folder)
    for left in _left(folder, _DRAFT):
        shutil.rmtree(left, ignore_errors=True)


def _left(folder: Path, kind: str) -> list[Path]:
    """Return the neighbours of a kind that no running program holds."""
    name = re.compile(re.escape(f".{folder.name}-{kind}-") + "[0-9a-f]{8}")
    beside = sorted(path for path in folder.parent.iterdir() if name.fullmatch(path.name))
    return [path for path in beside if path.is_dir() and _abandoned(path)]


def _abandoned(path: Path) -> bool:
    with _locked(path) as mine:
        return mine


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Hold the lock of a folder, renames included; False when another holds it.

    Windows has no lock on folders: there, two runs must not write the same results at once.
    """
    if sys.platform == "win32":
        yield True
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mine = True
    except OSError:
        mine = False
    try:
        yield mine
    finally:
        os.close(handle)


def _neighbour(path: Path, kind: str) -> Path:
    return path.with_name(f".{path.name}-{kind}-{secrets.token_hex(4)}")


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    draft = _neighbour(folder, _DRAFT)
    draft.mkdir()
    try:
        with _locked(draft):
            yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write(path: Path, content: str | bytes) -> None:
    with path.open("wb") as handle:
        handle.write(content.encode("utf-8") if isinstance(content, str) else content)
        handle.flush()
        os.fsync(handle.fileno())


def _sync(folder: Path) -> None:
    """Bring the names of a folder to the disk; Windows does it by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _publish(draft: Path, folder: Path) -> None:
    new = _neighbour(folder, _NEW)
    draft.rename(new)
    try:
        if not folder.exists():
            new.rename(folder)
        elif not _exchange(new, folder):
            _two_renames(new, folder)
        _sync(folder.parent)
    finally:
        _discard(new, folder)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    paths = os.fsencode(one), os.fsencode(other)
    return bool(rename(_HERE, paths[0], _HERE, paths[1], _EXCHANGE) == 0)


def _two_renames(new: Path, folder: Path) -> None:
    old = _neighbour(folder, _OLD)
    with _locked(folder):
        folder.rename(old)
        try:
            new.rename(folder)
        finally:
            if not folder.exists():
                old.rename(folder)
    _discard(old, folder)


def _discard(path: Path, folder: Path) -> None:
    """Delete a neighbour, if it is there; first of all, its name stops saying it is complete."""
    doomed = _neighbour(folder, _DRAFT)
    with suppress(OSError):
        path.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)

"""The consolidated folder: written beside, read back, then put in its place whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from data.results.writing import reason, recover
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARK_FILE = "consolidation.json"
"""What tells a consolidated folder: counts, and the digest of every other file."""

_DRAFT, _OLD = "brouillon", "precedent"
_BYSTANDERS = (".DS_Store", "Thumbs.db", "desktop.ini")


def refuse_occupied(folder: Path, dossiers: Mapping[str, Path]) -> None:
    """Refuse a folder that a consolidation would not merely replace.

    Raises
    ------
    OutputError
        When it is a file, holds or lies inside one of the dossiers, holds something else than a
        consolidation, or a consolidation that was changed since.
    """
    folder = folder.resolve()
    for label, path in dossiers.items():
        own = path.resolve()
        if folder == own or own in folder.parents or folder in own.parents:
            raise OutputError(
                f"« {folder} » et le dossier « {label} » se contiennent : donner un dossier à part"
            )
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"« {folder} » est un fichier : donner un nom de dossier")
    if not folder.exists() or not any(folder.iterdir()):
        return
    changed = _changed(folder)
    if changed:
        raise OutputError(
            f"le dossier « {folder} » contient « {changed} », qui n’est pas d’une consolidation ou "
            "a changé depuis : rien n’y est écrit ; donner un dossier neuf, ou mettre celui-ci à "
            "l’abri"
        )


def _changed(folder: Path) -> str:
    """Return the first file that the last consolidation did not write as it stands, or nothing."""
    try:
        digests = json.loads((folder / MARK_FILE).read_bytes())["fichiers"]
    except (OSError, ValueError, KeyError, TypeError):
        return min(entry.name for entry in folder.iterdir())
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or path.name in _BYSTANDERS or name == MARK_FILE:
            continue
        if digests.get(name) != sha256(path.read_bytes()).hexdigest():
            return name
    return ""


@contextmanager
def drafted(folder: Path) -> Iterator[Path]:
    """Give a hidden folder beside another; what is left of it at the end is removed.

    Raises
    ------
    OutputError
        When the disk refuses.
    """
    folder = folder.resolve()
    draft = _neighbour(folder, _DRAFT)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        recover(folder)
        draft.mkdir()
        yield draft
    except OSError as error:
        raise OutputError(
            f"écriture impossible dans « {folder} » ({reason(error)}) : ce qui s’y trouvait est "
            "intact"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def fill(draft: Path, files: Mapping[str, bytes | Path]) -> dict[str, str]:
    """Write files into a draft, those of folders included; return their digests by name."""
    digests = {}
    for name, content in sorted(files.items()):
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, path)
        else:
            path.write_bytes(content)
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
        digests[name] = sha256(path.read_bytes()).hexdigest()
    return digests


def publish(draft: Path, folder: Path) -> None:
    """Put a draft in the place of a folder; a kill between the two renames is put right later."""
    folder = folder.resolve()
    old = _neighbour(folder, _OLD)
    if folder.exists():
        folder.rename(old)
    try:
        draft.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _neighbour(folder: Path, kind: str) -> Path:
    return folder.with_name(f".{folder.name}-{kind}-{secrets.token_hex(4)}")

"""Files of a study replaced all together, the former ones kept aside."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from data.collect.edit import BACKUP
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping


def replace_files(folder: Path, files: Mapping[str, bytes], former: Mapping[str, bytes]) -> None:
    """Replace files of a study, all of them or none; the former ones are kept in `BACKUP`.

    Parameters
    ----------
    files
        Name → new bytes.
    former
        Name → the bytes that were read; a name that is not there is a new file.

    Raises
    ------
    OutputError
        When a file changed since it was read, or the disk refuses; the study is as it was.
    """
    _refuse_changed(folder, files, former)
    scratch = Path()
    try:
        scratch = Path(tempfile.mkdtemp(dir=folder, prefix=".collecte-"))
        fresh, kept = scratch / "nouveaux", scratch / "anciens"
        fresh.mkdir()
        kept.mkdir()
        for name, content in files.items():
            _write(fresh / name, content)
            if name in former:
                _write(kept / name, former[name])
        _swap(folder, list(files), fresh, kept)
        shutil.rmtree(folder / BACKUP, ignore_errors=True)
        kept.rename(folder / BACKUP)
    except OSError as error:
        raise OutputError(
            f"écriture impossible dans « {folder.name} » ({error.strerror}) ; l’étude est comme "
            "avant → fermez ses fichiers dans le tableur, vérifiez vos droits, recommencez"
        ) from error
    finally:
        if scratch != Path():
            shutil.rmtree(scratch, ignore_errors=True)


def _refuse_changed(folder: Path, files: Mapping[str, bytes], former: Mapping[str, bytes]) -> None:
    for name in files:
        path = folder / name
        now = path.read_bytes() if path.is_file() else None
        if now != former.get(name):
            raise OutputError(
                f"« {name} » a changé pendant la lecture ; rien n’est écrit → recommencez"
            )


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _swap(folder: Path, names: list[str], fresh: Path, kept: Path) -> None:
    """Move the new files in; when one cannot be, put back those already moved."""
    done: list[str] = []
    try:
        for name in names:
            (fresh / name).replace(folder / name)
            done.append(name)
    except OSError:
        for name in done:
            if (kept / name).exists():
                shutil.copyfile(kept / name, folder / name)
            else:
                (folder / name).unlink()
        raise

"""How results are written: exact numbers as text, CSV, JSON, folders that appear whole."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from fractions import Fraction


def fixed(value: Fraction | None, places: int) -> str:
    """Write an exact number with fixed decimals, rounded down; empty for None.

    Down, so that a rate under 1 never reads 1.

    >>> fixed(Fraction(34_999_999, 35_000_000), 6)
    '0.999999'
    """
    if value is None:
        return ""
    scale = 10**places
    whole, part = divmod(value.numerator * scale // value.denominator, scale)
    return f"{whole}.{part:0{places}d}"


def cell(value: object) -> str:
    """Write one cell: `oui`/`non`, lists joined by `|`, empty for unknown.

    >>> cell(("a", "b")), cell(True), cell(None)
    ('a|b', 'oui', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, tuple):
        return "|".join(cell(item) for item in value)
    return str(value)


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a CSV: UTF-8 text, comma, decimal point, `\\n`."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()


def check_folder(folder: Path) -> None:
    """Refuse, before anything is computed, a folder that results cannot replace.

    Raises
    ------
    OutputError
        When it is a file, holds something else than results, or cannot be written beside.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"« {folder} » est un fichier : donner un dossier de résultats")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "resume.json").is_file():
        raise OutputError(
            f"le dossier « {folder} » contient autre chose que des résultats : rien n’y est "
            "écrit ; donner un dossier vide ou nouveau"
        )
    parent = folder.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=f".{folder.name}-"):
            pass
    except OSError as error:
        raise OutputError(
            f"impossible d’écrire dans « {parent} » ({error.strerror}) : choisir un autre dossier"
        ) from error


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write all files of a results folder together or none of them.

    The files are written beside, then the new folder takes the place of the old one.

    Raises
    ------
    OutputError
        When the disk refuses; the previous results are then left as they were.
    """
    check_folder(folder)
    parent = folder.absolute().parent
    fresh = Path(tempfile.mkdtemp(dir=parent, prefix=f".{folder.name}-"))
    try:
        for name, content in files.items():
            data = content.encode("utf-8") if isinstance(content, str) else content
            with (fresh / name).open("wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
        fresh.chmod(0o755)
        _take_place(fresh, folder)
    except OSError as error:
        raise OutputError(
            f"écriture impossible dans « {folder} » ({error.strerror}) : les résultats "
            "précédents, s’il y en avait, sont intacts"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _take_place(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    old = Path(tempfile.mkdtemp(dir=folder.absolute().parent, prefix=f".{folder.name}-"))
    folder.rename(old / "old")
    try:
        fresh.rename(folder)
    except OSError:
        (old / "old").rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)

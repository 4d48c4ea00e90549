"""One process at a time prepares shared files; the others wait and say so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_WAIT_S = 900


@contextmanager
def patient_lock(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock file `path`, waiting for whoever holds it.

    Raises
    ------
    DataUnavailableError
        When it is still held after a quarter of an hour.
    OSError
        When the lock file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("Une autre commande prépare déjà ces données : attente de sa fin…")
        _wait(lock)
    try:
        yield
    finally:
        lock.release()


def _wait(lock: FileLock) -> None:
    try:
        lock.acquire(timeout=_WAIT_S)
    except Timeout as error:
        raise DataUnavailableError(
            f"le verrou « {lock.lock_file} » est tenu depuis plus de {_WAIT_S // 60} minutes par "
            "une autre commande ; attendez sa fin ou arrêtez-la, puis relancez"
        ) from error

"""Who works: a worker holds a lock as long as its process lives, and the system lets go of it.

Nothing is written and no clock is read: a process that is killed stops holding at once, one that
is slow still holds. Beside a SQLite file the lock is a file; in PostgreSQL it is the server's, held
by a connection of its own. A worker whose connection breaks is taken for dead: its jobs are begun
anew by others, and what it brings afterwards is refused by the number of its attempt.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from sqlalchemy import text

from data.store.engine import opening_lock, said
from data.store.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.store.engine import Store

_SUFFIX = ".calcul-"
_HOLD = text("SELECT pg_advisory_lock(:key)")
_ASK = text("SELECT pg_advisory_xact_lock(:key)")
_PATIENCE = "SET LOCAL lock_timeout = 1000"
"""Of who asks whether another lives: the server may still be closing what a dead one held."""

_QUICK_DEATH = (
    *("SET tcp_keepalives_idle = 30", "SET tcp_keepalives_interval = 10"),
    "SET tcp_keepalives_count = 3",
)
"""A worker whose machine is gone says nothing: the server asks, and lets go within a minute."""


@dataclass(frozen=True)
class Worker:
    """One that works, until its process ends or it leaves.

    Attributes
    ----------
    name
        Unique, as jobs say who computes them.
    leave
        Lets go of the lock.
    """

    name: str
    leave: Callable[[], None]


def arrive(store: Store) -> Worker:
    """Begin to work, under a new name; locks that dead workers left behind are cleared.

    Raises
    ------
    RegisterError
        When the database does not answer.
    """
    name = f"serveur-{secrets.token_hex(8)}"
    path = _database(store)
    if path is None:
        return Worker(name, _hold_in_server(store, name))
    # One at a time: a lock is never cleared between its making and its taking.
    with opening_lock(path):
        _clear(path)
        lock = FileLock(_lock_path(path, name), thread_local=False)
        lock.acquire()

    def leave() -> None:
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)

    return Worker(name, leave)


def is_alive(store: Store, name: str) -> bool:
    """Tell whether a worker still works.

    Raises
    ------
    RegisterError
        When the database does not answer.
    """
    path = _database(store)
    if path is None:
        return _held_in_server(store, name)
    with opening_lock(path):
        return not _free(_lock_path(path, name))


def _database(store: Store) -> Path | None:
    """Return the file of a register, None when a server has it."""
    url = store.writer.url
    return Path(url.database or "") if url.drivername.startswith("sqlite") else None


def _lock_path(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}{_SUFFIX}{name}")


def _free(path: Path) -> bool:
    """Tell whether nobody holds the lock of a file; one that is not there is free."""
    if not path.exists():
        return True
    try:
        with FileLock(path, timeout=0, thread_local=False):
            return True
    except Timeout:
        return False


def _clear(path: Path) -> None:
    for left in list(path.parent.iterdir()):
        if left.name.startswith(f"{path.name}{_SUFFIX}") and _free(left):
            left.unlink(missing_ok=True)


def _hold_in_server(store: Store, name: str) -> Callable[[], None]:
    apart = store.reader.execution_options(isolation_level="AUTOCOMMIT", postgresql_readonly=False)
    with said():
        connection = apart.connect()
        for setting in _QUICK_DEATH:
            connection.exec_driver_sql(setting)
        connection.execute(_HOLD, {"key": _key(name)})

    def leave() -> None:
        # The lock is the session's: it must not go back to the pool with it.
        connection.invalidate()
        connection.close()

    return leave


def _held_in_server(store: Store, name: str) -> bool:
    try:
        with said(), store.reader.begin() as connection:
            connection.exec_driver_sql(_PATIENCE)
            connection.execute(_ASK, {"key": _key(name)})
    except BusyError:
        return True
    return False


def _key(name: str) -> int:
    digest = hashlib.sha256(f"calcul {name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)

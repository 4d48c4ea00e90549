"""The open register: reading one state of it, writing in one transaction."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from data.store.address import engines, prepare_file, read_address
from data.store.checks import checked_text
from data.store.errors import BusyError, RegisterError
from data.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

_OPENING = threading.Lock()
_BUSY_STATES = ("55P03", "40P01", "40001")  # lock not available, deadlock, serialisation


def utc_now() -> datetime:
    """Return the present instant, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Write:
    """One transaction that writes, of one person or worker.

    Attributes
    ----------
    session
        Ends with the transaction: committed whole, or not at all.
    actor
        Who writes, as the audit will say.
    now
        When it began, after its turn came: later than every write before it.
    """

    session: Session
    actor: str
    now: datetime


@dataclass(frozen=True)
class Store:
    """The open register; threads may share it, processes each open their own."""

    reader: Engine
    writer: Engine
    clock: Callable[[], datetime] = utc_now

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Read one state of the register, whatever is written meanwhile.

        Raises
        ------
        RegisterError
            When the database does not answer.
        """
        with said(), Session(self.reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self, actor: str) -> Iterator[Write]:
        """Write in one transaction: when this ends without an error, the disk has it.

        Raises
        ------
        BusyError
            When other writes last more than ten seconds.
        RegisterError
            When the database does not answer; the last write may then be there, or not.
        InputErrors
            When the actor has no name.
        """
        name = checked_text(actor, "auteur", longest=200)
        with (
            said(),
            Session(self.writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection()
            yield Write(session, name, self.clock())

    def close(self) -> None:
        """Let go of every connection."""
        self.writer.dispose()


def open_store(url: str, *, clock: Callable[[], datetime] = utc_now) -> Store:
    """Open the register, made or brought to the present form first.

    Two servers that start together wait for each other.

    Parameters
    ----------
    url
        `sqlite:///path` or `postgresql+psycopg://user:password@host/base`.
    clock
        Gives the present instant, aware.

    Raises
    ------
    RegisterError
        When the address cannot be, the database cannot be reached, holds something else, or was
        written by a later version of the program.
    """
    address = read_address(url)
    # The library of migrations speaks of one database at a time in a process.
    with _OPENING, said():
        if address.drivername != "sqlite":
            reader, writer = engines(address)
            _migrated(writer)
            return Store(reader, writer, clock)
        # Putting a file in WAL is the one step that SQLite does not let others wait for.
        with opening_lock(Path(address.database or "")):
            prepare_file(address)
            reader, writer = engines(address)
            _migrated(writer)
            return Store(reader, writer, clock)


def opening_lock(database: Path) -> FileLock:
    """Return the lock of a SQLite file that its servers take in turn when they start."""
    return FileLock(database.with_name(f"{database.name}.verrou"))


def _migrated(writer: Engine) -> None:
    try:
        migrate(writer)
    except BaseException:
        writer.dispose()
        raise


@contextmanager
def said() -> Iterator[None]:
    """Say in French what the database says of itself; its own words may hold what was written."""
    try:
        yield
    except DBAPIError as error:
        if _busy(error):
            raise BusyError(
                "d’autres enregistrements sont en cours ; rien n’a été écrit → réessayer"
            ) from error
        if isinstance(error, OperationalError):
            raise RegisterError(
                "la base ne répond pas → vérifier qu’elle est en marche, son adresse, ses droits "
                "et la place sur le disque"
            ) from error
        raise


def _busy(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    code = str(getattr(error.orig, "sqlite_errorname", ""))
    return state in _BUSY_STATES or code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))

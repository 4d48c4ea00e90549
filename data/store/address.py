"""The address of the register: what it may be, and how each database is prepared."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from data.store.errors import RegisterError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

WAIT_MS = 10_000
"""How long a write waits for another to end."""

_THREADS = 40  # as many as a server answers with at once
_WRITES = "register_writes"
_ADVISORY_KEY = 0x7A6F6E6573  # "zones": one writer at a time, in the whole database
_POSTGRESQL = "postgresql+psycopg"
_EXPECTED = "donner « sqlite:///chemin/du/fichier » ou « postgresql+psycopg://compte@hôte/base »"


def read_address(text: str) -> URL:
    """Return an address that can be opened; the secrets it holds are never repeated.

    Raises
    ------
    RegisterError
        When it is of no database known here, or of a file that cannot be.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise RegisterError(f"l’adresse de la base n’est pas lisible → {_EXPECTED}") from None
    if url.drivername == "postgresql":
        url = url.set(drivername=_POSTGRESQL)
    if url.drivername == _POSTGRESQL:
        return url
    if url.drivername != "sqlite":
        raise RegisterError(f"base « {url.drivername} » non prise en charge → {_EXPECTED}")
    if not url.database or url.database == ":memory:" or url.query:
        raise RegisterError(f"l’adresse de la base ne nomme pas un fichier → {_EXPECTED}")
    path = Path(url.database)
    if not path.parent.is_dir():
        raise RegisterError(
            f"le dossier du fichier de la base, « {path.parent} », n’existe pas → le créer"
        )
    return url


def prepare_file(url: URL) -> None:
    """Create a SQLite file that its owner alone reads, and put it in WAL for good.

    Raises
    ------
    RegisterError
        When the file cannot be written, or is no database.
    """
    path = Path(url.database or "")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, timeout=WAIT_MS / 1000)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
    except OSError as error:
        raise RegisterError(
            f"le fichier de la base « {path} » ne peut pas être écrit → vérifier les droits"
        ) from error
    except sqlite3.DatabaseError as error:
        raise RegisterError(
            f"le fichier « {path} » n’est pas une base SQLite utilisable → donner un autre chemin, "
            "ou remettre une sauvegarde"
        ) from error


def engines(url: URL) -> tuple[Engine, Engine]:
    """Return what reads and what writes: two sides of one pool of connections.

    Reading sees one state of the database, and cannot write. Writing takes its turn first: one
    writer at a time on both databases, so that numbers, events and audit follow one order.

    Raises
    ------
    RegisterError
        When the driver of the database is not installed.
    """
    try:
        both = create_engine(url, hide_parameters=True, pool_pre_ping=True, max_overflow=_THREADS)
    except (ImportError, NoSuchModuleError) as error:
        raise RegisterError(f"le pilote de « {url.drivername} » n’est pas installé") from error
    writer = both.execution_options(**{_WRITES: True})
    if both.dialect.name == "sqlite":
        event.listen(both, "connect", _sqlite_connected)
        event.listen(both, "begin", _sqlite_begins)
        return both, writer
    event.listen(both, "begin", _postgresql_begins)
    reading: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return both.execution_options(**reading), writer


def _sqlite_connected(connection: sqlite3.Connection, record: object) -> None:  # noqa: ARG001 - of the event
    # The driver opens no transaction of its own accord: `_sqlite_begins` does.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    # A draft that is thrown away leaves no trace in the file.
    connection.execute("PRAGMA secure_delete = ON")


def _sqlite_begins(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_begins(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES, False):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {WAIT_MS}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_KEY})")

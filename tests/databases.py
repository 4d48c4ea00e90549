"""Databases for the tests of the register: files of SQLite, and a PostgreSQL server of our own.

The server is started once by a process that needs it, on a free port, its data in a folder of its
own; it stops when the pipe that it reads closes, so that it never outlives the tests.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

KINDS = ("sqlite", "postgresql")

_BINARIES = "/usr/lib/postgresql"
_WATCH = '"$@" & read -r _; kill -QUIT $!; wait $!'
_SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=60", "shared_buffers=16MB")
_NUMBERS = count(1)


def new_database(kind: str, folder: Path) -> str:
    """Return the address of an empty database; skip the test when PostgreSQL is absent."""
    if kind == "sqlite":
        return f"sqlite:///{folder / f'registre-{next(_NUMBERS)}.sqlite'}"
    port = _server()
    if isinstance(port, str):
        pytest.skip(port)
    name = f"registre_{next(_NUMBERS)}"
    with psycopg.connect(f"{_address(port)}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{_address(port)}/{name}".replace("postgresql", "postgresql+psycopg", 1)


def run_sql(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements as a stranger would, past the program; return the rows of the last."""
    if url.startswith("sqlite"):
        import sqlite3  # noqa: PLC0415 - one of two drivers

        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            with connection:
                for each in statements:
                    cursor = connection.execute(each)
                return cursor.fetchall()
        finally:
            connection.close()
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        for each in statements:
            found = server.execute(each.encode())
        return found.fetchall() if found.description else []


def _address(port: int) -> str:
    return f"postgresql://essais@127.0.0.1:{port}"


@cache
def _server() -> int | str:
    """Return the port of a server of our own, or why there is none."""
    initdb = shutil.which("initdb") or max(
        map(str, Path(_BINARIES).glob("*/bin/initdb")), default=""
    )
    if not initdb:
        return "PostgreSQL is not installed"
    account = _account()
    if account is None and os.getuid() == 0:
        return "PostgreSQL does not run as root, and there is no other account"
    folder = Path(tempfile.mkdtemp(prefix="registre-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    rights: dict[str, Any] = {}
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
        rights = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data = folder / "data"
    made = subprocess.run(
        [initdb, "-D", data, "-U", "essais", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **rights,
    )
    if made.returncode:
        return f"PostgreSQL could not prepare a folder: {made.stderr.strip()[:200]}"
    for _ in range(3):
        port = free_port()
        command = [str(Path(initdb).with_name("postgres")), "-D", data, "-k", folder, "-p", port]
        command += [word for each in _SETTINGS for word in ("-c", each)]
        if _started(list(map(str, command)), folder, port, rights):
            return port
    return "PostgreSQL did not start"


def _started(command: list[str], folder: Path, port: int, rights: dict[str, Any]) -> bool:
    with (folder / "log").open("ab") as log:
        watch = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "sh", *command],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            **rights,
        )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            psycopg.connect(f"{_address(port)}/postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            atexit.register(_stop, watch)
            return True
    _stop(watch)
    return False


def _stop(watch: subprocess.Popen[bytes]) -> None:
    if watch.stdin is not None:
        watch.stdin.close()
    watch.wait(timeout=20)


def _account() -> pwd.struct_passwd | None:
    """Return whom the server runs as, when we are root."""
    if os.getuid() != 0:
        return None
    known = {each.pw_name: each for each in pwd.getpwall()}
    return next((known[name] for name in ("postgres", "nobody") if name in known), None)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port

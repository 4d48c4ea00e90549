"""Functions for a process of its own: sound ones, and those that it must not get away with."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def add(left: int, right: int) -> dict[str, Any]:
    return {"sum": left + right, "texte": "é\n"}


def counted(total: int, *, on_progress: Callable[[str, int, int], None]) -> int:
    for done in range(total):
        on_progress(f"étape {done}", done, total)
    return total


def environment() -> list[str]:
    return sorted(os.environ)


def map_drivers() -> list[str]:
    import pyogrio  # noqa: PLC0415 - slow, and asked for by one test only

    return sorted(pyogrio.list_drivers())


def spin(*_: object, **_named: object) -> None:
    while True:
        pass


def sleep(mark: str) -> None:
    Path(mark).touch()
    time.sleep(600)


def allocate(number: int) -> int:
    return len(bytes(number))


def fork() -> None:
    os.fork()


def command() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def shell() -> None:
    os.system("true")  # noqa: S605, S607 - refused before it runs


def native_fork() -> int:
    """Start a process behind the back of Python; return its number."""
    number = ctypes.CDLL(None).fork()
    if not number:
        time.sleep(600)
    return int(number)


def call_host() -> None:
    socket.create_connection(("127.0.0.1", 9))


def write_much() -> int:
    with tempfile.TemporaryFile() as file:
        return file.write(bytes(5_000_000))


def open_many() -> int:
    return len([tempfile.TemporaryFile() for _ in range(2_000)])


def core_limit() -> list[int]:
    import resource  # noqa: PLC0415 - not on every system

    return list(resource.getrlimit(resource.RLIMIT_CORE))


def fail() -> None:
    raise KeyError("secret")


def leave() -> None:
    sys.exit(3)


def leave_at_once() -> None:
    os._exit(3)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def shout() -> str:
    print("not an answer", flush=True)  # noqa: T201 - what a library may do
    sys.stderr.write("x" * 1_000_000)
    return "dit"


def no_json() -> object:
    return {1, 2}


def not_a_number() -> float:
    return float("nan")


def speak_forever(*, on_progress: Callable[[str, int, int], None]) -> None:
    while True:
        on_progress("a" * 1_000_000, 1, 2)


def linger() -> str:
    threading.Thread(target=time.sleep, args=(600,)).start()
    return "parti"

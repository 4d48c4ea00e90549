"""The process that a bounded reading runs in: limits first, then one function, then nothing.

Run as a script, it imports nothing of ours, nor any library, before its limits hold. It reads one
line of JSON, answers by lines of JSON, and dies with the process that started it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

_FORBIDDEN = (
    *("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"),
    *("os.startfile", "pty.spawn", "subprocess.Popen"),
    *("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"),
)
"""Audit events of what a reading never does: start a process, speak to the network."""

_MEMORY, _FAILED = "memoire", "echouee"


def main() -> None:
    """Answer the one request of standard input, then leave without a word to anyone else."""
    request = json.loads(sys.stdin.buffer.readline())
    channel = _own_channel()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    unlimited = _limit(request["limits"])
    sys.addaudithook(_refuse)
    try:
        sys.path[:] = request["path"]
        answer = {"value": _call(request, channel), "unlimited": unlimited}
        _say(channel, answer)
    except MemoryError:
        _say(channel, {"error": _MEMORY, "kind": "MemoryError", "unlimited": unlimited})
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told, not propagated
        kind = type(error).__name__
        _say(channel, {"error": _FAILED, "kind": kind, "unlimited": unlimited})
    os._exit(0)  # threads of libraries are not waited for


def _own_channel() -> BinaryIO:
    """Return standard output for answers alone: what libraries print goes nowhere."""
    channel = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return channel


def _leave_with_parent() -> None:
    """Leave when standard input closes: the process that asked is no more."""
    while sys.stdin.buffer.read(1):
        pass
    os._exit(1)


def _limit(limits: Mapping[str, int]) -> list[str]:
    """Set the limits of this process; return those that the system does not take."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return sorted(limits)
    untaken = []
    for name, value in {**limits, "RLIMIT_CORE": 0}.items():
        try:
            # The soft limit of the processor's time is told by a signal of its own.
            most = value + 1 if name == "RLIMIT_CPU" else value
            resource.setrlimit(getattr(resource, name), (value, most))
        except (AttributeError, ValueError, OSError):
            untaken.append(name)
    return untaken


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"{event} is not for a bounded process")


def _call(request: Mapping[str, Any], channel: BinaryIO) -> object:
    """Return what the function asked for returns."""
    function: Any = import_module(request["module"])
    for name in request["name"].split("."):
        function = getattr(function, name)
    if not request["progress"]:
        return function(*request["args"])

    def progress(phrase: str, done: int, total: int) -> None:
        _say(channel, {"progress": [phrase, done, total]})

    return function(*request["args"], on_progress=progress)


def _say(channel: BinaryIO, answer: Mapping[str, object]) -> None:
    channel.write(json.dumps(answer, allow_nan=False).encode() + b"\n")
    channel.flush()


if __name__ == "__main__":
    main()

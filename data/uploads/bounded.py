"""A function in a process of its own, whose time, memory and files are bounded, and that dies.

The process is a new Python, not a copy of this one: it inherits no secret, no open file and no
lock. What it answers is plain JSON; nothing of it is run here, whatever it became.
"""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Progress = Callable[[str, int, int], None]

State = Literal["rendue", "duree", "memoire", "arretee", "echouee"]
"""How it ended: an answer, out of time, out of memory, killed from here, or by its own fault."""

MOST_BYTES = 32_000_000
"""Longest answer, progress included."""

UNREADABLE = "réponse illisible"
"""Cause of an end: what the process says is not what it was to say."""

_CHILD = Path(__file__).with_name("child.py")
_FILE_BYTES = 1_000_000
_LAST_WORDS_SECONDS = 5.0
_OPEN_FILES = 256
_CPU_SHARE = 2
"""Processor seconds for one of the clock: some libraries keep a second thread."""

_KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE"),
    *("LOCALAPPDATA", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "TZ"),
    *("ZONES_BLANCHES_CACHE", "ZONES_BLANCHES_CONTOURS"),
)
"""Variables that the process may know: no address of a database, no key."""

_GDAL_SKIPPED = (
    *("AmigoCloud", "Carto", "CSW", "EEDA", "Elasticsearch", "GDALG", "GPSBabel", "GTFS", "HTTP"),
    *("LVBAG", "NGW", "OAPIF", "OGCAPI", "OGR_VRT", "VRT", "OSM", "PLSCENES", "WFS", "ADBC"),
    *("PMTiles", "MBTiles", "S57", "PDS4", "OGR_PDS", "STACIT", "STACTA", "PDF", "DXF", "DGN"),
)
"""Drivers that a file could pass for, and that would open others, or an address."""

_SET = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
    "GDAL_NUM_THREADS": "1",
    "GDAL_SKIP": ",".join(_GDAL_SKIPPED),
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".aucune",
}
"""One thread a library, as each takes memory; no file read through the network."""

_ENDS: Mapping[str, str] = {
    "duree": "la lecture a duré plus de temps qu’il ne lui en est donné",
    "memoire": "la lecture demande plus de mémoire qu’il ne lui en est donné",
    "arretee": "la lecture a été arrêtée",
    "echouee": "la lecture s’est arrêtée d’une façon imprévue",
}
_LESS_LIMITED = "ce système ne borne que la durée d’une lecture : ni sa mémoire, ni ses fichiers"


@dataclass(frozen=True)
class Outcome:
    """How a bounded function ended.

    Attributes
    ----------
    value
        What it returned, plain JSON; None unless `state` is `rendue`.
    message
        What happened, in French; empty when it returned.
    cause
        Name of the error or of the signal that ended it; empty when there is none to name.
    note
        What this system does not bound, in French; empty when everything was.
    """

    state: State
    value: Any = None
    message: str = ""
    cause: str = ""
    note: str = ""


def run_bounded(
    function: Callable[..., object],
    args: Sequence[object],
    *,
    seconds: float,
    memory_bytes: int,
    on_progress: Progress | None = None,
) -> Outcome:
    """Return how a function ended in a process of its own: see `Bounded`."""
    bounded = Bounded(
        function, args, seconds=seconds, memory_bytes=memory_bytes, on_progress=on_progress
    )
    return bounded.run()


class Bounded:
    """One run of a function in a process of its own, that another thread may kill.

    Parameters
    ----------
    function
        At the top of a module, as it is found again by its name. With `on_progress`, it takes
        a keyword of that name, to call with a phrase, what is done and the total.
    args
        Plain JSON.
    seconds
        Of the clock, start of the process included.
    memory_bytes
        Of addresses, shared libraries included: those of this program take two thousand million.
    on_progress
        Called in the thread of `run`.

    Raises
    ------
    ValueError
        When the function has no name to be found by.
    """

    def __init__(
        self,
        function: Callable[..., object],
        args: Sequence[object],
        *,
        seconds: float,
        memory_bytes: int,
        on_progress: Progress | None = None,
    ) -> None:
        name = function.__qualname__
        if "<" in name:
            raise ValueError(f"a bounded function stands at the top of a module: {name}")
        self._seconds = seconds
        self._on_progress = on_progress
        self._request = {
            "module": function.__module__,
            "name": name,
            "args": list(args),
            "path": sys.path,
            "progress": on_progress is not None,
            "limits": {
                "RLIMIT_AS": memory_bytes,
                "RLIMIT_CPU": math.ceil(seconds * _CPU_SHARE),
                "RLIMIT_FSIZE": _FILE_BYTES,
                "RLIMIT_NOFILE": _OPEN_FILES,
            },
        }
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def kill(self) -> None:
        """Kill the process, and any it would have started; one that is not started will not be."""
        with self._lock:
            self._killed = True
            self._kill_group()

    def run(self) -> Outcome:
        """Return how the function ended; when this returns, the process is no more."""
        deadline = time.monotonic() + self._seconds
        with self._lock:
            if self._killed:
                return ended("arretee")
            process = self._start()
        answers: queue.Queue[bytes | None] = queue.Queue()
        reader = threading.Thread(target=_pass_on, args=(process.stdout, answers), daemon=True)
        reader.start()
        try:
            with suppress(OSError):
                _send(process, self._request)
            outcome = self._listen(answers, deadline)
        finally:
            code = self._finish(process, reader)
        if self._killed and outcome.state != "rendue":
            return ended("arretee")
        return _died(code) if outcome == _SILENT else outcome

    def _start(self) -> subprocess.Popen[bytes]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**kept, **_SET},
            start_new_session=True,
        )
        return self._process

    def _listen(self, answers: queue.Queue[bytes | None], deadline: float) -> Outcome:
        """Return what the process says at last, an unnamed failure when it says nothing."""
        while True:
            try:
                line = answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return ended("duree")
            if line is None:
                return _SILENT
            answer = _parsed(line)
            if answer is None:
                return ended("echouee", UNREADABLE)
            told = answer.get("progress")
            if told is None:
                return _outcome(answer)
            if self._on_progress is not None and _is_progress(told):
                self._on_progress(*told)

    def _finish(self, process: subprocess.Popen[bytes], reader: threading.Thread) -> int:
        """Kill what is left, close everything; return the code that the process left with."""
        with self._lock:
            self._kill_group()
            code = process.wait()
            self._process = None
        reader.join(_LAST_WORDS_SECONDS)
        with suppress(OSError):
            _stream(process.stdin).close()
        if not reader.is_alive():
            _stream(process.stdout).close()
        return code

    def _kill_group(self) -> None:
        process = self._process
        if process is None:
            return
        # Its group bears its number, which stays taken until it is waited for.
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("a bounded process is started with pipes")
    return stream


def _send(process: subprocess.Popen[bytes], request: Mapping[str, object]) -> None:
    stream = _stream(process.stdin)
    stream.write(json.dumps(request, allow_nan=False).encode() + b"\n")
    stream.flush()


def _pass_on(stream: IO[bytes], answers: queue.Queue[bytes | None]) -> None:
    """Put each line of a process in a queue, None at its end; no more than it may say in all."""
    left = MOST_BYTES
    while left > 0 and (line := stream.readline(left)):
        left -= len(line)
        answers.put(line)
    answers.put(None)


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _is_progress(told: object) -> bool:
    kinds = [type(each) for each in told] if isinstance(told, list) else []
    return kinds == [str, int, int]


def _outcome(answer: Mapping[str, Any]) -> Outcome:
    """Return the outcome that a last answer tells, nothing in it believed to be of a type."""
    note = _LESS_LIMITED if answer.get("unlimited") else ""
    if "value" in answer:
        return Outcome("rendue", answer["value"], note=note)
    state: State = "memoire" if answer.get("error") == "memoire" else "echouee"
    return Outcome(state, message=_ENDS[state], cause=str(answer.get("kind"))[:80], note=note)


def ended(state: State, cause: str = "") -> Outcome:
    """Return the outcome of a function that returned nothing."""
    return Outcome(state, message=_ENDS[state], cause=cause)


def _died(code: int) -> Outcome:
    """Return the outcome of a process that left without an answer."""
    if code == -getattr(signal, "SIGXCPU", 0) and code:
        return ended("duree", "SIGXCPU")
    try:
        return ended("echouee", signal.Signals(-code).name)
    except ValueError:
        return ended("echouee", f"code {code}")


_SILENT = ended("echouee")
"""What is known of a process that says nothing: its code tells the rest."""

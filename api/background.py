"""A long computation beside the requests: where it stands, its result, how it is stopped.

A `Line` runs computations one at a time, in a thread of its own. Each says its stages and stops
between two of them when it is asked to; whoever watches it is told of every change. Nothing here
outlives the server: `api.jobs.queue` runs on the same lines what the register remembers.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock, Thread
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from api.errors import problem_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Made = TypeVar("Made")
Made_co = TypeVar("Made_co", covariant=True)

ABSENT, WAITING, RUNNING = "absente", "en_attente", "en_cours"
DONE, FAILED, CANCELLED = "terminee", "echouee", "annulee"
OUTDATED = "perimee"


class StoppedError(Exception):
    """Raised at a stage of a computation that was asked to stop."""


@dataclass(frozen=True)
class Progress:
    """Where a computation stands.

    Attributes
    ----------
    state
        `absente` (never asked), `en_attente`, `en_cours`, `terminee`, `echouee`, `annulee`, or
        `perimee` (done on what has changed since, and not to be had again).
    phrase
        The stage under way, in French.
    stage, stages
        Its rank, from 1, and how many there are; 0 before the first.
    stopping
        Whether it was asked to stop, and has not yet.
    faults
        Why it failed, in French: all that is to be mended.
    """

    state: str = ABSENT
    phrase: str = ""
    stage: int = 0
    stages: int = 0
    stopping: bool = False
    faults: tuple[str, ...] = ()

    @property
    def under_way(self) -> bool:
        """Whether it waits for its turn or runs."""
        return self.state in (WAITING, RUNNING)


class Computation(Protocol[Made_co]):
    """What pages ask of a computation, be it kept in memory or by the register."""

    @property
    def progress(self) -> Progress:
        """Where it stands."""

    @property
    def result(self) -> Made_co | None:
        """What it made last, None until it has; that of before while it is made anew."""

    def start(self, *, anew: bool = False) -> Progress:
        """Ask for it; nothing changes when it waits, runs, or is done and not asked anew."""

    def cancel(self) -> Progress:
        """Ask it to stop."""

    def watch(self, patience: float) -> AsyncIterator[Progress | None]:
        """Yield where it stands at each change, to the last; None when nothing moves."""


def faults_of(error: Exception) -> tuple[str, ...]:
    """Return all that is said of why a computation failed; what nobody foresaw is logged."""
    problem = problem_of(error, identifier=secrets.token_hex(8))
    return tuple(problem.extra.get("erreurs") or [problem.detail])


class Line:
    """Computations one at a time, in the order they were asked; its thread ends with the last."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._running = False
        self._lock = Lock()

    def add(self, work: Callable[[], None]) -> None:
        """Run something after all that was added before; it may not raise."""
        with self._lock:
            self._waiting.append(work)
            if self._running:
                return
            self._running = True
        # A daemon: Ctrl+C stops the server at once, whatever is under way.
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running = False
                    return
                work = self._waiting.popleft()
            work()


class Background(Generic[Made]):
    """One computation, made when it is asked for, and again after a failure or a stop, or anew.

    Parameters
    ----------
    line
        Where it waits for its turn.
    work
        Makes the result; calls what it is given with a French phrase at the start of each stage.
    stages
        How many calls it makes.
    """

    def __init__(
        self, line: Line, work: Callable[[Callable[[str], None]], Made], *, stages: int
    ) -> None:
        self._line = line
        self._work = work
        self._progress = Progress(stages=stages)
        self._asked = 0
        self._result: Made | None = None
        self._lock = Lock()
        self._watchers: set[Callable[[], None]] = set()

    @property
    def progress(self) -> Progress:
        """Where it stands."""
        return self._progress

    @property
    def result(self) -> Made | None:
        """What it made last, None until it has; that of before while it is made anew."""
        return self._result

    def start(self, *, anew: bool = False) -> Progress:
        """Ask for it; nothing changes when it waits, runs, or is done and not asked anew."""
        with self._lock:
            now = self._progress
            if now.under_way or (now.state == DONE and not anew):
                return now
            self._asked += 1
            mine = self._asked
            self._set(Progress(WAITING, stages=now.stages))
        self._line.add(lambda: self._run(mine))
        return self._progress

    def cancel(self) -> Progress:
        """Ask it to stop: at once when it waits, at its next stage when it runs."""
        with self._lock:
            now = self._progress
            if now.state == WAITING:
                self._set(Progress(CANCELLED, stages=now.stages))
            elif now.state == RUNNING:
                self._set(replace(now, stopping=True))
        return self._progress

    async def watch(self, patience: float) -> AsyncIterator[Progress | None]:
        """Yield where it stands now and at each change, to the last; None when nothing moves.

        Parameters
        ----------
        patience
            Seconds without a change after which None is given.
        """
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody watches any more
                loop.call_soon_threadsafe(changed.set)

        with self._lock:
            self._watchers.add(tell)
        try:
            while True:
                changed.clear()
                now = self._progress
                yield now
                if not now.under_way:
                    return
                while not changed.is_set():
                    try:
                        async with asyncio.timeout(patience):
                            await changed.wait()
                    except TimeoutError:
                        yield None
        finally:
            with self._lock:
                self._watchers.discard(tell)

    def _run(self, mine: int) -> None:
        """Make the result, unless it was cancelled while it waited."""
        with self._lock:
            if mine != self._asked or self._progress.state != WAITING:
                return
            self._set(Progress(RUNNING, stages=self._progress.stages))
        try:
            made = self._work(self._step)
            self._end(made)
        except StoppedError:
            self._close(CANCELLED)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and logged
            self._close(FAILED, faults_of(error))

    def _step(self, phrase: str) -> None:
        with self._lock:
            now = self._progress
            if now.stopping:
                raise StoppedError
            self._set(replace(now, phrase=phrase, stage=now.stage + 1))

    def _end(self, made: Made) -> None:
        with self._lock:
            if self._progress.stopping:
                raise StoppedError
            self._result = made
            self._set(Progress(DONE, stages=self._progress.stages))

    def _close(self, state: str, faults: tuple[str, ...] = ()) -> None:
        with self._lock:
            self._set(Progress(state, stages=self._progress.stages, faults=faults))

    def _set(self, progress: Progress) -> None:
        """Change where it stands and tell who watches; the lock is held."""
        self._progress = progress
        for tell in self._watchers:
            tell()

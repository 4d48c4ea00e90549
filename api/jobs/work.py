"""What a server does for the register: its kinds of jobs, each done one at a time."""

from __future__ import annotations

import logging
import time
import weakref
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from api.background import Line, StoppedError, faults_of
from data.store import jobs
from data.store.errors import BusyError, RegisterError
from data.store.job_queries import jobs_in
from data.store.models import RUNNING, WAITING
from data.store.workers import Worker, arrive, is_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from data.store.engine import Store
    from data.store.job_states import Job

log = logging.getLogger("zones_blanches.calculs")

_RETRIES_S = (1, 4, 15)
"""Pauses before the end of a job is told again to a register that does not answer."""


def _nothing() -> None:
    """Do nothing more."""


def _nowhere(_: Job) -> str:
    return ""


def _always(_: Job) -> bool:
    return True


@dataclass(frozen=True)
class Done:
    """What a job gave.

    Attributes
    ----------
    files
        Name → content, for the register to keep.
    keep
        Called once the register has them, and only if it still wanted them.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    keep: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Kind:
    """One kind of computation; jobs of one kind are done one at a time by a server.

    Attributes
    ----------
    name, title
        As the register and as a planner call it.
    stages
        How many its work tells.
    work
        Does a job from its parameters alone, as another server may have been asked; calls what it
        is given with a French phrase at the start of each stage.
    address
        Of the page that shows what it gave, empty for none.
    able
        Whether this server has what the job needs.
    """

    name: str
    title: str
    stages: int
    work: Callable[[Job, Callable[[str], None]], Done]
    address: Callable[[Job], str] = _nowhere
    able: Callable[[Job], bool] = _always


class Workshop:
    """The jobs that one server does."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.kinds: dict[str, Kind] = {}
        self._lines: dict[str, Line] = {}
        self._mine: set[int] = set()
        self._lock = Lock()
        self._worker: Worker | None = None

    def add(self, kind: Kind) -> None:
        """Be able to do a kind of jobs."""
        self.kinds[kind.name] = kind
        self._lines[kind.name] = Line()

    def settled(self, job_id: int) -> bool:
        """Tell whether this server is not about to show what a job gave."""
        return job_id not in self._mine

    def recover(self) -> None:
        """Put the jobs of dead servers back in the queue; give up those begun too often."""
        with self._store.read() as session:
            running = {each.worker for each in jobs_in(session, RUNNING)}
        own = {self._worker.name} if self._worker is not None else set()
        dead = {name for name in running - own if not is_alive(self._store, name)}
        if dead:
            for each in jobs.recover(self._store, lambda worker: worker not in dead):
                log.info("tâche %d reprise à un serveur arrêté : %s", each.job_id, each.state)

    def have_done(self, kind: str) -> None:
        """Do one more job of a kind, when its turn comes; others are left to other servers."""
        found = self.kinds.get(kind)
        if found is not None:
            self._lines[kind].add(lambda: self._do_next(found))

    def _do_next(self, kind: Kind) -> None:
        """Take the job of a kind that waits for longest, and do it; nothing is raised."""
        try:
            job = self._taken(kind)
            if job is None:
                return
            self._mine.add(job.job_id)
            try:
                self._do(kind, job)
            finally:
                self._mine.discard(job.job_id)
        except Exception:
            # The register does not answer: the job is begun anew when a server next looks there.
            log.exception("calcul interrompu")

    def _taken(self, kind: Kind) -> Job | None:
        worker = self._present()
        with self._store.read() as session:
            waiting = jobs_in(session, WAITING, kind.name)
        for each in filter(kind.able, waiting):
            taken = jobs.take(self._store, worker.name, each.job_id)
            if taken is not None:
                return taken
        return None

    def _present(self) -> Worker:
        """Return what says that this server lives, from its first job on."""
        with self._lock:
            if self._worker is None:
                self._worker = arrive(self._store)
                weakref.finalize(self, self._worker.leave)
            return self._worker

    def _do(self, kind: Kind, job: Job) -> None:
        rank = 0

        def on_step(phrase: str) -> None:
            nonlocal rank
            rank += 1
            try:
                wanted = jobs.progress(
                    self._store, job.job_id, phrase, rank, kind.stages, attempt=job.attempt
                )
            except BusyError:
                return  # a stage that nobody sees is no reason to lose the work
            if not wanted:
                raise StoppedError

        try:
            done = kind.work(job, on_step)
        except StoppedError:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and logged
            message = "\n".join(faults_of(error))
            _insist(lambda: jobs.fail(self._store, job.job_id, message, attempt=job.attempt))
            return
        if _insist(lambda: jobs.finish(self._store, job.job_id, done.files, attempt=job.attempt)):
            done.keep()


def _insist(tell: Callable[[], bool]) -> bool:
    """Tell the end of a job, again a little later when the register does not answer."""
    for pause in _RETRIES_S:
        try:
            return tell()
        except RegisterError:
            time.sleep(pause)
    return tell()

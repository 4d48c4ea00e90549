"""Long computations that the register remembers: asked by anyone, done by a server, seen by all.

Each is a job of the register (`data.store.jobs`): asked, it waits there; a server takes it, tells
its stages there, looks there whether it is still wanted, and leaves its files there. A server that
dies loses nothing: the next one that starts, or is asked for something, begins its jobs anew.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from api.background import DONE, FAILED, RUNNING, WAITING, Progress
from api.jobs.work import Kind, Workshop
from data.store.job_queries import UNDER_WAY, jobs_in, last_event, last_job
from data.store.job_states import job as job_numbered
from data.store.jobs import cancel, enqueue, events_since, job_files
from data.store.jobs import jobs as last_jobs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from data.store.engine import Store
    from data.store.job_states import Job, JobEvent

POLL_SECONDS = 0.4
"""Between two looks at the register of who watches a job: another server may be computing it."""


class Jobs:
    """The jobs of a register as one server asks for them, does them and shows them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._workshop = Workshop(store)

    def add(self, kind: Kind) -> None:
        """Be able to do a kind of jobs."""
        self._workshop.add(kind)

    def kind(self, name: str) -> Kind | None:
        """Return a kind that this server can do."""
        return self._workshop.kinds.get(name)

    def ask(
        self, actor: str, kind: str, parameters: dict[str, Any], *, version_id: int | None = None
    ) -> Job:
        """Ask for a computation; one of the same parameters that waits or runs is that one.

        Raises
        ------
        MissingError
            When there is no such version.
        BusyError
            When the register does not let itself be written.
        """
        self._workshop.recover()
        with self.store.write(actor) as write:
            asked = last_job(write.session, kind, parameters, UNDER_WAY)
            if asked is None:
                asked = enqueue(write, kind, version_id, parameters)
        if asked.state == WAITING:
            self._workshop.have_done(kind)
        return asked

    def resume(self) -> None:
        """Begin anew what dead servers left, and take up what waits."""
        self._workshop.recover()
        with self.store.read() as session:
            waiting = jobs_in(session, WAITING)
        for each in waiting:
            self._workshop.have_done(each.kind)

    def cancel(self, actor: str, job_id: int) -> bool:
        """Give up a job; whoever computes it stops at its next stage.

        Returns
        -------
        bool
            Whether it waited or ran.

        Raises
        ------
        MissingError
            When there is no such job.
        """
        with self.store.write(actor) as write:
            return cancel(write, job_id)

    def job(self, job_id: int) -> Job:
        """Return a job.

        Raises
        ------
        MissingError
            When there is none.
        """
        with self.store.read() as session:
            return job_numbered(session, job_id)

    def lately(self, limit: int = 100) -> list[Job]:
        """Return the last jobs asked for, the last first."""
        with self.store.read() as session:
            return last_jobs(session, limit=limit)

    def events(self, job_id: int) -> list[JobEvent]:
        """Return the steps of a job, first to last."""
        with self.store.read() as session:
            return events_since(session, job_id)

    def last(self, kind: str, parameters: dict[str, Any]) -> Job | None:
        """Return the last job asked for the very same thing."""
        with self.store.read() as session:
            return last_job(session, kind, parameters)

    def last_done(self, kind: str, parameters: dict[str, Any]) -> Job | None:
        """Return the last job that gave the very same thing."""
        with self.store.read() as session:
            return last_job(session, kind, parameters, (DONE,))

    def files(self, job_id: int, *names: str) -> dict[str, bytes]:
        """Return name → content of what a job gave, of some names or of all.

        Raises
        ------
        DamagedError
            When a content is no longer what was kept.
        """
        with self.store.read() as session:
            return job_files(session, job_id, *names)

    def settled(self, job_id: int) -> bool:
        """Tell whether this server is not about to show what a job gave."""
        return self._workshop.settled(job_id)

    def progress(self, job_id: int) -> Progress:
        """Return where a job stands, whoever computes it.

        Raises
        ------
        MissingError
            When there is none.
        """
        with self.store.read() as session:
            job, last = job_numbered(session, job_id), last_event(session, job_id)
        kind = self.kind(job.kind)
        stages = kind.stages if kind is not None else (last.total if last is not None else 0)
        if job.state == DONE and not self._workshop.settled(job_id):
            return Progress(RUNNING, stages=stages, stage=stages)
        if job.state == RUNNING and last is not None and last.done:
            return Progress(RUNNING, last.phrase, last.done, stages)
        faults = tuple(job.message.splitlines()) if job.state == FAILED else ()
        return Progress(job.state, stages=stages, faults=faults)

    def watch(self, job_id: int, patience: float) -> AsyncIterator[Progress | None]:
        """Yield where a job stands at each change, to its end: see `watched`."""
        return watched(lambda: self.progress(job_id), patience)


async def watched(look: Callable[[], Progress], patience: float) -> AsyncIterator[Progress | None]:
    """Yield where something stands now and at each change, to the last; None when nothing moves.

    Parameters
    ----------
    look
        Returns where it stands; it may wait for the register.
    patience
        Seconds without a change after which None is given.
    """
    told: Progress | None = None
    quiet = 0.0
    while True:
        now = await run_in_threadpool(look)
        if now != told:
            told, quiet = now, 0.0
            yield now
            if not now.under_way:
                return
        elif quiet >= patience:
            quiet = 0.0
            yield None
        await asyncio.sleep(POLL_SECONDS)
        quiet += POLL_SECONDS

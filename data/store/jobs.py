"""Computations asked for: one worker takes each, all see where it stands, none is lost.

A worker whose job was cancelled, or given to another after it was thought dead, is told so by the
`False` that `progress`, `finish` and `fail` return: what it brings is no longer expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from data.store.audit import record
from data.store.checks import check_paths, checked_text, masked, readable
from data.store.contents import contents, keep
from data.store.errors import MissingError
from data.store.job_states import Job, JobEvent, event, job, job_of, move
from data.store.models import (
    CANCELLED,
    DONE,
    FAILED,
    RUNNING,
    WAITING,
    JobEventRow,
    JobFileRow,
    JobRow,
)
from data.store.studies import version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from data.store.engine import Store, Write

MOST_ATTEMPTS = 3
"""How many times a job is started before it is given up."""

_WORKER = "calcul"
_GIVEN_UP = f"le calcul s’est arrêté {MOST_ATTEMPTS} fois sans finir ; il ne sera pas repris"


def enqueue(write: Write, kind: str, version_id: int | None, parameters: dict[str, Any]) -> Job:
    """Ask for a computation.

    Raises
    ------
    MissingError
        When there is no such version.
    InputErrors
        When the kind cannot be.
    """
    if version_id is not None:
        version(write.session, version_id)
    row = JobRow(
        kind=checked_text(kind, "calcul", longest=200),
        version_id=version_id,
        parameters=parameters,
        state=WAITING,
        attempt=0,
        worker="",
        message="",
        asked_by=write.actor,
        asked_at=write.now,
    )
    write.session.add(row)
    write.session.flush()
    event(write, row, "en attente")
    after = {"calcul": row.kind, "version": version_id, "etat": WAITING}
    record(write, "demander", ("tache", row.id), after=after)
    return job_of(row)


def claim(store: Store, worker: str) -> Job | None:
    """Take the job that waits for longest; None when none waits.

    Two workers never take the same one.
    """
    with store.read() as session:
        if _first_waiting(session) is None:
            return None
    with store.write(worker) as write:
        waiting = _first_waiting(write.session)
        return None if waiting is None else _taken(write, waiting)


def take(store: Store, worker: str, job_id: int) -> Job | None:
    """Take one job; None when it no longer waits."""
    with store.write(worker) as write:
        return _taken(write, job_id)


def progress(
    store: Store, job_id: int, phrase: str, done: int, total: int, *, attempt: int | None = None
) -> bool:
    """Say where a job stands; tell whether it is still expected.

    Parameters
    ----------
    store
        The register.
    job_id
        The job.
    phrase
        What it is doing, in French.
    done, total
        Steps, of how many; zeros when nobody knows.
    attempt
        `Job.attempt` as it was claimed: another attempt is another worker's.
    """
    with store.write(_WORKER) as write:
        row = _expected(write.session, job_id, attempt)
        if row is None:
            return False
        event(write, row, readable(phrase), done, total)
        return True


def finish(
    store: Store, job_id: int, files: Mapping[str, bytes], *, attempt: int | None = None
) -> bool:
    """Keep what a job gave and end it; tell whether it was still expected.

    Raises
    ------
    InputErrors
        When names of files cannot be.
    """
    check_paths(files)
    with store.write(_WORKER) as write:
        if _expected(write.session, job_id, attempt) is None:
            return False
        for path, digest in sorted(keep(write.session, files).items()):
            write.session.add(JobFileRow(job_id=job_id, path=path, digest=digest))
        ended = {"ended_at": write.now}
        return move(write, job_id, RUNNING, DONE, "terminé", values=ended)


def fail(store: Store, job_id: int, message: str, *, attempt: int | None = None) -> bool:
    """End a job that cannot be computed, with the planner's message.

    Tells whether it was still expected.
    """
    with store.write(_WORKER) as write:
        if _expected(write.session, job_id, attempt) is None:
            return False
        ended = {"message": masked(readable(message)), "ended_at": write.now}
        return move(write, job_id, RUNNING, FAILED, "échoué", values=ended)


def cancel(write: Write, job_id: int) -> bool:
    """Give up a job that waits or runs; tell whether it was one.

    Raises
    ------
    MissingError
        When there is no such job.
    """
    state = job(write.session, job_id).state
    if state not in (WAITING, RUNNING):
        return False
    return move(write, job_id, state, CANCELLED, "annulé", values={"ended_at": write.now})


def recover(store: Store, worker_alive: Callable[[str], bool]) -> list[Job]:
    """Put the jobs of dead workers back in the queue; give up those started too often.

    Parameters
    ----------
    store
        The register.
    worker_alive
        Tells whether the worker of this name still works.

    Returns
    -------
    list of Job
        The jobs that were put back or given up, by number.
    """
    moved: list[int] = []
    with store.write(_WORKER) as write:
        running = select(JobRow).where(JobRow.state == RUNNING).order_by(JobRow.id)
        for each in map(job_of, write.session.scalars(running).all()):
            if worker_alive(each.worker):
                continue
            if each.attempt < MOST_ATTEMPTS:
                back = {"worker": "", "started_at": None}
                move(write, each.job_id, RUNNING, WAITING, "remis en attente", values=back)
            else:
                ended = {"message": _GIVEN_UP, "ended_at": write.now}
                move(write, each.job_id, RUNNING, FAILED, "échoué", values=ended)
            moved.append(each.job_id)
        return [job(write.session, job_id) for job_id in moved]


def jobs(session: Session, *, limit: int = 100) -> list[Job]:
    """Return the last jobs asked for, last first."""
    found = select(JobRow).order_by(JobRow.id.desc()).limit(limit)
    return [job_of(row) for row in session.scalars(found)]


def job_files(session: Session, job_id: int, *names: str) -> dict[str, bytes]:
    """Return name → content of what a job gave.

    Parameters
    ----------
    names
        Of the files wanted; all without any.

    Raises
    ------
    DamagedError
        When a content is no longer what was kept.
    """
    found = select(JobFileRow).where(JobFileRow.job_id == job_id)
    if names:
        found = found.where(JobFileRow.path.in_(names))
    return contents(session, {row.path: row.digest for row in session.scalars(found)})


def events_since(session: Session, job_id: int, event_id: int = 0) -> list[JobEvent]:
    """Return the steps of a job that follow one, first to last.

    Writes take turns, so a step never appears before one that was returned already.
    """
    found = select(JobEventRow).where(JobEventRow.job_id == job_id, JobEventRow.id > event_id)
    return [
        JobEvent(row.id, row.job_id, row.state, row.phrase, row.done, row.total, row.at)
        for row in session.scalars(found.order_by(JobEventRow.id))
    ]


def _taken(write: Write, job_id: int) -> Job | None:
    started = {"worker": write.actor, "attempt": JobRow.attempt + 1, "started_at": write.now}
    if not move(write, job_id, WAITING, RUNNING, "prise en charge", values=started):
        return None
    return job(write.session, job_id)


def _first_waiting(session: Session) -> int | None:
    return session.scalar(
        select(JobRow.id).where(JobRow.state == WAITING).order_by(JobRow.id).limit(1)
    )


def _expected(session: Session, job_id: int, attempt: int | None) -> JobRow | None:
    """Return a job that runs, in this very attempt."""
    row = session.get(JobRow, job_id)
    if row is None:
        raise MissingError(f"aucune tâche n’a le numéro {job_id}")
    return row if row.state == RUNNING and attempt in (None, row.attempt) else None

"""The states of a job: how it goes from one to the next, said in its steps and in the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import update

from data.store.audit import record
from data.store.errors import MissingError
from data.store.models import (
    CANCELLED,
    DONE,
    FAILED,
    RUNNING,
    WAITING,
    JobEventRow,
    JobRow,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, CursorResult
    from sqlalchemy.orm import Session

    from data.store.engine import Write

_ACTIONS = {
    WAITING: "reprendre",
    RUNNING: "prendre",
    DONE: "terminer",
    FAILED: "echouer",
    CANCELLED: "annuler",
}


@dataclass(frozen=True)
class Job:
    """A computation.

    Attributes
    ----------
    job_id, kind, version_id, parameters
        What is to be computed, of which version of a study if any.
    state
        `en_attente`, `en_cours`, `terminee`, `echouee` or `annulee`.
    attempt
        How many times it was started.
    worker
        Who computes it, empty when nobody does.
    message
        Why it failed, in French; empty otherwise.
    asked_by, asked_at, started_at, ended_at
        Who asked, and when.
    """

    job_id: int
    kind: str
    version_id: int | None
    parameters: dict[str, Any]
    state: str
    attempt: int
    worker: str
    message: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class JobEvent:
    """A step of a job: its number grows with time, over all jobs."""

    event_id: int
    job_id: int
    state: str
    phrase: str
    done: int
    total: int
    at: datetime


def job(session: Session, job_id: int) -> Job:
    """Return a job as it stands.

    Raises
    ------
    MissingError
        When there is none.
    """
    row = session.get(JobRow, job_id, populate_existing=True)
    if row is None:
        raise MissingError(f"aucune tâche n’a le numéro {job_id}")
    return job_of(row)


def move(
    write: Write, job_id: int, old: str, new: str, phrase: str, *, values: dict[str, Any]
) -> bool:
    """Change the state of a job if it is the one expected: the database decides who is first."""
    still: tuple[ColumnElement[bool], ...] = (JobRow.id == job_id, JobRow.state == old)
    changed = write.session.execute(update(JobRow).where(*still).values(state=new, **values))
    if cast("CursorResult[Any]", changed).rowcount != 1:
        return False
    row = write.session.get_one(JobRow, job_id, populate_existing=True)
    event(write, row, phrase)
    after = {"etat": new, "essai": row.attempt}
    record(write, _ACTIONS[new], ("tache", job_id), before={"etat": old}, after=after)
    return True


def event(write: Write, row: JobRow, phrase: str, done: int = 0, total: int = 0) -> None:
    """Add a step to a job, in its present state."""
    write.session.add(
        JobEventRow(
            job_id=row.id, state=row.state, phrase=phrase, done=done, total=total, at=write.now
        )
    )
    write.session.flush()


def job_of(row: JobRow) -> Job:
    """Return a job as its row has it."""
    return Job(
        job_id=row.id,
        kind=row.kind,
        version_id=row.version_id,
        parameters=row.parameters,
        state=row.state,
        attempt=row.attempt,
        worker=row.worker,
        message=row.message,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )

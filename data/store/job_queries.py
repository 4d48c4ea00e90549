"""Jobs found by what they compute, or by where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from data.store.job_states import Job, JobEvent, job_of
from data.store.models import RUNNING, WAITING, JobEventRow, JobRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


def last_job(
    session: Session, kind: str, parameters: dict[str, Any], states: Iterable[str] = ()
) -> Job | None:
    """Return the last job that was asked for the very same thing, None when there is none.

    Parameters
    ----------
    states
        Those it may be in; any when empty.
    """
    same = select(JobRow).where(JobRow.kind == kind, JobRow.parameters == parameters)
    if allowed := list(states):
        same = same.where(JobRow.state.in_(allowed))
    row = session.scalar(same.order_by(JobRow.id.desc()).limit(1))
    return None if row is None else job_of(row)


def jobs_in(session: Session, state: str, kind: str = "") -> list[Job]:
    """Return the jobs in a state, of one kind or of any, the first asked first."""
    found = select(JobRow).where(JobRow.state == state).order_by(JobRow.id)
    if kind:
        found = found.where(JobRow.kind == kind)
    return [job_of(row) for row in session.scalars(found)]


def last_event(session: Session, job_id: int) -> JobEvent | None:
    """Return the last step of a job, None when it has none."""
    found = select(JobEventRow).where(JobEventRow.job_id == job_id)
    row = session.scalar(found.order_by(JobEventRow.id.desc()).limit(1))
    if row is None:
        return None
    return JobEvent(row.id, row.job_id, row.state, row.phrase, row.done, row.total, row.at)


UNDER_WAY = (WAITING, RUNNING)
"""States of a job that is not ended."""

"""Scenarios that people save: every revision is kept, nobody overwrites what they have not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from data.store.audit import record
from data.store.checks import impersonal_text, one_line, readable
from data.store.columns import canonical
from data.store.contents import digest_of
from data.store.errors import MissingError, StaleError
from data.store.models import ScenarioRevisionRow, ScenarioRow
from data.store.studies import study

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from data.store.engine import Write

_MOST = 2**31
"""Numbers that a database may be asked about end below it."""


@dataclass(frozen=True)
class Scenario:
    """One revision of a scenario.

    Attributes
    ----------
    scenario_id, study_id, name
        The scenario.
    revision
        Number of this revision, from 1; the next save is `based_on` it.
    content
        What it holds, in plain JSON.
    saved_by, saved_at
        Who saved it, when.
    """

    scenario_id: int
    study_id: int
    name: str
    revision: int
    content: dict[str, Any]
    saved_by: str
    saved_at: datetime


def save_scenario(
    write: Write, study_id: int, name: str, content: dict[str, Any], based_on: int | None
) -> Scenario:
    """Save a scenario as its next revision.

    Parameters
    ----------
    write
        The transaction.
    study_id, name
        The scenario; it is created when `based_on` is None.
    content
        What it holds, in plain JSON.
    based_on
        The revision that was read before it was changed; None when the scenario is new.

    Raises
    ------
    StaleError
        When it was saved since, or a scenario has this name already: nothing is written.
    MissingError
        When the study is unknown, or the scenario and `based_on` is a number.
    InputErrors
        When the name cannot be.
    """
    own_name = impersonal_text(name, "nom du scénario", longest=200)
    study(write.session, study_id)
    row = _row(write.session, study_id, own_name)
    if row is None:
        if based_on is not None:
            raise MissingError(f"l’étude n’a pas de scénario « {own_name} »")
        row = ScenarioRow(study_id=study_id, name=own_name, revision=0)
        write.session.add(row)
        write.session.flush()
    elif row.revision != based_on:
        theirs = _last(write.session, row)
        raise StaleError(_stale_words(theirs, new=based_on is None), theirs, content)
    return _next(write, row, content)


def restore_scenario(
    write: Write, study_id: int, name: str, revision: int, based_on: int
) -> Scenario:
    """Save an earlier revision again, as the next one.

    Raises
    ------
    MissingError
        When there is no such scenario or revision.
    StaleError
        As `save_scenario`.
    """
    earlier = scenario(write.session, study_id, name, revision=revision)
    return save_scenario(write, study_id, earlier.name, earlier.content, based_on)


def scenario(
    session: Session, study_id: int, name: str, *, revision: int | None = None
) -> Scenario:
    """Return a scenario as it was last saved, or one of its revisions.

    Raises
    ------
    MissingError
        When there is none.
    """
    row = _row(session, study_id, name)
    if row is None:
        raise MissingError(f"l’étude n’a pas de scénario « {name} »")
    return _revision(session, row, revision)


def numbered_scenario(
    session: Session, study_id: int, number: int, *, revision: int | None = None
) -> Scenario:
    """Return a scenario by its number, as `scenario` by its name.

    Raises
    ------
    MissingError
        When the study has no such scenario, or it no such revision.
    """
    row = session.get(ScenarioRow, number) if 0 < number < _MOST else None
    if row is None or row.study_id != study_id:
        raise MissingError(f"l’étude n’a pas de scénario numéro {number}")
    return _revision(session, row, revision)


def scenarios_of(session: Session, study_id: int) -> list[Scenario]:
    """Return the scenarios of a study as they were last saved, by name."""
    rows = session.scalars(select(ScenarioRow).where(ScenarioRow.study_id == study_id))
    return sorted((_last(session, row) for row in rows), key=lambda each: each.name)


def revisions_of(session: Session, study_id: int, name: str) -> list[Scenario]:
    """Return every revision of a scenario, first to last; none when there is no such scenario."""
    row = _row(session, study_id, name)
    if row is None:
        return []
    kept = select(ScenarioRevisionRow).where(ScenarioRevisionRow.scenario_id == row.id)
    ordered = session.scalars(kept.order_by(ScenarioRevisionRow.revision))
    return [_scenario(row, each) for each in ordered]


def _next(write: Write, row: ScenarioRow, content: dict[str, Any]) -> Scenario:
    session = write.session
    before = _told(_last(session, row)) if row.revision else {}
    row.revision += 1
    kept = ScenarioRevisionRow(
        scenario_id=row.id,
        revision=row.revision,
        content=content,
        saved_by=write.actor,
        saved_at=write.now,
    )
    session.add(kept)
    session.flush()
    saved = _scenario(row, kept)
    record(write, "enregistrer", ("scenario", row.id), before=before, after=_told(saved))
    return saved


def _told(saved: Scenario) -> dict[str, Any]:
    """Return what tells a revision in the audit; its content is kept beside, for good."""
    digest = digest_of(canonical(saved.content).encode("ascii"))
    return {"nom": saved.name, "revision": saved.revision, "empreinte": digest}


def _stale_words(theirs: Scenario, *, new: bool) -> str:
    who = f"« {theirs.name} » a été enregistré par {theirs.saved_by} (révision {theirs.revision})"
    if new:
        return f"le scénario {who} → choisir un autre nom, ou partir de cette révision"
    return f"entre-temps, le scénario {who} → comparer les deux contenus, puis enregistrer"


def _row(session: Session, study_id: int, name: str) -> ScenarioRow | None:
    own = one_line(readable(name))
    found = select(ScenarioRow).where(ScenarioRow.study_id == study_id, ScenarioRow.name == own)
    return session.scalar(found)


def _revision(session: Session, row: ScenarioRow, revision: int | None) -> Scenario:
    if revision is None:
        return _last(session, row)
    known = 0 < revision <= row.revision
    kept = session.get(ScenarioRevisionRow, (row.id, revision)) if known else None
    if kept is None:
        raise MissingError(f"le scénario « {row.name} » n’a pas de révision {revision}")
    return _scenario(row, kept)


def _last(session: Session, row: ScenarioRow) -> Scenario:
    return _scenario(row, session.get_one(ScenarioRevisionRow, (row.id, row.revision)))


def _scenario(row: ScenarioRow, kept: ScenarioRevisionRow) -> Scenario:
    return Scenario(
        scenario_id=row.id,
        study_id=row.study_id,
        name=row.name,
        revision=kept.revision,
        content=kept.content,
        saved_by=kept.saved_by,
        saved_at=kept.saved_at,
    )

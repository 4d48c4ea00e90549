"""Opinions and decisions of people on posts: added, never changed (method, section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from coverage.model import VOLETS
from coverage.proposals.decisions import AVIS, EFFECTS, INSTANCES, Opinion
from data.store.audit import record
from data.store.checks import impersonal_text
from data.store.models import OpinionRow
from data.store.studies import study
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from coverage.proposals.decisions import Target
    from data.store.engine import Write


@dataclass(frozen=True)
class RecordedOpinion:
    """An opinion as the engine reads it, who recorded it and when."""

    opinion_id: int
    study_id: int
    opinion: Opinion
    recorded_by: str
    recorded_at: datetime


def record_opinion(
    write: Write,
    study_id: int,
    target: Target,
    *,
    instance: str,
    day: date,
    avis: str,
    motif: str = "",
) -> RecordedOpinion:
    """Record an opinion, under the rules of the table `avis`.

    Parameters
    ----------
    write
        The transaction.
    study_id
        The study.
    target
        Option, structure, zone and volet that it names, empty for those that it does not.
    instance, avis
        Who gives it and what it is: `coverage.proposals.decisions`.
    day
        Its date.
    motif
        Its reason, required of a lock and of a refusal.

    Raises
    ------
    InputErrors
        With every fault at once.
    MissingError
        When there is no such study.
    """
    study(write.session, study_id)
    said = checked_opinion(target, instance=instance, day=day, avis=avis, motif=motif)
    own, reason = said.target, said.reason
    row = OpinionRow(
        study_id=study_id,
        option_id=own[0],
        structure_id=own[1],
        zone_id=own[2],
        volet=own[3],
        instance=instance,
        day=day,
        avis=avis,
        motif=reason,
        recorded_by=write.actor,
        recorded_at=write.now,
    )
    write.session.add(row)
    write.session.flush()
    # The reason is somebody's own words: it stays with the opinion.
    after = {
        "etude": study_id,
        "objet": list(own),
        "instance": instance,
        "date": day.isoformat(),
        "avis": avis,
    }
    record(write, "donner", ("avis", row.id), after=after)
    return _recorded(row)


def checked_opinion(target: Target, *, instance: str, day: date, avis: str, motif: str) -> Opinion:
    """Return an opinion as it would be recorded.

    Raises
    ------
    InputErrors
        With every fault at once.
    """
    faults: list[Notice] = []
    reason = _impersonal(motif, "motif", 2_000, faults)
    option, structure, zone, volet = (_impersonal(each, "objet", 200, faults) for each in target)
    said = Opinion((option, structure, zone, volet), instance, day, avis, reason)
    faults += _faults(said, told_why=bool(motif.strip()))
    if faults:
        raise InputErrors(faults)
    return said


def opinions_of(session: Session, study_id: int) -> list[RecordedOpinion]:
    """Return the opinions of a study, in the order they were recorded."""
    found = select(OpinionRow).where(OpinionRow.study_id == study_id).order_by(OpinionRow.id)
    return [_recorded(row) for row in session.scalars(found)]


def last_opinion(session: Session, study_id: int) -> int:
    """Return the number of the last opinion recorded of a study, 0 when there is none."""
    last = select(func.max(OpinionRow.id)).where(OpinionRow.study_id == study_id)
    return session.scalar(last) or 0


def _impersonal(text: str, name: str, longest: int, faults: list[Notice]) -> str:
    """Return a text as it is kept; what is wrong with it joins the faults."""
    try:
        return impersonal_text(text, name, longest=longest, empty=True)
    except InputErrors as errors:
        faults += errors.faults
        return ""


def _faults(opinion: Opinion, *, told_why: bool) -> Iterator[Notice]:
    if not any(opinion.target[:3]):
        remedy = "nommer une option, une structure ou une zone"
        yield Notice("", 0, "objet", "l’avis ne parle de rien", remedy)
    choices = (
        ("volet", opinion.target[3], ("", *VOLETS)),
        ("instance", opinion.instance, INSTANCES),
        ("avis", opinion.avis, AVIS),
    )
    for column, value, known in choices:
        if value not in known:
            remedy = f"donner l’une de ces valeurs : {', '.join(each for each in known if each)}"
            yield Notice("", 0, column, f"« {value} » n’est pas une valeur connue", remedy)
    if opinion.avis in EFFECTS and not told_why:
        remedy = "écrire pourquoi"
        yield Notice("", 0, "motif", "un verrou ou un refus sans motif", remedy)


def _recorded(row: OpinionRow) -> RecordedOpinion:
    target = (row.option_id, row.structure_id, row.zone_id, row.volet)
    said = Opinion(target, row.instance, row.day, row.avis, row.motif)
    return RecordedOpinion(row.id, row.study_id, said, row.recorded_by, row.recorded_at)

"""What someone is writing, kept until it is sent or thrown away: the last state only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from data.store.audit import record
from data.store.checks import checked_text
from data.store.errors import StaleError
from data.store.models import DraftRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from data.store.engine import Write


BOOKS, CHOICES, APPLICATION = "classeurs", "choix", "candidature"
OF_DEPOSITS = (BOOKS, CHOICES, APPLICATION)
"""Forms of a deposit, whose key is theirs, or that of one of its parts (`part_key`): workbooks
received, what is decided of their lines, an application being written."""


@dataclass(frozen=True)
class Draft:
    """A draft: whose, of what, its content and the number of times it was saved."""

    owner: str
    kind: str
    key: str
    revision: int
    content: dict[str, Any]
    saved_at: datetime


def save_draft(
    write: Write, owner: str, kind: str, key: str, content: dict[str, Any], based_on: int | None
) -> Draft:
    """Save a draft over the state that was read.

    Parameters
    ----------
    write
        The transaction.
    owner, kind, key
        Whose draft, of what form, of what object.
    content
        What it holds, in plain JSON.
    based_on
        The revision that was read; None when there was no draft.

    Raises
    ------
    StaleError
        When another tab or person saved it since: nothing is written.
    InputErrors
        When a name cannot be.
    """
    names = _names(owner, kind, key)
    row = write.session.get(DraftRow, names)
    if row is None:
        row = DraftRow(owner=names[0], kind=names[1], key=names[2], revision=0)
        write.session.add(row)
    elif row.revision != based_on:
        theirs = _draft(row)
        raise StaleError(
            "entre-temps, ce brouillon a été enregistré ailleurs → comparer les deux contenus, "
            "puis enregistrer",
            theirs,
            content,
        )
    before = {"revision": row.revision} if row.revision else {}
    row.revision += 1
    row.content = content
    row.saved_at = write.now
    write.session.flush()
    after = {"revision": row.revision}
    record(write, "enregistrer", ("brouillon", "/".join(names)), before=before, after=after)
    return _draft(row)


def discard_draft(write: Write, owner: str, kind: str, key: str) -> bool:
    """Throw a draft away; tell whether there was one."""
    names = _names(owner, kind, key)
    row = write.session.get(DraftRow, names)
    if row is None:
        return False
    before = {"revision": row.revision}
    write.session.delete(row)
    record(write, "jeter", ("brouillon", "/".join(names)), before=before)
    return True


def discard_drafts_of(write: Write, key: str, kinds: Collection[str]) -> None:
    """Throw away the drafts of some forms of one object and of its parts, that is no more."""
    own = DraftRow.key.startswith(part_key(key, ""), autoescape=True) | (DraftRow.key == key)
    found = select(DraftRow).where(own, DraftRow.kind.in_(kinds))
    for row in write.session.scalars(found).all():
        discard_draft(write, row.owner, row.kind, row.key)


def part_key(key: str, part: str) -> str:
    """Return the key of the draft of a part of an object.

    >>> part_key("depot", "plie-sud")
    'depot/plie-sud'
    """
    return f"{key}/{part}"


def drafts_of_parts(session: Session, owner: str, kind: str, key: str) -> list[Draft]:
    """Return someone's drafts of the parts of an object, by key."""
    parts = DraftRow.key.startswith(part_key(key, ""), autoescape=True)
    found = select(DraftRow).where(DraftRow.owner == owner, DraftRow.kind == kind, parts)
    return sorted(map(_draft, session.scalars(found)), key=lambda each: each.key)


def draft(session: Session, owner: str, kind: str, key: str) -> Draft | None:
    """Return a draft, None when there is none."""
    row = session.get(DraftRow, _names(owner, kind, key))
    return None if row is None else _draft(row)


def drafts_of(session: Session, owner: str) -> list[Draft]:
    """Return someone's drafts, by kind and key."""
    rows = session.scalars(select(DraftRow).where(DraftRow.owner == owner))
    return sorted(map(_draft, rows), key=lambda each: (each.kind, each.key))


def _names(owner: str, kind: str, key: str) -> tuple[str, str, str]:
    return (
        checked_text(owner, "auteur", longest=200),
        checked_text(kind, "formulaire", longest=200),
        checked_text(key, "objet", longest=200),
    )


def _draft(row: DraftRow) -> Draft:
    return Draft(row.owner, row.kind, row.key, row.revision, row.content, row.saved_at)

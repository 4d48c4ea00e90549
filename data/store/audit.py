"""Who did what to what, when, from what to what: one row for every write, never changed.

Contents stay where they are kept; the audit holds what tells them (revision, digest, state), no
secret, and hides e-mail addresses and telephone numbers that someone may have typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from data.store.checks import masked
from data.store.models import AuditRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from data.store.engine import Write

MASK = "[masqué]"
"""What stands in the place of a secret."""

_SECRET_NAMES = re.compile(r"jeton|token|secret|passe|password|cookie|session", re.IGNORECASE)
_TOKEN = re.compile(r"zb_[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit.

    Attributes
    ----------
    entry_id
        Number, in the order of the writes.
    actor, action, kind, object_id
        Who did what to which object.
    before, after
        What told the object before (empty: it was not there) and after (empty: it is no more).
    at
        When, aware.
    """

    entry_id: int
    actor: str
    action: str
    kind: str
    object_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    at: datetime


def record(
    write: Write,
    action: str,
    what: tuple[str, int | str],
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the audit, in the transaction of what it tells.

    Parameters
    ----------
    write
        The transaction.
    action
        What was done: `creer`, `figer`…
    what
        Kind of the object (`etude`, `version`…) and its identifier.
    before, after
        What tells the object, in plain JSON.
    """
    kind, object_id = what
    write.session.add(
        AuditRow(
            actor=masked(_without_token(write.actor)),
            action=action,
            kind=kind,
            object_id=redacted(str(object_id)),
            before=redacted(dict(before or {})),
            after=redacted(dict(after or {})),
            at=write.now,
        )
    )
    write.session.flush()


def redacted(value: Any) -> Any:  # noqa: ANN401 - any plain JSON
    """Return a value whose secrets and personal data are hidden, at any depth.

    >>> redacted({"jeton": "zb_abc", "noms": ["a.b@exemple.fr", 3]})
    {'jeton': '[masqué]', 'noms': ['[masqué]', 3]}
    """
    if isinstance(value, dict):
        return {
            redacted(key): MASK if _SECRET_NAMES.search(key) else redacted(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [redacted(each) for each in value]
    return masked(_without_token(value)) if isinstance(value, str) else value


def audit_of(session: Session, kind: str, object_id: int | str) -> list[AuditEntry]:
    """Return what was done to one object, first to last."""
    found = select(AuditRow).where(AuditRow.kind == kind, AuditRow.object_id == str(object_id))
    return [_entry(row) for row in session.scalars(found.order_by(AuditRow.id))]


def audit_since(session: Session, entry_id: int = 0, *, limit: int = 1_000) -> list[AuditEntry]:
    """Return the lines that follow one, first to last, `limit` at most."""
    found = select(AuditRow).where(AuditRow.id > entry_id).order_by(AuditRow.id).limit(limit)
    return [_entry(row) for row in session.scalars(found)]


def _without_token(text: str) -> str:
    return _TOKEN.sub(MASK, text)


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        row.id, row.actor, row.action, row.kind, row.object_id, row.before, row.after, row.at
    )

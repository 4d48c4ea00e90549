"""Keys to the application: shown once, kept as a digest, expiring, revocable."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from data.store.audit import record
from data.store.checks import impersonal_text
from data.store.errors import MissingError, StaleError
from data.store.models import NATIONAL, PLANNER, ROLES, TokenRow
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from data.store.engine import Write

PREFIX = "zb_"
"""What a token begins with, so that one found in a file is known for what it is."""

VALID, EXPIRED, REVOKED = "valable", "expiré", "révoqué"
"""States of a key, as a planner reads them."""

_BYTES = 32
_LONGEST = 200
_REGION = re.compile(r"[0-9]{2,3}")
_NO_DIGEST = "0" * 64


@dataclass(frozen=True)
class Token:
    """What a key opens: a role, in one région (empty: all), until it expires or is revoked."""

    token_id: int
    label: str
    role: str
    region: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @property
    def last_day(self) -> date:
        """Last day when it opens, in universal time."""
        return (self.expires_at - timedelta(microseconds=1)).date()

    def state(self, now: datetime) -> str:
        """Return its state."""
        if self.revoked_at is not None:
            return REVOKED
        return EXPIRED if self.expires_at <= now else VALID


def end_of(day: date) -> datetime:
    """Return the instant when a key of which this is the last day stops opening.

    >>> end_of(date(2027, 1, 31)).isoformat(), end_of(date.max).isoformat()
    ('2027-02-01T00:00:00+00:00', '9999-12-31T00:00:00+00:00')
    """
    # No day follows the last of the calendar.
    return datetime.combine(min(day, date.max - timedelta(1)) + timedelta(1), time(), UTC)


def issue_token(write: Write, label: str, role: str, region: str, expires: datetime | None) -> str:
    """Return a new key of 256 random bits; nothing else will ever show it again.

    Parameters
    ----------
    write
        The transaction.
    label
        What the key is for: a service, not a person.
    role
        `lecteur`, `planificateur` (of one région) or `national`.
    region
        Code of the région; required of a `planificateur`, empty for a `national`.
    expires
        When it stops opening anything, aware; None when what was written is no date.

    Raises
    ------
    InputErrors
        With every fault at once.
    """
    own_label, faults = _label(label)
    faults += _faults(role, region)
    faults += _time_faults(expires, write.now)
    if faults or expires is None:
        raise InputErrors(faults)
    text = PREFIX + secrets.token_urlsafe(_BYTES)
    row = TokenRow(
        digest=_digest(text),
        label=own_label,
        role=role,
        region=region,
        created_at=write.now,
        expires_at=expires,
    )
    write.session.add(row)
    write.session.flush()
    record(write, "creer", ("jeton", row.id), after=_told(row))
    return text


def find_token(session: Session, text: str, now: datetime) -> Token | None:
    """Return what a key opens now, None when it is unknown, expired or revoked.

    The database is asked for a digest: how long it takes tells nothing of a key.
    """
    digest = _digest(text)
    row = session.scalar(select(TokenRow).where(TokenRow.digest == digest))
    same = hmac.compare_digest(digest, row.digest if row is not None else _NO_DIGEST)
    return _token(row) if row is not None and same and _opens(row, now) else None


def live_token(session: Session, token_id: int, now: datetime) -> Token | None:
    """Return a key by its number, None when it is unknown, expired or revoked."""
    row = session.get(TokenRow, token_id)
    return _token(row) if row is not None and _opens(row, now) else None


def tokens(session: Session) -> list[Token]:
    """Return every key ever issued, first to last, without what opens anything."""
    return [_token(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.id))]


def check_last(session: Session, seen: int) -> None:
    """Refuse to go on when a key was issued since the list was seen.

    Parameters
    ----------
    seen
        Number of the last key of the list, 0 when it had none.

    Raises
    ------
    StaleError
        With that key.
    """
    last = session.scalar(select(TokenRow).order_by(TokenRow.id.desc()).limit(1))
    if last is not None and last.id != seen:
        raise StaleError(
            f"le jeton n° {last.id} (« {last.label} ») a été créé entre-temps ; rien n’est "
            "enregistré → vérifier la liste, puis recommencer s’il en faut un autre",
            _token(last),
            {},
        )


def revoke(write: Write, token_id: int) -> Token:
    """Revoke a key; one that is revoked already stays as it was.

    Raises
    ------
    MissingError
        When there is no such key.
    """
    row = write.session.get(TokenRow, token_id)
    if row is None:
        raise MissingError(f"aucun jeton n’a le numéro {token_id}")
    if row.revoked_at is None:
        before = _told(row)
        row.revoked_at = write.now
        write.session.flush()
        record(write, "revoquer", ("jeton", row.id), before=before, after=_told(row))
    return _token(row)


def _opens(row: TokenRow, now: datetime) -> bool:
    return row.revoked_at is None and now < row.expires_at


def _label(label: str) -> tuple[str, list[Notice]]:
    try:
        return impersonal_text(label, "libellé", longest=_LONGEST), []
    except InputErrors as refused:
        return "", list(refused.faults)


def _faults(role: str, region: str) -> Iterator[Notice]:
    if role not in ROLES:
        remedy = f"donner l’un de ces rôles : {', '.join(ROLES)}"
        yield Notice("", 0, "rôle", f"« {role} » n’est pas un rôle connu", remedy)
    if region and not _REGION.fullmatch(region):
        remedy = "donner le code officiel de la région"
        yield Notice("", 0, "région", "code de région illisible", remedy)
    if role == PLANNER and not region:
        remedy = "donner le code de sa région"
        yield Notice("", 0, "région", "un planificateur sans région", remedy)
    if role == NATIONAL and region:
        remedy = "laisser la région vide"
        yield Notice("", 0, "région", "le niveau national n’a pas de région", remedy)


def _time_faults(expires: datetime | None, now: datetime) -> Iterator[Notice]:
    remedy = "donner une date à venir"
    if expires is None:
        yield Notice("", 0, "expiration", "date absente ou illisible", remedy)
    elif expires <= now:
        yield Notice("", 0, "expiration", "date déjà passée", remedy)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _told(row: TokenRow) -> dict[str, str]:
    told = {"libelle": row.label, "role": row.role, "region": row.region}
    told["expire"] = row.expires_at.isoformat()
    return told | ({"revoque": row.revoked_at.isoformat()} if row.revoked_at else {})


def _token(row: TokenRow) -> Token:
    return Token(
        row.id,
        row.label,
        row.role,
        row.region,
        row.created_at,
        row.expires_at,
        row.revoked_at,
    )

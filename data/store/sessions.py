"""Sessions of browsers: opened by a key, kept as a digest, ended by whichever comes first.

That is the end of the session, that of its key, its revocation, or leaving.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete

from data.store.audit import record
from data.store.errors import MissingError
from data.store.models import SessionRow
from data.store.tokens import live_token

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from data.store.engine import Write
    from data.store.tokens import Token

_BYTES = 32


@dataclass(frozen=True)
class OpenSession:
    """A session that is open: its key, and until when if nothing ends it before."""

    token: Token
    expires_at: datetime


def open_session(write: Write, token_id: int, lasts: timedelta) -> str:
    """Return a new secret of 256 random bits, to be kept by one browser.

    Sessions past their end are forgotten on the way.

    Parameters
    ----------
    write
        The transaction.
    token_id
        The key that opens it.
    lasts
        How long, at most: it never outlives its key.

    Raises
    ------
    MissingError
        When the key opens nothing now.
    """
    token = live_token(write.session, token_id, write.now)
    if token is None:
        raise MissingError(f"le jeton {token_id} n’ouvre rien")
    write.session.execute(delete(SessionRow).where(SessionRow.expires_at <= write.now))
    text = secrets.token_urlsafe(_BYTES)
    ends = min(write.now + lasts, token.expires_at)
    write.session.add(
        SessionRow(digest=_digest(text), token_id=token_id, opened_at=write.now, expires_at=ends)
    )
    record(write, "connecter", ("jeton", token_id), after={"expire": ends.isoformat()})
    return text


def find_session(session: Session, text: str, now: datetime) -> OpenSession | None:
    """Return the session of a secret, None when it is unknown or ended, or its key is."""
    row = session.get(SessionRow, _digest(text))
    if row is None or row.expires_at <= now:
        return None
    token = live_token(session, row.token_id, now)
    return None if token is None else OpenSession(token, row.expires_at)


def close_session(write: Write, text: str) -> bool:
    """End a session; tell whether there was one."""
    row = write.session.get(SessionRow, _digest(text))
    if row is None:
        return False
    write.session.delete(row)
    record(write, "deconnecter", ("jeton", row.token_id))
    return True


def record_refusal(write: Write) -> None:
    """Tell in the audit that a key was shown that opens nothing; neither which, nor from where."""
    record(write, "refuser", ("connexion", "page"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

"""The envelope that was notified for a study: an amount and a ceiling of posts, the last alone.

Kept as a draft of the study: it is durable, whoever saves over what someone else saved is told,
and it enters no computation, so that no version of it needs to be kept. The audit says its figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.store.audit import record
from data.store.drafts import draft, save_draft

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from data.store.drafts import Draft
    from data.store.engine import Write

KIND, WHOLE = "enveloppe", "toutes"


@dataclass(frozen=True)
class Envelope:
    """What was notified.

    Attributes
    ----------
    cents
        Most State money of the call, None when no amount was notified.
    hundredths
        Most posts, kept and new, in hundredths of ETP; None likewise.
    revision
        How many times it was saved, 0 when it never was.
    """

    cents: int | None = None
    hundredths: int | None = None
    revision: int = 0


def envelope_of(session: Session, slug: str, region: str) -> Envelope:
    """Return the envelope notified for a région of a study, for all of it when none is named."""
    found = draft(session, _owner(slug), KIND, region or WHOLE)
    return Envelope() if found is None else envelope_in(found)


def save_envelope(write: Write, slug: str, region: str, envelope: Envelope) -> Envelope:
    """Save an envelope over the one that was read.

    Parameters
    ----------
    envelope
        Its figures, and the revision that was read.

    Raises
    ------
    StaleError
        When someone saved it since, with both contents: nothing is written.
    """
    key = region or WHOLE
    before = envelope_of(write.session, slug, region)
    based_on = envelope.revision or None
    saved = save_draft(write, _owner(slug), KIND, key, _content(envelope), based_on)
    record(
        write,
        "notifier",
        (KIND, f"{slug}/{key}"),
        before=_content(before) if before.revision else {},
        after=saved.content,
    )
    return envelope_in(saved)


def envelope_in(saved: Draft) -> Envelope:
    """Return the envelope that a draft holds."""
    return Envelope(saved.content["centimes"], saved.content["centiemes"], saved.revision)


def _owner(slug: str) -> str:
    # No one bears this name: those who write are a service and the number of its key.
    return f"étude {slug}"


def _content(envelope: Envelope) -> dict[str, Any]:
    return {"centimes": envelope.cents, "centiemes": envelope.hundredths}

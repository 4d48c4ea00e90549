"""Who asks: a program by the key in `Authorization`, a browser by the cookie of its session."""

from __future__ import annotations

import hashlib
import hmac
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.requests import cookie_parser

from api.access.throttle import Throttle
from data.store.sessions import find_session
from data.store.tokens import find_token

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.datastructures import Headers

    from data.store.engine import Store
    from data.store.tokens import Token

SESSION_LASTS = timedelta(hours=12)
"""A day of work: the next morning, one shows one's key again."""

FORM_FIELD = "jeton_formulaire"
"""Name of what a form carries to prove that a page of ours holds it."""

_SCHEME = "bearer"


@dataclass(frozen=True)
class Access:
    """What asking for keys needs: where they are kept, and the pace of those who try some."""

    store: Store
    throttle: Throttle = field(default_factory=Throttle)


@dataclass(frozen=True)
class Identity:
    """Who asks.

    Attributes
    ----------
    token
        The key shown, now or when the session began.
    form_token
        What forms of the session carry; empty for a program, which no other site makes act.
    ends_at
        When it must be shown again, aware.
    """

    token: Token
    form_token: str
    ends_at: datetime

    @property
    def actor(self) -> str:
        """What the audit calls who asks: a service and the number of its key."""
        return actor_of(self.token)


IDENTITY: ContextVar[Identity | None] = ContextVar("identity", default=None)
"""Who asks, for the time of a request; nobody when the server asks for no key."""


NOBODY = "poste local"
"""What the audit calls who writes when the server asks nobody who they are."""


def actor() -> str:
    """Return what the audit calls who asks."""
    identity = IDENTITY.get()
    return NOBODY if identity is None else identity.actor


def identify(access: Access, headers: Headers, *, https: bool) -> Identity | None:
    """Return who sends a request, None when it shows nothing that opens.

    A key in `Authorization` is judged alone: a wrong one is not made up for by a cookie.

    Raises
    ------
    RegisterError
        When the database does not answer.
    """
    shown = headers.get("authorization")
    now = access.store.clock()
    if shown is not None:
        scheme, _, text = shown.partition(" ")
        if scheme.lower() != _SCHEME:
            return None
        with access.store.read() as session:
            token = find_token(session, text.strip(), now)
        return None if token is None else Identity(token, "", token.expires_at)
    secret = cookie_of(headers, session_cookie(https=https))
    if not secret:
        return None
    with access.store.read() as session:
        found = find_session(session, secret, now)
    return None if found is None else Identity(found.token, form_token(secret), found.expires_at)


def cookie_of(headers: Headers, name: str) -> str:
    """Return a cookie of a request, empty when it has none of this name."""
    return cookie_parser(headers.get("cookie", "")).get(name, "")


def session_cookie(*, https: bool) -> str:
    """Return the name of the cookie of a session.

    Behind HTTPS, the prefix makes browsers refuse one that another host or plain HTTP would set.
    """
    return "__Host-zb_session" if https else "zb_session"


def login_cookie(*, https: bool) -> str:
    """Return the name of the cookie that the form of the login page answers to."""
    return "__Host-zb_connexion" if https else "zb_connexion"


def form_token(secret: str) -> str:
    """Return what the forms of the holder of a cookie carry; the cookie cannot be told from it."""
    return hashlib.sha256(f"formulaire {secret}".encode("utf-8", "surrogatepass")).hexdigest()


def same(given: object, expected: str) -> bool:
    """Tell in constant time whether a form carries what it must."""
    return (
        bool(expected)
        and isinstance(given, str)
        and hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
    )


def form_field() -> Markup:
    """Return the hidden field that every form of a page carries, empty when none is asked."""
    identity = IDENTITY.get()
    if identity is None or not identity.form_token:
        return Markup("")
    return Markup('<input type="hidden" name="{}" value="{}">').format(
        FORM_FIELD, identity.form_token
    )


def actor_of(token: Token) -> str:
    """Return what the audit calls the holder of a key."""
    # The audit hides what begins as a key does; a number does not.
    return f"{token.label[:180]} (n° {token.token_id})"

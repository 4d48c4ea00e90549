"""The page where one shows a key, sees what it opens, and leaves."""

from __future__ import annotations

import math
import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.access.addresses import LOGIN, LOGOUT
from api.access.errors import NotAllowedError
from api.access.guards import check_form
from api.access.identity import (
    FORM_FIELD,
    IDENTITY,
    SESSION_LASTS,
    Access,
    actor_of,
    cookie_of,
    form_token,
    login_cookie,
    same,
    session_cookie,
)
from api.access.roles import ACTION_NAMES, ROLE_NAMES, Action, Scope, scope_of
from api.access.throttle import keys_of
from api.rendering import page
from api.security import NAMES_ITSELF
from data.store.errors import MissingError
from data.store.sessions import close_session, open_session, record_refusal
from data.store.tokens import find_token

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.datastructures import FormData

router = APIRouter(include_in_schema=False)

HOME = "/"
REFUSED = (
    "Ce jeton n’ouvre rien : il est inconnu, expiré ou révoqué. Le copier en entier, ou en "
    "demander un autre à qui les délivre."
)
"""Said of every key that does not open, whatever the reason."""

_STRANGER = "connexion"
"""What the audit calls who shows a key that opens nothing."""

_RETURN = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1999}")
_COOKIE_BYTES = 32


@dataclass(frozen=True)
class Shown:
    """What someone showed at the login page."""

    client: str
    text: str
    back: str
    https: bool
    secret: str


@router.get(LOGIN, response_model=None)
def login_page(request: Request, retour: str = "") -> HTMLResponse:
    """Ask for a key, or say what the one in force opens."""
    identity = IDENTITY.get()
    if identity is not None:
        return _named(
            page(
                "connexion_faite.html",
                here="connexion",
                title="Connexion",
                token=identity.token,
                role=ROLE_NAMES[identity.token.role],
                rights=_rights(identity.token.role),
                token_ends=moment(identity.token.expires_at),
                session_ends=moment(identity.ends_at),
                leaves=bool(identity.form_token),
            )
        )
    https = request.url.scheme == "https"
    secret = cookie_of(request.headers, login_cookie(https=https))
    fresh = secret or secrets.token_urlsafe(_COOKIE_BYTES)
    response = _form(fresh, safe_return(retour))
    if not secret:
        _put(response, login_cookie(https=https), fresh, https=https)
    return response


@router.post(LOGIN, response_model=None)
async def login(request: Request) -> Response:
    """Open a session for a key that opens; answer all the others alike.

    Raises
    ------
    NotAllowedError
        When the form is not the one that this browser was given.
    """
    form = await request.form()
    https = request.url.scheme == "https"
    secret = cookie_of(request.headers, login_cookie(https=https))
    if not secret or not same(form.get(FORM_FIELD), form_token(secret)):
        raise NotAllowedError(
            "la page de connexion n’est plus à jour, ou le navigateur refuse les témoins "
            "(« cookies ») → la recharger, puis recommencer"
        )
    client = request.client.host if request.client else ""
    shown = Shown(client, _field(form, "jeton"), safe_return(_field(form, "retour")), https, secret)
    return await run_in_threadpool(_judged, request.app.state.access, shown)


@router.post(LOGOUT, dependencies=[Depends(check_form)], response_model=None)
def logout(request: Request) -> RedirectResponse:
    """End the session of the browser."""
    https = request.url.scheme == "https"
    name = session_cookie(https=https)
    identity = IDENTITY.get()
    if identity is not None and identity.form_token:
        access: Access = request.app.state.access
        with access.store.write(identity.actor) as write:
            close_session(write, cookie_of(request.headers, name))
    response = RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)
    response.delete_cookie(name, secure=https, httponly=True, samesite="lax")
    # The next to sit here is shown nothing that was kept for this one.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _judged(access: Access, shown: Shown) -> Response:
    keys = keys_of(shown.client, shown.text)
    wait = access.throttle.attempt(keys)
    if wait:
        return _too_many(shown, math.ceil(wait))
    opened = _opened(access, shown.text)
    if opened is None:
        return _form(shown.secret, shown.back, REFUSED, HTTPStatus.FORBIDDEN)
    access.throttle.forgive(keys)
    secret, lasts_s = opened
    response = RedirectResponse(shown.back, HTTPStatus.SEE_OTHER)
    _put(response, session_cookie(https=shown.https), secret, https=shown.https, lasts_s=lasts_s)
    name = login_cookie(https=shown.https)
    response.delete_cookie(name, secure=shown.https, httponly=True, samesite="lax")
    return response


def _too_many(shown: Shown, seconds: int) -> Response:
    said = f"Trop d’essais ont été refusés. Attendre {_duration(seconds)}, puis recommencer."
    response = _form(shown.secret, shown.back, said, HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(seconds)
    return response


def _opened(access: Access, text: str) -> tuple[str, int] | None:
    """Return the secret of a new session and its seconds, None when the key opens nothing."""
    now = access.store.clock()
    with access.store.read() as session:
        token = find_token(session, text, now)
    if token is not None:
        try:
            with access.store.write(actor_of(token)) as write:
                secret = open_session(write, token.token_id, SESSION_LASTS)
        except MissingError:
            # Revoked since it was read.
            token = None
        else:
            return secret, int(min(SESSION_LASTS, token.expires_at - now).total_seconds())
    with access.store.write(_STRANGER) as write:
        record_refusal(write)
    return None


def _form(
    secret: str, back: str, fault: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    return _named(
        page(
            "connexion.html",
            here="connexion",
            title="Connexion refusée" if fault else "Connexion",
            status=status,
            field=FORM_FIELD,
            form_token=form_token(secret),
            back=back,
            fault=fault,
        )
    )


def _named(response: HTMLResponse) -> HTMLResponse:
    response.headers.update(NAMES_ITSELF)
    response.headers["Cache-Control"] = "no-store"
    return response


def _put(
    response: Response, name: str, value: str, *, https: bool, lasts_s: int | None = None
) -> None:
    response.set_cookie(
        name, value, max_age=lasts_s, path="/", secure=https, httponly=True, samesite="lax"
    )


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _rights(role: str) -> list[tuple[str, str]]:
    """Return what a role may do, in words, and where."""
    scopes = ((action, scope_of(role, action)) for action in Action)
    return [(ACTION_NAMES[a], scope.value) for a, scope in scopes if scope is not Scope.NOWHERE]


def safe_return(wanted: str) -> str:
    r"""Return an address of this application to go to after the login, `/` for any other.

    >>> safe_return("/etudes/essai/zones?q=a"), safe_return("//ailleurs.fr"), safe_return("/\\a.fr")
    ('/etudes/essai/zones?q=a', '/', '/')
    """
    if not _RETURN.fullmatch(wanted):
        return HOME
    parts = urlsplit(wanted)
    path = unquote(parts.path)
    # Dots could fold the path into what reads as another host.
    folds = path.startswith(("//", "/\\")) or any(part in (".", "..") for part in path.split("/"))
    if parts.scheme or parts.netloc or folds or path in (LOGIN, LOGOUT):
        return HOME
    return wanted


def moment(instant: datetime) -> str:
    """Write an instant of universal time as French does.

    >>> from datetime import UTC, datetime
    >>> moment(datetime(2026, 11, 26, 8, 5, tzinfo=UTC))
    '26/11/2026 à 08:05 (temps universel)'
    """
    return f"{instant:%d/%m/%Y à %H:%M} (temps universel)"


def _duration(seconds: int) -> str:
    minute = 60
    if seconds < minute:
        return "une seconde" if seconds == 1 else f"{seconds} secondes"
    minutes = math.ceil(seconds / minute)
    return "une minute" if minutes == 1 else f"{minutes} minutes"

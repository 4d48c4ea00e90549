"""What is let in and how answers are locked: known names, own pages, nothing from outside."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from api.limits import DEPOSITS

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Of what is no page: nothing runs."""


_CARRIED = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]*)"')
_CARRIED_WITHIN = 100_000


def carried_policy(document: bytes) -> dict[str, str]:
    """Return the header of a document of its own, under the policy that it carries.

    It names the digest of each of its scripts: no other may run.
    """
    found = _CARRIED.search(document[:_CARRIED_WITHIN])
    policy = found[1].decode() if found else "default-src 'none'"
    return {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"}


def page_policy(nonce: str) -> str:
    """Return the policy of a page: its own scripts and sheets alone, told by their nonce.

    Styles set by a script on an element (`style-src-attr`) place the tiles of the map.
    """
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


FORM = "application/x-www-form-urlencoded"
FILES_FORM = "multipart/form-data"

NAMES_ITSELF = {"Referrer-Policy": "same-origin"}
"""Of a page that holds a form to post: its browser then says where the form comes from."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class SecurityHeaders:
    """ASGI middleware that gives each answer the headers it does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers to what comes back."""

        async def send_locked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_locked if scope["type"] == "http" else send)


class Gate:
    """ASGI middleware that refuses other names than the server's own, and posts from elsewhere.

    A page of another site can make a browser call this machine: under a name of its own (whose
    address it changes), or by posting a form. The first is told by the name, the second by where
    the browser says that it comes from and by its content, that a form cannot send. A form is let
    in when the browser says that it comes from here: no page of another site can make it say so.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self.app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on.

        Raises
        ------
        HTTPException
            421 for another name, 403 for a post from another site, 415 for one that is neither
            JSON nor a form of our own pages.
        """
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host = headers.get("host", "")
            if _name(host) not in self._hosts:
                raise HTTPException(HTTPStatus.MISDIRECTED_REQUEST)
            if scope["method"] == "POST":
                _check_post(headers, host, scope["path"])
        await self.app(scope, receive, send)


def _name(host: str) -> str:
    """Return the name in a `Host` header, without port; empty when it cannot be read.

    >>> _name("LocalHost:8000"), _name("[::1]:80"), _name("[")
    ('localhost', '::1', '')
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _check_post(headers: Headers, host: str, path: str) -> None:
    origin = headers.get("origin")
    # The scheme is left out: a proxy in front may speak HTTPS for us.
    elsewhere = origin is not None and origin.partition("://")[2].lower() != host.lower()
    if elsewhere or headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    form = FILES_FORM if DEPOSITS.fullmatch(path) else FORM
    if kind != "application/json" and (kind != form or origin is None):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

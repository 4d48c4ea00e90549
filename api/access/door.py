"""Nobody enters without a key: every address but a few, whatever answers behind it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from api.access.addresses import LOGIN, SAFE, is_free
from api.access.identity import IDENTITY, identify

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.access.identity import Access

_PUBLIC, _PRIVATE = "public", "private"


class Door:
    """ASGI middleware that says who asks, and refuses those who do not say.

    What is answered is then for one browser alone: no cache on the way may keep it for others.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its `IDENTITY` known.

        Raises
        ------
        HTTPException
            401 without a key that opens; a browser that asks for a page is led to the login.
        """
        if scope["type"] != "http" or scope["path"].startswith(("/static/", "/static-design/")):
            await self.app(scope, receive, send)
            return
        access: Access = scope["app"].state.access
        headers = Headers(scope=scope)
        https = scope["scheme"] == "https"
        identity = await run_in_threadpool(identify, access, headers, https=https)
        if identity is None and not is_free(scope["path"]):
            if _wants_page(scope, headers):
                await RedirectResponse(_login(scope), HTTPStatus.SEE_OTHER)(scope, receive, send)
                return
            raise HTTPException(
                HTTPStatus.UNAUTHORIZED,
                headers={"WWW-Authenticate": 'Bearer realm="zones-blanches"'},
            )

        async def send_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                _keep_private(MutableHeaders(scope=message))
            await send(message)

        before = IDENTITY.set(identity)
        try:
            await self.app(scope, receive, send_private)
        finally:
            IDENTITY.reset(before)


def _wants_page(scope: Scope, headers: Headers) -> bool:
    page = "text/html" in headers.get("accept", "")
    return page and not scope["path"].startswith("/api/") and "authorization" not in headers


def _login(scope: Scope) -> str:
    """Return the address of the login page, that comes back to what was asked when it can."""
    if scope["method"] not in SAFE:
        return LOGIN
    path = quote(scope["path"], safe="/")
    query = scope["query_string"].decode("latin-1")
    wanted = f"{path}?{query}" if query else path
    return LOGIN if wanted == "/" else f"{LOGIN}?retour={quote(wanted, safe='/')}"


def _keep_private(headers: MutableHeaders) -> None:
    given = headers.get("cache-control", "no-cache")
    if _PRIVATE in given or "no-store" in given:
        return
    kept = [part.strip() for part in given.split(",") if part.strip() != _PUBLIC]
    headers["cache-control"] = ", ".join([_PRIVATE, *kept])

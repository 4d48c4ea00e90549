"""The entries of the menu that only some servers have: those whose page is served."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from fastapi.routing import APIRoute

from api.access.addresses import action_of
from api.access.identity import IDENTITY
from api.access.roles import Action, Scope, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import APIRouter
    from starlette.types import ASGIApp, Receive, Send
    from starlette.types import Scope as Asked

_NAMES = ("registre", "calculs", "jetons")
_SERVED: ContextVar[tuple[str, ...]] = ContextVar("served", default=())


def site_menu() -> list[str]:
    """Return the entries for who asks, each the address of a page without its first bar.

    What is not for everyone is shown to whom it is for, never to a stranger.
    """
    identity = IDENTITY.get()
    role = identity.token.role if identity is not None else ""
    asked = {name: action_of("GET", f"/{name}") for name in _SERVED.get()}
    return [
        name
        for name, action in asked.items()
        if action is Action.VOIR or scope_of(role, action) is not Scope.NOWHERE
    ]


class Menu:
    """ASGI middleware that tells the pages which entries the server has.

    Parameters
    ----------
    routers
        Of the pages of the application.
    """

    def __init__(self, app: ASGIApp, *, routers: Iterable[APIRouter]) -> None:
        self.app = app
        routes = [route for each in routers for route in each.routes]
        served = {route.path for route in routes if isinstance(route, APIRoute)}
        self._names = tuple(name for name in _NAMES if f"/{name}" in served)

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        token = _SERVED.set(self._names)
        try:
            await self.app(scope, receive, send)
        finally:
            _SERVED.reset(token)

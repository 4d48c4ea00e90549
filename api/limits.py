"""Bounds on what clients may ask: size of bodies, pace of requests, heavy work at one time."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import OrderedDict
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEPOSITS = re.compile(
    r"/registre(?:/[a-z0-9-]{1,80})?/depots|/registre/depots/\w{32}/(?:classeurs|classeur-candidature)"
)
"""Addresses that receive files, larger and slower than any other body."""

MOST_FIELDS = 10_000
"""Fields of a form: one part of an application has three for each of its codes."""

_BODY_SECONDS = 15
_DEPOSIT_SECONDS = 300
_DEPOSITS_AT_ONCE = 4
_FORM_BYTES = 100_000  # of a form around a file
_PATIENCE_SECONDS = 30
_CLIENTS = 10_000
_MINUTE = 60


class Buckets:
    """A token bucket by client: each request takes a token, tokens come back with time.

    Only the last clients seen are remembered; one forgotten starts with a full bucket.
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._full = float(per_minute)
        self._pace = per_minute / _MINUTE
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Take a token; return the seconds to wait for one, 0 when it was there.

        >>> now = [0.0]
        >>> buckets = Buckets(2, clock=lambda: now[0])
        >>> [buckets.take("a") for _ in range(3)], buckets.take("b")
        ([0.0, 0.0, 30.0], 0.0)
        """
        now = self._clock()
        tokens, then = self._left.pop(client, (self._full, now))
        tokens = min(self._full, tokens + (now - then) * self._pace)
        granted = tokens >= 1
        self._left[client] = (tokens - granted, now)
        if len(self._left) > _CLIENTS:
            self._left.popitem(last=False)
        return 0.0 if granted else (1 - tokens) / self._pace


class Pace:
    """ASGI middleware that refuses clients in a hurry, before anything is looked up for them."""

    def __init__(self, app: ASGIApp, *, requests_per_minute: int) -> None:
        self.app = app
        self._buckets = Buckets(requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on.

        Raises
        ------
        HTTPException
            429 with `Retry-After`.
        """
        if scope["type"] == "http":
            client = scope.get("client")
            wait = self._buckets.take(client[0] if client else "")
            if wait:
                raise HTTPException(429, headers={"Retry-After": str(math.ceil(wait))})
        await self.app(scope, receive, send)


class Bodies:
    """ASGI middleware that receives bodies whole, and refuses those too large or too slow.

    Where keys are asked for, it stands behind the door: nothing is received from a stranger.

    Parameters
    ----------
    deposit_bytes
        Of a file deposited; 0 when the application receives none.
    """

    def __init__(self, app: ASGIApp, *, body_bytes: int, deposit_bytes: int = 0) -> None:
        self.app = app
        self._body_bytes = body_bytes
        self._deposit_bytes = deposit_bytes
        self._deposits = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its body already received.

        Raises
        ------
        HTTPException
            413, 408, or 503 when too many deposits come at once.
        """
        if scope["type"] == "http" and scope["method"] == "POST":
            receive = await self._received(scope, receive)
        await self.app(scope, receive, send)

    async def _received(self, scope: Scope, receive: Receive) -> Receive:
        if not self._deposit_bytes or not DEPOSITS.fullmatch(scope["path"]):
            return await _received(scope, receive, self._body_bytes, _BODY_SECONDS)
        if self._deposits >= _DEPOSITS_AT_ONCE:
            raise HTTPException(503, headers={"Retry-After": "5"})
        self._deposits += 1
        try:
            most = max(self._body_bytes, self._deposit_bytes + _FORM_BYTES)
            return await _received(scope, receive, most, _DEPOSIT_SECONDS)
        finally:
            self._deposits -= 1


async def _received(scope: Scope, receive: Receive, most: int, seconds: float) -> Receive:
    """Return a way to read again a body already received, in one piece."""
    declared = Headers(scope=scope).get("content-length", "0")
    # A length too long to be a number of bytes is refused before it is read as one.
    if len(declared) > len(str(most)) or (declared.isdecimal() and int(declared) > most):
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        async with asyncio.timeout(seconds):
            body = await _body(receive, most)
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again


async def _body(receive: Receive, most: int) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        body += message.get("body", b"")
        if len(body) > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        more = message.get("more_body", False)
    return bytes(body)


class Turns:
    """Heavy work, so many pieces at a time; the others wait their turn, not too many nor long.

    Parameters
    ----------
    running, waiting
        Most pieces under way, and most that wait.
    """

    def __init__(self, running: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(running)
        self._most = waiting
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and keep it for the time of the block.

        Raises
        ------
        HTTPException
            503 with `Retry-After` when too many wait, or none comes in time.
        """
        await self._wait()
        try:
            yield
        finally:
            self._free.release()

    async def _wait(self) -> None:
        busy = HTTPException(503, headers={"Retry-After": "5"})
        if self._free.locked() and self._waiting >= self._most:
            raise busy
        self._waiting += 1
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise busy from None
        finally:
            self._waiting -= 1

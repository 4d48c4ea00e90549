"""What the server writes of its life: a line of JSON an event, on standard error.

A request is told by its path without query; no body, no query and no address of a client is
ever written.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("zones_blanches.requetes")

ID_HEADER = "X-Request-ID"
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PATH_CHARS = 300


class JsonLines(logging.Formatter):
    """Writes each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, its `fields` among the rest."""
        line = {
            "heure": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "niveau": record.levelname.lower(),
            "source": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure(level: str | None) -> None:
    """Send everything logged by this process to standard error, as lines of JSON.

    Parameters
    ----------
    level
        Least level written; None for every request, but warnings alone on a terminal, where a
        planner reads.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    chosen = level or ("warning" if sys.stderr.isatty() else "info")
    logging.basicConfig(handlers=[handler], level=chosen.upper(), force=True)


class RequestLog:
    """ASGI middleware that names each request, and says how it ended and after how long."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its identifier in `scope["state"]` and in the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identifier = request_id(Headers(scope=scope).get(ID_HEADER, ""))
        scope.setdefault("state", {})["request_id"] = identifier
        start, status = time.perf_counter(), 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[ID_HEADER] = identifier
            await send(message)

        try:
            await self.app(scope, receive, send_named)
        finally:
            fields = {
                "id": identifier,
                "methode": scope["method"],
                "chemin": scope["path"][:_PATH_CHARS],
                "statut": status,
                "ms": round((time.perf_counter() - start) * 1000, 1),
            }
            log.info("requête", extra={"fields": fields})


def request_id(given: str) -> str:
    """Return the identifier given when its letters are safe in a log, else a new one.

    >>> request_id("demande-12")
    'demande-12'
    >>> len(request_id("<b>"))
    16
    """
    return given if _SAFE_ID.fullmatch(given) else secrets.token_hex(8)

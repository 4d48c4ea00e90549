"""A publisher on this machine: serves one file well or badly, and remembers what was asked."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING

from data.reference.sources import HTTP, DeclaredSource

if TYPE_CHECKING:
    from collections.abc import Iterator


COLUMNS = ("Code commune", "Nombre")
GOOD = b"Code commune;Nombre\r\n" + b"01001;5\r\n" * 200
NEWER = b"Code commune;Nombre\r\n" + b"01001;7\r\n" * 200


@dataclass
class Answer:
    """How one request is answered.

    Attributes
    ----------
    cut
        Bytes sent before the connection closes; all when None.
    length
        `Content-Length` said: that of the body unless given, none when -1.
    ranges
        Whether a `Range` is honoured.
    careless
        Whether the range is sent though `If-Range` names another edition.
    shift
        Bytes by which the range sent misses the one asked for.
    stall_s
        Silence before the body.
    """

    body: bytes = b""
    status: int = 200
    etag: str = ""
    modified: str = ""
    location: str = ""
    kind: str = "text/csv"
    encoding: str = ""
    cut: int | None = None
    length: int | None = None
    ranges: bool = True
    careless: bool = False
    shift: int = 0
    stall_s: float = 0.0


@dataclass
class Publisher:
    """What is served, the last answer for ever, and the headers of each request."""

    address: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def declared(**changes: object) -> DeclaredSource:
    """Return a source of the tests."""
    source = DeclaredSource(
        key="essai-defm",
        name="Source d’essai",
        kind=HTTP,
        publisher="Éditeur",
        licence="Licence Ouverte 2.0",
        vintage="2024",
        format="CSV",
        columns=COLUMNS,
        address="http://127.0.0.1:9/rien",
        file="defm.csv",
        deposit="sources/defm.csv",
        largest_mb=1,
    )
    return replace(source, **changes)


@contextmanager
def publishing(*answers: Answer) -> Iterator[Publisher]:
    """Serve the answers in turn on 127.0.0.1."""
    publisher = Publisher(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked.append(dict(self.headers.items()))
            reply(self, publisher.next(), publisher.closing)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    publisher.address = f"http://127.0.0.1:{server.server_address[1]}/donnees"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield publisher
    finally:
        publisher.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def reply(handler: BaseHTTPRequestHandler, answer: Answer, closing: Event) -> None:
    status, body, extra = _ranged(handler, answer)
    known = handler.headers.get("If-None-Match") or handler.headers.get("If-Modified-Since")
    if known is not None and known in {answer.etag, answer.modified}:
        status, body = 304, b""
    handler.send_response(status)
    handler.send_header("Content-Type", answer.kind)
    for name, value in {
        "ETag": answer.etag,
        "Last-Modified": answer.modified,
        "Location": answer.location,
        "Content-Encoding": answer.encoding,
        **extra,
    }.items():
        if value:
            handler.send_header(name, value)
    if answer.length != -1:
        handler.send_header("Content-Length", str(answer.length or len(body)))
    handler.end_headers()
    closing.wait(answer.stall_s)
    handler.wfile.write(body[: answer.cut])


def _ranged(handler: BaseHTTPRequestHandler, answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    fresh = handler.headers.get("If-Range") in {answer.etag, answer.modified} - {""}
    if asked is None or not answer.ranges or not (fresh or answer.careless):
        return answer.status, answer.body, {}
    start = int(asked[1]) + answer.shift
    if start >= len(answer.body):
        return 416, b"", {"Content-Range": f"bytes */{len(answer.body)}"}
    told = f"bytes {start}-{len(answer.body) - 1}/{len(answer.body)}"
    return 206, answer.body[start:], {"Content-Range": told}


def wait_until(done: Event) -> None:
    """Wait for an event, not for ever."""
    deadline = time.monotonic() + 120
    while not done.wait(0.01):
        assert time.monotonic() < deadline

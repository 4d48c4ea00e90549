"""Answers that a browser keeps: made once, compressed once, told apart by their digest."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from fastapi import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request

IMMUTABLE = "public, max-age=31536000, immutable"
"""Of addresses that carry the digest of their content."""

_LEVEL = 6
_WORTH_COMPRESSING = 1024
_WORTH_HASTE = 32_768
_ZIPPED = "-gzip"

Key = tuple[str, ...]


@dataclass(frozen=True)
class Packed:
    """An answer made once: its bytes, the same compressed, and the tag of both."""

    body: bytes
    compressed: bytes
    tag: str


def pack(body: bytes, *, compress: bool = True) -> Packed:
    """Return an answer ready to be sent many times."""
    small = len(body) < _WORTH_COMPRESSING or not compress
    compressed = body if small else gzip.compress(body, _LEVEL, mtime=0)
    return Packed(body, compressed, hashlib.sha256(body).hexdigest()[:32])


class Cache:
    """The last answers made, by key, within a number of bytes; it may be lost at any time.

    Whoever asks for an answer that another is making waits for it.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._size = 0
        self._kept: OrderedDict[Key, Packed] = OrderedDict()
        self._making: dict[Key, Future[Packed]] = {}
        self._lock = Lock()

    def find(self, key: Key) -> Packed | None:
        """Return the answer of a key if it is there."""
        with self._lock:
            return self._found(key)

    def get(self, key: Key, make: Callable[[], bytes], *, compress: bool = True) -> Packed:
        """Return the answer of a key, made if it is not there.

        Parameters
        ----------
        compress
            Whether it is worth compressing: a workbook is already.
        """
        with self._lock:
            found = self._found(key)
            if found is not None:
                return found
            making = self._making.get(key)
            if making is None:
                mine = self._making[key] = Future[Packed]()
        if making is not None:
            return making.result()
        try:
            made = pack(make(), compress=compress)
        except BaseException as error:
            with self._lock:
                del self._making[key]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._making[key]
            self._keep(key, made)
        mine.set_result(made)
        return made

    def _found(self, key: Key) -> Packed | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def _keep(self, key: Key, made: Packed) -> None:
        self._kept[key] = made
        self._size += _weight(made)
        while self._size > self._max and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self._size -= _weight(old)


def _weight(packed: Packed) -> int:
    twice = packed.compressed is not packed.body
    return len(packed.body) + (len(packed.compressed) if twice else 0)


def send(
    request: Request,
    packed: Packed,
    *,
    media_type: str = "application/json",
    cache_control: str = "no-cache",
    headers: dict[str, str] | None = None,
) -> Response:
    """Return a packed answer, or 304 when the browser has it."""
    zipped = _takes_gzip(request) and packed.compressed is not packed.body
    common = {
        # The two encodings are two representations: a strong tag tells them apart.
        "ETag": f'"{packed.tag}{_ZIPPED if zipped else ""}"',
        "Cache-Control": cache_control,
        "Vary": "Accept-Encoding",
        **(headers or {}),
    }
    if packed.tag in _known_tags(request):
        return Response(status_code=304, headers=common)
    if zipped:
        common["Content-Encoding"] = "gzip"
    return Response(
        packed.compressed if zipped else packed.body, headers=common, media_type=media_type
    )


def send_once(
    request: Request,
    body: bytes,
    *,
    media_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Response:
    """Return an answer that is not kept, compressed lightly when it is worth the time."""
    common = {"Cache-Control": "no-store", "Vary": "Accept-Encoding", **(headers or {})}
    if len(body) > _WORTH_HASTE and _takes_gzip(request):
        common["Content-Encoding"] = "gzip"
        body = gzip.compress(body, 1, mtime=0)
    return Response(body, headers=common, media_type=media_type)


def _takes_gzip(request: Request) -> bool:
    offered = [part.strip() for part in request.headers.get("accept-encoding", "").split(",")]
    return any(
        name.partition(";")[0].strip() == "gzip" and not name.replace(" ", "").endswith("q=0")
        for name in offered
    )


def _known_tags(request: Request) -> set[str]:
    given = request.headers.get("if-none-match", "").split(",")
    return {tag.strip().removeprefix("W/").strip('"').removesuffix(_ZIPPED) for tag in given}

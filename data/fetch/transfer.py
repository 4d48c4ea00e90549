"""One request to a publisher: what it sends, put after what was already received.

A transfer that stops leaves its bytes and, beside them, what identified the file (RFC 9110:
`ETag`, `Last-Modified`): the next one asks for the rest with `Range` and `If-Range`, so that two
editions are never sewn together.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError

from coverage.wording import whole
from data.fetch.web import TransferError, open_address, refusal, require_web
from geo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPMessage, HTTPResponse
    from pathlib import Path

    Progress = Callable[[int, int | None], None]

_CHUNK_BYTES = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class Identity:
    """What tells one edition of a file from another.

    Attributes
    ----------
    etag, modified
        Headers `ETag` and `Last-Modified`; empty when the server gives none.
    """

    address: str
    etag: str = ""
    modified: str = ""

    @property
    def validator(self) -> str:
        """What `If-Range` may carry: a strong tag, else a date; empty when there is neither."""
        strong = self.etag if not self.etag.startswith("W/") else ""
        return strong or self.modified


def transfer(
    address: str,
    part: Path,
    *,
    known: Identity | None,
    most_bytes: int,
    timeout_s: float,
    progress: Progress,
) -> Identity | None:
    """Bring the file at `address` into `part`, after what a stopped transfer left there.

    Parameters
    ----------
    known
        Identity of a copy already held: None is returned when the server has no other.
    most_bytes
        Size beyond which what comes cannot be the file.
    timeout_s
        Longest silence of the server, in seconds.
    progress
        Called with the bytes received and those announced (None when they are not).

    Returns
    -------
    Identity or None
        Of the whole file, now in `part`; None when the copy held is the current one.

    Raises
    ------
    TransferError
        When the server refuses, is silent, or sends something cut or too large.
    OSError
        When the disk refuses.
    """
    require_web(address)
    begun = _begun(part, address)
    if begun is None:
        forget(part)
    size = part.stat().st_size if begun else 0
    try:
        response = open_address(address, _headers(begun, size, known), timeout_s)
    except HTTPError as error:
        with error:
            if error.code == HTTPStatus.NOT_MODIFIED and known is not None:
                return None
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                forget(part)
            raise refusal(error.code) from error
    with response:
        _require_plain(response)
        found = _identity(address, response.headers)
        offset, total = _place(response, size, begun, found)
        if offset is None:
            forget(part)
            raise TransferError("reprise impossible, le fichier a changé", passing=True)
        _require_size(total or 0, most_bytes)
        if offset == 0:
            _beside(part).write_text(json.dumps(asdict(found)), encoding="utf-8")
        received = _receive(response, part, offset, total, most_bytes, progress)
    if total is not None and received != total:
        raise TransferError(
            f"transfert coupé : {whole(received)} octets reçus sur {whole(total)} annoncés",
            passing=True,
        )
    return found


def forget(part: Path) -> None:
    """Remove what a transfer left."""
    part.unlink(missing_ok=True)
    _beside(part).unlink(missing_ok=True)


def _beside(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _begun(part: Path, address: str) -> Identity | None:
    """Return the identity of a partial file that may be resumed from this address."""
    try:
        begun = Identity(**json.loads(_beside(part).read_text(encoding="utf-8")))
        resumable = begun.address == address and begun.validator and part.stat().st_size > 0
    except (OSError, ValueError, TypeError):
        return None
    return begun if resumable else None


def _headers(begun: Identity | None, size: int, known: Identity | None) -> dict[str, str]:
    headers = {"User-Agent": f"zones-blanches/{VERSION}", "Accept-Encoding": "identity"}
    if begun:
        return headers | {"Range": f"bytes={size}-", "If-Range": begun.validator}
    if known and known.etag:
        return headers | {"If-None-Match": known.etag}
    if known and known.modified:
        return headers | {"If-Modified-Since": known.modified}
    return headers


def _require_plain(response: HTTPResponse) -> None:
    """Refuse what is compressed although nobody asked for it: its size would mean nothing."""
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise TransferError(f"réponse compressée ({encoding}) sans qu’elle ait été demandée")


def _identity(address: str, headers: HTTPMessage) -> Identity:
    return Identity(address, headers.get("ETag") or "", headers.get("Last-Modified") or "")


def _place(
    response: HTTPResponse, size: int, begun: Identity | None, found: Identity
) -> tuple[int | None, int | None]:
    """Return where the bytes go and the size of the whole file; no place for those of another."""
    length = response.headers.get("Content-Length")
    announced = int(length) if length and length.isdigit() else None
    if response.status != HTTPStatus.PARTIAL_CONTENT:
        return 0, announced
    match = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    same = begun is not None and (found.etag or begun.etag) == begun.etag
    if match is None or not same or int(match[1]) != size:
        return None, None
    if match[2] != "*":
        return size, int(match[2])
    return size, None if announced is None else size + announced


def _receive(
    response: HTTPResponse,
    part: Path,
    offset: int,
    total: int | None,
    most_bytes: int,
    progress: Progress,
) -> int:
    """Write what comes after `offset` and return the size of the file."""
    received = offset
    with part.open("ab" if offset else "wb") as file:
        while chunk := _chunk(response):
            received += len(chunk)
            _require_size(received, most_bytes)
            file.write(chunk)
            progress(received, total)
        file.flush()
        os.fsync(file.fileno())
    return received


def _chunk(response: HTTPResponse) -> bytes:
    try:
        return response.read1(_CHUNK_BYTES)
    except TimeoutError as error:
        raise TransferError("le serveur s’est tu pendant le transfert", passing=True) from error
    except (OSError, HTTPException) as error:
        raise TransferError(f"transfert coupé ({error})", passing=True) from error


def _require_size(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise TransferError(
            f"fichier de plus de {whole(most_bytes // 1_000_000)} Mo, bien plus gros que celui "
            "attendu ; vérifiez l’adresse"
        )

"""Copies kept in the user's cache: a file in a folder named by its digest, and one stamp.

Replacing the stamp is the one step that changes which copy is current: a program killed at any
moment leaves the former copy or the new one, whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from data.fetch.transfer import Identity
from data.paths import cache_dir

if TYPE_CHECKING:
    from pathlib import Path

    from data.reference.sources import DeclaredSource

_STAMP = "copie.json"
_DIGEST_CHARS = 16


@dataclass(frozen=True)
class Copy:
    """One file received from its publisher, checked.

    Attributes
    ----------
    sha256
        Digest, hexadecimal.
    etag, modified
        What its publisher said of the edition (`ETag`, `Last-Modified`); empty when nothing.
    received
        Day and time of the transfer (ISO 8601, UTC).
    columns
        All those found in it, not only those read.
    """

    path: Path
    sha256: str
    size_bytes: int
    address: str
    etag: str
    modified: str
    received: str
    columns: tuple[str, ...]

    @property
    def identity(self) -> Identity:
        """What tells it from another edition."""
        return Identity(self.address, self.etag, self.modified)


def home(source: DeclaredSource) -> Path:
    """Return the folder of the copies of a source."""
    return cache_dir() / "sources" / source.key


def cached(source: DeclaredSource) -> Copy | None:
    """Return the current copy, None when there is none or its size is not the one stamped."""
    folder = home(source)
    try:
        stamp = json.loads((folder / _STAMP).read_text(encoding="utf-8"))
        path = folder / stamp["sha256"][:_DIGEST_CHARS] / source.file
        copy = Copy(**(stamp | {"path": path, "columns": tuple(stamp["columns"])}))
        return copy if path.stat().st_size == copy.size_bytes else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def verified(source: DeclaredSource) -> Copy | None:
    """Return the current copy, None when there is none or its content is not the one stamped."""
    copy = cached(source)
    return copy if copy is not None and digest(copy.path) == copy.sha256 else None


def keep(part: Path, source: DeclaredSource, identity: Identity, columns: tuple[str, ...]) -> Copy:
    """Make a checked file the current copy, in place of the former one, and return it.

    Raises
    ------
    OSError
        When the disk refuses; the former copy is then still the current one.
    """
    folder = home(source)
    sha256 = digest(part)
    place = folder / sha256[:_DIGEST_CHARS]
    place.mkdir(parents=True, exist_ok=True)
    copy = Copy(
        path=place / source.file,
        sha256=sha256,
        size_bytes=part.stat().st_size,
        address=identity.address,
        etag=identity.etag,
        modified=identity.modified,
        received=datetime.now(UTC).isoformat(timespec="seconds"),
        columns=columns,
    )
    part.replace(copy.path)
    _stamp(folder, copy)
    for other in folder.iterdir():
        if other.is_dir() and other != place:
            shutil.rmtree(other, ignore_errors=True)
    return copy


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(folder: Path, copy: Copy) -> None:
    said = asdict(copy)
    del said["path"]
    draft = folder / f".{_STAMP}"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(said, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / _STAMP)

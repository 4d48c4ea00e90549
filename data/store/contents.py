"""Files kept once, by what they hold: their SHA-256 names them and tells whether they are whole."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, not_, or_, select

from data.store.errors import DamagedError
from data.store.models import BlobRow
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

_AT_ONCE = 500  # digests asked in one question


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_of_all(digests: Mapping[str, str]) -> str:
    """Return what tells a set of files: the SHA-256 of the list that `sha256sum` prints.

    Parameters
    ----------
    digests
        Name → SHA-256; the order of names does not matter.
    """
    lines = (f"{digests[path]}  {path}\n" for path in sorted(digests))
    return digest_of("".join(lines).encode("utf-8"))


def keep(session: Session, files: Mapping[str, bytes]) -> dict[str, str]:
    """Keep the contents that are not kept yet; return name → digest."""
    digests = {path: digest_of(content) for path, content in files.items()}
    by_digest = {digests[path]: content for path, content in files.items()}
    for digest in sorted(set(by_digest) - _known(session, by_digest)):
        content = by_digest[digest]
        session.add(BlobRow(digest=digest, size=len(content), content=content))
    session.flush()
    return digests


def release(session: Session, digests: Iterable[str]) -> None:
    """Delete those of some contents that nothing holds any more."""
    table = BlobRow.metadata.tables[BlobRow.__tablename__]
    holders = [
        key.parent
        for each in BlobRow.metadata.tables.values()
        for key in each.foreign_keys
        if key.references(table)
    ]
    held = [select(holder).where(holder == BlobRow.digest).exists() for holder in holders]
    for asked in _slices(set(digests)):
        session.execute(
            delete(BlobRow).where(BlobRow.digest.in_(asked), not_(or_(*held))),
            execution_options={"synchronize_session": False},
        )


def contents(session: Session, digests: Mapping[str, str]) -> dict[str, bytes]:
    """Return name → content, each checked against its digest.

    Raises
    ------
    DamagedError
        When a content is absent, or is not what its digest says.
    """
    found: dict[str, bytes] = {}
    for asked in _slices(set(digests.values())):
        rows = select(BlobRow.digest, BlobRow.content).where(BlobRow.digest.in_(asked))
        found |= {row.digest: row.content for row in session.execute(rows)}
    lost = sorted(
        path
        for path, digest in digests.items()
        if digest not in found or digest_of(found[digest]) != digest
    )
    if lost:
        raise DamagedError(
            f"contenu abîmé dans la base : {', '.join(lost)} → remettre une sauvegarde"
        )
    return {path: found[digests[path]] for path in sorted(digests)}


def write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files as a folder, which appears whole or not at all.

    Raises
    ------
    OutputError
        When the folder already holds something, or cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"« {folder.name} » existe déjà et n’est pas vide")
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            for path, content in files.items():
                target = part / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            if folder.exists():
                folder.rmdir()
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"le dossier « {folder.name} » ne peut pas être écrit → vérifier la place et les droits"
        ) from error


def _known(session: Session, digests: Iterable[str]) -> set[str]:
    return {
        digest
        for asked in _slices(digests)
        for digest in session.scalars(select(BlobRow.digest).where(BlobRow.digest.in_(asked)))
    }


def _slices(digests: Iterable[str]) -> list[list[str]]:
    listed = sorted(digests)
    return [listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE)]

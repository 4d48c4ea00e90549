"""Studies and their versions: what was frozen never changes, what was restored is a new version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from data.store.audit import record
from data.store.checks import check_paths, checked_text, impersonal_text, readable
from data.store.contents import contents, digest_of_all, keep, write_folder
from data.store.errors import DamagedError, MissingError, TakenError
from data.store.models import StudyRow, VersionFileRow, VersionRow
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from data.store.engine import Write

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REGION = re.compile(r"(?:[0-9]{2,3})?")
_LONGEST_SLUG = 80


@dataclass(frozen=True)
class Study:
    """A study: the word that names it in addresses, its name, its région (empty: France)."""

    study_id: int
    slug: str
    name: str
    region: str
    created_at: datetime


@dataclass(frozen=True)
class Version:
    """A frozen version of a study.

    Attributes
    ----------
    version_id, study_id, number
        Its own identifier, its study, its number in it from 1.
    digest
        SHA-256 of the list of its files and theirs, `contents.digest_of_all`.
    file_count
        How many files it has.
    note, author, created_at
        Why, by whom and when.
    restored_from
        Identifier of the version whose files these are, when it was restored.
    """

    version_id: int
    study_id: int
    number: int
    digest: str
    file_count: int
    note: str
    author: str
    created_at: datetime
    restored_from: int | None


def create_study(write: Write, slug: str, name: str, region: str) -> Study:
    """Create a study without any version.

    Raises
    ------
    InputErrors
        When the slug, the name or the code of the région cannot be.
    TakenError
        When a study has this slug.
    """
    faults = []
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST_SLUG:
        remedy = f"minuscules sans accent, chiffres et traits d’union, {_LONGEST_SLUG} au plus"
        faults.append(Notice("", 0, "identifiant", "identifiant d’étude illisible", remedy))
    if not _REGION.fullmatch(region):
        remedy = "donner le code officiel de la région, ou rien pour une étude nationale"
        faults.append(Notice("", 0, "région", "code de région illisible", remedy))
    if faults:
        raise InputErrors(faults)
    own_name = impersonal_text(name, "nom", longest=200)
    if write.session.scalar(select(StudyRow.id).where(StudyRow.slug == slug)) is not None:
        raise TakenError(f"une étude « {slug} » existe déjà → choisir un autre identifiant")
    row = StudyRow(slug=slug, name=own_name, region=region, created_at=write.now)
    write.session.add(row)
    write.session.flush()
    after = {"identifiant": slug, "nom": own_name, "region": region}
    record(write, "creer", ("etude", row.id), after=after)
    return _study(row)


def add_version(write: Write, study_id: int, files: Mapping[str, bytes], note: str) -> Version:
    """Freeze files as the next version of a study.

    Parameters
    ----------
    write
        The transaction.
    study_id
        The study.
    files
        Name → content; names are relative, parts joined by `/`.
    note
        Why this version; may be empty.

    Raises
    ------
    InputErrors
        When there is no file, or some names cannot be.
    MissingError
        When there is no such study.
    """
    check_paths(files)
    return _freeze(write, study_id, keep(write.session, files), note)


def restore(write: Write, version_id: int, note: str) -> Version:
    """Freeze the files of an earlier version as the next version of its study.

    Raises
    ------
    MissingError
        When there is no such version.
    DamagedError
        When its files are no longer what was frozen.
    """
    source = version(write.session, version_id)
    digests = _digests(write.session, source)
    contents(write.session, digests)
    return _freeze(write, source.study_id, digests, note, restored_from=version_id)


def study(session: Session, study_id: int) -> Study:
    """Return a study.

    Raises
    ------
    MissingError
        When there is none.
    """
    row = session.get(StudyRow, study_id)
    if row is None:
        raise MissingError(f"aucune étude n’a le numéro {study_id}")
    return _study(row)


def study_of_slug(session: Session, slug: str) -> Study:
    """Return the study that a slug names.

    Raises
    ------
    MissingError
        When there is none.
    """
    # What comes from an address may be no text that the database could be asked about.
    known = select(StudyRow).where(StudyRow.slug == slug)
    row = session.scalar(known) if _SLUG.fullmatch(slug) else None
    if row is None:
        raise MissingError(f"le registre n’a pas d’étude « {readable(slug)} »")
    return _study(row)


def studies(session: Session) -> list[Study]:
    """Return every study, by slug."""
    # Sorted here: the databases do not order letters and signs alike.
    return sorted(map(_study, session.scalars(select(StudyRow))), key=lambda each: each.slug)


def version(session: Session, version_id: int) -> Version:
    """Return a version.

    Raises
    ------
    MissingError
        When there is none.
    """
    row = session.get(VersionRow, version_id)
    if row is None:
        raise MissingError(f"aucune version n’a le numéro interne {version_id}")
    return _version(row)


def versions_of(session: Session, study_id: int) -> list[Version]:
    """Return the versions of a study, first to last."""
    found = select(VersionRow).where(VersionRow.study_id == study_id).order_by(VersionRow.number)
    return [_version(row) for row in session.scalars(found)]


def version_files(session: Session, version_id: int) -> dict[str, bytes]:
    """Return name → content of a version, checked against what was frozen.

    Raises
    ------
    MissingError
        When there is no such version.
    DamagedError
        When they are no longer what was frozen.
    """
    return contents(session, _digests(session, version(session, version_id)))


def materialise(session: Session, version_id: int, folder: Path) -> None:
    """Write the files of a version as a study folder, whole or not at all.

    Raises
    ------
    OutputError
        When the folder already holds something, or cannot be written.
    MissingError, DamagedError
        As `version_files`.
    """
    write_folder(version_files(session, version_id), folder)


def _freeze(
    write: Write,
    study_id: int,
    digests: Mapping[str, str],
    note: str,
    *,
    restored_from: int | None = None,
) -> Version:
    if not digests:
        remedy = "déposer au moins un fichier"
        raise InputErrors([Notice("", 0, "", "une version sans aucun fichier", remedy)])
    study(write.session, study_id)
    last = select(func.max(VersionRow.number)).where(VersionRow.study_id == study_id)
    row = VersionRow(
        study_id=study_id,
        number=(write.session.scalar(last) or 0) + 1,
        digest=digest_of_all(digests),
        file_count=len(digests),
        note=checked_text(note, "note", empty=True),
        author=write.actor,
        created_at=write.now,
        restored_from=restored_from,
    )
    write.session.add(row)
    write.session.flush()
    listed = [
        {"version_id": row.id, "path": path, "digest": digest}
        for path, digest in sorted(digests.items())
    ]
    write.session.execute(insert(VersionFileRow), listed)
    after = {
        "etude": study_id,
        "version": row.number,
        "empreinte": row.digest,
        "fichiers": row.file_count,
        "reprise_de": restored_from,
    }
    action = "figer" if restored_from is None else "reprendre"
    record(write, action, ("version", row.id), after=after)
    return _version(row)


def _digests(session: Session, of: Version) -> dict[str, str]:
    """Return name → digest of a version, checked against the digest of the whole."""
    files = select(VersionFileRow.path, VersionFileRow.digest)
    found = session.execute(files.where(VersionFileRow.version_id == of.version_id))
    digests = {row.path: row.digest for row in found}
    if digest_of_all(digests) != of.digest or len(digests) != of.file_count:
        raise DamagedError(
            f"la liste des fichiers de la version {of.number} n’est plus celle qui a été figée → "
            "remettre une sauvegarde"
        )
    return digests


def _study(row: StudyRow) -> Study:
    return Study(row.id, row.slug, row.name, row.region, row.created_at)


def _version(row: VersionRow) -> Version:
    return Version(
        version_id=row.id,
        study_id=row.study_id,
        number=row.number,
        digest=row.digest,
        file_count=row.file_count,
        note=row.note,
        author=row.author,
        created_at=row.created_at,
        restored_from=row.restored_from,
    )

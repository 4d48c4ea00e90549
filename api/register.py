"""The register as the pages use it: what it holds, what is deposited, frozen, restored, served."""

from __future__ import annotations

import io
import tomllib
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.deposits import Brought, Deposit, Deposits
from api.shelf import Shelf, compute_quietly
from api.studies import STUDY_FILE
from data.reference.territory import load_territory
from data.store.errors import MissingError, StaleError
from data.store.models import BlobRow, VersionFileRow
from data.store.studies import (
    Study,
    Version,
    add_version,
    create_study,
    restore,
    studies,
    study_of_slug,
    version_files,
    versions_of,
)
from data.study.faults import Findings
from data.uploads.accept import Accepted, accept
from data.uploads.names import last_name, shown_name
from geo.errors import InputErrors, Notice, NotReadyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.studies import OpenStudy, Studies
    from coverage.model import Coverage
    from data.store.engine import Store
    from geo.territory import Territory

RESERVED = frozenset(("deposer", "depots", "versions"))
"""Words of the addresses of the register, that no study may bear."""

PREPARED = "modifications"
"""What a page calls a deposit that nobody received: it begins with no file of its own."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Entry:
    """A study of the register and its versions, first to last."""

    study: Study
    versions: tuple[Version, ...]

    @property
    def last(self) -> Version | None:
        """Its last version."""
        return self.versions[-1] if self.versions else None


@dataclass(frozen=True)
class Asked:
    """What someone writes to freeze a deposit; the slug and the name serve for a new study."""

    note: str
    slug: str = ""
    name: str = ""


class Register:
    """The register of one server.

    Parameters
    ----------
    store
        The open database.
    loader
        Gives the territory to the process that reads deposits: at the top of a module.
    compute
        Gives the coverage of a study folder.
    """

    def __init__(
        self,
        store: Store,
        *,
        loader: Callable[[], Territory] = load_territory,
        compute: Callable[[Path], Coverage] = compute_quietly,
    ) -> None:
        self.store = store
        self.deposits = Deposits(loader)
        self._shelf = Shelf(store, compute)

    def entries(self) -> list[Entry]:
        """Return every study, by slug."""
        with self.store.read() as session:
            return [_entry(session, study) for study in studies(session)]

    def entry(self, slug: str) -> Entry:
        """Return a study.

        Raises
        ------
        MissingError
            When there is none.
        """
        with self.store.read() as session:
            return _entry(session, study_of_slug(session, slug))

    def version(self, slug: str, number: int) -> Version:
        """Return a version of a study by its number.

        Raises
        ------
        MissingError
            When there is none.
        """
        return _numbered(self.entry(slug).versions, number)

    def sizes(self, version_id: int) -> list[tuple[str, int]]:
        """Return name and bytes of each file of a version, by name."""
        listed = (
            select(VersionFileRow.path, BlobRow.size)
            .join(BlobRow, BlobRow.digest == VersionFileRow.digest)
            .where(VersionFileRow.version_id == version_id)
        )
        with self.store.read() as session:
            return sorted((row.path, row.size) for row in session.execute(listed))

    def take(self, owner: str, slug: str, name: str, content: bytes) -> Deposit:
        """Accept a deposit, lay it over the last version of its study, and have it read.

        An archive that brings `etude.toml` is a whole study: it replaces all the files.

        Raises
        ------
        MissingError
            When there is no such study.
        BusyError
            When too many deposits wait.
        """
        accepted = accept(name, content)
        shown = shown_name(last_name(name))
        last = self.entry(slug).last if slug else None
        whole = name.lower().endswith(".zip") and _settings_of(accepted.files) is not None
        beside: dict[str, bytes] = {}
        if last is not None and not whole:
            with self.store.read() as session:
                beside = version_files(session, last.version_id)
        return self.deposits.add(Brought(owner, shown, slug, accepted, last, beside))

    def prepare(self, owner: str, slug: str) -> Deposit:
        """Return what someone changes in a study before it is frozen, from its last version.

        Raises
        ------
        MissingError
            When there is no such study, or it has no version.
        BusyError
            When too many deposits wait.
        """
        begun = [each for each in self.deposits.of(owner) if each.brought.slug == slug]
        if begun:
            return begun[-1]
        last = self.entry(slug).last
        if last is None:
            raise MissingError("cette étude n’a encore aucune version → en déposer une")
        with self.store.read() as session:
            beside = version_files(session, last.version_id)
        nothing = Accepted({}, Findings())
        return self.deposits.add(Brought(owner, PREPARED, slug, nothing, last, beside))

    def freeze(self, deposit: Deposit, asked: Asked) -> tuple[str, Version]:
        """Save a deposit without fault as a version, once; return the slug of its study.

        Raises
        ------
        NotReadyError
            When it is not read to its end.
        InputErrors
            Its faults; or those of what is asked.
        TakenError
            When another study bears the slug.
        StaleError
            When a version was frozen since it was deposited.
        """
        with deposit.freezing:
            if deposit.frozen is not None:
                return deposit.frozen
            report = deposit.checking.result
            if report is None:
                raise NotReadyError("ce dépôt n’est pas contrôlé → attendre la fin du contrôle")
            if report.faults:
                raise InputErrors(report.faults, report.warnings)
            brought = deposit.brought
            slug = brought.slug or asked.slug.strip()
            with self.store.write(brought.owner) as write:
                if brought.slug:
                    study = study_of_slug(write.session, slug)
                    _check_last(write.session, study, brought.based_on)
                else:
                    _check_free(slug)
                    regions = regions_of_files(brought.files)
                    region = regions[0] if len(regions) == 1 else ""
                    study = create_study(write, slug, asked.name, region)
                version = add_version(write, study.study_id, brought.files, asked.note)
            deposit.close(slug, version)
            return slug, version

    def restore(self, actor: str, slug: str, number: int, note: str) -> Version:
        """Freeze the files of a version anew; nothing is written when the last one has them.

        Raises
        ------
        MissingError
            When there is no such version.
        DamagedError
            When its files are no longer what was frozen.
        """
        with self.store.write(actor) as write:
            found = versions_of(write.session, study_of_slug(write.session, slug).study_id)
            wanted = _numbered(found, number)
            if found[-1].digest == wanted.digest:
                return found[-1]
            return restore(write, wanted.version_id, note)

    def serve(self, among: Studies, slug: str, number: int) -> OpenStudy:
        """Open a version and show it among the studies: see `api.shelf.Shelf.serve`.

        Raises
        ------
        MissingError
            When there is no such version.
        """
        return self._shelf.serve(among, slug, self.version(slug, number))

    def archive(self, slug: str, number: int) -> bytes:
        """Return the files of a version as an archive, always the same bytes.

        Raises
        ------
        MissingError, DamagedError
            As `data.store.studies.version_files`.
        """
        version = self.version(slug, number)
        with self.store.read() as session:
            files = version_files(session, version.version_id)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in sorted(files.items()):
                made.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()


def regions_of_files(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the régions that the settings of a study name, none when they name none."""
    settings = _settings_of(files)
    if settings is None:
        return ()
    try:
        told = tomllib.loads(settings.decode("utf-8-sig")).get("etude", {})
    except ValueError:
        return ()
    found = told.get("regions", ()) if isinstance(told, dict) else ()
    return tuple(str(code) for code in found) if isinstance(found, list) else ()


def _settings_of(files: Mapping[str, bytes]) -> bytes | None:
    return next((files[path] for path in files if path.casefold() == STUDY_FILE), None)


def _entry(session: Session, study: Study) -> Entry:
    return Entry(study, tuple(versions_of(session, study.study_id)))


def _numbered(versions: Sequence[Version], number: int) -> Version:
    for version in versions:
        if version.number == number:
            return version
    raise MissingError(f"cette étude n’a pas de version {number}")


def _check_free(slug: str) -> None:
    if slug in RESERVED:
        remedy = "en choisir un autre"
        raise InputErrors([Notice("", 0, "identifiant", f"mot réservé : « {slug} »", remedy)])


def _check_last(session: Session, study: Study, based_on: Version | None) -> None:
    found = versions_of(session, study.study_id)
    last = found[-1] if found else None
    if last is not None and (based_on is None or last.version_id != based_on.version_id):
        raise StaleError(
            f"entre-temps, la version {last.number} a été figée par {last.author} ; rien n’est "
            "enregistré → déposer de nouveau : le dépôt sera posé sur elle",
            last,
            {},
        )

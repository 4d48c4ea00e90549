"""The register as the pages use it: what it holds, what is deposited, frozen, restored, served."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.deposits.brought import Brought
from api.deposits.freezing import freeze_brought, settings_of
from api.deposits.received import ReceivedBooks
from api.deposits.waiting import Deposits
from api.pipeline import read_and_compute
from api.shelf import Shelf
from data.reference.territory import load_territory
from data.store.deposits import freeze_deposit
from data.store.errors import MissingError
from data.store.models import BlobRow, VersionFileRow
from data.store.studies import (
    Study,
    Version,
    restore,
    studies,
    study_of_slug,
    version_files,
    versions_of,
)
from data.study.faults import Findings
from data.study.place_names import PlaceNames
from data.uploads.accept import Accepted, accept
from data.uploads.names import last_name, shown_name
from geo.errors import InputErrors, NotReadyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from api.deposits.deposit import Deposit
    from api.deposits.freezing import Asked
    from api.shelf import Compute
    from data.store.engine import Store
    from geo.territory import Territory

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
        compute: Compute = read_and_compute,
    ) -> None:
        self.store = store
        self._loader = loader
        self.deposits = Deposits(store, loader)
        self.received = ReceivedBooks(store, loader)
        self._preparing = Lock()
        self.shelf = Shelf(store, compute, loader)

    @cached_property
    def territory(self) -> Territory:
        """The territory that studies are read against, loaded when it is first asked for."""
        return self._loader()

    @cached_property
    def place_names(self) -> PlaceNames:
        """What names of places mean in that territory."""
        return PlaceNames(self.territory)

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
        whole = name.lower().endswith(".zip") and settings_of(accepted.files) is not None
        beside: dict[str, bytes] = {}
        if last is not None and not whole:
            with self.store.read() as session:
                beside = version_files(session, last.version_id)
        return self.deposits.add(Brought(owner, shown, slug, accepted, last, beside, whole))

    def prepare(self, owner: str, slug: str) -> Deposit:
        """Return what someone changes in a study before it is frozen, from its last version.

        Raises
        ------
        MissingError
            When there is no such study, or it has no version.
        BusyError
            When too many deposits wait.
        """
        # Asked twice at once, it is begun once.
        with self._preparing:
            begun = [each for each in self.deposits.of(owner) if each.slug == slug]
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
            kept, report = deposit.kept, deposit.checking.result
            if report is None:
                raise NotReadyError("ce dépôt n’est pas contrôlé → attendre la fin du contrôle")
            if report.faults:
                raise InputErrors(report.faults, report.warnings)
            brought = deposit.brought
            # The version and the end of the deposit are written together, or not at all.
            with self.store.write(deposit.owner) as write:
                slug, version = freeze_brought(write, brought, asked)
                now = freeze_deposit(write, deposit.key, kept.revision, version)
            deposit.see(now)
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
        return packed(files)


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as an archive, always the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in sorted(files.items()):
            made.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _entry(session: Session, study: Study) -> Entry:
    return Entry(study, tuple(versions_of(session, study.study_id)))


def _numbered(versions: Sequence[Version], number: int) -> Version:
    for version in versions:
        if version.number == number:
            return version
    raise MissingError(f"cette étude n’a pas de version {number}")

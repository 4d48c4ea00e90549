"""Versions of the register opened as studies, each from a private folder that holds its files."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from api.filed import with_filed
from api.pipeline import read_and_compute
from api.studies import Frozen, OpenStudy, free_slug
from data.store.studies import materialise

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.studies import Studies
    from coverage.model import Coverage
    from data.store.engine import Store
    from data.store.studies import Version


def compute_quietly(folder: Path) -> Coverage:
    """Return the coverage of a study folder, its stages told to nobody.

    Raises
    ------
    InputErrors, DataUnavailableError
        As `api.pipeline.read_and_compute`.
    """
    return read_and_compute(folder, on_step=lambda _: None)


class Shelf:
    """The versions opened by one server.

    Parameters
    ----------
    compute
        Gives the coverage of a study folder.
    """

    def __init__(self, store: Store, compute: Callable[[Path], Coverage]) -> None:
        self._store = store
        self._compute = compute
        self._lock = Lock()

    def serve(self, among: Studies, slug: str, version: Version) -> OpenStudy:
        """Open a version and show it among the studies, in the place of another of its study.

        Parameters
        ----------
        slug
            Of its study in the register; a study given as a folder keeps its own.

        Raises
        ------
        DamagedError
            When its files are no longer what was frozen.
        InputErrors, DataUnavailableError
            When it cannot be computed: what was shown stays.
        OutputError
            When its files cannot be written.
        """
        with self._lock:
            others = {
                each.slug for each in among if each.frozen is None or each.frozen.slug != slug
            }
            own = free_slug(slug, taken=others)
            frozen = Frozen(slug, version.number, version.created_at)
            shown = next((each for each in among if each.slug == own), None)
            if shown is not None and shown.frozen == frozen:
                return shown
            folder = self._folder(version)
            beside = partial(with_filed, folder=folder)
            opened = OpenStudy(own, partial(self._compute, folder), beside, frozen)
            # Computed before it is shown: the pages never meet a study that cannot be.
            _ = opened.coverage
            among.put(opened)
            return opened

    @cached_property
    def _room(self) -> Path:
        """The private folder of the versions served, erased with the server."""
        made = Path(tempfile.mkdtemp(prefix="zones-blanches-versions-"))
        weakref.finalize(self, shutil.rmtree, made, ignore_errors=True)
        return made

    def _folder(self, version: Version) -> Path:
        folder = self._room / version.digest
        # It appears whole or not at all: one that is there is the version.
        if not folder.exists():
            with self._store.read() as session:
                materialise(session, version.version_id, folder)
        return folder

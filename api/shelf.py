"""Versions of the register opened as studies, each from a private folder that holds its files."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from api.dossiers.cases import cases_in
from api.opinions.recorded import Opinions
from api.studies import Frozen, OpenStudy, free_slug
from data.store.studies import materialise

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from api.filed import Filed
    from api.studies import Studies
    from coverage.dossiers.model import Case
    from coverage.model import Coverage
    from data.packages.seal import Sealed
    from data.store.engine import Store
    from data.store.studies import Version
    from geo.territory import Territory

    class Compute(Protocol):
        """Gives the coverage of a study folder."""

        def __call__(self, folder: Path, /, *, on_step: Callable[[str], None]) -> Coverage:
            """Tell each stage by a French phrase."""


def quietly(_: str) -> None:
    """Tell a stage to nobody."""


class Shelf:
    """The versions opened by one server.

    Parameters
    ----------
    compute
        Gives the coverage of a study folder.
    loader
        Gives the territory that studies are read against.
    """

    def __init__(self, store: Store, compute: Compute, loader: Callable[[], Territory]) -> None:
        self._store = store
        self._compute = compute
        self._loader = loader
        self._lock = Lock()

    def opened(
        self, slug: str, version: Version, on_step: Callable[[str], None] = quietly
    ) -> OpenStudy:
        """Open a version apart from the studies shown; it is computed when it is first read.

        Its coverage is refused with a `DamagedError` when its files are no longer what was frozen,
        an `OutputError` when they cannot be written here, and as that of any folder.

        Parameters
        ----------
        slug
            Of its study in the register.
        on_step
            Told the stages of the computation.
        """
        said = Opinions(self._store, slug)

        def load() -> Coverage:
            return self._compute(self._folder(version), on_step=on_step)

        def beside(coverage: Coverage, mark: str = "") -> tuple[Coverage, Filed]:
            return said.beside(coverage, self._folder(version), mark)

        def cases(coverage: Coverage) -> tuple[Case, ...]:
            return cases_in(coverage, self._folder(version))

        def pack(on_step: Callable[[str], None], mark: str) -> Sealed:
            from api.packages.making import make_package  # noqa: PLC0415 - useless until asked

            folder, known = self._folder(version), partial(said.joined, mark=mark)
            return make_package(folder, self._loader(), on_step=on_step, also=known)

        return OpenStudy(
            slug,
            load,
            beside,
            Frozen(slug, version.number, version.created_at, version.version_id),
            mark=said.mark,
            beside_at=beside,
            cases=cases,
            pack=pack,
        )

    def show(self, among: Studies, opened: OpenStudy) -> OpenStudy:
        """Show an open version among the studies, in the place of another of its study.

        A study given as a folder keeps its address: the version takes the next one.
        """
        with self._lock:
            frozen = opened.frozen
            others = {
                each.slug
                for each in among
                if each.frozen is None or frozen is None or each.frozen.slug != frozen.slug
            }
            shown = replace(opened, slug=free_slug(opened.slug, taken=others))
            among.put(shown)
            return shown

    @cached_property
    def _room(self) -> Path:
        """The private folder of the versions served, erased with the server."""
        made = Path(tempfile.mkdtemp(prefix="zones-blanches-versions-"))
        weakref.finalize(self, shutil.rmtree, made, ignore_errors=True)
        return made

    def _folder(self, version: Version) -> Path:
        folder = self._room / version.digest
        # It appears whole or not at all: one that is there is the version.
        with self._lock:
            if not folder.exists():
                with self._store.read() as session:
                    materialise(session, version.version_id, folder)
        return folder

"""The studies that a server shows: each read and computed once, on its first use."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from api.dossiers.cases import cases_in
from api.facts.ground import Ground
from api.filed import Filed, mark_of, with_filed
from api.pipeline import read_and_compute
from geo.errors import OutputError, UnknownCodeError
from geo.version import VERSION
from maps.numbers import study_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from coverage.dossiers.model import Case
    from coverage.model import Coverage
    from data.packages.seal import Sealed

Made = TypeVar("Made")

Beside = Callable[["Coverage"], tuple["Coverage", Filed]]
"""What a study folder holds beside its study, and the coverage whose study names it."""

BesideAt = Callable[["Coverage", str], tuple["Coverage", Filed]]
"""The same, as it was known under a mark."""

STUDY_FILE, SUMMARY_FILE = "etude.toml", "resume.json"
"""By which a study folder and a results folder are told."""


Cases = Callable[["Coverage"], "tuple[Case, ...]"]
"""The applications of a study, gaps and oddities included."""


Pack = Callable[[Callable[[str], None], str], "Sealed"]
"""A national package, its stages told, of what was known under a mark."""


def no_case(_: Coverage) -> tuple[Case, ...]:
    """Return that a study comes without application."""
    return ()


def nothing_beside(coverage: Coverage) -> tuple[Coverage, Filed]:
    """Return that a study comes with neither applications nor scenarios."""
    return coverage, Filed(coverage.study, (), ())


@dataclass(frozen=True)
class Frozen:
    """The version of the register that a study is: slug there, number, and when it was frozen.

    Attributes
    ----------
    version_id
        Its number among the versions of all studies.
    """

    slug: str
    number: int
    at: datetime
    version_id: int | None = None


@dataclass
class OpenStudy:
    """One study folder, as the pages and the API name and read it.

    Attributes
    ----------
    slug
        Its name in addresses: letters, digits and hyphens.
    load
        Returns the coverage; called once, by the first who asks.
    beside
        Returns the applications and scenarios of its folder, read anew at each call.
    frozen
        The version of the register that it is, None for a folder.
    mark
        Returns what changes when what lies beside the study does: a computation made under another
        mark is no longer that of what is known.
    beside_at
        As `beside`, under a mark of before; None when what was known then is lost.
    cases
        Returns the applications of its folder as dossiers take them, read anew at each call.
    pack
        Makes the national package of a version, None for what is not frozen.
    """

    slug: str
    load: Callable[[], Coverage]
    beside: Beside = nothing_beside
    frozen: Frozen | None = None
    mark: Callable[[], str] = str
    beside_at: BesideAt | None = None
    cases: Cases = no_case
    pack: Pack | None = None
    _made: dict[str, Any] = field(default_factory=dict, repr=False)
    _locks: dict[str, RLock] = field(default_factory=dict, repr=False)

    @property
    def coverage(self) -> Coverage:
        """What is decided of the study.

        Raises
        ------
        InputErrors, DataUnavailableError
            As `api.pipeline.read_and_compute`.
        """
        return self.once("coverage", self.load)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what is derived from the study under a name, made by the first who asks.

        Whoever asks for it meanwhile waits; other names do not.
        """
        if name not in self._made:
            with self._locks.setdefault(name, RLock()):
                if name not in self._made:
                    self._made[name] = make()
        made: Made = self._made[name]
        return made

    def peek(self, name: str) -> Any:  # noqa: ANN401 - whatever was made
        """Return what was made under a name, None when nothing was."""
        return self._made.get(name)

    @property
    def computed(self) -> bool:
        """Whether its coverage is there: nobody would wait for it."""
        return "coverage" in self._made

    @property
    def title(self) -> str:
        """Name and year of the study."""
        study = self.coverage.study
        return study_title(study.name, study.year)

    @property
    def ground(self) -> Ground:
        """What the facts of its pages and answers are read from."""
        return self.once("ground", lambda: Ground(self.coverage))

    @cached_property
    def version(self) -> str:
        """Digest of what was read and of the program: it changes whenever an answer may."""
        coverage = self.coverage
        parts = [VERSION, *(source.sha256 for source in coverage.territory.sources)]
        parts += [f"{file.name} {file.sha256}" for file in coverage.study.inputs]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


class Studies:
    """The studies served, by slug, in the order given; one may join them while others ask.

    Raises
    ------
    OutputError
        When a folder is no study.
    """

    def __init__(self, studies: Sequence[OpenStudy]) -> None:
        self._by_slug = {study.slug: study for study in studies}
        self._lock = RLock()

    def __iter__(self) -> Iterator[OpenStudy]:
        return iter(self._by_slug.values())

    def __len__(self) -> int:
        return len(self._by_slug)

    def put(self, study: OpenStudy) -> None:
        """Show a study, in the place of the one that bears its slug."""
        with self._lock:
            # A new table: whoever goes through the former one is not disturbed.
            self._by_slug = {**self._by_slug, study.slug: study}

    def find(self, slug: str) -> OpenStudy:
        """Return a study.

        Raises
        ------
        UnknownCodeError
            When none has this name.
        """
        try:
            return self._by_slug[slug]
        except KeyError:
            raise UnknownCodeError(
                f"aucune étude « {slug} » n’est servie ici ; la page d’accueil liste les études"
            ) from None


def open_studies(
    folders: Sequence[Path], *, on_step: Callable[[str], None] = lambda _: None
) -> Studies:
    """Return the studies of some folders; nothing is read yet.

    Raises
    ------
    OutputError
        When a folder holds no study.
    """
    studies: list[OpenStudy] = []
    for folder in folders:
        if not (folder / STUDY_FILE).is_file():
            raise OutputError(_no_study(folder))
        slug = free_slug(folder.resolve().name, taken={study.slug for study in studies})
        studies.append(
            OpenStudy(
                slug,
                partial(read_and_compute, folder, on_step=on_step),
                partial(with_filed, folder=folder),
                mark=partial(mark_of, folder),
                cases=partial(cases_in, folder=folder),
            )
        )
    return Studies(studies)


def _no_study(folder: Path) -> str:
    found = f"« {folder} » n’est pas un dossier d’étude ({STUDY_FILE} manque)"
    if (folder / SUMMARY_FILE).is_file():
        return (
            f"{found} mais un dossier de résultats → donner le dossier de l’étude dont ils "
            "viennent ; sans serveur, ouvrir leur carte.html"
        )
    return f"{found} → donner celui d’une étude, ou lancer « zones-blanches demo » pour l’exemple"


def free_slug(name: str, *, taken: set[str]) -> str:
    """Return a name fit for addresses that no other study has.

    >>> free_slug("Île-de-France 2023", taken={"ile-de-france-2023"})
    'ile-de-france-2023-2'
    """
    base = slug_of(name) or "etude"
    slug, rank = base, 1
    while slug in taken:
        rank += 1
        slug = f"{base}-{rank}"
    return slug


def slug_of(name: str) -> str:
    """Return a name in lower case letters, digits and hyphens; empty when it has none of them.

    >>> slug_of("PLIE du Sud (2023)"), slug_of("…")
    ('plie-du-sud-2023', '')
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

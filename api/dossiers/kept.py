"""The dossiers of a study, each examined on its first use and kept while the files are the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

from api.dossiers.cases import bench_of
from coverage.dossiers.awards.after import follow
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from api.studies import OpenStudy
    from coverage.dossiers.awards.after import Followup
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Dossier

_NAME = "dossiers"
"""Under which a study keeps them."""


@dataclass
class Desk:
    """The applications of a study as they were under a mark, and their dossiers.

    Attributes
    ----------
    mark
        Of the files beside the study; empty when these never change.
    """

    bench: Bench
    cases: tuple[Case, ...]
    mark: str = ""
    _made: dict[str, Dossier] = field(default_factory=dict, repr=False)
    _lock: RLock = field(default_factory=RLock, repr=False)

    def dossier(self, application_id: str) -> Dossier:
        """Return the dossier of an application.

        Raises
        ------
        UnknownCodeError
            When there is no such application.
        """
        found = next((each for each in self.cases if each.application_id == application_id), None)
        if found is None:
            raise UnknownCodeError(
                f"aucune candidature « {application_id} » dans cette étude ; la page « Dossiers » "
                "les liste"
            )
        return self._examined(found)

    @cached_property
    def followup(self) -> Followup:
        """What follows the awards of the study."""
        return follow(self.bench)

    def every(self) -> tuple[Dossier, ...]:
        """Return all the dossiers, by file."""
        return tuple(map(self._examined, self.cases))

    def _examined(self, case: Case) -> Dossier:
        # One at a time: what the bench works out once is long, and must not be begun twice.
        with self._lock:
            if case.application_id not in self._made:
                from coverage.dossiers.examine import examine  # noqa: PLC0415 - until asked

                self._made[case.application_id] = examine(case, self.bench)
            return self._made[case.application_id]


class _Shelf:
    """Holds the desk of a study, another one when the files beside it have changed."""

    def __init__(self, study: OpenStudy) -> None:
        self._study = study
        self._desk: Desk | None = None
        self._lock = RLock()

    def now(self) -> Desk:
        """Return the desk of the files as they are."""
        study = self._study
        # The files of a version never change; its mark tells opinions, which dossiers ignore.
        mark = study.mark() if study.frozen is None else ""
        with self._lock:
            if self._desk is None or self._desk.mark != mark:
                cases = study.cases(study.coverage)
                self._desk = Desk(bench_of(study.coverage, cases), cases, mark)
            return self._desk


def desk_of(study: OpenStudy) -> Desk:
    """Return the applications of a study as their files are now, each examined when asked.

    Raises
    ------
    InputErrors
        When the study gives to a rule of the call a value that it cannot have.
    """
    return study.once(_NAME, lambda: _Shelf(study)).now()

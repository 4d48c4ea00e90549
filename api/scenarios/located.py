"""Modifications of a scenario found again in the version served, or refused, each with its reason.

A modification is never made to another row than its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.scenarios.content import Kept, Repere
from coverage.trials.edits import EditError, edited_study
from coverage.trials.marks import PERIMETER_COLUMNS, POST_COLUMNS, Marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from api.trials.asked import Modification
    from coverage.model import Study
    from geo.territory import Territory

_GONE = {
    "poste": "ce poste n’est plus dans cette version de l’étude, ou il y est autrement",
    "perimetre": "ce périmètre n’est plus dans cette version de l’étude, ou il y est autrement",
}
"""Kind of row that a modification names → what is said when its row is not found."""


@dataclass(frozen=True)
class Lost:
    """A modification that the version served cannot take, and why, in French."""

    kept: Kept
    reason: str


@dataclass(frozen=True)
class Located:
    """Modifications in the version served: those found, at their rows of today, and the others."""

    found: tuple[Kept, ...]
    lost: tuple[Lost, ...]


class Places:
    """The rows of a study that modifications may name."""

    def __init__(self, study: Study, territory: Territory) -> None:
        self._study, self._territory = study, territory
        self._marks = {
            "poste": Marks(study.posts, POST_COLUMNS),
            "perimetre": Marks(study.perimeters, PERIMETER_COLUMNS),
        }

    def keep(self, asked: Iterable[Modification]) -> list[Kept]:
        """Return modifications with what tells their rows.

        Raises
        ------
        EditError
            When the study cannot take them: all the faults.
        """
        listed = list(asked)
        edited_study(self._study, self._territory, [each.edit() for each in listed])
        return [self._kept(each) for each in listed]

    def locate(self, kept: Iterable[Kept]) -> Located:
        """Return modifications where their rows are now."""
        found: list[Kept] = []
        lost: list[Lost] = []
        for each in kept:
            moved = self._moved(each)
            if isinstance(moved, Lost):
                lost.append(moved)
            else:
                found.append(moved)
        sound, refused = self._taken(found)
        return Located(tuple(sound), (*lost, *refused))

    def _kept(self, asked: Modification) -> Kept:
        named = _named(asked)
        if named is None:
            return Kept(demande=asked)
        mark = self._marks[named].of(getattr(asked, named))
        return Kept(demande=asked, repere=Repere(cellules=dict(mark.cells), rang=mark.rank))

    def _moved(self, kept: Kept) -> Kept | Lost:
        named = _named(kept.demande)
        if named is None:
            return kept
        place = None if kept.repere is None else self._marks[named].find(kept.repere.mark)
        if place is None:
            return Lost(kept, _GONE[named])
        asked = kept.demande.model_copy(update={named: place})
        return kept.model_copy(update={"demande": asked})

    def _taken(self, found: Sequence[Kept]) -> tuple[list[Kept], list[Lost]]:
        """Return those that the study takes together, and those that it refuses."""
        sound, refused = list(found), []
        while True:
            try:
                edited_study(self._study, self._territory, [each.edit for each in sound])
            except EditError as error:
                reasons = {fault.row - 1: fault.message for fault in error.faults}
                refused += [Lost(sound[rank], reasons[rank]) for rank in sorted(reasons)]
                sound = [each for rank, each in enumerate(sound) if rank not in reasons]
            else:
                return sound, refused


def _named(asked: Modification) -> str | None:
    """Return which kind of row a modification names, None when it names none."""
    return next((name for name in _GONE if hasattr(asked, name)), None)

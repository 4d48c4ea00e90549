"""Which perimeters cover a point or meet a box, as a what-if changes them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from coverage.perimeters import active_posts
from coverage.trials.edits import PerimeterAdded, PerimeterRemoved, edited_study
from geo.dissolve import dissolve
from geo.index import LiveIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from coverage.model import Study
    from coverage.trials.edits import Edit
    from geo.territory import Territory

    Box = tuple[float, float, float, float]

FACILITATOR = "facilitateur"


class Held(NamedTuple):
    """A perimeter of the index.

    Attributes
    ----------
    origin
        `depose` (by codes), `dessine`, or `essai`.
    row
        Its row in the study's table, from 0; for one that a what-if adds, its rank among those
        alike.
    niveau, code
        Empty for a drawing.
    """

    origin: str
    row: int
    structure_id: str
    volet: str
    nature: str
    etat: str
    niveau: str
    code: str


@dataclass(frozen=True)
class Cover:
    """A perimeter that covers a place, and whether it counts there."""

    perimeter: Held
    in_force: bool


class CoverIndex:
    """The perimeters of a study by place, following the edits of a what-if.

    One index serves all: before an answer, only what differs between the edits last applied
    and those asked is inserted or deleted. Threads may share it.

    Parameters
    ----------
    study
        Its perimeters by codes are the union of their units, those drawn are as filed.
    """

    def __init__(self, study: Study, territory: Territory) -> None:
        self._study = study
        self._territory = territory
        self._lock = Lock()
        self._shapes: dict[tuple[str, str], Any] = {}
        filed = [*_by_codes(study), *_drawn(study)]
        self._draw({(held.niveau, held.code) for held in filed if held.niveau})
        self._filed = frozenset(filed)
        self._numbers = {held: number for number, held in enumerate(filed)}
        self._next = len(filed)
        self._applied = self._filed
        self._index = LiveIndex(
            (number, self._shape(held)) for held, number in self._numbers.items()
        )

    def covering(self, lon: float, lat: float, edits: Sequence[Edit] = ()) -> list[Cover]:
        """Return the perimeters that cover a point, border included, by structure.

        Raises
        ------
        EditError
            When the study cannot take an edit.
        """
        return self._found(edits, lambda index: index.covering(lon, lat))

    def meeting(self, box: Box, edits: Sequence[Edit] = ()) -> list[Cover]:
        """Return the perimeters that meet a box (west, south, east, north), by structure.

        Raises
        ------
        EditError
            As `covering`.
        ValueError
            As `LiveIndex.intersecting`.
        """
        return self._found(edits, lambda index: index.intersecting(box))

    def _found(
        self,
        edits: Sequence[Edit],
        ask: Callable[[LiveIndex], tuple[int, ...]],
    ) -> list[Cover]:
        study = edited_study(self._study, self._territory, edits)
        posts = active_posts(study)
        staffed = {*zip(posts["structure_id"], posts["volet"], strict=True)}
        states = study.parameters.etats_perimetres
        wanted = perimeters_after(self._filed, edits)
        with self._lock:
            self._apply(wanted)
            by_number = {number: held for held, number in self._numbers.items()}
            found = [by_number[number] for number in ask(self._index)]
        return [
            Cover(
                held,
                in_force=held.etat in states and (held.structure_id, held.volet) in staffed,
            )
            for held in sorted(found, key=lambda held: (held.structure_id, held))
        ]

    def _apply(self, wanted: frozenset[Held]) -> None:
        """Bring the index from the perimeters last applied to those wanted."""
        for held in self._applied - wanted:
            number = self._numbers[held]
            if number in self._index:
                self._index.delete(number)
            if held not in self._filed:
                del self._numbers[held]
        for held in sorted(wanted - self._applied):
            if held not in self._numbers:
                self._numbers[held] = self._next
                self._next += 1
            shape = self._shape(held)
            if shape is not None:
                self._index.insert(self._numbers[held], shape)
        self._applied = wanted

    def _shape(self, held: Held) -> Any:  # noqa: ANN401 - shapely publishes no types
        if not held.niveau:
            return self._study.drawn.geometry.iloc[held.row]
        place = (held.niveau, held.code)
        if place not in self._shapes:
            self._draw({place})
        return self._shapes[place]

    def _draw(self, places: Iterable[tuple[str, str]]) -> None:
        """Unite the units of some codes; None where none of them has a geometry."""
        named = sorted(places)
        rows = [self._territory.resolve(*place) for place in named]
        labels = np.repeat(np.arange(len(named)), [len(own) for own in rows])
        units = np.concatenate([np.empty(0, dtype=np.int32), *rows])
        shapes = dissolve(self._territory.units.geometry.to_numpy()[units], labels)
        self._shapes.update({named[label]: shape for label, shape in shapes.items()})


def perimeters_after(filed: frozenset[Held], edits: Sequence[Edit]) -> frozenset[Held]:
    """Return the perimeters once edits are made."""
    gone = {edit.perimeter for edit in edits if isinstance(edit, PerimeterRemoved)}
    alike: Counter[tuple[str, ...]] = Counter()
    added = []
    for edit in edits:
        if isinstance(edit, PerimeterAdded):
            own = (edit.structure_id, FACILITATOR, edit.nature, "valide", edit.niveau, edit.code)
            added.append(Held("essai", alike[own], *own))
            alike[own] += 1
    kept = (held for held in filed if held.origin != "depose" or held.row not in gone)
    return frozenset([*kept, *added])


def _by_codes(study: Study) -> list[Held]:
    columns = ("structure_id", "volet", "nature", "etat", "niveau", "code")
    rows = zip(*(study.perimeters[name] for name in columns), strict=True)
    return [Held("depose", rank, *row) for rank, row in enumerate(rows)]


def _drawn(study: Study) -> list[Held]:
    columns = ("structure_id", "volet", "nature", "etat")
    rows = zip(*(study.drawn[name] for name in columns), strict=True)
    return [
        Held("dessine", rank, structure, volet, nature, etat, "", "")
        for rank, (structure, volet, nature, etat) in enumerate(rows)
    ]

"""What tells a row of a study from the others, so that it is found again in another version.

A modification names a post or a perimeter by its position. Its mark is what the row says; rows
that say the same are told apart by their rank, and stand for one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

POST_COLUMNS = (
    *("structure_id", "volet", "poste_id", "etp"),
    *("donneurs_ordre", "financement", "debut", "fin"),
)
PERIMETER_COLUMNS = ("structure_id", "volet", "nature", "niveau", "code", "etat")


@dataclass(frozen=True)
class Mark:
    """What tells a row.

    Attributes
    ----------
    cells
        Column → what the row says there, as text.
    rank
        How many rows before it say the same.
    """

    cells: Mapping[str, str]
    rank: int


class Marks:
    """The marks of the rows of a table of posts or of perimeters."""

    def __init__(self, table: pd.DataFrame, columns: Sequence[str]) -> None:
        texts = ([_text(value) for value in table[name]] for name in columns)
        self._columns = tuple(columns)
        self._rows = list(zip(*texts, strict=True))
        self._places: dict[tuple[str, ...], list[int]] = {}
        for place, row in enumerate(self._rows):
            self._places.setdefault(row, []).append(place)

    def of(self, place: int) -> Mark:
        """Return the mark of the row at a position of the table."""
        row = self._rows[place]
        return Mark(dict(zip(self._columns, row, strict=True)), self._places[row].index(place))

    def find(self, mark: Mark) -> int | None:
        """Return the position of the row that a mark tells, None when the table has none.

        >>> import pandas as pd
        >>> before, after = pd.DataFrame({"a": ["x", "y", "y"]}), pd.DataFrame({"a": ["y", "x"]})
        >>> marks = Marks(before, ["a"])
        >>> [Marks(after, ["a"]).find(marks.of(place)) for place in range(3)]
        [1, 0, None]
        """
        if mark.cells.keys() != set(self._columns):
            return None
        places = self._places.get(tuple(mark.cells[name] for name in self._columns), [])
        return places[mark.rank] if 0 <= mark.rank < len(places) else None


def _text(value: object) -> str:
    """Write a cell: exact numbers as ratios, lists joined by `|`, nothing for what is absent."""
    if isinstance(value, tuple | list):
        return "|".join(map(str, value))
    return "" if value is None else str(value)

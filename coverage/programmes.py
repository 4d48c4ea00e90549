"""Hours of the State's programmes (NPNRU, Grand Paris Express…), by zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.parameters import CLASSES
from coverage.rounding import largest_remainder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.claims import Ground


def hours_by_programme(ground: Ground, zone: NDArray[np.int64], count: int) -> list[dict[str, int]]:
    """Return the hours of each programme in each zone, programmes sorted.

    The hours of a cut commune go to its atoms as its hours of the class do, whole by largest
    remainder, ties to the earlier atom.

    Parameters
    ----------
    zone
        Number by atom, below `count`.
    """
    parts = ground.filed.parts
    parts = parts[parts["programme"] != ""]
    found: list[dict[str, int]] = [{} for _ in range(count)]
    bounds = np.searchsorted(ground.unit, [parts["unit"], parts["unit"] + 1])
    for first, last, class_, programme, hours in zip(
        *bounds.tolist(),
        parts["donneur_ordre"].map(CLASSES.index),
        parts["programme"],
        parts["hours"].tolist(),
        strict=True,
    ):
        weights = ground.need[first:last, class_].tolist()
        for atom, part in enumerate(largest_remainder(hours, weights), start=first):
            if part:
                own = found[int(zone[atom])]
                own[programme] = own.get(programme, 0) + part
    return [dict(sorted(own.items())) for own in found]

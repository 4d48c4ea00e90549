"""Some régions of the real territory, where the whole country would only take time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from geo.territory import Territory


def regions_alone(france: Territory, regions: Collection[str]) -> Territory:
    """Return the territory of these régions; a code that straddles keeps its units there."""
    rows = np.flatnonzero(france.units["region"].isin(regions))
    renumbered = np.full(len(france), -1, dtype=np.int32)
    renumbered[rows] = np.arange(len(rows))
    ends = france.borders[["left", "right"]].apply(lambda column: renumbered[column])
    inside = (ends >= 0).all(axis="columns")
    return replace(
        france,
        units=france.units.iloc[rows],
        members={niveau: _kept(own, renumbered) for niveau, own in france.members.items()},
        borders=france.borders.assign(**ends)[inside].reset_index(drop=True),
        holes=france.holes[france.holes["region"].isin(regions)].reset_index(drop=True),
    )


def _kept(
    by_code: Mapping[str, NDArray[np.int32]], renumbered: NDArray[np.int32]
) -> dict[str, NDArray[np.int32]]:
    moved = {code: renumbered[own] for code, own in by_code.items()}
    return {code: own[own >= 0] for code, own in moved.items() if (own >= 0).any()}

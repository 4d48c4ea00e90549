"""What a map shows: the régions of a study, their communes, their zones, by commune or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.selection import select_regions
from coverage.wording import listing
from maps.parts import ShownAtoms, shown_atoms, styles_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Coverage

REGIONS_BY_COMMUNE = 3
"""Up to this many régions, communes are drawn one by one; beyond, zones are."""

OVERSEAS = {
    "01": "Guadeloupe",
    "02": "Martinique",
    "03": "Guyane",
    "04": "La Réunion",
    "06": "Mayotte",
}
METROPOLE = "Métropole"
PLACES = (METROPOLE, *OVERSEAS.values())


def place_of(region: str) -> str:
    """Return the place of `PLACES` where a région lies."""
    return OVERSEAS.get(region, METROPOLE)


@dataclass(frozen=True)
class Scope:
    """The part of a coverage that a map shows.

    Attributes
    ----------
    communes, zones
        Rows of the coverage's tables in the study's régions, in their order.
    units
        Row in the territory of each commune, shape (communes,).
    zone_of
        Position in `zones` of the zone that each commune shows, -1 when it has none there,
        shape (communes,).
    """

    coverage: Coverage
    communes: pd.DataFrame
    zones: pd.DataFrame
    units: NDArray[np.intp]
    zone_of: NDArray[np.intp]

    @property
    def by_commune(self) -> bool:
        """Whether communes are drawn one by one."""
        return 1 <= len(self.coverage.study.regions) <= REGIONS_BY_COMMUNE

    @cached_property
    def atoms(self) -> ShownAtoms:
        """The atoms of the communes."""
        return shown_atoms(
            self.coverage,
            self.communes,
            self.zones,
            units=self.units,
            zone_of=self.zone_of,
            styles=self.styles,
        )

    @cached_property
    def styles(self) -> list[int]:
        """Rank in `maps.statuses.STYLES` of what each commune shows, shape (communes,)."""
        return styles_of(self.communes)

    @cached_property
    def shapes(self) -> NDArray[np.object_]:
        """Geometry of each commune in WGS84, None where unknown, shape (communes,)."""
        return np.asarray(self.coverage.territory.units.geometry.values, dtype=object)[self.units]

    @cached_property
    def departements(self) -> NDArray[np.str_]:
        """Département of each commune, shape (communes,)."""
        return self.communes["departement"].to_numpy(dtype=str)

    @cached_property
    def regions(self) -> NDArray[np.str_]:
        """Région of each commune, shape (communes,)."""
        return self.communes["region"].to_numpy(dtype=str)


def scope_of(coverage: Coverage) -> Scope:
    """Return what the map of a coverage shows."""
    shown = select_regions(coverage)
    communes, zones = shown.communes, shown.zones
    return Scope(
        coverage=coverage,
        communes=communes,
        zones=zones,
        units=coverage.territory.units.index.get_indexer(communes.index),
        zone_of=zones.index.get_indexer(pd.Index(communes["zone_id"])),
    )


def credit_of(scope: Scope) -> str:
    """Return who publishes the boundaries drawn, after what the study says of itself."""
    publishers = dict.fromkeys(
        f"{source.publisher} ({source.licence}, {source.vintage})"
        for source in scope.coverage.territory.sources
    )
    credit = f"Sources : {listing(publishers)}"
    return f"Étude fictive – {credit}" if scope.coverage.study.fictional else credit

"""The territory: units (communes, arrondissements municipaux), and what every code means."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

NIVEAUX = ("commune", "epci", "ept", "arrondissement", "departement", "region")
"""Levels of a perimeter code, as the `niveau` column of `perimetres` spells them."""

CODE_POSTAL = "code_postal"
"""Level that places contracts only: its codes may hold several communes, and share some."""

LEVELS = (*NIVEAUX, CODE_POSTAL)
"""Every level that `Territory.resolve` knows."""


@dataclass(frozen=True)
class Source:
    """Where a reference came from; printed in provenance and under every map.

    Attributes
    ----------
    sha256
        Digest of the file it was read from, hexadecimal.
    """

    name: str
    publisher: str
    licence: str
    vintage: str
    sha256: str


@dataclass(frozen=True)
class Territory:
    """Every unit of the country and the codes that lead to it.

    Attributes
    ----------
    units
        One row a unit, index `code` (text, sorted, unique), columns `name`, `departement`,
        `region`, `epci`, `ept`, `arrondissement` (text, empty when none), `population`
        (inhabitants, int64, -1 when unknown), `area_km2` (geodesic, NaN without geometry) and
        `geometry` (WGS84, None when unknown).
    members
        For each level of `LEVELS`, code → sorted unit rows (int32). Under `commune`: every
        unit, Paris, Lyon, Marseille (their arrondissements), communes déléguées and associées
        (the unit that holds them). Under `arrondissement`: arrondissements of a département
        (`751`) and arrondissements municipaux (`75101`).
    names
        For each level, code → official name.
    borders
        Pairs of units that share more than 1 m of edge on the cleaned base map: columns
        `left`, `right` (unit rows, left < right), `length_m`.
    holes
        Places of the base map that belong to no unit: columns `region` (text), `area_km2`,
        `geometry` (WGS84). Never shown as covered.
    vintage
        Year of the Code officiel géographique.
    """

    units: gpd.GeoDataFrame
    members: Mapping[str, Mapping[str, NDArray[np.int32]]]
    names: Mapping[str, Mapping[str, str]]
    borders: pd.DataFrame
    holes: gpd.GeoDataFrame
    vintage: int
    sources: tuple[Source, ...]

    def __len__(self) -> int:
        return len(self.units)

    @cached_property
    def codes(self) -> NDArray[np.object_]:
        """Unit codes in row order, shape (units,)."""
        codes: NDArray[np.object_] = self.units.index.to_numpy(dtype=object)
        return codes

    @cached_property
    def population(self) -> NDArray[np.int64]:
        """Inhabitants by unit row, unknown counted as 0, shape (units,)."""
        people: NDArray[np.int64] = self.units["population"].to_numpy(dtype=np.int64)
        return np.maximum(people, 0)

    def resolve(self, niveau: str, code: str) -> NDArray[np.int32]:
        """Return the sorted unit rows of a territorial code.

        Raises
        ------
        UnknownCodeError
            When the level or the code is unknown; the message proposes what is near.
        """
        if niveau not in self.members:
            raise UnknownCodeError(
                f"niveau « {niveau} » inconnu ; niveaux acceptés : {', '.join(NIVEAUX)}"
            )
        rows = self.members[niveau].get(code)
        if rows is None:
            raise UnknownCodeError(self._unknown(niveau, code))
        return rows

    def _unknown(self, niveau: str, code: str) -> str:
        text = f"code « {code} » inconnu au niveau « {niveau} » (COG {self.vintage})"
        elsewhere = [other for other in NIVEAUX if code in self.members[other]]
        if elsewhere:
            return f"{text} ; ce code existe au niveau « {' » et « '.join(elsewhere)} »"
        near = get_close_matches(code, list(self.members[niveau]), n=3, cutoff=0.75)
        if near:
            listed = ", ".join(f"{c} ({self.names[niveau].get(c, '')})" for c in near)
            return f"{text} ; codes proches : {listed}"
        return text

"""Places of the example: where a structure may settle, and which places touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo.territory import Territory

PARIS = "75"
"""Key of Paris, taken whole; the rest of its métropole goes by EPT."""


@dataclass(frozen=True)
class Place:
    """An EPCI, an EPT of Greater Paris, or Paris.

    Attributes
    ----------
    niveau, code
        As a perimeter files them.
    departement, region
        Those of most of its inhabitants.
    rows
        Unit rows, sorted.
    seat
        Unit row with most inhabitants among those with a geometry.
    """

    niveau: str
    code: str
    name: str
    departement: str
    region: str
    population: int
    rows: NDArray[np.int32]
    seat: int


def list_places(territory: Territory) -> dict[str, Place]:
    """Return the places by code, sorted; units of no EPCI belong to none."""
    units = territory.units
    epci = units["epci"].to_numpy(dtype=object)
    ept = units["ept"].to_numpy(dtype=object)
    departement = units["departement"].to_numpy(dtype=object)
    region = units["region"].to_numpy(dtype=object)
    drawn = units.geometry.notna().to_numpy()
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, own in enumerate(departement.tolist()):
        if own == PARIS:
            rows_of.setdefault((PARIS, "departement"), []).append(row)
        elif ept[row]:
            rows_of.setdefault((ept[row], "ept"), []).append(row)
        elif epci[row]:
            rows_of.setdefault((epci[row], "epci"), []).append(row)
    places = {}
    for (code, niveau), listed in sorted(rows_of.items()):
        rows = np.array(listed, dtype=np.int32)
        people = territory.population[rows]
        places[code] = Place(
            niveau=niveau,
            code=code,
            name=territory.names[niveau][code],
            departement=_most_people(departement[rows], people),
            region=_most_people(region[rows], people),
            population=int(people.sum()),
            rows=rows,
            seat=int(rows[np.argmax(np.where(drawn[rows], people, -1))]),
        )
    return places


def _most_people(codes: NDArray[np.object_], people: NDArray[np.int64]) -> str:
    sums: dict[str, int] = {}
    for code, count in zip(codes.tolist(), people.tolist(), strict=True):
        sums[code] = sums.get(code, 0) + count
    return max(sorted(sums), key=sums.__getitem__)


def neighbours(territory: Territory, places: Mapping[str, Place]) -> dict[str, tuple[str, ...]]:
    """Return, for each place, those it has a border with, longest border first."""
    codes = list(places)
    of_unit = np.full(len(territory), -1, dtype=np.int64)
    for number, place in enumerate(places.values()):
        of_unit[place.rows] = number
    left = of_unit[territory.borders["left"].to_numpy()]
    right = of_unit[territory.borders["right"].to_numpy()]
    between = (left != right) & (left >= 0) & (right >= 0)
    length: dict[tuple[int, int], float] = {}
    for a, b, metres in zip(
        left[between].tolist(),
        right[between].tolist(),
        territory.borders["length_m"].to_numpy()[between].tolist(),
        strict=True,
    ):
        for pair in ((a, b), (b, a)):
            length[pair] = length.get(pair, 0.0) + metres
    touching: dict[str, list[tuple[float, str]]] = {code: [] for code in codes}
    for (a, b), metres in length.items():
        touching[codes[a]].append((-metres, codes[b]))
    return {code: tuple(other for _, other in sorted(row)) for code, row in touching.items()}

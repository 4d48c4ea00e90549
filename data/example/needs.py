"""Needs of the example: hours by commune and class, what tells them, and what is exhaustive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.parameters import CLASSES, STATE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from numpy.typing import NDArray

    from data.example.places import Place
    from geo.territory import Territory

SOURCE = "Exemple fictif"
CONTRACTS_FILE = "marches.json"
YEARS = (2023, 2024, 2025)
"""The study's own year, and those it follows."""

TOTAL_HOURS = 14_600_000
"""Hours a year asked in the whole country, those that stay unknown included."""

_SIZES = (500, 2_000, 10_000, 40_000)
_HOURS_PER_INHABITANT = {
    "etat": (0.006, 0.010, 0.022, 0.040, 0.055),
    "operateurs_etat": (0.004, 0.007, 0.014, 0.024, 0.036),
    "hopitaux": (0.000, 0.002, 0.009, 0.032, 0.038),
    "collectivites": (0.060, 0.080, 0.100, 0.110, 0.105),
    "bailleurs": (0.008, 0.022, 0.050, 0.075, 0.085),
    "prives": (0.006, 0.012, 0.022, 0.034, 0.042),
}
"""By class, in communes under each size of `_SIZES`, then above; before scaling."""
_PRESENCE = {
    "etat": (0.05, 0.20, 0.75, 1.0, 1.0),
    "operateurs_etat": (0.04, 0.15, 0.60, 0.95, 1.0),
    "hopitaux": (0.00, 0.04, 0.30, 0.95, 1.0),
    "collectivites": (0.97, 1.0, 1.0, 1.0, 1.0),
    "bailleurs": (0.10, 0.40, 0.95, 1.0, 1.0),
    "prives": (0.06, 0.25, 0.70, 1.0, 1.0),
}
"""Chance that the class buys in a commune of that size."""
_SEAT = {"etat": 2.2, "operateurs_etat": 1.5, "hopitaux": 1.7}
"""What a chef-lieu d'arrondissement asks more than another commune of its size."""

_FILED_WHOLE = ("13055", "69123", "75056")
"""Cities whose hospitals file their hours for the whole city."""

_NOTHING_KNOWN: frozenset[str] = frozenset(("66", "79", "88", "973", "975", "977", "978"))
"""Départements of which no need was collected."""
_STATE_UNKNOWN = frozenset(("21", "25", "39", "58", "70", "71", "89", "90", "2A", "2B", "64", "95"))
"""Départements whose State services filed nothing: a whole région, and a few others."""
_PARTLY_SURVEYED = "77"
"""Département where some EPCI filed nothing and no source is exhaustive."""
_NOT_SURVEYED = ("200057958", "247700594", "247700339")
"""Its EPCI that filed nothing: Paris - Vallée de la Marne, Marne et Gondoire, Val d'Europe."""
_PUBLIC = tuple(class_ for class_ in CLASSES if class_ != "prives")
BY_CONTRACTS = {
    **dict.fromkeys(("13", "31", "44", "51", "67", "69", "72"), STATE_CLASSES),
    **dict.fromkeys(("29", "87", "974"), _PUBLIC),
}
"""Département → classes whose need is told by contracts, which are declared exhaustive there."""

_WRITTEN_ZEROS = 0.06
"""Share of the nil needs that are written as 0 rather than left to exhaustivity."""

_LARGE_TOWN = 50_000
_RENEWED_TOWNS = 34
_GRAND_PARIS_TOWNS = 22
_FILED_TOWNS = 3
"""A town in so many files its programme in `besoins`; drawn projects stand for the others."""
_LEFT_BY_YEAR = (100, 80, 55)
"""Hundredths of the hours of a programme that are left each year."""


@dataclass(frozen=True)
class Needs:
    """What is asked, known or not.

    Attributes
    ----------
    hours
        Every class in every unit, shape (units, classes), int64: what posts are sized on.
    by_contracts
        Those of them that contracts tell, of the same shape, programmes left out.
    rows
        Lines of `besoins`: commune, class, hours, year (empty for all), programme, source.
    exhaustive
        Lines of `exhaustivite`: class, source, région, département.
    """

    hours: NDArray[np.int64]
    by_contracts: NDArray[np.int64]
    rows: list[tuple[str, str, int, int | str, str, str]]
    exhaustive: list[tuple[str, str, str, str]]


def build_needs(territory: Territory, places: Mapping[str, Place], rng: Random) -> Needs:
    """Return the needs of the example, `TOTAL_HOURS` in all to the hour."""
    programmes = _programmes(territory, rng)
    base = _base_hours(territory, places, rng)
    left = TOTAL_HOURS - sum(line[2] for line in programmes)
    hours = _whole(base * (left / base.sum()), left)
    known = _known(territory, places)
    contracts = _told_by_contracts(territory)
    by_contracts = np.where(contracts, hours, 0)
    rows = [
        *_plain_rows(territory, hours, known & ~contracts, rng),
        *_programme_rows(programmes, known),
    ]
    for row, class_, asked, _ in programmes:
        hours[row, CLASSES.index(class_)] += asked
    codes = territory.codes
    return Needs(
        hours=hours,
        by_contracts=by_contracts,
        rows=[
            *(
                (str(codes[row]), class_, asked, year, name, SOURCE)
                for row, class_, asked, year, name in sorted(rows, key=_order)
            ),
            *_whole_cities(territory, hours, known),
        ],
        exhaustive=list(_exhaustive(territory)),
    )


def _order(row: tuple[int, str, int, int | str, str]) -> tuple[int, str, str, str]:
    unit, class_, _, year, name = row
    return unit, class_, name, str(year)


def _base_hours(
    territory: Territory, places: Mapping[str, Place], rng: Random
) -> NDArray[np.float64]:
    """Return hours before scaling, shape (units, classes): size, seats of the State, chance."""
    units = territory.units
    seats = set(territory.names["arrondissement"].items())
    climate = np.ones(len(territory))
    for place in places.values():
        climate[place.rows] = rng.lognormvariate(0, 0.18)
    base = np.zeros((len(territory), len(CLASSES)))
    for row, (people, name, arrondissement) in enumerate(
        zip(
            territory.population.tolist(),
            units["name"].tolist(),
            units["arrondissement"].tolist(),
            strict=True,
        )
    ):
        size = sum(people >= limit for limit in _SIZES)
        seat = (arrondissement, name) in seats
        for column, class_ in enumerate(CLASSES):
            chance = 1.0 if seat else _PRESENCE[class_][size]
            if rng.random() >= chance:
                continue
            rate = _HOURS_PER_INHABITANT[class_][size] * (_SEAT.get(class_, 1.0) if seat else 1.0)
            base[row, column] = people * rate * rng.lognormvariate(0, 0.22)
    weighted: NDArray[np.float64] = base * climate[:, None]
    return weighted


def _whole(hours: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Round to whole hours; what rounding lost or gained goes to the largest."""
    whole = np.floor(hours + 0.5).astype(np.int64)
    whole.flat[int(hours.argmax())] += total - int(whole.sum())
    return whole


def _programmes(territory: Territory, rng: Random) -> list[tuple[int, str, int, str]]:
    """Return (unit row, class, hours, programme) of the large programmes."""
    units = territory.units
    large = territory.population >= _LARGE_TOWN
    paris = units["departement"].eq("75").to_numpy()
    greater = units["ept"].ne("").to_numpy() & ~paris
    lines = []
    for row in sorted(rng.sample(np.flatnonzero(large & ~paris).tolist(), _RENEWED_TOWNS)):
        lines.append((row, "bailleurs", rng.randrange(3_000, 9_000), "npnru"))
        lines.append((row, "collectivites", rng.randrange(1_500, 4_000), "npnru"))
    for row in sorted(rng.sample(np.flatnonzero(large & greater).tolist(), _GRAND_PARIS_TOWNS)):
        asked = rng.randrange(4_000, 14_000)
        lines.append((row, "operateurs_etat", asked, "grand_paris_express"))
    return lines


def _known(territory: Territory, places: Mapping[str, Place]) -> NDArray[np.bool_]:
    """Return where the need was collected, shape (units, classes)."""
    departement = territory.units["departement"]
    known = np.ones((len(territory), len(CLASSES)), dtype=bool)
    known[departement.isin(_NOTHING_KNOWN).to_numpy()] = False
    known[departement.isin(_STATE_UNKNOWN).to_numpy(), CLASSES.index("etat")] = False
    for code in _NOT_SURVEYED:
        known[places[code].rows] = False
    return known


def _told_by_contracts(territory: Territory) -> NDArray[np.bool_]:
    """Return where contracts tell the need, shape (units, classes)."""
    departement = territory.units["departement"].to_numpy(dtype=object)
    told = np.zeros((len(territory), len(CLASSES)), dtype=bool)
    for code, classes in BY_CONTRACTS.items():
        told[np.ix_(departement == code, [CLASSES.index(class_) for class_ in classes])] = True
    return told


def _programme_rows(
    lines: list[tuple[int, str, int, str]], known: NDArray[np.bool_]
) -> Iterator[tuple[int, str, int, int | str, str]]:
    """Yield the programmes of some towns, a line a year: their works come to an end."""
    towns = sorted({(name, row) for row, _, _, name in lines})
    filed = set(towns[::_FILED_TOWNS])
    for row, class_, asked, name in lines:
        if (name, row) in filed and known[row, CLASSES.index(class_)]:
            for year, left in zip(YEARS, _LEFT_BY_YEAR, strict=True):
                yield row, class_, asked * left // 100, year, name


def _plain_rows(
    territory: Territory, hours: NDArray[np.int64], known: NDArray[np.bool_], rng: Random
) -> Iterator[tuple[int, str, int, int | str, str]]:
    """Yield the lines outside programmes: what is asked, and some zeros written as such."""
    whole = np.zeros(len(territory), dtype=bool)
    for code in _FILED_WHOLE:
        whole[territory.resolve("commune", code)] = True
    for row, column in np.argwhere(known).tolist():
        class_, asked = CLASSES[column], int(hours[row, column])
        if whole[row] and class_ == "hopitaux":
            continue
        if asked or class_ == "collectivites" or rng.random() < _WRITTEN_ZEROS:
            yield row, class_, asked, "", ""


def _whole_cities(
    territory: Territory, hours: NDArray[np.int64], known: NDArray[np.bool_]
) -> Iterator[tuple[str, str, int, int | str, str, str]]:
    column = CLASSES.index("hopitaux")
    for code in _FILED_WHOLE:
        rows = territory.resolve("commune", code)
        if known[rows, column].all():
            yield code, "hopitaux", int(hours[rows, column].sum()), "", "", SOURCE


def _exhaustive(territory: Territory) -> Iterator[tuple[str, str, str, str]]:
    """Yield (class, source, région, département): by région where all of it is of one source."""
    pairs = territory.units[["region", "departement"]].drop_duplicates()
    of_region: dict[str, list[str]] = {}
    for region, departement in sorted(pairs.itertuples(index=False, name=None)):
        of_region.setdefault(region, []).append(departement)
    for class_ in CLASSES:
        contracts = {code for code, classes in BY_CONTRACTS.items() if class_ in classes}
        missing = _NOTHING_KNOWN | {_PARTLY_SURVEYED} | contracts
        if class_ == "etat":
            missing |= _STATE_UNKNOWN
        for region, departements in of_region.items():
            if missing.isdisjoint(departements):
                yield class_, SOURCE, region, ""
            else:
                yield from ((class_, SOURCE, "", d) for d in departements if d not in missing)
        yield from ((class_, CONTRACTS_FILE, "", code) for code in sorted(contracts))

"""Need: hours of insertion in the year, by unit and class, known or unknown (method, 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.parameters import CLASSES
from coverage.rounding import largest_remainder, spread
from coverage.wording import plural, whole
from geo.errors import Notice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Atoms, Study
    from geo.territory import Territory

MICRO = 1_000_000
"""Hours are summed as whole millionths, so that sums do not depend on the order of rows."""


@dataclass(frozen=True)
class Need:
    """The need of one year.

    Attributes
    ----------
    parts
        Columns `unit` (unit row), `donneur_ordre`, `programme`, `source`, `hours` (int64 > 0).
    hours
        Whole hours, shape (units, classes), int64.
    known
        Whether a class is known in a unit: a row exists for it, 0 included, or a source
        declared exhaustive covers it. Shape (units, classes), bool.
    rounding_hours
        Whole hours kept minus hours filed for the year.
    other_years
        Rows set aside because they speak of another year.
    """

    parts: pd.DataFrame
    hours: NDArray[np.int64]
    known: NDArray[np.bool_]
    rounding_hours: float
    other_years: pd.DataFrame
    warnings: tuple[Notice, ...]


def build_need(study: Study, territory: Territory) -> Need:
    """Place the filed needs of the study's year on units.

    Whole hours by largest remainder per (place filed, class): a place filed as a whole city
    (Paris, Lyon, Marseille) is shared between its arrondissements by population.

    Raises
    ------
    UnknownCodeError
        When a commune code is unknown; the study reader has normally refused it before.
    """
    of_year = study.needs["annee"].isin((0, study.year)).to_numpy()
    rows = study.needs[of_year]
    place, places = _places(rows["commune"], territory)
    table = pd.DataFrame(
        {
            "place": place,
            "class_": pd.Categorical(rows["donneur_ordre"], categories=CLASSES).codes.astype(
                np.int64
            ),
            "programme": rows["programme"].to_numpy(dtype=object),
            "source": rows["source"].to_numpy(dtype=object),
            "micro": np.rint(rows["heures"].to_numpy(dtype=np.float64) * MICRO).astype(np.int64),
        }
    )
    shape = (len(territory), len(CLASSES))
    known = _exhaustive(study, territory)
    known |= _filed(table, places, shape)
    parts = _whole_hours(table, places, territory)
    hours = np.zeros(shape, dtype=np.int64)
    np.add.at(hours, (parts["unit"].to_numpy(), parts["class_"].to_numpy()), parts["hours"])
    parts.insert(1, "donneur_ordre", np.array(CLASSES, dtype=object)[parts["class_"]])
    return Need(
        parts=parts.drop(columns="class_"),
        hours=hours,
        known=known,
        rounding_hours=int(hours.sum()) - int(table["micro"].sum()) / MICRO,
        other_years=study.needs[~of_year],
        warnings=(*_split_cities(table, places, territory), *_unknown(known)),
    )


def _places(
    communes: pd.Series[str], territory: Territory
) -> tuple[NDArray[np.int64], list[NDArray[np.int32]]]:
    """Give each filed code its place: a unit (old codes included) or a whole city's units."""
    code_number, codes = pd.factorize(communes, sort=True)
    numbers: dict[bytes, int] = {}
    places: list[NDArray[np.int32]] = []
    of_code = np.empty(len(codes), dtype=np.int64)
    for i, code in enumerate(codes):
        units = territory.resolve("commune", str(code))
        of_code[i] = numbers.setdefault(units.tobytes(), len(places))
        if of_code[i] == len(places):
            places.append(units)
    return of_code[code_number], places


def _filed(
    table: pd.DataFrame, places: list[NDArray[np.int32]], shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return the (unit, class) for which a row exists, 0 hours included."""
    filed = np.zeros((len(places), shape[1]), dtype=bool)
    filed[table["place"], table["class_"]] = True
    known = np.zeros(shape, dtype=bool)
    sizes = [len(units) for units in places]
    flat = np.concatenate([np.empty(0, dtype=np.int32), *places])
    np.logical_or.at(known, flat, np.repeat(filed, sizes, axis=0))
    return known


def _whole_hours(
    table: pd.DataFrame, places: list[NDArray[np.int32]], territory: Territory
) -> pd.DataFrame:
    """Return whole hours by unit, class, programme and source; rows of 0 hours are left out."""
    keys = ["place", "class_", "programme", "source"]
    summed = table.groupby(keys, sort=True, as_index=False)["micro"].sum()
    several = np.array([len(units) > 1 for units in places], dtype=bool)[summed["place"]]
    alone = ~summed[["place", "class_"]].duplicated(keep=False) & ~several
    first = np.array([units[0] for units in places], dtype=np.int32)
    plain = summed[alone]
    frames = [
        pd.DataFrame(
            {
                "unit": first[plain["place"]],
                "class_": plain["class_"],
                "programme": plain["programme"],
                "source": plain["source"],
                "hours": (plain["micro"] + MICRO // 2) // MICRO,
            }
        )
    ]
    for (number, class_), group in summed[~alone].groupby(["place", "class_"]):
        frames.append(_shared(group, int(class_), places[number], territory))
    parts = pd.concat(frames, ignore_index=True)
    parts = parts.astype({"unit": np.int32, "class_": np.int64, "hours": np.int64})
    keys[0] = "unit"
    some = parts[parts["hours"] > 0]
    return some.groupby(keys, sort=True, as_index=False)[["hours"]].sum()


def _shared(
    group: pd.DataFrame, class_: int, units: NDArray[np.int32], territory: Territory
) -> pd.DataFrame:
    """Share the whole hours of one place and class between its units, then between its rows."""
    micro = [int(m) for m in group["micro"]]
    total = (sum(micro) + MICRO // 2) // MICRO
    people = [int(p) for p in territory.population[units]]
    by_unit = largest_remainder(total, people)
    split = [largest_remainder(hours, micro) for hours in by_unit]
    rows = len(group)
    return pd.DataFrame(
        {
            "unit": np.repeat(units, rows),
            "class_": class_,
            "programme": np.tile(group["programme"].to_numpy(dtype=object), len(units)),
            "source": np.tile(group["source"].to_numpy(dtype=object), len(units)),
            "hours": np.array(split, dtype=np.int64).ravel(),
        }
    )


def _exhaustive(study: Study, territory: Territory) -> NDArray[np.bool_]:
    """Return where the absence of a row means zero, shape (units, classes)."""
    known = np.zeros((len(territory), len(CLASSES)), dtype=bool)
    table = study.exhaustiveness
    for class_, region, departement in zip(
        table["donneur_ordre"], table["region"], table["departement"], strict=True
    ):
        units: NDArray[np.int32] | slice = slice(None)
        if departement:
            units = territory.resolve("departement", departement)
        elif region:
            units = territory.resolve("region", region)
        known[units, CLASSES.index(class_)] = True
    return known


def _split_cities(
    table: pd.DataFrame, places: list[NDArray[np.int32]], territory: Territory
) -> list[Notice]:
    notices = []
    for number, units in enumerate(places):
        if len(units) > 1:
            hours = int(table.loc[table["place"] == number, "micro"].sum()) / MICRO
            notices.append(
                Notice(
                    "besoins",
                    0,
                    "commune",
                    f"{whole(round(hours))} h déposées pour une ville entière "
                    f"({_city(units, territory)}) ont été réparties entre ses arrondissements "
                    "selon leur population",
                    "déposer les heures par arrondissement municipal quand elles sont connues",
                )
            )
    return notices


def _city(units: NDArray[np.int32], territory: Territory) -> str:
    codes = territory.codes[units]
    return f"{codes[0]} à {codes[-1]}"


def _unknown(known: NDArray[np.bool_]) -> list[Notice]:
    blank = int((~known.any(axis=1)).sum())
    if not blank:
        return []
    return [
        Notice(
            "besoins",
            0,
            "commune",
            f"{plural(blank, 'commune n’a', 'communes n’ont')} aucun besoin connu, ce qui n’est "
            "pas zéro",
            "compléter « besoins », ou déclarer dans « exhaustivite » où l’absence vaut zéro",
        )
    ]


def need_by_atom(need: Need, atoms: Atoms) -> NDArray[np.int64]:
    """Spread the hours of each unit over its atoms by area, shape (atoms, classes).

    Whole hours by largest remainder per (unit, class), ties to the earlier atom; sums by unit
    are kept.
    """
    unit = atoms.table["unit"].to_numpy()
    share = atoms.table["share"].to_numpy()
    columns = [spread(need.hours[unit, k], share, unit) for k in range(len(CLASSES))]
    return np.column_stack(columns)

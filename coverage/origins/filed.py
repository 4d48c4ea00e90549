"""Needs filed by commune in `besoins`: the hours of the year, as they were declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.origins.contributions import (
    MICRO,
    Contributions,
    Place,
    aside_table,
    contribution_table,
)
from coverage.parameters import CLASSES
from coverage.wording import whole
from geo.errors import Notice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Study
    from geo.territory import Territory

_CONTENT = ["annee", "commune", "donneur_ordre", "programme", "source", "heures"]


def filed_contributions(study: Study, territory: Territory) -> Contributions:
    """Return the hours of `besoins` for the year; a row without a year is of every year.

    A place filed as a whole city (Paris, Lyon, Marseille) is shared between its arrondissements
    by population. Rows of years that the study does not look at are set aside.

    Raises
    ------
    UnknownCodeError
        When a commune code is unknown; the study reader has normally refused it before.
    """
    years = study.needs["annee"]
    rows = study.needs[years.isin((0, study.year))]
    place, places = _places(rows["commune"], territory)
    class_ = pd.Categorical(rows["donneur_ordre"], categories=CLASSES).codes
    table = contribution_table(
        {
            "place": place,
            "class_": class_.astype(np.int64),
            "programme": rows["programme"].to_numpy(dtype=object),
            "source": rows["source"].to_numpy(dtype=object),
            "item": np.full(len(rows), "", dtype=object),
            "count": np.ones(len(rows), dtype=np.int64),
            "micro": np.rint(rows["heures"].to_numpy(dtype=np.float64) * MICRO).astype(np.int64),
        }
    )
    others = study.needs[~years.isin((0, *range(study.year, max(study.year, study.last_year) + 1)))]
    others = others.sort_values([*_CONTENT, "row"])  # hours are summed: order would tell
    return Contributions(
        table=table,
        places=tuple(places),
        warnings=tuple(_split_cities(table, places, territory)),
        aside=aside_table(
            ("besoins", line, commune, f"heures de l’année {year}, hors de l’étude", hours)
            for line, commune, year, hours in zip(
                *(others[name].tolist() for name in ("row", "commune", "annee", "heures")),
                strict=True,
            )
        ),
    )


def _places(
    communes: pd.Series[str], territory: Territory
) -> tuple[NDArray[np.int64], list[Place]]:
    """Give each filed code its place: a unit (old codes included) or a whole city's units."""
    code_number, codes = pd.factorize(communes, sort=True)
    numbers: dict[bytes, int] = {}
    places: list[Place] = []
    of_code = np.empty(len(codes), dtype=np.int64)
    people = territory.population.tolist()
    for i, code in enumerate(codes):
        units = territory.resolve("commune", str(code))
        of_code[i] = numbers.setdefault(units.tobytes(), len(places))
        if of_code[i] == len(places):
            weights = tuple(people[unit] for unit in units.tolist())
            places.append(Place(f"commune:{code}", units, weights))
    return of_code[code_number], places


def _split_cities(table: pd.DataFrame, places: list[Place], territory: Territory) -> list[Notice]:
    notices = []
    for number, place in enumerate(places):
        if len(place.units) > 1:
            hours = int(table.loc[table["place"] == number, "micro"].sum()) / MICRO
            codes = territory.codes[place.units]
            notices.append(
                Notice(
                    "besoins",
                    0,
                    "commune",
                    f"{whole(round(hours))} h déposées pour une ville entière "
                    f"({codes[0]} à {codes[-1]}) ont été réparties entre ses arrondissements "
                    "selon leur population",
                    "déposer les heures par arrondissement municipal quand elles sont connues",
                )
            )
    return notices

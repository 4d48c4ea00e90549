"""Contracts of the public record: their hours in a year, at their places (method, section 4).

The share of contracts in which a clause is realistic applies to all of them, so those that declare
a clause already are in it: they are counted apart (`observed_clauses`), never added.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import shapely

from coverage.origins.amounts import hours_in_year
from coverage.origins.contributions import (
    MICRO,
    POOL,
    Contributions,
    Place,
    aside_table,
    contribution_table,
)
from coverage.parameters import CLASSES, Parameters
from coverage.wording import plural, whole
from geo.errors import Notice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Study
    from geo.territory import Territory

HOURS = pl.Schema(
    {  # type: ignore[arg-type] # a list of types is enough, Enum takes its values
        "contract_id": pl.String,
        "source": pl.String,
        "donneur_ordre": pl.Enum(CLASSES),
        "programme": pl.String,
        "niveau": pl.String,
        "code": pl.String,
        "lon": pl.Float64,
        "lat": pl.Float64,
        "clause": pl.Boolean,
        "micro": pl.Int64,
    }
)
"""Columns of `contract_hours`: one row a contract that runs in the year."""

SPREAD_BY = {
    "commune": "ville entière (Paris, Lyon, Marseille)",
    "code_postal": "code postal de plusieurs communes",
    "arrondissement": "arrondissement",
    "epci": "EPCI",
    "ept": "établissement public territorial",
    "departement": "département",
    "region": "région",
    "pays": "pays entier",
}
"""By what alone contracts are placed, when their hours are spread by population."""

_PLACE = ("niveau", "code", "lon", "lat")


def contract_hours(contracts: pl.DataFrame, parameters: Parameters, year: int) -> pl.DataFrame:
    """Return the hours of each contract that runs in a year, columns `HOURS`.

    Parameters
    ----------
    contracts
        Schema `coverage.frames.CONTRACTS`. A contract whose CPV tells no labour share, and has none
        of its own, brings 0 hours: the readers set it aside before.
    """
    shares = dict(parameters.part_marches_clausables)
    scenario = parameters.scenario_clauses
    hours = hours_in_year(contracts, parameters, year, shares, scenario)
    return hours.with_columns(pl.col("niveau").cast(pl.String)).select(HOURS.names())


def observed_clauses(contracts: pl.DataFrame, parameters: Parameters, year: int) -> pl.DataFrame:
    """Count the contracts of a year that declare a clause, and their hours if all are followed.

    Returns
    -------
    pl.DataFrame
        One row a class, in their order: `donneur_ordre`, `marches` (running in the year),
        `renseignes` (that say yes or no), `avec_clause`, `micro` (of the latter, each counted
        whole).
    """
    every = dict.fromkeys(CLASSES, Fraction(1))
    hours = hours_in_year(contracts, parameters, year, every, "constate")
    claused = pl.col("clause").fill_null(value=False)
    counted = hours.group_by("donneur_ordre").agg(
        marches=pl.len().cast(pl.Int64),
        renseignes=pl.col("clause").is_not_null().sum().cast(pl.Int64),
        avec_clause=claused.sum().cast(pl.Int64),
        micro=pl.col("micro").filter(claused).sum(),
    )
    classes = pl.DataFrame(
        {"donneur_ordre": CLASSES}, schema={"donneur_ordre": HOURS["donneur_ordre"]}
    )
    return classes.join(counted, on="donneur_ordre", how="left", maintain_order="left").fill_null(0)


def place_labels(hours: pl.DataFrame) -> list[str]:
    """Return the label of the place of each row: `commune:59350`, `point:2.35,48.85`, `pays`.

    Parameters
    ----------
    hours
        Columns `niveau`, `code`, `lon`, `lat`.
    """
    niveau = pl.col("niveau")
    label = (
        pl.when(niveau == "point")
        .then(pl.format("point:{},{}", "lon", "lat"))
        .when(pl.col("code") == "")
        .then(niveau)
        .otherwise(pl.format("{}:{}", "niveau", "code"))
    )
    labels: list[str] = hours.select(label).to_series().to_list()
    return labels


def contract_contributions(study: Study, territory: Territory) -> Contributions:
    """Return the hours of the contracts of the study's year, pooled by place and class.

    A commune or a point is known; a place of several units is shared by population and makes
    nothing known. A point outside every unit is set aside with its hours.

    Raises
    ------
    UnknownCodeError
        When a code is unknown; the readers have normally set it aside before.
    """
    if not len(study.contracts):
        return Contributions(contribution_table())
    hours = contract_hours(study.contracts, study.parameters, study.year)
    placed = hours.with_columns(unit=pl.Series(_units_of_points(hours, territory)))
    outside = (pl.col("niveau") == "point") & (pl.col("unit") < 0)
    pools = ["donneur_ordre", "programme", "source"]
    pooled = (
        placed.filter(~outside)
        .group_by(*_PLACE, "unit", *pools)
        .agg(count=pl.len().cast(pl.Int64), micro=pl.col("micro").sum())
        .sort(*_PLACE, *pools, nulls_last=True)
    )
    # Points so near that they are written alike are one place.
    number, labels = pd.factorize(np.array(place_labels(pooled), dtype=object))
    first = np.unique(number, return_index=True)[1].tolist()
    spots = pooled.select(*_PLACE, "unit")[first].rows()
    places = tuple(
        _place(territory, str(label), *spot) for label, spot in zip(labels, spots, strict=True)
    )
    table = contribution_table(
        {
            "place": number,
            "class_": pooled["donneur_ordre"].to_physical().to_numpy(),
            "programme": pooled["programme"].to_list(),
            "source": pooled["source"].to_list(),
            "item": [POOL] * len(pooled),
            "count": pooled["count"].to_numpy(),
            "micro": pooled["micro"].to_numpy(),
        }
    )
    warnings = (*_spread_warnings(table, places), *_other_notices(study, len(hours)))
    return Contributions(table, places, warnings, _aside(placed.filter(outside)))


def _units_of_points(hours: pl.DataFrame, territory: Territory) -> NDArray[np.int64]:
    """Return the first unit that holds each contract's point, -1 without point or unit."""
    found = np.full(len(hours), -1, dtype=np.int64)
    rows = np.flatnonzero((hours["niveau"] == "point").to_numpy())
    if not len(rows):
        return found
    points = shapely.points(hours["lon"].to_numpy()[rows], hours["lat"].to_numpy()[rows])
    tree = shapely.STRtree(territory.units.geometry.to_numpy())
    at, units = tree.query(points, predicate="intersects")
    first = np.full(len(rows), len(territory), dtype=np.int64)
    np.minimum.at(first, at, units)
    found[rows] = np.where(first < len(territory), first, -1)
    return found


def _place(
    territory: Territory,
    label: str,
    niveau: str,
    code: str,
    lon: float | None,
    lat: float | None,
    unit: int,
) -> Place:
    if niveau == "point":
        shape = shapely.Point(lon, lat)
        return Place(label, np.array([unit], dtype=np.int32), (1,), shape=shape)
    if niveau == "pays":
        units = np.arange(len(territory), dtype=np.int32)
    else:
        units = territory.resolve(niveau, code)
    people = tuple(territory.population[units].tolist())
    return Place(label, units, people, known=niveau == "commune" or len(units) == 1)


def _spread_warnings(table: pd.DataFrame, places: tuple[Place, ...]) -> list[Notice]:
    """Say how many hours were spread by population, level by level."""
    sums: dict[str, list[int]] = {}
    for place, count, micro in table[["place", "count", "micro"]].itertuples(index=False):
        if len(places[place].units) > 1:
            level = sums.setdefault(places[place].label.split(":", 1)[0], [0, 0])
            level[0] += int(count)
            level[1] += int(micro)
    return [
        Notice(
            "marches",
            0,
            "lieu",
            f"{whole(round(sums[level][1] / MICRO))} h de "
            f"{plural(sums[level][0], 'marché placé', 'marchés placés')} par {by} seulement ont "
            "été réparties entre ses communes selon leur population",
            "donnez la commune d’exécution de ces marchés quand elle est connue",
        )
        for level, by in SPREAD_BY.items()
        if level in sums
    ]


def _other_notices(study: Study, running: int) -> list[Notice]:
    """Say what the hours rest on, and how many contracts bring none this year."""
    notices = []
    share = "part_marches_clausables"
    default = getattr(study.parameters, share) == getattr(Parameters(), share)
    if running and default and study.parameters.scenario_clauses != "pnad_30":
        message = (
            "la part des marchés où une clause est réaliste est celle par défaut (État 15 %, "
            "autres 10 %) : une hypothèse à documenter"
        )
        remedy = f"donnez la part constatée dans etude.toml, [methode], {share}"
        notices.append(Notice("marches", 0, share, message, remedy))
    idle = len(study.contracts) - running
    if idle:
        message = (
            f"{plural(idle, 'marché', 'marchés')} sur {whole(len(study.contracts))} sans aucun "
            f"mois en {study.year} : aucune heure cette année-là"
        )
        notices.append(Notice("marches", 0, "date_notification", message))
    return notices


def _aside(lost: pl.DataFrame) -> pd.DataFrame:
    """Return the contracts whose point is in no unit, with their hours."""
    rows = lost.sort("source", "contract_id", "lon", "lat")
    return aside_table(
        (source, 0, contract, f"point ({lon}, {lat}) hors de toute commune", micro / MICRO)
        for source, contract, lon, lat, micro in rows.select(
            "source", "contract_id", "lon", "lat", "micro"
        ).iter_rows()
    )

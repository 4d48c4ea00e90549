"""State services: where they are, and the hours that contracts do not count already (method, 4).

A service marks the presence of a State buyer in a place and whether a facilitator accompanies it.
It brings hours only when it declares some and no contract of the year has the same buyer (first
nine digits of the SIRET): the same need is never counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import shapely

from coverage.origins.contributions import (
    MICRO,
    Contributions,
    Place,
    aside_table,
    contribution_table,
)
from coverage.parameters import CLASSES
from coverage.wording import listing, plural, whole
from geo.errors import Notice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Study
    from geo.territory import Territory

TYPES = {
    "administration_centrale": ("etat", "administration centrale"),
    "prefecture": ("etat", "préfecture"),
    "sous_prefecture": ("etat", "sous-préfecture"),
    "ddets": ("etat", "direction départementale de l’emploi, du travail et des solidarités"),
    "dreets": ("etat", "direction régionale de l’économie, de l’emploi, du travail, solidarités"),
    "ddpp": ("etat", "direction départementale de la protection des populations"),
    "ddt": ("etat", "direction départementale des territoires (et de la mer)"),
    "dreal": ("etat", "direction régionale de l’environnement, de l’aménagement et du logement"),
    "drac": ("etat", "direction régionale des affaires culturelles"),
    "draaf": ("etat", "direction régionale de l’alimentation, de l’agriculture et de la forêt"),
    "finances_publiques": ("etat", "direction des finances publiques"),
    "routes": ("etat", "direction interdépartementale des routes"),
    "mer": ("etat", "direction interrégionale de la mer, délégation à la mer"),
    "interieur": ("etat", "secrétariat général du ministère de l’Intérieur (SGAMI)"),
    "rectorat": ("etat", "rectorat"),
    "dsden": ("etat", "direction des services départementaux de l’Éducation nationale"),
    "justice": ("etat", "tribunal ou cour"),
    "prison": ("etat", "établissement pénitentiaire"),
    "defense": ("etat", "défense"),
    "ars": ("operateurs_etat", "agence régionale de santé"),
    "universite": ("operateurs_etat", "université"),
    "enseignement_superieur": ("operateurs_etat", "établissement d’enseignement supérieur"),
    "crous": ("operateurs_etat", "Crous"),
    "voies_navigables": ("operateurs_etat", "Voies navigables de France"),
    "operateur": ("operateurs_etat", "opérateur de l’État"),
    "hopital": ("hopitaux", "hôpital"),
}
"""Type of service → class of buyer and French name.

Directorates, courts, prisons and the armed forces buy for the State itself; universities, ARS,
Crous are its établissements publics; public hospitals are a class of their own.
"""

DEFAULT_CLASS = "etat"
"""Class of a service of another type or of none: the table is that of State services."""

SITE_COLUMNS = (*("service_id", "nom", "type", "accompagne", "unit", "lon", "lat", "approximatif"),)
"""Columns of `service_sites`."""

_FILE = "services_etat"
_NOWHERE = "ni commune ni coordonnées connues"
_ALREADY = "heures non ajoutées : des marchés de l’année ont le même acheteur"


@dataclass(frozen=True)
class _Spots:
    """Where each service is, in the order of the frame.

    Attributes
    ----------
    units
        Unit rows: one, or those of a whole city; none when the service cannot be placed.
    pointed
        Whether the unit is told by longitude and latitude, shape (services,).
    why
        Why a service cannot be placed, empty when it is.
    """

    units: tuple[NDArray[np.int32], ...]
    pointed: NDArray[np.bool_]
    why: tuple[str, ...]


def units_at(
    lon: NDArray[np.float64], lat: NDArray[np.float64], territory: Territory
) -> NDArray[np.int32]:
    """Return the unit row that holds each WGS84 point, −1 for none, shape (points,).

    A point on a border is in the first of its units; NaN is nowhere.
    """
    found = np.full(len(lon), -1, dtype=np.int32)
    given = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    points = shapely.points(lon[given], lat[given])
    at, unit = territory.units.sindex.query(points, predicate="intersects")
    order = np.lexsort((unit, at))[::-1]
    found[given[at[order]]] = unit[order]
    return found


def class_of_type(kind: str) -> str:
    """Return the class of buyer of a type of service.

    >>> class_of_type("hopital"), class_of_type("phare")
    ('hopitaux', 'etat')
    """
    return TYPES[kind][0] if kind in TYPES else DEFAULT_CLASS


def service_sites(study: Study, territory: Territory) -> pd.DataFrame:
    """Return where the State services are: one row a service and unit.

    Returns
    -------
    DataFrame
        Columns `SITE_COLUMNS`, sorted by `service_id` then `unit` (int32); `lon`, `lat` are NaN
        when the service is placed by its commune. A service of which only the city is known
        (Paris, Lyon, Marseille) stands once in each arrondissement, `approximatif` True: count
        services by their identifier. Those that cannot be placed have no row here; they are in
        `service_contributions(…).aside`.
    """
    services = _sorted(study)
    spots = _spots(services, territory)
    sizes = [len(units) for units in spots.units]
    at = np.repeat(np.arange(len(services)), sizes)
    sites = services.iloc[at][["service_id", "nom", "type", "accompagne"]]
    pointed = spots.pointed[at]
    sites = sites.assign(
        unit=np.concatenate([np.empty(0, dtype=np.int32), *spots.units]),
        lon=np.where(pointed, services["lon"].to_numpy(dtype=np.float64)[at], np.nan),
        lat=np.where(pointed, services["lat"].to_numpy(dtype=np.float64)[at], np.nan),
        approximatif=np.array(sizes, dtype=np.int64)[at] > 1,
    )
    return sites.reset_index(drop=True)


def service_contributions(study: Study, territory: Territory) -> Contributions:
    """Return the hours that State services declare and that no contract of the year counts.

    The class comes from the type (`TYPES`). A service placed by a whole city shares its hours
    between the arrondissements by population. A contract runs from the month of its
    notification; a service without SIRET cannot be compared, and is counted.

    Returns
    -------
    Contributions
        One row a service, `item` its identifier. `aside` lists services that cannot be placed
        (hours NaN when they declare none) and hours left to the contracts.
    """
    if study.services is None:
        return Contributions(contribution_table())
    services = _sorted(study)
    spots = _spots(services, territory)
    hours = services["heures"].to_numpy(dtype=np.float64)
    siren = services["siret"].astype("str").str[:9]
    already = siren.isin(_buyers(study)).to_numpy(dtype=bool) & np.isfinite(hours)
    placed = np.array([len(units) > 0 for units in spots.units], dtype=bool)
    counted = np.flatnonzero(np.isfinite(hours) & placed & ~already)
    places = [_place(services, spots, at, territory) for at in counted.tolist()]
    kinds = services["type"].iloc[counted]
    table = contribution_table(
        {
            "place": np.arange(len(counted)),
            "class_": [CLASSES.index(class_of_type(kind)) for kind in kinds],
            "programme": [""] * len(counted),
            "source": services["file"].iloc[counted].tolist(),
            "item": services["service_id"].iloc[counted].tolist(),
            "count": [1] * len(counted),
            "micro": np.rint(hours[counted] * MICRO).astype(np.int64),
        }
    )
    return Contributions(
        table=table,
        places=tuple(places),
        warnings=tuple(_warnings(study, services, already, counted)),
        aside=aside_table(
            (file, row, name, _ALREADY if mine else why, each)
            for file, row, name, mine, why, each in zip(
                *(services[column].tolist() for column in ("file", "row", "nom")),
                already.tolist(),
                spots.why,
                hours.tolist(),
                strict=True,
            )
            if mine or why
        ),
    )


def _sorted(study: Study) -> pd.DataFrame:
    """Return the services by identifier; no row when no file speaks of them."""
    if study.services is None:
        return pd.DataFrame({name: [] for name in _COLUMNS}).astype(_COLUMNS)
    return study.services.sort_values(["service_id", "file", "row"], ignore_index=True)


_COLUMNS = {
    **dict.fromkeys(("file", "service_id", "nom", "type", "siret", "commune"), "str"),
    **dict.fromkeys(("accompagne", "structure_id"), "str"),
    **dict.fromkeys(("lon", "lat", "heures"), "float64"),
    "row": "int64",
}


def _spots(services: pd.DataFrame, territory: Territory) -> _Spots:
    """Place services: by their point where it falls in a unit, else by their commune."""
    lon, lat = (services[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    at = units_at(lon, lat, territory)
    units: list[NDArray[np.int32]] = []
    why = []
    none = np.empty(0, dtype=np.int32)
    for unit, code in zip(at.tolist(), services["commune"].tolist(), strict=True):
        found, reason = none, ""
        if unit >= 0:
            found = np.array([unit], dtype=np.int32)
        elif code in territory.members["commune"]:
            found = territory.resolve("commune", code)
        elif code:
            reason = f"commune « {code} » inconnue (COG {territory.vintage})"
        else:
            reason = _NOWHERE
        units.append(found)
        why.append(reason)
    return _Spots(tuple(units), at >= 0, tuple(why))


def _place(services: pd.DataFrame, spots: _Spots, at: int, territory: Territory) -> Place:
    units = spots.units[at]
    if spots.pointed[at]:
        lon, lat = float(services["lon"].iloc[at]), float(services["lat"].iloc[at])
        return Place(f"point:{lon},{lat}", units, (1,), shape=shapely.Point(lon, lat))
    people = tuple(territory.population[units].tolist())
    return Place(f"commune:{services['commune'].iloc[at]}", units, people)


def _buyers(study: Study) -> set[str]:
    """Return the SIREN of the buyers whose contracts run in the study's year."""
    first = pl.col("notified").dt.year().cast(pl.Int64) * 12 + pl.col("notified").dt.month()
    begins = first <= study.year * 12 + 12
    ends = first + pl.col("months") - 1 >= study.year * 12 + 1
    siren = study.contracts.filter(begins & ends)["acheteur_siret"].str.slice(0, 9)
    return set(siren.drop_nulls().to_list()) - {""}


def _warnings(
    study: Study,
    services: pd.DataFrame,
    already: NDArray[np.bool_],
    counted: NDArray[np.int64],
) -> list[Notice]:
    notices = []
    if already.any():
        hours = whole(round(float(services["heures"].to_numpy(dtype=np.float64)[already].sum())))
        found = plural(int(already.sum()), "service déclare", "services déclarent")
        notices.append(
            _notice(
                "heures",
                f"{found} {hours} h que des marchés du même acheteur (SIREN) comptent déjà : "
                "elles ne sont pas ajoutées",
                "rien à faire ; ces heures sont dans anomalies.csv",
            )
        )
    mute = services["siret"].iloc[counted] == ""
    if mute.any() and len(study.contracts):
        found = plural(int(mute.sum()), "service déclare", "services déclarent")
        notices.append(
            _notice(
                "siret",
                f"{found} des heures sans SIRET : rien ne dit si des marchés les comptent déjà, "
                "elles sont ajoutées",
                "donnez le SIRET de ces services",
            )
        )
    return notices + _unknown_types(services["type"].iloc[counted])


def _unknown_types(kinds: pd.Series[Any]) -> list[Notice]:
    other = sorted({str(kind) for kind in kinds} - TYPES.keys())
    if not other:
        return []
    names = listing(f"« {kind} »" if kind else "vide" for kind in other[:5])
    return [
        _notice(
            "type",
            f"type de service inconnu ({names}) : ses heures sont comptées à la classe "
            f"« {DEFAULT_CLASS} »",
            f"types connus : {', '.join(TYPES)}",
        )
    ]


def _notice(column: str, message: str, remedy: str) -> Notice:
    return Notice(_FILE, 0, column, message, remedy)

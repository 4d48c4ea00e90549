"""State services and where each stands, those that cannot be placed included."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from api.facts.places import fold
from api.facts.sites import ACCOMPANIED_NAMES
from coverage.origins.services import TYPES

if TYPE_CHECKING:
    import pandas as pd

    from api.facts.ground import Ground

PLACE_NAMES = {
    "position": "à sa position",
    "commune": "placé par sa commune, en son milieu",
    "ville": "placé par sa ville, arrondissement inconnu",
    "aucune": "non placé",
}
"""How a service is placed."""

NO_SHAPE = "commune sans contour dans le fond de carte"


@dataclass(frozen=True)
class PlacedService:
    """A State service and its place.

    Attributes
    ----------
    accompagne
        `oui`, `non` or `inconnu`.
    structure_id, structure
        Who accompanies it, empty when it is not said.
    heures
        That it declares, to the nearest hour; None when it declares none.
    place
        `position`, `commune`, `ville` (Paris, Lyon, Marseille as a whole) or `aucune`.
    communes, commune_nom, regions
        Where it is: several communes for a whole city; empty when it is not placed.
    lon, lat
        Where the map draws it, in WGS84; None when it draws it nowhere.
    motif
        Why it is not drawn, empty when it is.
    """

    service_id: str
    nom: str
    type: str
    type_nom: str
    accompagne: str
    accompagne_nom: str
    structure_id: str
    structure: str
    heures: int | None
    place: str
    place_nom: str
    communes: tuple[str, ...]
    commune_nom: str
    regions: tuple[str, ...]
    lon: float | None
    lat: float | None
    motif: str


@dataclass(frozen=True)
class ServiceQuery:
    """What is asked of the list of services; empty values ask nothing."""

    accompagne: str = ""
    q: str = ""


def placed_services(ground: Ground) -> list[PlacedService] | None:
    """Return every service filed, what waits first; None when no file speaks of services."""
    filed = ground.coverage.study.services
    sites = ground.coverage.need.sites.services
    if filed is None or sites is None:
        return None

    def made() -> list[PlacedService]:
        spots = dict(list(sites.groupby("service_id")))
        lines = [
            _line(ground, row, spots.get(row["service_id"])) for row in filed.to_dict("records")
        ]
        order = list(ACCOMPANIED_NAMES)
        return sorted(
            lines, key=lambda line: (order.index(line.accompagne), fold(line.nom), line.service_id)
        )

    return ground.once(("services placés",), made)


def chosen_services(
    ground: Ground, query: ServiceQuery, region: str = ""
) -> list[PlacedService] | None:
    """Return the services asked for; those not placed are in no région.

    None when no file speaks of services.
    """
    lines = placed_services(ground)
    if lines is None:
        return None
    wanted = fold(query.q)
    return [
        line
        for line in lines
        if ground.shows(line.communes, region)
        and query.accompagne in ("", line.accompagne)
        and (
            not wanted
            or query.q.strip().upper() in line.communes
            or any(wanted in fold(word) for word in (line.nom, line.service_id, line.commune_nom))
        )
    ]


def _line(ground: Ground, row: dict[Any, Any], spot: pd.DataFrame | None) -> PlacedService:
    coverage = ground.coverage
    kind, holder = str(row["type"]), str(row["structure_id"])
    place, units = _place(spot)
    units_table = coverage.territory.units.iloc[units]
    at = _anchor(spot, units_table.geometry.to_numpy())
    return PlacedService(
        service_id=str(row["service_id"]),
        nom=str(row["nom"]),
        type=kind,
        type_nom=TYPES[kind][1] if kind in TYPES else kind,
        accompagne=str(row["accompagne"]),
        accompagne_nom=ACCOMPANIED_NAMES[row["accompagne"]],
        structure_id=holder,
        structure=str(coverage.study.structures["nom"].get(holder, holder)),
        heures=None if np.isnan(row["heures"]) else _hours(row["heures"]),
        place=place,
        place_nom=PLACE_NAMES[place],
        communes=tuple(str(code) for code in units_table.index),
        commune_nom=_commune_name(ground, str(row["commune"]), units),
        regions=tuple(sorted(set(units_table["region"]))),
        lon=at[0] if at else None,
        lat=at[1] if at else None,
        motif="" if at else NO_SHAPE if units else _why(ground, str(row["commune"])),
    )


def _place(spot: pd.DataFrame | None) -> tuple[str, list[int]]:
    """Return how a service is placed and the rows of its units."""
    if spot is None:
        return "aucune", []
    units = [int(unit) for unit in spot["unit"]]
    if np.isfinite(spot["lon"].iloc[0]):
        return "position", units
    return ("ville" if len(units) > 1 else "commune"), units


def _anchor(spot: pd.DataFrame | None, shapes: Any) -> tuple[float, float] | None:  # noqa: ANN401 - shapely has no types
    if spot is None:
        return None
    lon, lat = float(spot["lon"].iloc[0]), float(spot["lat"].iloc[0])
    if np.isfinite(lon):
        return lon, lat
    drawn = [shape for shape in shapes if shape is not None]
    if not drawn:
        return None
    inside = shapely.point_on_surface(shapely.union_all(drawn))
    return float(shapely.get_x(inside)), float(shapely.get_y(inside))


def _commune_name(ground: Ground, filed: str, units: list[int]) -> str:
    """Return the name of the commune, or of the city when only the city is known."""
    territory = ground.coverage.territory
    if len(units) == 1:
        return str(territory.units["name"].iloc[units[0]])
    return str(territory.names["commune"].get(filed, filed)) if units else ""


def _why(ground: Ground, filed: str) -> str:
    if filed:
        return f"commune « {filed} » inconnue (COG {ground.coverage.territory.vintage})"
    return "ni commune ni coordonnées connues"


def _hours(value: float) -> int:
    """Return hours to the nearest, from the decimal that was written."""
    return int(Fraction(repr(float(value))) + Fraction(1, 2))

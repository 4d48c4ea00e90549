"""Contracts, services and projects in a few words, for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import shapely

from coverage.frames import CONTRACTS, SERVICE_COLUMNS, project_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Study

Row = dict[str, Any]


def contract(
    name: str,
    amount_eur: int,
    place: str | tuple[float, float] = "commune:01001",
    *,
    class_: str = "etat",
    notified: date = date(2023, 1, 15),
    months: int = 12,
    **more: Any,  # noqa: ANN401 - any column of the schema
) -> Row:
    """Return a contract of works; `place` is `level:code` or a longitude and latitude."""
    point = (None, None) if isinstance(place, str) else place
    niveau, _, code = place.partition(":") if isinstance(place, str) else ("point", "", "")
    return {
        "contract_id": name,
        "source": "marches.json",
        "acheteur_siret": "",
        "donneur_ordre": class_,
        "cpv": "45000000",
        "amount_cents": amount_eur * 100,
        "notified": notified,
        "months": months,
        "niveau": niveau,
        "code": code,
        "lon": point[0],
        "lat": point[1],
        "labour_ppm": None,
        "effort_ppm": None,
        "programme": "",
        "clause": None,
        **more,
    }


def service(
    name: str, commune: str = "", accompagne: str = "non", *, at: tuple[float, float] | None = None
) -> Row:
    """Return a préfecture, by its commune or its point."""
    lon, lat = at or (np.nan, np.nan)
    return {
        "file": "services_etat.csv",
        "row": 2,
        "service_id": name,
        "nom": f"Service {name}",
        "type": "prefecture",
        "siret": "",
        "commune": commune,
        "lon": lon,
        "lat": lat,
        "accompagne": accompagne,
        "structure_id": "",
        "heures": np.nan,
    }


def project(name: str, shape: Any, hours: float = np.nan, *, fin: date = date(2023, 12, 31)) -> Row:  # noqa: ANN401 - shapely
    """Return a project of 2023 drawn by a shape, bought by operators of the State."""
    return {
        "file": "grands_projets.geojson",
        "row": 1,
        "projet_id": name,
        "nom": f"Projet {name}",
        "programme": "jop",
        "rayon_m": np.nan,
        "debut": date(2023, 1, 1),
        "fin": fin,
        "heures": hours,
        "montant_eur": np.nan,
        "donneur_ordre": "operateurs_etat",
        "part_main_oeuvre": np.nan,
        "taux_effort": np.nan,
        "communes": (),
        "source": "",
        "fiabilite": "certain",
        "geometry": shape,
    }


def with_origins(
    study: Study,
    *,
    contracts: Sequence[Row] = (),
    services: Sequence[Row] | None = None,
    projects: Sequence[Row] | None = None,
    indicators: Sequence[tuple[str, str, float]] = (),
    totals: Sequence[tuple[str, str, float]] = (),
) -> Study:
    """Return a study that has these origins of need too."""
    return replace(
        study,
        contracts=pl.DataFrame(list(contracts), schema=CONTRACTS),
        services=None if services is None else pd.DataFrame(services, columns=SERVICE_COLUMNS),
        projects=None if projects is None else _projects(projects),
        indicators=pd.DataFrame(
            [(*row, "essai") for row in indicators],
            columns=["commune", "indicateur", "valeur", "source"],
        ),
        regional_totals=pd.DataFrame(
            [(2, *row, 0, "essai") for row in totals],
            columns=["row", "region", "donneur_ordre", "heures", "annee", "source"],
        ),
    )


def _projects(rows: Sequence[Row]) -> Any:  # noqa: ANN401 - geopandas has no types
    if not rows:
        return project_frame()
    return project_frame({name: [row[name] for row in rows] for name in rows[0]})


def centre(shape: Any) -> tuple[float, float]:  # noqa: ANN401 - shapely has no types
    """Return the longitude and latitude of the centre of a square."""
    point = shapely.centroid(shape)
    return float(point.x), float(point.y)

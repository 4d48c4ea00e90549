"""Large projects in a few lines, for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from builders import make_study, perimeter, post

from coverage.frames import PROJECT_COLUMNS, project_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from coverage.model import Study

NAN = float("nan")


def project(projet_id: str, shape: Any = None, **given: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a feature: 3,600 h over three years of the NPNRU, unless said otherwise."""
    plain = {
        "file": "grands_projets.geojson",
        "row": 1,
        "projet_id": projet_id,
        "nom": f"Projet {projet_id}",
        "programme": "npnru",
        "rayon_m": NAN,
        "debut": date(2022, 1, 1),
        "fin": date(2024, 12, 31),
        "heures": 3600.0,
        "montant_eur": NAN,
        "donneur_ordre": "bailleurs",
        "part_main_oeuvre": NAN,
        "taux_effort": NAN,
        "communes": (),
        "source": "",
        "fiabilite": "",
        "geometry": shape,
    }
    return plain | given


def frame_of(rows: Sequence[dict[str, Any]]) -> gpd.GeoDataFrame:
    return project_frame({name: [row[name] for row in rows] for name in PROJECT_COLUMNS})


def study_of(*rows: dict[str, Any], year: int = 2023, **parameters: Any) -> Study:  # noqa: ANN401
    plain = make_study([post("s")], [perimeter("s", "01001")], year=year, **parameters)
    return replace(plain, projects=frame_of(rows))

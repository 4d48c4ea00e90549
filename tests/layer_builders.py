"""State services and large projects of the small study, for the tests of the map's layers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from fake_coverage import HOSTILE, WITHOUT_SHAPE, fake_coverage
from project_builders import frame_of, project
from shapely import LineString, MultiPoint, Point, box

from coverage.frames import SERVICE_COLUMNS, no_rows
from coverage.sites import find_sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from coverage.model import Coverage

NAN = float("nan")
CITY = "02999"
"""A city of two communes, 02001 and 02002."""

YEARS = (None, 2021, 2022, 2023, 2024)


def service(service_id: str, commune: str = "", accompagne: str = "inconnu", **given: Any) -> Any:  # noqa: ANN401
    """Return a service without position, hours or holder, unless said otherwise."""
    plain = {
        "file": "services_etat.csv",
        "row": 1,
        "service_id": service_id,
        "nom": f"Service {service_id}",
        "type": "ddt",
        "siret": "",
        "commune": commune,
        "lon": NAN,
        "lat": NAN,
        "accompagne": accompagne,
        "structure_id": "",
        "heures": NAN,
    }
    return plain | given


SERVICES = (
    service("pos", lon=3.005, lat=46.005, accompagne="oui", structure_id="B", heures=3500.5),
    service("com", "01005", "non", nom=HOSTILE, type="prefecture"),
    service("com-2", "01005"),
    service("oui-sans-nom", "02004", "oui"),
    service("ville", CITY, "non"),
    service("sans-contour", WITHOUT_SHAPE, "non"),
    service("code-inconnu", "98765", "non"),
    service("nulle-part"),
)


def project_rows() -> list[dict[str, Any]]:
    """Return a project of each form, and one of each pair of years."""
    shaped = [
        project("surface", box(3.001, 46.001, 3.008, 46.008), heures=3600.0, fiabilite="certain"),
        project("rayon", Point(3.025, 46.005), rayon_m=300.0, programme="grand_paris_express"),
        project(
            "ligne",
            LineString([(3.012, 46.005), (3.055, 46.025)]),
            programme="canal_seine_nord",
            heures=NAN,
            montant_eur=12_000_000.0,
        ),
        project("points", MultiPoint([(3.005, 46.015), (3.045, 46.015)]), programme="jop"),
        project("communes", communes=("01005", "01006"), heures=NAN, programme="bassin_minier"),
        project("sans-contour", communes=(WITHOUT_SHAPE,), programme="autre"),
        project("en-mer", box(-20, 40, -19.9, 40.1), programme="autre"),
    ]
    dated = [
        project(
            f"p-{first}-{last}",
            Point(3.035, 46.025),
            nom=f"Projet {first} {last}",
            programme="autre",
            debut=None if first is None else date(first, 7, 1),
            fin=None if last is None else date(last, 6, 30),
        )
        for first in YEARS
        for last in YEARS
        if first is None or last is None or first < last
    ]
    return shaped + dated


def services_frame(rows: Sequence[Any]) -> pd.DataFrame:
    frame = no_rows(SERVICE_COLUMNS)
    kinds = {"lon": "float64", "lat": "float64", "heures": "float64", "row": "int64"}
    made = {name: [row[name] for row in rows] for name in SERVICE_COLUMNS}
    return frame.reindex(range(len(rows))).assign(**made).astype(kinds)


@cache
def _plain(regions: tuple[str, ...]) -> Coverage:
    return fake_coverage(regions=regions)


def layered(
    services: Sequence[Any] | None = SERVICES,
    projects: Sequence[Any] | None = None,
    *,
    regions: tuple[str, ...] = (),
    unknown_projects: bool = False,
) -> Coverage:
    """Return the small coverage with services and projects placed in it."""
    plain = _plain(regions)
    members = {name: dict(codes) for name, codes in plain.territory.members.items()}
    names = {name: dict(codes) for name, codes in plain.territory.names.items()}
    rows = [plain.territory.units.index.get_loc(code) for code in ("02001", "02002")]
    members["commune"][CITY] = np.array(rows, dtype=np.int32)
    names["commune"][CITY] = "Ville d’essai"
    territory = replace(plain.territory, members=members, names=names)
    shapes = project_rows() if projects is None else projects
    study = replace(
        plain.study,
        services=None if services is None else services_frame(services),
        projects=None if unknown_projects else frame_of(shapes),
    )
    need = replace(plain.need, sites=find_sites(study, territory))
    return replace(plain, study=study, territory=territory, need=need)

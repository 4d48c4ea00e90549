"""Large projects of the example: invented ones, drawn around real places, one of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import shapely

from data.example.needs import SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.territory import Territory

POINT, LINE, SQUARE, HULL = "point", "ligne", "carré", "enveloppe"

_DECIMALS = 4
_HALF_SIDE_DEGREES = 0.008
_MARK = "(exemple fictif)"


@dataclass(frozen=True)
class Project:
    """One invented project.

    Attributes
    ----------
    shape
        `POINT`, `SQUARE`: one a commune, with a radius or drawn; `LINE` from commune to commune;
        `HULL` around them.
    hours, amount_eur
        Of the whole project; both None when nothing tells them.
    """

    projet_id: str
    nom: str
    programme: str
    shape: str
    communes: Sequence[str]
    debut: str
    fin: str
    hours: int | None = None
    amount_eur: int | None = None
    radius_m: int | None = None
    class_: str = ""
    fiabilite: str = "approximatif"


PROJECTS = (
    Project(
        *("npnru-59-1", "Quartier des Filatures", "npnru", POINT, ["59512"]),
        *("2019-01-01", "2028-12-31", 240_000),
        radius_m=700,
    ),
    Project(
        *("npnru-69-1", "Plateau des Terrasses", "npnru", SQUARE, ["69256", "69259"]),
        *("2020-07-01", "2029-06-30", 270_000),
    ),
    Project(
        *("npnru-31-1", "Quartier du Grand Mail", "npnru", POINT, ["31555"]),
        *("2021-01-01", "2030-12-31", None, 540_000_000),
        radius_m=900,
        class_="bailleurs",
    ),
    Project(
        *("npnru-76-1", "Cité du Port", "npnru", SQUARE, ["76351"]),
        *("2018-01-01", "2025-06-30", 150_000),
    ),
    Project(
        *("npnru-973-1", "Quartier de la Rive", "npnru", POINT, ["97302"]),
        *("2022-01-01", "2031-12-31"),
        radius_m=600,
    ),
    Project(
        *("gpe-ligne", "Rocade de l’Est", "grand_paris_express", LINE),
        ["93066", "93001", "93008", "93064", "94017", "94028", "94076"],
        *("2018-01-01", "2030-12-31", 780_000),
    ),
    Project(
        *("gpe-gares", "Gares du Plateau", "grand_paris_express", POINT),
        ["91477", "91312", "78297"],
        *("2019-06-01", "2028-05-31", None, 230_000_000),
        radius_m=800,
    ),
    Project(
        *("canal", "Canal du Nord de la France", "canal_seine_nord", LINE),
        ["60159", "60471", "80620", "62593", "59122"],
        *("2022-03-01", "2030-12-31", 520_000),
    ),
    Project(
        *("jop-village", "Village des épreuves", "jop", POINT, ["93066", "93039"]),
        *("2020-01-01", "2024-09-08", 230_000),
        radius_m=1_200,
        fiabilite="certain",
    ),
    Project(
        *("bassin-minier", "Cités-jardins", "bassin_minier", HULL),
        ["62498", "62510", "62427", "62215", "62178"],
        *("2018-01-01", "2027-12-31", 300_000),
    ),
    Project(
        *("friche-59", "Reconversion d’une friche du port", "autre", SQUARE, ["59183"]),
        *("2023-04-01", "2026-03-31", 54_000),
        class_="collectivites",
    ),
    Project(
        *("digue-85", "Rénovation d’une digue", "autre", SQUARE, ["85163"]),
        *("2023-01-01", "2024-12-31", 900),
        class_="collectivites",
    ),
    Project(
        *("etablissement-31", "Construction d’un établissement de l’État", "autre", POINT),
        ["31395"],
        *("2024-03-01", "2027-02-28", None, 150_000_000),
        radius_m=1_500,
        class_="etat",
        fiabilite="certain",
    ),
    Project(
        *("gare-44", "Rénovation d’une gare", "autre", POINT, ["44109"]),
        *("2019-01-01", "2022-06-30", 60_000),
        radius_m=500,
        class_="operateurs_etat",
    ),
)
"""Some give an amount, one gives no hours, one ended before the year, one begins after it, and one
is the only ground of a territory that has little need."""


def projects_geojson(territory: Territory) -> str:
    """Return `grands_projets.geojson`: one feature a line, RFC 7946."""
    lines = ",\n".join(orjson.dumps(_feature(each, territory)).decode() for each in PROJECTS)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'


def _feature(project: Project, territory: Territory) -> dict[str, Any]:
    told = {
        "projet_id": project.projet_id,
        "nom": f"{project.nom} {_MARK}",
        "programme": project.programme,
        "rayon_m": project.radius_m,
        "debut": project.debut,
        "fin": project.fin,
        "heures": project.hours,
        "montant_eur": project.amount_eur,
        "donneur_ordre": project.class_,
        "source": SOURCE,
        "fiabilite": project.fiabilite,
    }
    shape = _shape(project, territory)
    return {"type": "Feature", "properties": told, "geometry": shapely.geometry.mapping(shape)}


def _shape(project: Project, territory: Territory) -> Any:  # noqa: ANN401 - shapely has no types
    points = [_inside(code, territory) for code in project.communes]
    if project.shape == LINE:
        return shapely.LineString(points)
    if project.shape == HULL:
        return shapely.geometry.polygon.orient(shapely.MultiPoint(points).convex_hull)
    if project.shape == SQUARE:
        return shapely.MultiPolygon([_square(*point) for point in points])
    return shapely.MultiPoint(points)


def _inside(code: str, territory: Territory) -> tuple[float, float]:
    """Return longitude and latitude of a point of a commune."""
    row = territory.resolve("commune", code)[0]
    point = territory.units.geometry.iloc[row].representative_point()
    return round(point.x, _DECIMALS), round(point.y, _DECIMALS)


def _square(lon: float, lat: float) -> Any:  # noqa: ANN401 - shapely has no types
    west, south = (
        round(lon - _HALF_SIDE_DEGREES, _DECIMALS),
        round(lat - _HALF_SIDE_DEGREES, _DECIMALS),
    )
    east, north = (
        round(lon + _HALF_SIDE_DEGREES, _DECIMALS),
        round(lat + _HALF_SIDE_DEGREES, _DECIMALS),
    )
    return shapely.box(west, south, east, north)

"""Studies and territories in a few lines, for tests."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Geod
from shapely import LineString, box

from coverage.frames import drawn_frame
from coverage.model import Study
from coverage.parameters import CLASSES, Parameters
from geo.territory import NIVEAUX, Source, Territory

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

Row = dict[str, Any]

CELL_DEG = 0.01
TABLES = ("structures", "posts", "perimeters", "drawn", "needs", "exhaustiveness")
REGION_OF = {"01": "84", "02": "32", "2A": "94", "2B": "94", "69": "84", "75": "11", "93": "11"}
GEOD = Geod(ellps="WGS84")


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - reproducible draws, no secret


def structure(structure_id: str, heures_par_etp: int | None = None) -> Row:
    return {"structure_id": structure_id, "heures_par_etp": heures_par_etp}


def post(  # noqa: PLR0913 - one argument a column
    structure_id: str,
    etp: str | int = 1,
    *,
    classes: Sequence[str] = CLASSES,
    volet: str = "facilitateur",
    financement: str = "socle",
    debut: date | None = None,
    fin: date | None = None,
    poste_id: str = "",
) -> Row:
    return {
        "poste_id": poste_id,
        "structure_id": structure_id,
        "volet": volet,
        "etp": Fraction(etp),
        "donneurs_ordre": tuple(name for name in CLASSES if name in classes),
        "financement": financement,
        "debut": debut,
        "fin": fin,
    }


def perimeter(
    structure_id: str,
    code: str,
    nature: str = "principal",
    *,
    niveau: str = "commune",
    volet: str = "facilitateur",
    etat: str = "valide",
) -> Row:
    return {
        "structure_id": structure_id,
        "volet": volet,
        "nature": nature,
        "niveau": niveau,
        "code": code,
        "etat": etat,
    }


def drawn(
    structure_id: str,
    shape: Any,  # noqa: ANN401 - shapely publishes no types
    nature: str = "principal",
    *,
    volet: str = "facilitateur",
    etat: str = "valide",
) -> Row:
    return {
        "file": "perimetres.geojson",
        "structure_id": structure_id,
        "volet": volet,
        "nature": nature,
        "etat": etat,
        "geometry": shape,
    }


def need(
    commune: str,
    heures: float,
    donneur_ordre: str = "collectivites",
    *,
    annee: int = 0,
    programme: str = "",
    source: str = "",
) -> Row:
    return {
        "commune": commune,
        "donneur_ordre": donneur_ordre,
        "heures": float(heures),
        "annee": annee,
        "programme": programme,
        "source": source,
    }


def exhaustive(donneur_ordre: str, *, region: str = "", departement: str = "") -> Row:
    return {
        "donneur_ordre": donneur_ordre,
        "source": "recensement",
        "region": region,
        "departement": departement,
    }


def make_study(  # noqa: PLR0913 - one argument a table
    posts: Sequence[Row],
    perimeters: Sequence[Row],
    needs: Sequence[Row] = (),
    *,
    structures: Sequence[Row] = (),
    exhaustiveness: Sequence[Row] = (),
    shapes: Sequence[Row] = (),
    year: int = 2023,
    regions: tuple[str, ...] = (),
    **parameters: Any,  # noqa: ANN401 - any parameter of the method by its name
) -> Study:
    """Return a study; structures that no row of `structures` names get the defaults."""
    own = {row["structure_id"]: row["heures_par_etp"] for row in structures}
    for row in (*posts, *perimeters, *shapes):
        own.setdefault(row["structure_id"], None)
    ids = list(own)
    table = pd.DataFrame(
        {
            "nom": [f"Structure {name}" for name in ids],
            "siret": [""] * len(ids),
            "statut_juridique": [""] * len(ids),
            "heures_par_etp": pd.array([own[name] for name in ids], dtype="Int64"),
            "lon": np.full(len(ids), np.nan),
            "lat": np.full(len(ids), np.nan),
            "row": np.arange(2, len(ids) + 2),
        },
        index=pd.Index(ids, name="structure_id", dtype="str"),
    )
    return Study(
        name="Essai",
        year=year,
        regions=regions,
        parameters=Parameters(**parameters),
        structures=table,
        posts=_table(posts, list(post("")), objects=("etp", "donneurs_ordre", "debut", "fin")),
        perimeters=_table(perimeters, list(perimeter("", ""))),
        needs=_table(needs, list(need("", 0)), objects=("heures", "annee")).astype(
            {"heures": "float64", "annee": "int64"}
        ),
        exhaustiveness=_table(exhaustiveness, list(exhaustive(""))),
        drawn=_drawn(shapes),
    )


def _drawn(rows: Sequence[Row]) -> gpd.GeoDataFrame:
    if not rows:
        return drawn_frame()
    return drawn_frame(
        {name: [row[name] for row in rows] for name in rows[0]} | {"row": range(1, len(rows) + 1)}
    )


def _table(
    rows: Sequence[Row], columns: Sequence[str], *, objects: Collection[str] = ()
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            name: pd.Series(
                [row[name] for row in rows],
                dtype=object if name in objects else "str",
            )
            for name in columns
        }
    )
    frame["row"] = np.arange(2, len(rows) + 2)
    return frame


def grid_territory(  # noqa: PLR0913 - every part of a territory may matter to a test
    n_cols: int,
    n_rows: int = 1,
    *,
    departements: Sequence[str] = ("01",),
    codes: Sequence[str] = (),
    populations: Sequence[int] = (),
    epci_width: int = 2,
    epts: Mapping[str, Sequence[str]] | None = None,
    cities: Mapping[str, Sequence[str]] | None = None,
    former: Mapping[str, str] | None = None,
    without_geometry: Collection[str] = (),
) -> Territory:
    """Return square communes, row after row, each bordering those beside, above and below.

    Parameters
    ----------
    departements
        Département of each column of squares; the last one serves the columns that remain.
    codes
        Code of each square; by default the département and a number: 01001, 01002…
    populations
        Of each square; by default 1,000, 1,100, 1,200…
    epci_width
        Columns that an EPCI of the département spans, on all rows.
    epts
        EPT code → unit codes.
    cities
        City code (`75056`) → codes of its arrondissements municipaux.
    former
        Code of a commune déléguée → code of the unit that holds it.
    without_geometry
        Codes of units that have no geometry, hence no border.
    """
    cells = [(col, row) for row in range(n_rows) for col in range(n_cols)]
    counts: dict[str, int] = {}
    records = []
    for number, (col, row) in enumerate(cells):
        code = codes[number] if codes else ""
        departement = departements[min(col, len(departements) - 1)]
        if not codes:
            counts[departement] = counts.get(departement, 0) + 1
            code = f"{departement}{counts[departement]:03d}"
        departement = code[:3] if code[:2] == "97" else code[:2]
        west, south = 3 + col * CELL_DEG, 46 + row * CELL_DEG
        square = box(west, south, west + CELL_DEG, south + CELL_DEG)
        drawn = code not in without_geometry
        records.append(
            {
                "code": code,
                "name": f"Commune {code}",
                "departement": departement,
                "region": REGION_OF.get(departement, departement),
                "epci": f"2000{departement.encode().hex()}{col // epci_width:02d}",
                "ept": next((e for e, held in (epts or {}).items() if code in held), ""),
                "arrondissement": f"{departement}1",
                "population": populations[number] if populations else 1000 + 100 * number,
                "area_km2": abs(GEOD.geometry_area_perimeter(square)[0]) / 1e6 if drawn else np.nan,
                "geometry": square if drawn else None,
                "cell": (col, row),
            }
        )
    frame = pd.DataFrame(records).set_index("code").sort_index()
    position = {cell: row for row, cell in enumerate(frame["cell"]) if frame["geometry"].iloc[row]}
    units = gpd.GeoDataFrame(
        frame.drop(columns="cell"), geometry="geometry", crs="EPSG:4326"
    ).astype({"population": "int64"})
    members = _members(units, cities or {}, former or {})
    return Territory(
        units=units,
        members=members,
        names={level: {code: f"Nom {code}" for code in members[level]} for level in NIVEAUX},
        borders=_borders(position),
        holes=gpd.GeoDataFrame(
            {"region": pd.Series(dtype="str"), "area_km2": pd.Series(dtype="float64")},
            geometry=gpd.GeoSeries([], crs="EPSG:4326"),
        ),
        vintage=2025,
        sources=(Source("Carrés", "Essai", "libre", "2025", "0" * 64),),
    )


def _members(
    units: gpd.GeoDataFrame,
    cities: Mapping[str, Sequence[str]],
    former: Mapping[str, str],
) -> dict[str, dict[str, np.ndarray[Any, np.dtype[np.int32]]]]:
    found: dict[str, dict[str, list[int]]] = {level: {} for level in NIVEAUX}
    row_of = {code: row for row, code in enumerate(units.index)}
    for code, row in row_of.items():
        found["commune"][code] = [row]
        for level in ("epci", "ept", "arrondissement", "departement", "region"):
            if units[level].iloc[row]:
                found[level].setdefault(units[level].iloc[row], []).append(row)
    for city, held in cities.items():
        found["commune"][city] = [row_of[code] for code in held]
        found["arrondissement"].update({code: [row_of[code]] for code in held})
    for old, holder in former.items():
        found["commune"][old] = [row_of[holder]]
    return {
        level: {code: np.array(sorted(rows), dtype=np.int32) for code, rows in by_code.items()}
        for level, by_code in found.items()
    }


def _borders(position: Mapping[tuple[int, int], int]) -> pd.DataFrame:
    pairs: list[tuple[int, int, float]] = []
    for (col, row), here in position.items():
        east, north = 3 + (col + 1) * CELL_DEG, 46 + (row + 1) * CELL_DEG
        sides = {
            (col + 1, row): LineString([(east, north - CELL_DEG), (east, north)]),
            (col, row + 1): LineString([(east - CELL_DEG, north), (east, north)]),
        }
        for cell, side in sides.items():
            if cell in position:
                left, right = sorted((here, position[cell]))
                pairs.append((left, right, GEOD.geometry_length(side)))
    return pd.DataFrame(sorted(pairs), columns=["left", "right", "length_m"]).astype(
        {"left": "int32", "right": "int32", "length_m": "float64"}
    )


def shuffled(study: Study, seed: int) -> Study:
    """Return the same study, the rows of every table in another order."""
    tables: dict[str, pd.DataFrame] = {}
    for number, name in enumerate(TABLES):
        table = getattr(study, name)
        order = list(range(len(table)))
        seeded(seed + number).shuffle(order)
        moved = table.iloc[order]
        tables[name] = moved if name == "structures" else moved.reset_index(drop=True)
    return replace(study, **tables)  # type: ignore[arg-type]


def codes_of(territory: Territory, rows: Iterable[int]) -> frozenset[str]:
    return frozenset(str(territory.codes[row]) for row in rows)

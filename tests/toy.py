"""A hand-built territory of nine units, odd codes included, for tests that need no real France."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from geo.territory import NIVEAUX, Source, Territory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# code, name, département, région, EPCI, EPT, arrondissement, inhabitants, west, south
_UNITS = (
    ("01004", "Ambérieu-en-Bugey", "01", "84", "240100883", "", "011", 14_000, 5.3, 45.9),
    ("01033", "Valserhône", "01", "84", "240100891", "", "012", 16_000, 5.4, 45.9),
    ("2A004", "Ajaccio", "2A", "94", "242010056", "", "2A1", 70_000, 8.7, 41.9),
    ("75101", "Paris 1er", "75", "11", "200054781", "200057966", "751", 15_000, 2.3, 48.8),
    ("75102", "Paris 2e", "75", "11", "200054781", "200057966", "751", 21_000, 2.4, 48.8),
    ("93066", "Saint-Denis", "93", "11", "200054781", "200057867", "933", 150_000, 2.4, 48.9),
    ("97101", "Les Abymes", "971", "01", "249710062", "", "9712", 53_000, -61.5, 16.2),
    ("97411", "Saint-Denis", "974", "04", "249740119", "", "9741", 153_000, 55.4, -20.9),
    ("98901", "Sans géométrie", "989", "04", "", "", "", -1, None, None),
)
_SIDE = 0.1
_AREA_KM2 = 86.0


def toy_territory() -> Territory:
    """Return the toy territory.

    75101 and 75102 make 75056; 93066 touches 75102 from the north; 01004 and 01033 touch, and
    01091 is a commune déléguée of 01033; 98901 has no geometry, population or EPCI. Département
    01 and région 01 differ; EPT 200057966 stands for Paris so that 75101 is in two levels.
    """
    units = _units()
    rows = {code: row for row, code in enumerate(units.index)}
    members = {niveau: _members(units, niveau) for niveau in NIVEAUX}
    members["commune"] = {
        **{code: _rows([row]) for code, row in rows.items()},
        "75056": _rows([rows["75101"], rows["75102"]]),
        "01091": _rows([rows["01033"]]),
    }
    for code in ("75101", "75102"):
        members["arrondissement"][code] = _rows([rows[code]])
    names = {niveau: {code: f"{niveau} {code}" for code in members[niveau]} for niveau in NIVEAUX}
    names["commune"] = {**units["name"].to_dict(), "75056": "Paris", "01091": "Châtillon"}
    return Territory(
        units=units,
        members=members,
        names=names,
        borders=_borders(rows),
        holes=gpd.GeoDataFrame({"region": [], "area_km2": []}, geometry=[], crs="EPSG:4326"),
        vintage=2025,
        sources=(Source("jouet", "tests", "aucune", "2025", "0" * 64),),
    )


def _units() -> gpd.GeoDataFrame:
    columns = (
        "code",
        "name",
        "departement",
        "region",
        "epci",
        "ept",
        "arrondissement",
        "population",
        "west",
        "south",
    )
    frame = pd.DataFrame(_UNITS, columns=list(columns)).set_index("code").sort_index()
    squares = [
        None if pd.isna(west) else box(west, south, west + _SIDE, south + _SIDE)
        for west, south in zip(frame["west"], frame["south"], strict=True)
    ]
    frame["area_km2"] = [np.nan if square is None else _AREA_KM2 for square in squares]
    frame["population"] = frame["population"].astype("int64")
    return gpd.GeoDataFrame(
        frame.drop(columns=["west", "south"]), geometry=squares, crs="EPSG:4326"
    )


def _members(units: gpd.GeoDataFrame, niveau: str) -> dict[str, np.ndarray]:
    if niveau == "commune":
        return {}
    codes = units[niveau].to_numpy()
    return {str(code): _rows(np.flatnonzero(codes == code)) for code in np.unique(codes) if code}


def _rows(rows: object) -> np.ndarray:
    return np.array(rows, dtype=np.int32)


def _borders(rows: dict[str, int]) -> pd.DataFrame:
    pairs = [
        ("01004", "01033", 11_100.0),
        ("75101", "75102", 11_100.0),
        ("75102", "93066", 7_300.0),
    ]
    return pd.DataFrame(
        {
            "left": np.array([rows[left] for left, _, _ in pairs], dtype=np.int32),
            "right": np.array([rows[right] for _, right, _ in pairs], dtype=np.int32),
            "length_m": [length for *_, length in pairs],
        }
    )


STUDY = {
    "etude.toml": (
        'format_version = 1\n[etude]\nnom = "Essai"\nannee = 2023\nregions = ["11"]\n'
        '[methode]\nseuil_reponse = "2/3"\n[appel]\nbudget_eur = 5400000\n'
    ),
    "structures.csv": (
        "structure_id,nom,siret,statut_juridique,heures_par_etp,lon,lat\n"
        "A,Alpha,35600000000048,association,32000,2.35,48.85\n"
        'B,"Bêta, à l’est",,,,,\n'
    ),
    "postes.csv": (
        "poste_id,structure_id,volet,etp,donneurs_ordre,financement,debut,fin\n"
        "P1,A,facilitateur,0.5,etat|prives,socle,2023-07-01,2024-06-30\n"
        ",A,facilitateur,1,,,,\n"
        ",A,facilitateur,1,,,,\n"
        "P2,B,coordinateur,1.25,,aap_2023,,\n"
    ),
    "perimetres.csv": (
        "structure_id,volet,nature,niveau,code,etat\n"
        "A,,,departement,01,\n"
        "A,,extension,commune,01004,a_confirmer\n"
        "A,,,commune,75056,\n"
        "B,coordinateur,principal,region,11,valide\n"
    ),
    "besoins.csv": (
        "commune,donneur_ordre,heures,annee,programme,source\n"
        "01004,etat,1500.5,,,\n"
        "2A004,collectivites,12500,2023,npnru,profil\n"
        "97411,bailleurs,0,2022,,profil\n"
        "75101,etat,20000,,,profil\n"
    ),
    "exhaustivite.csv": (
        "donneur_ordre,source,region,departement\netat,profil,11,75\nprives,profil,,\n"
    ),
}
"""A sound study on the toy territory, file by file."""


def write_study(folder: Path, files: Mapping[str, str | bytes] = STUDY) -> Path:
    """Write the files of a study, texts as UTF-8, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(raw)
    return folder

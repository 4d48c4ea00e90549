"""Files that draw the toy country, in each layout that publishers use."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely
from toy import toy_territory

if TYPE_CHECKING:
    from pathlib import Path

TOY = toy_territory().units
ARM = ["75101", "75102"]
DRAWN = TOY.index[TOY.geometry.notna()]
METROPOLITAN = [code for code in DRAWN if not code.startswith("97")]
PARIS = shapely.union_all(TOY.loc[ARM, "geometry"].to_numpy())


def drawn(codes: list[str], columns: dict[str, list[str]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(TOY.loc[codes, "geometry"]), crs=4326)


def communes(column: str, name: str, codes: list[str] | None = None) -> gpd.GeoDataFrame:
    """Return the layer of communes: Paris whole, no arrondissement municipal."""
    own = [code for code in (codes or list(DRAWN)) if code not in ARM]
    frame = drawn(own, {"ID": own, name: [f"Nom {code}" for code in own], column: own})
    paris = gpd.GeoDataFrame({"ID": ["p"], name: ["Paris"], column: ["75056"]}, geometry=[PARIS])
    return pd.concat([frame, paris.set_crs(4326)], ignore_index=True)


def old_arrondissements() -> gpd.GeoDataFrame:
    return drawn(ARM, {"ID": ARM, "INSEE_COM": ["75056"] * 2, "INSEE_ARM": ARM})


def new_arrondissements() -> gpd.GeoDataFrame:
    return drawn(ARM, {"code_insee_de_la_commune_de_rattach": ["75056"] * 2, "code_insee": ARM})


def shapefiles_3(folder: Path, crs: int = 4326, codes: list[str] | None = None) -> Path:
    """Write ADMIN EXPRESS 3.x as IGN nests it."""
    inside = folder / "ADECOG_3-2_SHP_WGS84G_FRA-ED2024-02-22" / "1_DONNEES"
    inside.mkdir(parents=True)
    communes("INSEE_COM", "NOM", codes).to_crs(crs).to_file(inside / "COMMUNE.shp")
    old_arrondissements().to_crs(crs).to_file(inside / "ARRONDISSEMENT_MUNICIPAL.shp")
    drawn(["01004"], {"INSEE_DEP": ["01"]}).to_file(inside / "DEPARTEMENT.shp")
    return folder


def geopackage_4(folder: Path, crs: int = 4326) -> Path:
    path = folder / "ADE-COG_4-0_GPKG_WGS84G_FRA-ED2026-01-01.gpkg"
    communes("code_insee", "nom_officiel").to_crs(crs).to_file(path, layer="commune")
    new_arrondissements().to_crs(crs).to_file(path, layer="arrondissement_municipal")
    drawn(["01004"], {"code_insee": ["01"]}).to_file(path, layer="departement")
    return path


def geojson(folder: Path) -> Path:
    """Write what geo.api.gouv.fr and Etalab give: the city and its arrondissements together."""
    path = folder / "communes-100m.geojson"
    every = drawn(list(DRAWN), {"code": list(DRAWN), "nom": list(DRAWN)})
    paris = gpd.GeoDataFrame({"code": ["75056"], "nom": ["Paris"]}, geometry=[PARIS], crs=4326)
    pd.concat([every, paris], ignore_index=True).to_file(path)
    return path


def geojson_folder(folder: Path) -> Path:
    communes("code", "nom").to_file(folder / "communes-50m.geojson")
    drawn(ARM, {"code": ARM}).to_file(folder / "arrondissements-municipaux-50m.geojson")
    return folder


def cartiflette(folder: Path) -> Path:
    path = folder / "raw.parquet"
    whole = ["75056" if code in ARM else code for code in DRAWN]
    drawn(list(DRAWN), {"INSEE_COM": whole, "INSEE_COG": list(DRAWN)}).to_parquet(path)
    return path


def zipped(folder: Path) -> Path:
    shapefiles_3(folder / "x")
    path = folder / "livraison.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../LISEZ-MOI.txt", "hors du dossier")
        for file in sorted((folder / "x").rglob("*.*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))
    return path

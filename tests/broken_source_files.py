"""Faults of the drawn and official files that needs come from, and what is only warned about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from broken_sources import CELLS, FROM_SEA, NOWHERE, PROJECT, TOGETHER, table

if TYPE_CHECKING:
    from broken_sources import Case

# --- drawn projects -----------------------------------------------------------------------

DRAWN = {"projet_id": "P1", "nom": "Lac", "programme": "npnru", "debut": "2022-01-01"}
DRAWN |= {"fin": "2024-12-31", "heures": "3600"}


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def square(west: float, south: float, side: float = 0.02) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


BOW = square(5.32, 45.92)
BOW["coordinates"][0][2], BOW["coordinates"][0][3] = [5.32, 45.94], [5.34, 45.94]
INSIDE = point(5.35, 45.95)
LAYER = "grands_projets.geojson"


def layer(*features: tuple[dict[str, str], dict[str, Any] | None]) -> str:
    listed = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    return json.dumps({"type": "FeatureCollection", "features": listed})


def drawing(row: int, column: str, message: str, remedy: str, *features: Any) -> Case:  # noqa: ANN401
    return {LAYER: layer(*features)}, (LAYER, row, column, message, remedy)


DRAWINGS: dict[str, Case] = {
    "in the sea": drawing(1, "geometry", "hors de France", "SCR", (DRAWN, point(-30, 45))),
    "abroad": drawing(1, "geometry", "hors de France", "SCR", (DRAWN, square(100, 45))),
    "axes exchanged": drawing(
        1, "geometry", "axes inversés", "Permuter", (DRAWN, point(45.95, 5.35))
    ),
    "in metres": drawing(
        1, "geometry", "pas des degrés", "EPSG:4326", (DRAWN, point(652_000, 6_862_000))
    ),
    "nowhere": drawing(1, "geometry", "géométrie absente", "supprimez", (DRAWN, None)),
    "crossing itself": drawing(1, "geometry", "se recoupe", "Vérifier la validité", (DRAWN, BOW)),
    "point and surface": drawing(
        *(2, "projet_id", "plusieurs sortes", "à chaque sorte de lieu"),
        *((DRAWN, INSIDE), (DRAWN, square(5.42, 45.92))),
    ),
    "contradictory": drawing(
        *(2, "heures", "« heures » y est « 3600 », ici « 1,5 »", "mêmes valeurs"),
        *((DRAWN, INSIDE), (DRAWN | {"heures": "1,5"}, point(5.45, 45.95))),
    ),
    "without name": drawing(
        *(0, "nom", "« nom » absente", "en-têtes"),
        ({name: value for name, value in DRAWN.items() if name != "nom"}, INSIDE),
    ),
    "without hours nor dates told": drawing(
        1, "fin", "sans dernier jour", "donnez « fin »", (DRAWN | {"fin": ""}, INSIDE)
    ),
    "no feature": drawing(0, "", "la couche est vide", "dessinez"),
    "listed and drawn": (
        {**table("grands_projets", {}), LAYER: layer((DRAWN | {"nom": PROJECT["nom"]}, INSIDE))},
        (LAYER, 1, "projet_id", "plusieurs sortes", "à chaque sorte de lieu"),
    ),
    "truncated": (
        {LAYER: layer((DRAWN, INSIDE))[:-40]},
        (LAYER, 0, "", "coupé ou abîmé", "GeoPackage"),
    ),
    "without a byte": ({LAYER: ""}, (LAYER, 0, "", "fichier vide", "GeoPackage")),
    "no GeoPackage": (
        {"grands_projets.gpkg": "x"},
        ("grands_projets.gpkg", 0, "", "format inconnu", "extension de son format"),
    ),
    "of Google Earth": (
        {"grands_projets.kml": "<kml/>"},
        ("grands_projets.kml", 0, "", "grands projets dessinés en .kml, non lus", "GeoPackage"),
    ),
    "part of a shapefile": (
        {"grands_projets.dbf": "x"},
        ("grands_projets.dbf", 0, "", "sans grands_projets.shp", "ajoutez"),
    ),
}

# --- official files -----------------------------------------------------------------------

OFFICIAL: dict[str, Any] = {
    "id": "2023-1",
    "acheteur": {"id": "21010004400011"},
    "codeCPV": "45214200-9",
    "dureeMois": 12,
    "dateNotification": "2023-03-01",
    "montant": 100_000,
    "lieuExecution": {"code": "01004", "typeCode": "Code commune"},
    "considerationsSociales": {"considerationSociale": ["Clause sociale"]},
}
HEADERS = (
    "id,acheteur_id,montant,dureeMois,dateNotification,codeCPV,lieuExecution_code,"
    "lieuExecution_typeCode\n"
)
LINE = "1,21010004400011,1000,12,2023-01-01,45000000,01004,Code commune"
YEAR = "marches-2023.json"


def official(*changes: dict[str, Any]) -> str:
    return json.dumps({"marches": {"marche": [OFFICIAL | change for change in changes]}})


def whole(name: str, content: str | bytes, message: str, remedy: str) -> Case:
    return {name: content}, (name, 0, "", message, remedy)


FILES: dict[str, Case] = {
    "truncated JSON": whole(YEAR, official({})[:-30], "JSON illisible au caractère", "tel que"),
    "JSON without a byte": whole(YEAR, "", "JSON illisible", "tel que publié"),
    "a page of the web": whole(YEAR, "<html>404</html>", "JSON illisible", "tel que publié"),
    "a list": whole(YEAR, "[]", "aucune liste « marches »", "tel que publié"),
    "a layer": whole(YEAR, layer(), "aucune liste « marches »", "tel que publié"),
    "no Parquet": whole("decp.parquet", "x" * 99, "pas un fichier Parquet", "de nouveau"),
    "truncated Parquet": whole(
        "decp.parquet", b"PAR1" + b"\0" * 40, "pas un fichier Parquet", "de nouveau"
    ),
    "Parquet without a byte": whole("decp.parquet", b"", "fichier vide", "de nouveau"),
    "CSV without a byte": whole("decp.csv", "", "fichier vide", "de nouveau"),
    "CSV of other columns": whole("decp.csv", "a,b\n1,2\n", "« acheteur_id »", "tel que publié"),
    "CSV of too many cells": whole(
        "decp.csv", f"{HEADERS}{LINE},de,trop\n", "autant de cellules", "de nouveau"
    ),
    "truncated directory": whole(
        "services_etat.json", '{"service":[{"id":"1"', "JSON illisible", "à sa source"
    ),
    "directory without a byte": whole("services_etat.json", "", "JSON illisible", "à sa source"),
    "another list": whole("services_etat.json", "[1,2]", "annuaire", "à sa source"),
    "public table cut": whole(
        "sources/f.csv",
        "code_commune,niveau_vie_median_eur,part_minima_sociaux_pct\n01004,25000,3\n01033,240",
        "1 ligne de 2 cellules et non 3",
        "à sa source",
    ),
    "public table without rows": whole(
        "sources/f.csv",
        "code_commune,niveau_vie_median_eur,part_minima_sociaux_pct\n",
        "aucune ligne sous les en-têtes",
        "à sa source",
    ),
    "commune twice in a public table": (
        {
            "sources/f.csv": "code_commune,niveau_vie_median_eur,part_minima_sociaux_pct\n"
            "01004,25000,3\n01004,24000,3\n"
        },
        ("sources/f.csv", 0, "commune", "1 commune sur plusieurs lignes", "une ligne par commune"),
    ),
    "sites without position": (
        {
            "sources/jo.csv": "code_site;nom_site;category_id;latitude;longitude;point_geo\n"
            "A;X;venue-olympic;;;\n"
        },
        ("sources/jo.csv", 2, "latitude", "site « A » sans position", "son producteur"),
    ),
    "stations without line": (
        {
            "sources/g.geojson": layer(
                ({"code": "GA01", "libelle": "Gare", "ligne": "métro"}, point(2.35, 48.85))
            )
        },
        ("sources/g.geojson", 1, "code", "gare « GA01 » sans position", "son producteur"),
    ),
    "job seekers without totals": (
        {
            "sources/d.csv": "Date;Code commune;Type de données;Catégorie;Sexe;Tranche d'âge;"
            "Nombre de demandeurs d'emploi\n2024-T4;01004;Brutes;ABC;Hommes;Total;5\n"
        },
        ("sources/d.csv", 0, "sexe", "aucune ligne de total", "jeu complet"),
    ),
}

# --- what is told, and computed all the same ----------------------------------------------


def aside(reason: str, **change: Any) -> Case:  # noqa: ANN401 - JSON
    """Return a contract that is set aside for a reason."""
    told = (YEAR, 0, "", f"1 marché écarté pour 0 marché retenu : {reason} (1)", "marches_ecartes")
    return {YEAR: official(change)}, told


def _aside_row(reason: str, **change: str) -> Case:
    told = (f"1 marché écarté pour 0 marché retenu : {reason} (1)", "marches_ecartes")
    return table("marches", change), ("marches.csv", 0, "", *told)


WARNED: dict[str, Case] = {
    "duration NC": aside("durée absente ou illisible", dureeMois="NC"),
    "amount of 1e17": aside("montant invraisemblable, plus de 10 milliards d’euros", montant=1e17),
    "amount in words": aside("montant absent ou illisible", montant="cher"),
    "negative amount": aside("montant nul ou négatif", montant=-3),
    "year 222": aside("date de notification invraisemblable", dateNotification="0222-04-29"),
    "no identifier": aside("identifiant du marché absent", id=None),
    "no CPV": aside("code CPV absent ou illisible", codeCPV="zz"),
    "no place": aside("lieu d’exécution absent", lieuExecution=None),
    "unknown kind of place": aside(
        "nature du lieu d’exécution inconnue",
        lieuExecution={"code": "01004", "typeCode": "Code quartier"},
    ),
    "unknown commune": aside(
        "code du lieu d’exécution inconnu",
        lieuExecution={"code": "99999", "typeCode": "Code commune"},
    ),
    "abroad": aside(
        "lieu d’exécution hors de France", lieuExecution={"code": "DE", "typeCode": "Code pays"}
    ),
    "no SIRET": aside("SIRET de l’acheteur absent ou illisible", acheteur={"id": "abc"}),
    "unknown class": aside(
        "classe d’acheteur inconnue : complétez la table « acheteurs »",
        acheteur={"id": "26590001300012"},
    ),
    "no object": (
        {YEAR: '{"marches":["x"]}'},
        (YEAR, 0, "", "élément illisible (1)", "marches_ecartes"),
    ),
    "no contract in JSON": (
        {YEAR: '{"marches":{"marche":[]}}'},
        (YEAR, 0, "", "fichier vide", "aucun marché n’y est écrit"),
    ),
    "no contract in CSV": (
        {"decp.csv": HEADERS},
        ("decp.csv", 0, "", "fichier vide", "aucun marché n’y est écrit"),
    ),
    "one contract in two files": (
        {YEAR: official({}), "marches-2024.json": official({})},
        ("marches", 0, "marche_id", "1 marché présent dans un autre fichier", "le plus récent"),
    ),
    "table in Windows-1252": (
        {"marches.csv": str(table("marches", {})["marches.csv"]).encode("cp1252")},
        ("marches.csv", 0, "", "Windows-1252", "CSV UTF-8"),
    ),
    "row without place": _aside_row("lieu d’exécution absent", **NOWHERE),
    "row of supplies": _aside_row(
        "fournitures : aucune heure de travail à réserver", cpv="30200000"
    ),
    "row without buyer": _aside_row(
        "classe d’acheteur inconnue : complétez la table « acheteurs »",
        acheteur_siret="",
        donneur_ordre="",
    ),
    "contract at sea": (
        table("marches", FROM_SEA),
        ("marches.csv", 2, "lon", "point hors de toute commune", "code de la commune"),
    ),
    "contracts in XML": (
        {"marches.xml": "<marches/>"},
        ("marches.xml", 0, "", "fichier inconnu, ignoré", "données essentielles"),
    ),
    "contracts of a year in a table": (
        {"marches-2023.csv": table("marches", {})["marches.csv"]},
        ("marches-2023.csv", 0, "", "fichier inconnu, ignoré", "nommez-le « marches.csv »"),
    ),
    "unknown type of service": (
        table("services_etat", {"type": "prefecturre"}),
        ("services_etat.csv", 2, "type", "« prefecturre » inconnu", "« prefecture »"),
    ),
    "service at sea with a commune": (
        table("services_etat", {"lon": "-30", "lat": "45"}),
        ("services_etat.csv", 2, "", "code de la commune cru", "vérifiez le lieu"),
    ),
    "service elsewhere than its code": (
        table("services_etat", {"lon": "5.45", "lat": "45.95"}),
        ("services_etat.csv", 2, "", "coordonnées crues", "vérifiez le lieu"),
    ),
    "structure of a service not accompanied": (
        table("services_etat", {"structure_id": "A"}),
        ("services_etat.csv", 2, "accompagne", "vaut « non »", "écrivez « oui »"),
    ),
    "service of the directory nowhere": (
        {
            "services_etat.json": '{"service":[{"id":"1","nom":"Préfecture X","pivot":'
            '[{"type_service_local":"prefecture","code_insee_commune":["99999"]}]}]}'
        },
        ("services_etat.json", 1, "", "non placé", "services_etat.csv"),
    ),
    "no service of the State": (
        {"services_etat.json": '{"service":[{"id":"1","nom":"Mairie","pivot":"[]"}]}'},
        ("services_etat.json", 0, "", "1 fiche d’autres types", "rien à faire"),
    ),
    "project without hours": (
        table("grands_projets", {"heures": "", "debut": "", "fin": ""}),
        ("grands_projets.csv", 0, "heures", "besoin inconnu, qui n’est pas zéro", "montant_eur"),
    ),
    "project of hours and amount": (
        table("grands_projets", {"montant_eur": "5"}),
        ("grands_projets.csv", 2, "montant_eur", "les heures comptent", "videz-les"),
    ),
    "radius without point": (
        table("grands_projets", {"rayon_m": "500"}),
        ("grands_projets.csv", 2, "rayon_m", "rayon ignoré", "dessinez un point"),
    ),
    "former commune": (
        table("indicateurs", {"commune": "01091"}),
        ("indicateurs.csv", 2, "commune", "ancien code de commune 01091", "vérifiez"),
    ),
    "unknown public table": (
        {"sources/notes.csv": "a,b\n1,2\n"},
        ("sources/notes.csv", 0, "", "non reconnu à ses colonnes", "fichiers lus"),
    ),
    "second unknown public file": (
        {"sources/a.pdf": "x", "sources/b.csv": "a,b\n1,2\n"},
        ("sources/b.csv", 0, "", "non reconnu à ses colonnes", "au premier non reconnu"),
    ),
    "folder among public files": (
        {"sources/vieux.csv/a.csv": "a\n"},
        ("sources/vieux.csv", 0, "", "dossier inconnu, ignoré", "sans sous-dossier"),
    ),
    **{
        f"public file without a byte, {suffix}": (
            {f"sources/a.{suffix}": ""},
            (f"sources/a.{suffix}", 0, "", "non reconnu", "il est vide"),
        )
        for suffix in ("csv", "json", "geojson", "xlsx", "zip")
    },
    "contracts among public files": (
        {"sources/marches.json": official({})},
        ("sources/marches.json", 0, "", "non reconnu", "à côté d’etude.toml"),
    ),
    "file in place of the folder": (
        {"sources": "x"},
        ("sources", 0, "", "fichier inconnu, ignoré", "retirez-le"),
    ),
    "rates without their zones": (
        {"sources/c.csv": "ze2020,lib,2024-T1\n0051,A,7.4\n"},
        ("sources/c.csv", 0, "", "ne sont pas employés", "composition communale"),
    ),
    "places that buy nothing": (
        {"sources/fs.geojson": layer(({"lib_france_services": "X"}, square(5.3, 45.9)))},
        ("sources/fs.geojson", 0, "", "ne sont pas des acheteurs", "annuaire"),
    ),
}

REFUSED = {"cells": CELLS, "rows": TOGETHER, "drawings": DRAWINGS, "files": FILES}

"""Faults of the tables and files that needs come from, one at a time, and how each is told."""

from __future__ import annotations

import json
from typing import Any

Files = dict[str, str | bytes]
Told = tuple[str, int, str, str, str]
"""File, line, column, part of the message, part of the remedy."""
Case = tuple[Files, Told]

CONTRACT = {
    "marche_id": "M1",
    "acheteur_siret": "35600000000048",
    "donneur_ordre": "collectivites",
    "objet": "École",
    "cpv": "45214200",
    "montant_eur": "1500000",
    "date_notification": "15/03/2023",
    "duree_mois": "18",
    "lieu_code": "01004",
    "lieu_type": "commune",
    "lon": "",
    "lat": "",
    "part_main_oeuvre": "",
    "taux_effort": "",
    "programme": "",
    "clause": "",
}
SERVICE = {
    "service_id": "V1",
    "nom": "Préfecture de l’Ain",
    "type": "prefecture",
    "siret": "",
    "commune": "01004",
    "lon": "",
    "lat": "",
    "accompagne": "non",
    "structure_id": "",
    "heures": "",
}
PROJECT = {
    "projet_id": "P1",
    "nom": "Quartier du Lac",
    "programme": "npnru",
    "communes": "01004|01033",
    "rayon_m": "",
    "debut": "01/01/2022",
    "fin": "31/12/2024",
    "heures": "3600",
    "montant_eur": "",
    "donneur_ordre": "",
    "part_main_oeuvre": "",
    "taux_effort": "",
    "source": "",
    "fiabilite": "",
}
INDICATOR = {"commune": "01004", "indicateur": "demandeurs_emploi", "valeur": "5", "source": ""}
TOTAL = {"region": "11", "donneur_ordre": "etat", "heures": "1000", "annee": "", "source": ""}
BUYER = {"siren": "215903501", "nom": "X", "categorie_juridique": "7210", "donneur_ordre": ""}
TABLES = {
    "marches": CONTRACT,
    "services_etat": SERVICE,
    "grands_projets": PROJECT,
    "indicateurs": INDICATOR,
    "totaux_regionaux": TOTAL,
    "acheteurs": BUYER,
}
NOWHERE = {"lieu_code": "", "lieu_type": ""}
FROM_SEA = {**NOWHERE, "lon": "-30", "lat": "45"}


def table(name: str, *rows: dict[str, str]) -> Files:
    """Return a table of rows that differ from the sound one."""
    sound = TABLES[name]
    lines = [",".join(sound)]
    lines += [",".join(f'"{({**sound, **row})[column]}"' for column in sound) for row in rows]
    return {f"{name}.csv": "\n".join(lines) + "\n"}


def cell(name: str, column: str, value: str, message: str, remedy: str) -> Case:
    """Return one wrong cell of one table, told at its place."""
    return table(name, {column: value}), (f"{name}.csv", 2, column, message, remedy)


# --- every column of every table ----------------------------------------------------------

CELLS: dict[str, Case] = {
    f"{name}, {column} « {value} »": cell(name, column, value, message, remedy)
    for name, column, value, message, remedy in (
        ("marches", "marche_id", "", "cellule vide", "2023-0042"),
        ("marches", "marche_id", "A|B", "barre verticale", "remplacez"),
        ("marches", "acheteur_siret", "35600000000049", "clé de contrôle", "mal recopié"),
        (
            "marches",
            "acheteur_siret",
            "356000000",
            "14 chiffres attendus",
            "laissez la cellule vide",
        ),
        ("marches", "donneur_ordre", "état", "« état » inconnue", "« etat »"),
        ("marches", "cpv", "99", "code CPV « 99 » inconnu", "nomenclature CPV"),
        ("marches", "cpv", "travaux", "8 chiffres", "nomenclature CPV"),
        ("marches", "montant_eur", "", "cellule vide", "1500000"),
        ("marches", "montant_eur", "-5", "hors des valeurs possibles", "corrigez"),
        ("marches", "montant_eur", "0", "montant nul", "retirez la ligne"),
        ("marches", "montant_eur", "100000000001", "hors des valeurs possibles", "corrigez"),
        ("marches", "montant_eur", "1E+17", "comme un nombre", "sans exposant"),
        ("marches", "montant_eur", "12 k€", "comme un nombre", "sans unité"),
        ("marches", "date_notification", "", "cellule vide", "15/03/2023"),
        ("marches", "date_notification", "31/02/2023", "calendrier", "le jour puis le mois"),
        ("marches", "date_notification", "0222-04-29", "année 222", "corrigez l’année"),
        ("marches", "date_notification", "2023-03", "comme une date", "quatre chiffres"),
        ("marches", "duree_mois", "0", "de 1 à 600", "corrigez"),
        ("marches", "duree_mois", "601", "de 1 à 600", "corrigez"),
        ("marches", "duree_mois", "NC", "comme un nombre", "« 18 »"),
        ("marches", "duree_mois", "1,5", "pas entier", "arrondissez"),
        ("marches", "lieu_code", "99999", "« 99999 » inconnu", "Code officiel géographique"),
        ("marches", "lieu_code", "", "lieu dit à moitié", "les deux cellules"),
        ("marches", "lieu_type", "", "lieu dit à moitié", "les deux cellules"),
        ("marches", "lieu_type", "ville", "« ville » inconnue", "valeurs acceptées"),
        ("marches", "part_main_oeuvre", "50", "de 0 à 1", "videz la cellule"),
        ("marches", "part_main_oeuvre", "50 %", "comme un nombre", "« 0,5 »"),
        ("marches", "taux_effort", "-0.1", "de 0 à 1", "videz la cellule"),
        ("marches", "clause", "peut-être", "« peut-être » inconnue", "valeurs acceptées"),
        ("services_etat", "service_id", "", "cellule vide", "ddt-59"),
        ("services_etat", "nom", "", "cellule vide", "DDTM du Nord"),
        ("services_etat", "siret", "12345678901234", "clé de contrôle", "mal recopié"),
        ("services_etat", "commune", "01999", "« 01999 » inconnu", "Code officiel géographique"),
        ("services_etat", "commune", "Saint-Denis", "désigne 2 lieux", "précisez le département"),
        ("services_etat", "commune", "", "service sans lieu", "code de sa commune"),
        ("services_etat", "lon", "5.35", "sans latitude", "videz les deux"),
        ("services_etat", "lon", "500", "de -180 à 180", "videz la cellule"),
        ("services_etat", "lat", "-91", "de -90 à 90", "videz la cellule"),
        ("services_etat", "accompagne", "peut-être", "oui, non, inconnu", "valeurs acceptées"),
        ("services_etat", "structure_id", "Z", "« Z » absente", "structures.csv"),
        ("services_etat", "heures", "-3", "hors des valeurs possibles", "corrigez"),
        ("services_etat", "heures", "50000001", "hors des valeurs possibles", "corrigez"),
        ("services_etat", "heures", "beaucoup", "comme un nombre", "« 3500 »"),
        ("grands_projets", "projet_id", "", "cellule vide", "npnru-59-01"),
        ("grands_projets", "nom", "", "cellule vide", "Quartier du Lac"),
        ("grands_projets", "programme", "", "cellule vide", "npnru"),
        ("grands_projets", "programme", "anru", "« anru » inconnue", "« npnru »"),
        ("grands_projets", "communes", "01004|99999", "« 99999 » inconnu", "Code officiel"),
        ("grands_projets", "communes", "", "projet sans commune", "joints par « | »"),
        ("grands_projets", "communes", "01004, 01033", "inconnu", "joints par « | »"),
        ("grands_projets", "rayon_m", "-1", "hors des valeurs possibles", "videz la cellule"),
        ("grands_projets", "debut", "", "sans premier jour", "donnez « debut »"),
        ("grands_projets", "debut", "32/01/2022", "calendrier", "le jour puis le mois"),
        ("grands_projets", "fin", "", "sans dernier jour", "donnez « fin »"),
        ("grands_projets", "fin", "31/12/2021", "avant le début 01/01/2022", "la fin est incluse"),
        ("grands_projets", "heures", "-1", "hors des valeurs possibles", "corrigez"),
        ("grands_projets", "heures", "500000001", "hors des valeurs possibles", "corrigez"),
        ("grands_projets", "montant_eur", "100000000001", "hors des valeurs possibles", "corrigez"),
        ("grands_projets", "donneur_ordre", "tous", "« tous » inconnue", "valeurs acceptées"),
        ("grands_projets", "part_main_oeuvre", "2", "de 0 à 1", "videz la cellule"),
        ("grands_projets", "taux_effort", "10", "de 0 à 1", "videz la cellule"),
        ("grands_projets", "fiabilite", "probable", "certain, approximatif", "valeurs acceptées"),
        ("indicateurs", "commune", "99999", "« 99999 » inconnu", "Code officiel géographique"),
        ("indicateurs", "commune", "", "cellule vide", "59350"),
        ("indicateurs", "indicateur", "", "cellule vide", "demandeurs_emploi"),
        ("indicateurs", "valeur", "", "cellule vide", "1250"),
        ("indicateurs", "valeur", "-5", "hors des valeurs possibles", "corrigez"),
        ("indicateurs", "valeur", "nd", "comme un nombre", "1250"),
        ("totaux_regionaux", "region", "99", "« 99 » inconnu", "Code officiel géographique"),
        ("totaux_regionaux", "region", "", "cellule vide", "32"),
        ("totaux_regionaux", "donneur_ordre", "états", "« états » inconnue", "« etat »"),
        ("totaux_regionaux", "heures", "", "cellule vide", "900000"),
        ("totaux_regionaux", "heures", "-1", "hors des valeurs possibles", "corrigez"),
        ("totaux_regionaux", "heures", "50000001", "hors des valeurs possibles", "corrigez"),
        ("totaux_regionaux", "annee", "1999", "de 2000 à 2099", "videz la cellule"),
        ("acheteurs", "siren", "2159", "9 chiffres", "sans espace"),
        ("acheteurs", "siren", "", "cellule vide", "215903501"),
        ("acheteurs", "categorie_juridique", "72", "4 chiffres", "7210"),
        ("acheteurs", "donneur_ordre", "tout", "« tout » inconnue", "valeurs acceptées"),
    )
}

TOGETHER: dict[str, Case] = {
    "contract twice": (
        table("marches", {}, {}),
        ("marches.csv", 3, "marche_id", "déjà déclaré ligne 2", "une seule des deux lignes"),
    ),
    "contract placed twice": (
        table("marches", {"lon": "5.35", "lat": "45.95"}),
        ("marches.csv", 2, "lieu_code", "dit deux fois", "gardez le point"),
    ),
    "half a point": (
        table("marches", {**NOWHERE, "lon": "5.35"}),
        ("marches.csv", 2, "lat", "point dit à moitié", "lon et lat"),
    ),
    "service twice": (
        table("services_etat", {}, {"commune": "01033"}),
        ("services_etat.csv", 3, "service_id", "« V1 » déjà pris ligne 2", "identifiant à elle"),
    ),
    "service at sea": (
        table("services_etat", {"commune": "", "lon": "-30", "lat": "45"}),
        ("services_etat.csv", 2, "lon", "point hors de toute commune", "code de la commune"),
    ),
    "longitude and latitude exchanged": (
        table("services_etat", {"commune": "", "lon": "45.95", "lat": "5.35"}),
        ("services_etat.csv", 2, "lon", "échangées", "« lon » est la longitude"),
    ),
    "amount without dates": (
        table("grands_projets", {"heures": "", "montant_eur": "9", "debut": "", "fin": ""}),
        ("grands_projets.csv", 2, "fin", "impossibles à étaler", "videz « heures »"),
    ),
    "other project without class": (
        table("grands_projets", {"programme": "autre"}),
        ("grands_projets.csv", 2, "donneur_ordre", "« autre » sans classe", "nul ne peut"),
    ),
    "project of two amounts of hours": (
        table("grands_projets", {}, {"heures": "5000,5"}),
        ("grands_projets.csv", 3, "heures", "« 3600 », ici « 5000,5 »", "les mêmes valeurs"),
    ),
    "project of two ends": (
        table("grands_projets", {}, {"fin": "31/12/2025"}),
        ("grands_projets.csv", 3, "fin", "« 31/12/2024 », ici « 31/12/2025 »", "mêmes valeurs"),
    ),
    "indicator twice": (
        table("indicateurs", {}, {"valeur": "6"}),
        ("indicateurs.csv", 3, "commune", "même valeur que ligne 2", "une seule"),
    ),
    "total twice": (
        table("totaux_regionaux", {}, {}),
        ("totaux_regionaux.csv", 3, "region", "même valeur que ligne 2", "une seule"),
    ),
    "buyer twice": (
        table("acheteurs", {}, {"donneur_ordre": "etat"}),
        ("acheteurs.csv", 3, "siren", "déjà pris ligne 2", "à elle"),
    ),
    "old workbook of contracts": (
        {"marches.xls": "x"},
        ("marches.xls", 0, "", "97-2003", ".xlsx"),
    ),
    **{
        f"{name} without a byte": (
            {f"{name}.csv": ""},
            (f"{name}.csv", 0, "", "fichier vide", "en-têtes"),
        )
        for name in TABLES
    },
}

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

"""Faults of the tables that needs come from, one at a time, and how each is told."""

from __future__ import annotations

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

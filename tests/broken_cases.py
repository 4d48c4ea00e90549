"""Faults to put in the sound study, one at a time, and how each must be told."""

from __future__ import annotations

Edit = tuple[str, str, str]
"""File, text, what replaces its first occurrence."""

Expected = tuple[str, int, str, str, str]
"""File, line, column, part of the message, part of the remedy."""

EDITED: dict[str, tuple[Edit, Expected]] = {
    "empty name": (
        ("structures.csv", "A,Alpha", "A, "),
        ("structures.csv", 2, "nom", "cellule vide", "« PLIE du Nord »"),
    ),
    "false SIRET key": (
        ("structures.csv", "35600000000048", "35600000000049"),
        ("structures.csv", 2, "siret", "clé de contrôle", "recopié"),
    ),
    "short SIRET": (
        ("structures.csv", "35600000000048", "356000000"),
        ("structures.csv", 2, "siret", "14 chiffres", "laissez la cellule vide"),
    ),
    "unknown legal status": (
        ("structures.csv", "association", "assocation"),
        ("structures.csv", 2, "statut_juridique", "« assocation » inconnue", "« association »"),
    ),
    "fractional productivity": (
        ("structures.csv", "32000", "32000.5"),
        ("structures.csv", 2, "heures_par_etp", "pas entier", "arrondissez"),
    ),
    "null productivity": (
        ("structures.csv", "32000", "0"),
        ("structures.csv", 2, "heures_par_etp", "de 1 à 200", "videz la cellule"),
    ),
    "longitude out of the world": (
        ("structures.csv", "2.35", "235"),
        ("structures.csv", 2, "lon", "de -180 à 180", "corrigez"),
    ),
    "latitude missing": (
        ("structures.csv", "2.35,48.85", "2.35,"),
        ("structures.csv", 2, "lat", "« lat » vide", "videz les deux"),
    ),
    "structure twice": (
        ("structures.csv", "B,", "A,Autre,,,,,\nB,"),
        ("structures.csv", 3, "structure_id", "« A » déjà pris ligne 2", "identifiant à elle"),
    ),
    "bar in an identifier": (
        ("structures.csv", "B,", "C|D,Duo,,,,,\nB,"),
        ("structures.csv", 3, "structure_id", "barre verticale", "remplacez"),
    ),
    "post twice": (
        ("postes.csv", "P2", "P1"),
        ("postes.csv", 5, "poste_id", "« P1 » déjà pris ligne 2", "identifiant à elle"),
    ),
    "post of nobody": (
        ("postes.csv", "P1,A", "P1,AA"),
        ("postes.csv", 2, "structure_id", "« AA » absente de structures.csv", "« A »"),
    ),
    "post without structure": (
        ("postes.csv", "P1,A", "P1,"),
        ("postes.csv", 2, "structure_id", "cellule vide", "plie-nord"),
    ),
    "unknown volet": (
        ("postes.csv", "coordinateur", "coordonateur"),
        ("postes.csv", 5, "volet", "facilitateur, coordinateur", "« coordinateur »"),
    ),
    "no ETP": (
        ("postes.csv", ",0.5,", ",0,"),
        ("postes.csv", 2, "etp", "plus grand que 0 et au plus 50", "corrigez"),
    ),
    "too many ETP": (
        ("postes.csv", ",0.5,", ",51,"),
        ("postes.csv", 2, "etp", "au plus 50", "corrigez"),
    ),
    "ETP with a unit": (
        ("postes.csv", ",0.5,", ",0.5 ETP,"),
        ("postes.csv", 2, "etp", "ne se lit pas comme un nombre", "« 0,5 »"),
    ),
    "unknown class in a list": (
        ("postes.csv", "etat|prives", "etat|privés"),
        ("postes.csv", 2, "donneurs_ordre", "« privés » inconnue", "« prives »"),
    ),
    "empty item in a list": (
        ("postes.csv", "etat|prives", "etat||prives"),
        ("postes.csv", 2, "donneurs_ordre", "élément vide", "une seule barre"),
    ),
    "impossible date": (
        ("postes.csv", "2023-07-01", "31/06/2023"),
        ("postes.csv", 2, "debut", "calendrier", "le jour puis le mois"),
    ),
    "two-digit year": (
        ("postes.csv", "2023-07-01", "01/07/23"),
        ("postes.csv", 2, "debut", "comme une date", "quatre chiffres"),
    ),
    "end before beginning": (
        ("postes.csv", "2024-06-30", "2023-06-30"),
        ("postes.csv", 2, "fin", "fin 30/06/2023 avant le début 01/07/2023", "incluse"),
    ),
    "perimeter of nobody": (
        ("perimetres.csv", "B,coordinateur", "Z9,coordinateur"),
        ("perimetres.csv", 5, "structure_id", "« Z9 » absente", "ajoutez la structure"),
    ),
    "unknown level": (
        ("perimetres.csv", "commune", "communes"),
        ("perimetres.csv", 3, "niveau", "« communes » inconnue", "« commune »"),
    ),
    "unknown code": (
        ("perimetres.csv", "75056", "75156"),
        ("perimetres.csv", 4, "code", "« 75156 » inconnu au niveau « commune »", "Code officiel"),
    ),
    "code of another level": (
        ("perimetres.csv", "region,11", "region,93"),
        ("perimetres.csv", 5, "code", "existe au niveau « departement »", "le niveau ou le code"),
    ),
    "code in scientific writing": (
        ("perimetres.csv", "region,11", "epci,2.00E+08"),
        ("perimetres.csv", 5, "code", "« 2.00E+08 » inconnu", "format Texte"),
    ),
    "unknown nature": (
        ("perimetres.csv", "extension", "limitrophe"),
        ("perimetres.csv", 3, "nature", "principal, extension_dotee, extension", "acceptées"),
    ),
    "unknown state": (
        ("perimetres.csv", "a_confirmer", "à confirmer"),
        ("perimetres.csv", 3, "etat", "« à confirmer » inconnue", "« a_confirmer »"),
    ),
    "negative hours": (
        ("besoins.csv", "20000", "-20000"),
        ("besoins.csv", 5, "heures", "hors des valeurs possibles", "corrigez la valeur"),
    ),
    "absurd hours": (
        ("besoins.csv", "20000", "50000001"),
        ("besoins.csv", 5, "heures", "de 0 à 50", "corrigez la valeur"),
    ),
    "hours missing": (
        ("besoins.csv", "20000", ""),
        ("besoins.csv", 5, "heures", "cellule vide", "12500"),
    ),
    "hours with two separators": (
        ("besoins.csv", "1500.5", '"1.500,5"'),
        ("besoins.csv", 2, "heures", "« 1.500,5 »", "un séparateur"),
    ),
    "hours in scientific writing": (
        ("besoins.csv", "20000", "2E+04"),
        ("besoins.csv", 5, "heures", "« 2E+04 »", "sans exposant"),
    ),
    "need of an unknown commune": (
        ("besoins.csv", "97411", "97499"),
        ("besoins.csv", 4, "commune", "« 97499 » inconnu au niveau « commune »", "2025"),
    ),
    "need of an unknown class": (
        ("besoins.csv", "bailleurs", "bailleur"),
        ("besoins.csv", 4, "donneur_ordre", "« bailleur » inconnue", "« bailleurs »"),
    ),
    "year out of range": (
        ("besoins.csv", "2022", "22"),
        ("besoins.csv", 4, "annee", "année de 2000 à 2099", "videz la cellule"),
    ),
    "need twice, once for every year": (
        ("besoins.csv", "97411", "01004,etat,7,2023,,\n97411"),
        ("besoins.csv", 4, "commune", "déjà déclaré ligne 2", "sources"),
    ),
    "need twice under a repaired code": (
        ("besoins.csv", "97411", "1004,etat,7,,,\n97411"),
        ("besoins.csv", 4, "commune", "commune « 01004 »", "sources"),
    ),
    "need twice for a programme": (
        ("besoins.csv", "97411", "2A004,collectivites,7,,NPNRU,profil\n97411"),
        ("besoins.csv", 4, "commune", "programme « npnru »", "sources"),
    ),
    "exhaustive in an unknown région": (
        ("exhaustivite.csv", "11,75", "99,75"),
        ("exhaustivite.csv", 2, "region", "« 99 » inconnu au niveau « region »", "Code officiel"),
    ),
    "exhaustive in an unknown département": (
        ("exhaustivite.csv", "11,75", "11,76"),
        ("exhaustivite.csv", 2, "departement", "« 76 » inconnu", "Code officiel"),
    ),
    "département outside its région": (
        ("exhaustivite.csv", "11,75", "11,2A"),
        ("exhaustivite.csv", 2, "departement", "« 2A » hors de la région « 11 »", "gardez"),
    ),
    "column missing": (
        ("postes.csv", "etp,", "etps,"),
        ("postes.csv", 1, "etp", "« etp » absente", "« etps »"),
    ),
    "column missing, and nothing like it": (
        ("besoins.csv", "heures", "h"),
        ("besoins.csv", 1, "heures", "« heures » absente", "remplissez-la"),
    ),
    "no header": (
        ("exhaustivite.csv", "donneur_ordre,source,region,departement\n", ""),
        ("exhaustivite.csv", 1, "", "aucun nom de colonne connu", "donneur_ordre, source"),
    ),
    "too many cells": (
        ("besoins.csv", "97411,bailleurs,0", "97411,bailleurs,0,5"),
        ("besoins.csv", 4, "", "trop de cellules", "tableur"),
    ),
    "too few cells": (
        ("besoins.csv", "97411,bailleurs,0,2022,,profil", "97411,bailleurs,0"),
        ("besoins.csv", 4, "", "pas assez de cellules", "tableur"),
    ),
    "column twice": (
        ("besoins.csv", "programme", "source"),
        ("besoins.csv", 1, "source", "2 fois", "une seule"),
    ),
    "open quotes": (
        ("besoins.csv", "97411", '"97411'),
        ("besoins.csv", 4, "", "guillemets", "doublez"),
    ),
    "version of tomorrow": (
        ("etude.toml", "format_version = 1", "format_version = 2"),
        ("etude.toml", 1, "format_version", "lit la version 1", "format_version = 1"),
    ),
    "no version": (
        ("etude.toml", "format_version = 1", ""),
        ("etude.toml", 0, "format_version", "absente", "format_version = 1"),
    ),
    "not TOML": (
        ("etude.toml", "annee = 2023", "annee : 2023"),
        ("etude.toml", 4, "", "TOML", "clé = valeur"),
    ),
    "key twice": (
        ("etude.toml", "annee = 2023", "annee = 2023\nannee = 2024"),
        ("etude.toml", 5, "", "deux fois", "gardez-en une"),
    ),
    "no name": (
        ("etude.toml", '"Essai"', '" "'),
        ("etude.toml", 3, "etude.nom", "nom vide", "par exemple"),
    ),
    "no year": (
        ("etude.toml", "annee = 2023\n", ""),
        ("etude.toml", 0, "etude.annee", "absente", "annee = 2023"),
    ),
    "year as text": (
        ("etude.toml", "2023", '"2023"'),
        ("etude.toml", 4, "etude.annee", "n’est pas une année", "sans guillemets"),
    ),
    "région as a number": (
        ("etude.toml", '["11"]', "[11]"),
        ("etude.toml", 5, "etude.regions", "liste de textes", "guillemets"),
    ),
    "unknown région": (
        ("etude.toml", '["11"]', '["11", "99"]'),
        ("etude.toml", 5, "etude.regions", "« 99 » inconnu au niveau « region »", "Code officiel"),
    ),
    "unknown vintage": (
        ("etude.toml", "annee = 2023", "annee = 2023\nmillesime_cog = 2019"),
        (
            "etude.toml",
            5,
            "etude.millesime_cog",
            "connus : 2025 et 2026",
            "mettez les codes à jour",
        ),
    ),
    "flag as text": (
        ("etude.toml", "annee = 2023", 'annee = 2023\nfictif = "oui"'),
        ("etude.toml", 5, "etude.fictif", "ni vrai ni faux", "true ou false"),
    ),
    "unknown parameter": (
        ("etude.toml", "seuil_reponse =", "seuil_reponses ="),
        ("etude.toml", 7, "methode.seuil_reponses", "inconnue", "« seuil_reponse »"),
    ),
    "parameter out of range": (
        ("etude.toml", '"2/3"', "1.5"),
        ("etude.toml", 7, "methode.seuil_reponse", "1.5 » hors de 1/100 à 1", "bornes"),
    ),
    "parameter that is no number": (
        ("etude.toml", '"2/3"', '"deux tiers"'),
        ("etude.toml", 7, "methode.seuil_reponse", "n’est pas un nombre", "2/3"),
    ),
    "division by zero": (
        ("etude.toml", '"2/3"', '"1/0"'),
        ("etude.toml", 7, "methode.seuil_reponse", "n’est pas un nombre", "2/3"),
    ),
    "infinite parameter": (
        ("etude.toml", '"2/3"', "inf"),
        ("etude.toml", 7, "methode.seuil_reponse", "n’est pas un nombre", "2/3"),
    ),
    "fraction of an hour": (
        ("etude.toml", 'seuil_reponse = "2/3"', "heures_par_etp = 35000.5"),
        ("etude.toml", 7, "methode.heures_par_etp", "entier", "arrondissez"),
    ),
    "hours as text": (
        ("etude.toml", 'seuil_reponse = "2/3"', 'heures_par_etp = "35000"'),
        ("etude.toml", 7, "methode.heures_par_etp", "n’est pas un nombre", "sans espace ni guill"),
    ),
    "flag that is no flag": (
        ("etude.toml", 'seuil_reponse = "2/3"', "besoin_requis_non_couverte = 1"),
        ("etude.toml", 7, "methode.besoin_requis_non_couverte", "ni vrai ni faux", "true"),
    ),
    "unknown state of perimeters": (
        ("etude.toml", 'seuil_reponse = "2/3"', 'etats_perimetres = ["valides"]'),
        ("etude.toml", 7, "methode.etats_perimetres", "« valides » inconnue", "« valide »"),
    ),
    "no state of perimeters": (
        ("etude.toml", 'seuil_reponse = "2/3"', "etats_perimetres = []"),
        ("etude.toml", 7, "methode.etats_perimetres", "au moins une valeur", "valide"),
    ),
    "parameter in the wrong table": (
        ("etude.toml", "annee = 2023", "annee = 2023\nheures_par_etp = 35000"),
        ("etude.toml", 5, "etude.heures_par_etp", "inconnue dans [etude]", "[methode]"),
    ),
    "unknown rule of the call": (
        ("etude.toml", "budget_eur", "budjet_eur"),
        ("etude.toml", 9, "appel.budjet_eur", "inconnue dans [appel]", "budget_eur"),
    ),
    "null budget": (
        ("etude.toml", "5400000", "0"),
        ("etude.toml", 9, "appel.budget_eur", "plus grand que 0", "5400000"),
    ),
    "unknown table": (
        ("etude.toml", "[methode]", "[methodes]"),
        ("etude.toml", 6, "methodes", "inconnue", "« methode »"),
    ),
    "endless number": (
        ("etude.toml", "5400000", "1e999999999"),
        ("etude.toml", 9, "appel.budget_eur", "n’est pas un montant", "5400000"),
    ),
    "endless year": (
        ("etude.toml", "2023", "0x" + "f" * 5000),
        ("etude.toml", 4, "etude.annee", "démesuré", "annee = 2023"),
    ),
    "endless nesting": (
        ("etude.toml", '["11"]', "[" * 5000),
        ("etude.toml", 9, "", "TOML", "clé = valeur"),
    ),
}

"""Class of a buyer: as given, by its legal category, or by its SIREN where that is certain.

Catégories juridiques: Insee, nomenclature des catégories juridiques, niveau III. A category whose
buyers belong to several classes has none here: the contract is set aside, and the planner told to
say more in `acheteurs`. So are the SIREN that begin by 19, 20, 26, 27 (schools, communautés,
hospitals, offices de l'habitat and others together). A company is private, whoever its
shareholders are, unless `acheteurs` says otherwise: the State need is then never too high.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

CATEGORIES = {
    "4110": "operateurs_etat",  # EPIC national doté d'un comptable public
    "4120": "operateurs_etat",  # EPIC national non doté d'un comptable public
    "4130": "operateurs_etat",  # exploitant public
    "4150": "collectivites",  # régie locale à caractère industriel ou commercial
    "5443": "bailleurs",  # SARL coopérative de construction
    "5543": "bailleurs",  # SA coopérative de construction, à conseil
    "5546": "bailleurs",  # SA de HLM à conseil d'administration
    "5547": "bailleurs",  # SA coopérative de production de HLM, à conseil
    "5643": "bailleurs",  # SA coopérative de construction, à directoire
    "5646": "bailleurs",  # SA de HLM à directoire
    "5647": "bailleurs",  # SA coopérative de production de HLM, à directoire
    "5499": "prives",  # SARL sans autre indication
    "5498": "prives",  # SARL unipersonnelle
    "5599": "prives",  # SA à conseil d'administration, sans autre indication
    "5699": "prives",  # SA à directoire, sans autre indication
    "5710": "prives",  # SAS
    "5720": "prives",  # SAS à associé unique
    "65": "prives",  # sociétés civiles
    "92": "prives",  # associations
    "93": "prives",  # fondations
    "71": "etat",  # administration de l'État
    "72": "collectivites",  # collectivités territoriales
    "731": "collectivites",  # communes associées, sections de commune, ensembles urbains
    "732": "collectivites",  # associations syndicales autorisées, foncières
    "733": "collectivites",  # établissements publics locaux d'enseignement
    "734": "collectivites",  # métropoles, communautés, syndicats
    "735": "collectivites",  # ententes, syndicats mixtes, pôles d'équilibre
    "7361": "collectivites",  # centre communal d'action sociale
    "7362": "collectivites",  # caisse des écoles
    "7363": "collectivites",  # caisse de crédit municipal
    "7364": "hopitaux",  # établissement d'hospitalisation
    "7365": "hopitaux",  # syndicat interhospitalier
    "7366": "collectivites",  # établissement public local social et médico-social
    "7367": "collectivites",  # centre intercommunal d'action sociale
    "7371": "bailleurs",  # office public d'habitation
    "7372": "collectivites",  # service départemental d'incendie et de secours
    "7373": "collectivites",  # établissement public local culturel
    "7378": "collectivites",  # régie locale à caractère administratif
    "7379": "collectivites",  # autre établissement public administratif local
    "7381": "operateurs_etat",  # organisme consulaire
    "7382": "operateurs_etat",  # EPN ayant fonction d'administration centrale
    "7383": "operateurs_etat",  # EPN scientifique, culturel et professionnel
    "7384": "operateurs_etat",  # autre EPN d'enseignement
    "7385": "operateurs_etat",  # autre EPN à compétence territoriale limitée
    "7389": "operateurs_etat",  # EPN à caractère administratif
    "7450": "operateurs_etat",  # EPA, cercle et foyer dans les armées
    "7470": "hopitaux",  # groupement de coopération sanitaire à gestion publique
}
"""Prefix of a legal category → class; the longest wins.

Left out because several classes meet there: 4140 (EPIC locaux et offices de l'habitat), 5410,
5510, 5610 (sociétés nationales), 5415, 5515, 5615 (économie mixte), 7410 (GIP), 7490, 8 (sécurité
sociale).
"""

SIREN_PREFIXES = {
    "11": "etat",
    "12": "etat",
    "15": "etat",
    "17": "etat",
    "13": "operateurs_etat",  # and services created since 2009, DDT or DREAL: State need as well
    "18": "operateurs_etat",
    "21": "collectivites",
    "22": "collectivites",
    "23": "collectivites",
    "24": "collectivites",
    "25": "collectivites",
}
"""First two digits of a SIREN → class, only where they leave no doubt.

Under 13 stand State services and establishments together: the need is the State's in both cases,
and the class of the establishments has the lower share of contracts with a realistic clause.
"""

LABELS = {
    "commune": "collectivites",
    "groupement de communes": "collectivites",
    "departement": "collectivites",
    "departement outre-mer": "collectivites",
    "region": "collectivites",
    "syndicat mixte": "collectivites",
    "etablissement hospitalier": "hopitaux",
    "etat": "etat",
}
"""Category that the consolidated tabular file gives a buyer, without accents → class.

Its « EPIC » has none: it holds national and local ones, offices de l'habitat included.
"""

SIREN_DIGITS = 9


def plain_text(text: str) -> str:
    """Return a text in lower case, without accents nor repeated spaces.

    >>> plain_text(" Code  Département ")
    'code departement'
    """
    parts = unicodedata.normalize("NFD", text.casefold())
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())


def class_of_category(category: str) -> str:
    """Return the class of a legal category, empty when it does not tell.

    >>> class_of_category("7210"), class_of_category("7364"), class_of_category("7410")
    ('collectivites', 'hopitaux', '')
    """
    prefixes = (category[:digits] for digits in range(len(category), 1, -1))
    return next((CATEGORIES[prefix] for prefix in prefixes if prefix in CATEGORIES), "")


def known_buyers(buyers: pd.DataFrame) -> dict[str, str]:
    """Return the class of each SIREN of a study's `buyers` that says one.

    Parameters
    ----------
    buyers
        Columns `siren`, `categorie_juridique`, `donneur_ordre`; the class given goes before the
        one that the category tells.
    """
    rows = zip(
        *(buyers[name] for name in ("siren", "categorie_juridique", "donneur_ordre")), strict=True
    )
    classes = {
        str(siren): str(given) or class_of_category(str(category))
        for siren, category, given in rows
    }
    return {siren: class_ for siren, class_ in classes.items() if class_}


def buyer_class(siret: str, label: str, known: Mapping[str, str]) -> str:
    """Return the class of a buyer, empty when it is not known.

    Parameters
    ----------
    siret
        Or a SIREN; empty when unknown.
    label
        Its category in the consolidated file, empty when none.
    known
        From `known_buyers`.

    >>> buyer_class("21590350100017", "", {}), buyer_class("26590001300012", "", {})
    ('collectivites', '')
    """
    siren = siret[:SIREN_DIGITS]
    return known.get(siren) or LABELS.get(plain_text(label)) or SIREN_PREFIXES.get(siren[:2], "")

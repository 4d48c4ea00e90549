"""The tables of what follows an award: conventions, their objectives and reports (formats page).

They are optional and for the planner: nothing of them is asked of the structures. Objectives are
rows of the table of reports rather than those of an application: the call has the convention fix
them, they may have been discussed since, and a convention may have no application on file.
"""

from __future__ import annotations

from coverage.dossiers.awards.indicators import INDICATOR_NAMES, REPORTS
from coverage.model import VOLETS
from data.study.tables import Column, Table

_MOST_EUR = 100_000_000
_MOST = 10_000_000
"""Of an indicator by ETP: above any."""

_EXAMPLES = {
    "heures": "30000",
    "beneficiaires_personnes": "120",
    "beneficiaires_etp": "18,7",
    "structures_inclusives": "9",
    "prises_de_contact": "40",
    "marches_accompagnes": "25",
    "partenariats": "6",
}

CONVENTIONS = Table(
    "conventions",
    "Les conventions signées après l’attribution ; un renouvellement est une convention de plus, "
    "qui nomme celle qu’elle renouvelle.",
    "une convention",
    required=False,
    columns=(
        Column(
            "convention_id",
            "identifier",
            "Identifiant de la convention, unique.",
            "C-2023-01",
            required=True,
        ),
        Column(
            "structure_id",
            "identifier",
            "Structure lauréate, celle de la table structures.",
            "plie-nord",
            required=True,
        ),
        Column(
            "candidature",
            "identifier",
            "Candidature retenue : le nom de son fichier, sans « .toml ».",
            "plie-nord-2023",
        ),
        Column("volet", "enum", "Volet du poste.", "facilitateur", required=True, choices=VOLETS),
        Column(
            "etp",
            "etp",
            "Équivalents temps plein que la convention finance.",
            "0,5",
            required=True,
            high=50,
        ),
        Column(
            "poste_id",
            "identifier",
            "Poste financé, celui de la table postes ; vide : pas encore dans la table.",
            "P-001",
        ),
        Column(
            "renouvelle",
            "identifier",
            "Convention que celle-ci renouvelle ; vide : première convention.",
            "C-2022-01",
        ),
        Column("signature", "date", "Date de signature ; vide : celle du début.", "15/06/2023"),
        Column(
            "debut",
            "date",
            "Début du conventionnement.",
            "01/07/2023",
            required=True,
        ),
        Column(
            "mise_en_oeuvre",
            "date",
            "Premier jour de l’action, qui ouvre ses douze mois ; vide : le début de la "
            "convention.",
            "01/07/2023",
        ),
        Column(
            "recrutement",
            "date",
            "Date de recrutement sur le poste ; vide : personne n’est recruté.",
            "01/09/2023",
        ),
        Column(
            "montant_eur",
            "decimal",
            "Subvention de l’appel pour toute la convention, en euros, au centime.",
            "15610,25",
            required=True,
            high=_MOST_EUR,
        ),
    ),
)

RESULTATS = Table(
    "resultats",
    "Les objectifs des conventions et les résultats de leurs rapports, par ETP ; une case vide est "
    "un résultat inconnu, qui n’est pas zéro.",
    "un rapport, ou les objectifs d’une convention",
    required=False,
    columns=(
        Column(
            "convention_id",
            "identifier",
            "Convention, celle de la table conventions.",
            "C-2023-01",
            required=True,
        ),
        Column(
            "rapport",
            "enum",
            "Objectifs fixés par la convention (objectif), rapport intermédiaire ou annuel.",
            "annuel",
            required=True,
            choices=REPORTS,
        ),
        Column(
            "date",
            "date",
            "Date de remise du rapport ; pour les objectifs, celle où ils sont fixés.",
            "15/07/2024",
            required=True,
        ),
        *(
            Column(
                name,
                "decimal",
                f"{label[0].upper()}{label[1:]}, pour un ETP ; depuis le début de l’action pour "
                "un rapport, sur un an pour un objectif.",
                _EXAMPLES[name],
                high=_MOST,
            )
            for name, label in INDICATOR_NAMES.items()
        ),
    ),
)

AWARD_TABLES = (CONVENTIONS, RESULTATS)
"""Every table of what follows an award, in reading order."""

"""The twelve applications of the example: who asks what and where, each unlike the others.

All of it is invented; only the codes of places are real. What is not told here is that of a sound
application (`data.example.applications`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FACILITATOR, COORDINATOR = "facilitateur", "coordinateur"

_ETP = _EURO = 100
"""Hundredths of one, cents of the other."""


@dataclass(frozen=True)
class Filing:
    """One application, told by what sets it apart.

    Attributes
    ----------
    name
        Of its file, without extension.
    seat
        Code of a place that the structure holds; empty for one that the study lacks.
    where
        The territory claimed, as sentences name it.
    codes
        (niveau, code) claimed, by the one volet asked.
    hundredths
        ETP asked.
    newcomer
        Name and legal form of a structure that the study lacks.
    shares
        Hundredths of the cost by who pays it, the call first: (type of funder, name).
    changes
        Dotted key of the form → value; None leaves the key out.
    """

    name: str
    seat: str
    where: str
    codes: tuple[tuple[str, str], ...]
    hundredths: int
    volet: str = FACILITATOR
    ground: str = "zone_blanche"
    newcomer: tuple[str, str] = ("", "")
    shares: tuple[tuple[str, str, int], ...] = (
        ("etat_aap", "", 70),
        ("collectivite", "Département", 20),
        ("fse", "Fonds social européen", 10),
    )
    changes: Mapping[str, Any] = field(default_factory=dict)


_CONVENTION = {
    "date_mise_en_oeuvre": date(2022, 10, 1),
    "debut_conventionnement": date(2022, 10, 1),
    "date_recrutement": date(2022, 10, 17),
    "montant_etp": 31_220 * _EURO,
    "heures": 31_500,
    "beneficiaires_personnes": 84,
    "beneficiaires_etp": 19,
    "structures_inclusives": 11,
    "prises_de_contact": 46,
    "marches_accompagnes": 22,
    "partenariats": 6,
    "bilan_qualitatif": "Exemple fictif. Le poste a fait entrer la clause dans les marchés "
    "d’entretien des services de l’État de la métropole.",
}

FILINGS = (
    Filing(
        "saine",
        "200071967",
        "Thonon Agglomération",
        (("epci", "200067551"),),
        50,
        changes={
            "etat_des_lieux.zone_blanche": "Exemple fictif. Thonon Agglomération : aucun "
            "facilitateur n’y intervient, et la sous-préfecture n’est pas accompagnée.",
        },
    ),
    Filing(
        "gonflee",
        "244200770",
        "Forez-Est et les vals d’Aix et Isable",
        (("epci", "200065894"), ("epci", "244200614")),
        5 * _ETP,
        changes={
            "objectifs.heures": 12_000,
            "etat_des_lieux.grands_projets": "Exemple fictif. Un grand projet est annoncé.",
        },
    ),
    Filing(
        "incomplete",
        "200069615",
        "Champagnole Nozeroy Jura",
        (("epci", "200069623"),),
        50,
        changes={
            "porteur.siret": None,
            "porteur.adresse": None,
            "etat_des_lieux.ecosysteme": None,
            "etat_des_lieux.zone_blanche": None,
            "strategie.acteurs_inclusifs_facilitateur": None,
            "strategie.parcours_facilitateur": None,
            "objectifs.marches_accompagnes": None,
            "objectifs.partenariats": None,
            "pieces.rapport_activite": "manquante",
            "pieces.comptes_annuels": "manquante",
            "budget.cofinanceurs[2].attestation": False,
        },
    ),
    Filing(
        "chevauchement",
        "243500741",
        "les pays de Pontchâteau et de Blain",
        (("epci", "200000438"), ("epci", "244400453")),
        50,
        shares=(("etat_aap", "", 70), ("collectivite", "Redon (exemple)", 30)),
    ),
    Filing(
        "collectivite",
        "243400769",
        "Béziers Méditerranée",
        (("epci", "243400769"),),
        60,
        shares=(("etat_aap", "", 80), ("collectivite", "Fonds propres", 20)),
    ),
    Filing(
        "coordinateur-en-place",
        "249740101",
        "La Réunion",
        (("region", "04"),),
        50,
        volet=COORDINATOR,
    ),
    Filing(
        "coordinateur-emergent",
        "",
        "Normandie",
        (("region", "28"),),
        80,
        volet=COORDINATOR,
        newcomer=("Réseau régional de la clause sociale – Normandie (fictif)", "reseau_emploi"),
    ),
    Filing(
        "facilitateur-emergent",
        "",
        "Mayotte, de Mamoudzou au Grand Nord",
        (("epci", "200060457"), ("epci", "200060465"), ("epci", "200059871")),
        _ETP,
        newcomer=("Réseau pour l’emploi de Mayotte (fictif)", "reseau_emploi"),
    ),
    Filing(
        "projet-seul",
        "200071629",
        "Noirmoutier-en-l’Île",
        (("commune", "85163"),),
        50,
        ground="grand_projet",
        changes={
            "etat_des_lieux.zone_blanche": None,
            "etat_des_lieux.grands_projets": "Exemple fictif. Rénovation d’une digue, jusqu’à la "
            "fin de 2024.",
        },
    ),
    Filing(
        "groupement",
        "200072726",
        "le nord et l’ouest de la Loire-Atlantique",
        tuple(
            ("epci", code)
            for code in (
                *("244400537", "244400610", "244400453", "200072734"),
                *("244400503", "244400586", "200000438"),
            )
        ),
        150,
        changes={
            "groupement": {
                "mandataire": True,
                "membres": (
                    {
                        "nom": "CA de la Région Nazairienne et de l’Estuaire (fictif)",
                        "statut": "epci_ept",
                    },
                    {"nom": "Nantes Métropole (fictif)", "statut": "epci_ept"},
                ),
                "gouvernance": "Exemple fictif. Un comité de pilotage se réunit chaque trimestre ; "
                "le mandataire emploie les facilitateurs et rend compte aux membres.",
            },
        },
    ),
    Filing(
        "sommes-fausses",
        "200067973",
        "le Clermontois, le Liancourtois et les pays d’Oise et d’Halatte",
        (("epci", "246000376"), ("epci", "246000129"), ("epci", "246000921")),
        50,
        changes={
            "etat_des_lieux.etp_total": 190,
            "demande.etp_total": 100,
            "budget.montant_total": 21_600 * _EURO,
            "budget.cofinanceurs[1].montant": 6_600 * _EURO,
        },
    ),
    Filing(
        "reconduction",
        "200023414",
        "le pays de Caux, d’Yvetot à Barentin",
        (("epci", "247600620"), ("epci", "200069847"), ("epci", "247600646")),
        50,
        changes={"convention_2022": _CONVENTION},
    ),
)
"""Each is a case that a jury meets."""

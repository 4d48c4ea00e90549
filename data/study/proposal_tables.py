"""The tables that proposals alone read: what people said, what funders bring (formats page).

They are optional and for the planner: nothing of them is asked of the structures.
"""

from __future__ import annotations

from coverage.model import VOLETS
from coverage.proposals.decisions import AVIS, INSTANCES
from coverage.proposals.model import FUNDERS
from data.study.tables import Column, Table

_MOST_EUR = 100_000_000
"""Of one funder to one post in a year: above any, and to the cent in a float."""

FINANCEMENTS = Table(
    "financements",
    "Ce que chaque financeur apporte à chaque poste, année par année : l’appel demande que ce qui "
    "existait ne baisse pas.",
    "un financement",
    required=False,
    columns=(
        Column(
            "poste_id",
            "identifier",
            "Identifiant du poste, celui de la table postes.",
            "P-001",
            required=True,
        ),
        Column(
            "financeur",
            "text",
            "Nom du financeur, écrit de la même façon d’une année à l’autre.",
            "Département du Nord",
            required=True,
        ),
        Column(
            "type",
            "enum",
            "Type du financeur ; etat_aap est l’argent de l’appel à projets, etat_autre tout autre "
            "argent de l’État.",
            "collectivite",
            required=True,
            choices=FUNDERS,
        ),
        Column(
            "annee",
            "whole",
            "Année que le montant paie.",
            "2023",
            required=True,
            low=2000,
            high=2099,
        ),
        Column(
            "montant_eur",
            "decimal",
            "Montant de l’année, en euros, au centime ; 0 quand le financeur n’apporte rien.",
            "13400,50",
            required=True,
            high=_MOST_EUR,
        ),
    ),
)

AVIS_DEPOSES = Table(
    "avis",
    "Les avis et les décisions des personnes, montrés à côté du rang calculé ; seuls un verrou "
    "(verrouille) et un refus (refuse) s’imposent au calcul. Au moins une des colonnes "
    "structure_id, zone_id et option_id est remplie.",
    "un avis",
    required=False,
    columns=(
        Column(
            "structure_id",
            "identifier",
            "Structure dont parle l’avis, celle de la table structures.",
            "plie-nord",
        ),
        Column(
            "zone_id",
            "identifier",
            "Zone dont parle l’avis, telle que zones.geojson la nomme.",
            "32-non_couverte-59350",
        ),
        Column(
            "option_id",
            "identifier",
            "Option dont parle l’avis, telle que propositions.csv la nomme.",
            "cand-plie-nord-f",
        ),
        Column(
            "volet",
            "enum",
            "Volet dont parle l’avis ; vide : les deux.",
            "facilitateur",
            choices=VOLETS,
        ),
        Column(
            "instance",
            "enum",
            "Qui donne l’avis : comité de pilotage régional (copil), facilitateurs en place, "
            "DREETS, comité national.",
            "copil",
            required=True,
            choices=INSTANCES,
        ),
        Column(
            "date",
            "date",
            "Date de l’avis ; le dernier d’une instance sur le même objet est en vigueur.",
            "12/05/2023",
            required=True,
        ),
        Column(
            "avis",
            "enum",
            "Avis, ou décision : verrouille impose les options demandées dont il parle, refuse les "
            "exclut.",
            "favorable",
            required=True,
            choices=AVIS,
        ),
        Column(
            "motif",
            "text",
            "Raison de l’avis, obligatoire pour un verrou ou un refus ; repris dans les résultats, "
            "il ne nomme pas de personne.",
            "seule structure présente dans la vallée",
        ),
    ),
)

PROPOSAL_TABLES = (FINANCEMENTS, AVIS_DEPOSES)
"""Every table that proposals alone read, in reading order."""

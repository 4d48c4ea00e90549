"""What each box of the form is called, and what helps to fill it, by dotted key.

Titles are those of the call's form; the sentences are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coverage.dossiers.awards.indicators import INDICATOR_NAMES
from coverage.model import VOLETS
from coverage.proposals.application import PIECES
from coverage.wording import NO_BREAK, typeset
from data.applications.walk import item_number, plain_key

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Rubrique:
    """A part of the form.

    Attributes
    ----------
    title
        Heading of the call that it comes from.
    text
        What the call asks there, paraphrased.
    """

    title: str
    text: str


@dataclass(frozen=True)
class Label:
    """A box of the form.

    Attributes
    ----------
    help
        How to fill it, empty when the label is enough.
    long
        Whether it holds several lines.
    most
        Signs beyond which its text is told to be too long.
    """

    label: str
    help: str = ""
    long: bool = False
    most: int = 300


RUBRIQUES: Mapping[str, Rubrique] = {
    "porteur": Rubrique(
        "Présentation du porteur",
        "La structure se présente et nomme qui suit le dossier.",
    ),
    "groupement": Rubrique(
        "Groupement, consortium",
        "Un mandataire nomme les membres du groupement et dit comment il se gouverne.",
    ),
    "etat_des_lieux": Rubrique(
        "État des lieux",
        "La structure dit ses postes et son activité actuels, ce qu’elle connaît du territoire et "
        "les besoins qu’elle y voit, en dix lignes au plus.",
    ),
    "demande": Rubrique(
        "Besoin(s) supplémentaire(s) demandés",
        "La structure dit combien d’ETP elle demande pour chaque volet, et à quel titre.",
    ),
    "perimetre": Rubrique(
        "Périmètre d’intervention proposé",
        "Chaque volet demandé a ses territoires et ses donneurs d’ordre, les marchés de l’État "
        "d’abord.",
    ),
    "convention_2022": Rubrique(
        "Structures conventionnées en 2022",
        "Une structure conventionnée en 2022 donne les dates, le montant et le bilan de l’action, "
        "par ETP.",
    ),
    "strategie": Rubrique(
        "Stratégie de développement",
        "Chaque volet demandé a sa stratégie pour les donneurs d’ordre, les acteurs inclusifs et "
        "les parcours ; le coordinateur, aussi pour le réseau des facilitateurs.",
    ),
    "objectifs": Rubrique(
        "Objectifs prévisionnels",
        "La structure propose des objectifs par ETP pour chacun des indicateurs.",
    ),
    "budget": Rubrique(
        "Budget, à remplir",
        "La structure écrit le montant demandé pour chaque volet et nomme les cofinanceurs.",
    ),
    "pieces": Rubrique(
        "Annexes à intégrer au projet ; annexes budgétaires",
        "Chaque annexe est fournie, manquante ou sans objet.",
    ),
}
"""Table of the form → the part that it is."""

_LONG_TEXT, _LONGEST_TEXT = 3_000, 8_000


def _long(label: str, help_: str = "", most: int = _LONG_TEXT) -> Label:
    return Label(label, help_, long=True, most=most)


def _by_volet(name: str, made: Label) -> dict[str, Label]:
    """Return a label for each volet, which it ends by naming."""
    return {
        f"{name}_{volet}": Label(f"{made.label}, volet {volet}", made.help, made.long, made.most)
        for volet in VOLETS
    }


_INDICATORS = {
    name: Label(f"{what[0].upper()}{what[1:]}, par ETP") for name, what in INDICATOR_NAMES.items()
}
_PERIMETER = {
    "": Label("Périmètre"),
    ".codes": Label("Territoires"),
    ".codes.niveau": Label("Niveau du territoire", "Commune, EPCI, EPT, département…"),
    ".codes.code": Label("Code du territoire", "Code de l’Insee, ou SIREN de l’EPCI."),
    ".codes.nature": Label(
        "Nature de la couverture", "« principal », ou « extension » au-delà du territoire."
    ),
    ".donneurs_ordre": Label("Donneurs d’ordre", "Aucun : tous les donneurs d’ordre."),
    ".donneurs_ordre.donneur_ordre": Label(
        "Donneur d’ordre", "Une classe (« etat », « hopitaux »…), ou le SIRET d’un acheteur."
    ),
    ".donneurs_ordre.nature": Label(
        "Nature de la prise en charge", "« principal », ou « extension » à un nouvel acheteur."
    ),
}
_CONTACT = {
    "nom": "Personne en charge du dossier",
    "fonction": "Fonction",
    "mail": "Adresse mail",
    "telephone": "Téléphone",
}

_LABELS = {
    "porteur.nom": Label("Nom de la structure"),
    "porteur.structure_id": Label(
        "Identifiant dans l’étude", "Celui de la table « structures » ; vide si elle n’y est pas."
    ),
    "porteur.siret": Label("SIRET", "14 chiffres."),
    "porteur.statut_juridique": Label("Statut juridique"),
    "porteur.adresse": Label("Adresse"),
    "porteur.responsable": Label("Responsable de la structure"),
    "porteur.presentation": _long("Présentation de la structure"),
    "porteur.contact": Label("Contact"),
    **{f"porteur.contact.{name}": Label(label) for name, label in _CONTACT.items()},
    "groupement.mandataire": Label(
        "Le porteur est-il mandataire d’un groupement ou consortium ?", "« oui » ou « non »."
    ),
    "groupement.membres": Label("Membres partenaires"),
    "groupement.membres.nom": Label("Nom du partenaire"),
    "groupement.membres.statut": Label("Statut juridique du partenaire"),
    "groupement.gouvernance": _long("Gouvernance et organisation du groupement"),
    **_by_volet(
        "etat_des_lieux.etp", Label("ETP actuels", "Par exemple 1,5 ; 0 s’il n’y en a pas.")
    ),
    "etat_des_lieux.etp_total": Label("Total des ETP actuels"),
    **_by_volet("etat_des_lieux.descriptif", _long("Activité clause sociale de la structure")),
    "etat_des_lieux.ecosysteme": _long(
        "Connaissance du territoire et partenariats",
        "Service public de l’emploi, insertion par l’activité économique, formation…",
    ),
    "etat_des_lieux.diagnostic": _long(
        "Diagnostic territorial des besoins",
        "Dix lignes au plus ; la suite se développe dans la stratégie.",
    ),
    "etat_des_lieux.renovation_urbaine": _long(
        "Rénovation urbaine", "À préciser si le besoin la concerne ; sinon, laisser vide."
    ),
    "etat_des_lieux.grands_projets": _long(
        "Grands projets", "À préciser si le besoin les concerne ; sinon, laisser vide."
    ),
    "etat_des_lieux.zone_blanche": _long(
        "Zone blanche non pourvue", "À préciser si le besoin la concerne ; sinon, laisser vide."
    ),
    **_by_volet(
        "demande.etp",
        Label("ETP demandés", "Au moins 0,5 si le volet est demandé, sinon 0."),
    ),
    "demande.etp_total": Label("Total des ETP demandés"),
    "demande.motif_etp": Label(
        "Motif de la demande", "Zone blanche, services de l’État non accompagnés ou grand projet."
    ),
    **{
        f"perimetre.{volet}{name}": Label(f"{made.label}, volet {volet}", made.help)
        for volet in VOLETS
        for name, made in _PERIMETER.items()
    },
    "convention_2022.date_mise_en_oeuvre": Label("Date de mise en œuvre de l’action"),
    "convention_2022.debut_conventionnement": Label("Début du conventionnement"),
    "convention_2022.date_recrutement": Label("Date de recrutement de l’ETP"),
    "convention_2022.montant_etp": Label("Montant de l’ETP conventionné, en euros"),
    **{f"convention_2022.{name}": made for name, made in _INDICATORS.items()},
    "convention_2022.bilan_qualitatif": _long("Bilan qualitatif"),
    **_by_volet(
        "strategie.donneurs_ordre", _long("Au bénéfice des donneurs d’ordre", most=_LONGEST_TEXT)
    ),
    **_by_volet(
        "strategie.acteurs_inclusifs",
        _long("Au bénéfice des acteurs inclusifs", most=_LONGEST_TEXT),
    ),
    **_by_volet(
        "strategie.parcours",
        _long("Au bénéfice des parcours", "Emploi et formation de qualité.", _LONGEST_TEXT),
    ),
    "strategie.reseau_regional": _long(
        "Au bénéfice du réseau des facilitateurs",
        "Pour le volet coordinateur seulement.",
        _LONGEST_TEXT,
    ),
    **{f"objectifs.{name}": made for name, made in _INDICATORS.items()},
    **_by_volet("budget.montant", Label("Montant demandé à l’appel, en euros", "Pour douze mois.")),
    "budget.montant_total": Label("Montant total demandé, en euros"),
    "budget.cout_etp": Label(
        "Coût d’un ETP pour un an, en euros", "Vide : le coût de référence de l’étude."
    ),
    "budget.cofinanceurs": Label("Cofinanceurs"),
    "budget.cofinanceurs.nom": Label("Nom du cofinanceur"),
    "budget.cofinanceurs.type": Label("Type de cofinanceur"),
    "budget.cofinanceurs.montant": Label("Montant du cofinancement, en euros"),
    "budget.cofinanceurs.volet": Label("Volet cofinancé", "Vide : tous les volets demandés."),
    "budget.cofinanceurs.attestation": Label(
        "Attestation d’engagement jointe", "« oui » ou « non »."
    ),
    **{f"pieces.{name}": Label(f"{what[0].upper()}{what[1:]}") for name, what in PIECES.items()},
}

LABELS: Mapping[str, Label] = {
    key: replace(made, label=typeset(made.label), help=typeset(made.help))
    for key, made in _LABELS.items()
}
"""Dotted key, without the numbers of lists → its box. Tables of `RUBRIQUES` are not there."""


def name_of(key: str) -> str:
    """Return what people call a key, with the rank of its line; empty for one not of the form.

    >>> name_of("perimetre.facilitateur.codes"), name_of("demande"), name_of("budget.x")
    ('Territoires, volet facilitateur', 'Besoin(s) supplémentaire(s) demandés', '')
    """
    plain = plain_key(key)
    if plain in RUBRIQUES:
        return RUBRIQUES[plain].title
    if plain not in LABELS:
        return ""
    number = item_number(key)
    return LABELS[plain].label + (f" (n°{NO_BREAK}{number})" if number else "")

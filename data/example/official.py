"""Contracts of the example in the official schema of 2022, with the faults real files have.

Schema: ministère de l'Économie, *données essentielles de la commande publique*, version 2.0.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from data.example.buyers import SCHOOLS, siret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from data.example.contracts import Contract

FICTIONAL = "(exemple fictif)"
"""Ends the subject of every contract."""

_CENTS = 100
_WORKS = "45"
_SOCIAL = {
    "Clause sociale": 22,
    "Critère social": 14,
    "Marché réservé": 2,
    "Pas de considération sociale": 62,
}
_AMENDED = 0.03
"""Share of the contracts whose amount a modification raised to what they are drawn for."""

_BEFORE_AMENDMENT = 0.85
_AMENDED_AFTER_MONTHS = 6

SET_ASIDE: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "durée absente ou illisible": ({"dureeMois": "NC"},),
    "montant invraisemblable, plus de 10 milliards d’euros": ({"montant": 1e17},),
    "date de notification invraisemblable": ({"dateNotification": "0222-03-15"},),
    "classe d’acheteur inconnue : complétez la table « acheteurs »": (
        {"acheteur": {"id": siret(SCHOOLS, 1)}},
    ),
    "lieu d’exécution hors de France": (
        {"lieuExecution": {"code": "BE", "typeCode": "Code pays"}},
    ),
    "fournitures : aucune heure de travail à réserver": (
        {"codeCPV": "33600000-6", "objet": f"Médicaments {FICTIONAL}"},
        {"codeCPV": "30200000", "objet": f"Ordinateurs {FICTIONAL}"},
        {"codeCPV": "39130000", "objet": f"Mobilier de bureau {FICTIONAL}"},
    ),
}
"""Reason why a row brings no hours → what is written in such rows: the reader must list them."""


def contracts_json(contracts: Sequence[Contract], rng: Random) -> str:
    """Return `marches.json`: one contract a line, those that bring no hours last."""
    records = [_record(contract, rng) for contract in contracts]
    faults = [fault for faults in SET_ASIDE.values() for fault in faults]
    models = rng.sample(records, len(faults))
    odd = [
        {**model, "id": f"ecarte-{number:02d}", **fault}
        for number, (model, fault) in enumerate(zip(models, faults, strict=True), start=1)
    ]
    lines = ",\n".join(orjson.dumps(record).decode() for record in [*records, *odd])
    return f'{{"marches":{{"marche":[\n{lines}\n]}}}}\n'


def _record(contract: Contract, rng: Random) -> dict[str, Any]:
    works = contract.cpv.startswith(_WORKS)
    ccag = "Travaux" if works else "Fournitures courantes et services"
    social = rng.choices(list(_SOCIAL), list(_SOCIAL.values()))[0]
    plain: dict[str, Any] = {
        "id": contract.number,
        "acheteur": {"id": contract.siret},
        "nature": "Marché",
        "objet": f"{contract.subject} {FICTIONAL}",
        "codeCPV": contract.cpv,
        "techniques": {"technique": ["Sans objet"]},
        "modalitesExecution": {"modaliteExecution": ["Sans objet"]},
        "marcheInnovant": False,
        "ccag": ccag,
        "offresRecues": rng.randint(1, 6),
        "attributionAvance": False,
        "typeGroupementOperateurs": "Pas de groupement",
        "procedure": rng.choice(("Procédure adaptée", "Appel d'offres ouvert")),
        "lieuExecution": {"code": contract.place_code, "typeCode": contract.place_kind},
        "dureeMois": contract.months,
        "dateNotification": _day(contract.start, contract.day),
        "datePublicationDonnees": _day(contract.start + 1, contract.day),
        "montant": contract.cents // _CENTS,
        "typesPrix": {"typePrix": ["Définitif ferme"]},
        "formePrix": "Forfaitaire",
        "sousTraitanceDeclaree": False,
        "titulaires": [{"titulaire": {"id": contract.holder, "typeIdentifiant": "SIRET"}}],
        "considerationsSociales": {"considerationSociale": [social]},
        "considerationsEnvironnementales": {
            "considerationEnvironnementale": ["Pas de considération environnementale"]
        },
    }
    return _amended(plain, contract) if rng.random() < _AMENDED else plain


def _amended(record: dict[str, Any], contract: Contract) -> dict[str, Any]:
    """Return a record of a lower amount, that a modification then raised."""
    notified = contract.start + _AMENDED_AFTER_MONTHS
    change = {
        "id": 1,
        "dateNotificationModification": _day(notified, contract.day),
        "datePublicationDonneesModification": _day(notified + 1, contract.day),
        "montant": record["montant"],
    }
    before = round(record["montant"] * _BEFORE_AMENDMENT)
    return {**record, "montant": before, "modifications": [{"modification": change}]}


def _day(month: int, day: int) -> str:
    """Return a date from a month counted from January of year 0.

    >>> _day(2023 * 12 + 11, 5)
    '2023-12-05'
    """
    return f"{month // 12:04d}-{month % 12 + 1:02d}-{day:02d}"

"""Applications of the example, `candidatures/*.toml`: fictional structures ask for posts.

Every one can be read; what each should be told is what `data.example.filings` changes in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from coverage.proposals.application import GIVEN, NOT_CONCERNED, PIECES
from data.applications.form_writing import write_form
from data.example.buyers import COMPANIES, siret
from data.example.filings import COORDINATOR, FACILITATOR, FILINGS
from data.example.names import STATUT_OF

if TYPE_CHECKING:
    from data.example.filings import Filing
    from data.example.tables import Network

FOLDER = "candidatures"

_FIRST_NUMBER = 9_001
COST_EUR = 46_000
"""Of an ETP, for a year."""

_HUNDREDTHS = 100
_IN_FORCE_SINCE = "2023-01-01"
_ITEM = re.compile(r"(\w+)\[(\d+)\]")
_FICTION = "Exemple fictif"
_HEAD = "# Candidature de l’exemple : la structure, la demande et les chiffres sont inventés.\n"


def application_files(network: Network) -> dict[str, str]:
    """Return the text of each application by its path in the study folder."""
    return {
        f"{FOLDER}/{filing.name}.toml": _HEAD + write_form(_values(filing, rank, network)).decode()
        for rank, filing in enumerate(FILINGS)
    }


def _values(filing: Filing, rank: int, network: Network) -> dict[str, Any]:
    """Return what a form holds, ETP in hundredths and money in cents."""
    number = holder(filing.seat, network) if filing.seat else None
    values = {
        "porteur": _bearer(filing, rank, number, network),
        "etat_des_lieux": _today(filing, number, network),
        "demande": {
            **{f"etp_{volet}": 0 for volet in (FACILITATOR, COORDINATOR)},
            f"etp_{filing.volet}": filing.hundredths,
            "etp_total": filing.hundredths,
            "motif_etp": filing.ground,
        },
        "perimetre": {
            filing.volet: {
                "codes": tuple(
                    {"niveau": niveau, "code": code, "nature": "extension"}
                    for niveau, code in filing.codes
                ),
            }
        },
        "strategie": _strategy(filing),
        "objectifs": {
            "heures": 33_000,
            "beneficiaires_personnes": 90,
            "beneficiaires_etp": 20,
            "structures_inclusives": 12,
            "prises_de_contact": 60,
            "marches_accompagnes": 25,
            "partenariats": 8,
        },
        "budget": _budget(filing),
        "pieces": _pieces(filing, known=number is not None),
    }
    for key, value in filing.changes.items():
        _change(values, key, value)
    return values


def holder(code: str, network: Network) -> int:
    """Return the position of the structure that holds a place."""
    return next(n for n, sketch in enumerate(network.sketches) if code in sketch.held)


def _bearer(filing: Filing, rank: int, number: int | None, network: Network) -> dict[str, Any]:
    name, statut = filing.newcomer
    known = {}
    if number is not None:
        name, statut = network.names[number], STATUT_OF[network.sketches[number].kind]
        known = {"structure_id": network.ids[number]}
    return {
        "nom": name,
        **known,
        "siret": siret(COMPANIES, _FIRST_NUMBER + rank),
        "statut_juridique": statut,
        "adresse": _FICTION,
        "responsable": _FICTION,
        "presentation": f"{_FICTION}. La structure rapproche les acheteurs, les entreprises et les "
        "personnes en recherche d’emploi de son territoire.",
        "contact": dict.fromkeys(("nom", "fonction", "mail", "telephone"), _FICTION),
    }


def _today(filing: Filing, number: int | None, network: Network) -> dict[str, Any]:
    posts = [*network.posts, *(post for post, _ in network.coordinators)]
    etp = {
        f"etp_{volet}": sum(
            post.hundredths
            for post in posts
            if (post.structure, post.volet) == (number, volet)
            and (not post.fin or post.fin >= _IN_FORCE_SINCE)
        )
        for volet in (FACILITATOR, COORDINATOR)
    }
    return {
        **etp,
        "etp_total": sum(etp.values()),
        f"descriptif_{filing.volet}": f"{_FICTION}. {_ACTIVITY[number is not None]}",
        "ecosysteme": f"{_FICTION}. France Travail, missions locales, SIAE et entreprises adaptées "
        "du territoire, organismes de formation.",
        "diagnostic": f"{_FICTION}.\nTerritoire demandé : {filing.where}.\nDes marchés de l’État "
        "et de ses opérateurs y sont passés sans clause.\nLes acheteurs y demandent un appui.",
        "zone_blanche": f"{_FICTION}. {filing.where[:1].upper()}{filing.where[1:]}.",
    }


_ACTIVITY = {
    True: "La structure accompagne les acheteurs de son périmètre : définition de la clause, "
    "suivi des heures, bilan avec les entreprises.",
    False: "La structure ne porte pas encore de poste ; elle anime un réseau d’acteurs de "
    "l’insertion.",
}


def _strategy(filing: Filing) -> dict[str, str]:
    network = {"reseau_regional": f"{_FICTION}. Une réunion des facilitateurs chaque trimestre."}
    return {
        f"donneurs_ordre_{filing.volet}": f"{_FICTION}. Rencontrer d’abord les services de l’État "
        "et leurs opérateurs, puis les autres acheteurs publics.",
        f"acteurs_inclusifs_{filing.volet}": f"{_FICTION}. Annoncer les marchés aux SIAE et aux "
        "entreprises adaptées avant leur publication.",
        f"parcours_{filing.volet}": f"{_FICTION}. Relier les heures d’insertion à des formations "
        "et suivre les personnes six mois après.",
        **(network if filing.volet == COORDINATOR else {}),
    }


def _budget(filing: Filing) -> dict[str, Any]:
    cost = COST_EUR * filing.hundredths
    money = {name: cost * share // _HUNDREDTHS for kind, name, share in filing.shares}
    asked = money[""]
    return {
        **{f"montant_{volet}": 0 for volet in (FACILITATOR, COORDINATOR)},
        f"montant_{filing.volet}": asked,
        "montant_total": asked,
        "cout_etp": COST_EUR * _HUNDREDTHS,
        "cofinanceurs": [
            {
                "nom": f"{name} (fictif)",
                "type": kind,
                "montant": money[name],
                "volet": filing.volet,
                "attestation": True,
            }
            for kind, name, _ in filing.shares
            if name
        ],
    }


def _pieces(filing: Filing, *, known: bool) -> dict[str, str]:
    own = {
        True: ("rapport_activite", "attestation_capacite"),
        False: ("presence_territoire",) if filing.volet == FACILITATOR else ("recommandations",),
    }[known]
    by_kind = {
        "rapport_activite",
        "attestation_capacite",
        "presence_territoire",
        "recommandations",
    }
    return {
        name: NOT_CONCERNED if name in by_kind and name not in own else GIVEN for name in PIECES
    }


def _change(values: dict[str, Any], key: str, value: object) -> None:
    """Set a dotted key (`a.b`, `a.b[2].c`), or leave it out when the value is None."""
    *path, last = key.split(".")
    at: Any = values
    for name in path:
        item = _ITEM.fullmatch(name)
        at = at[item[1]][int(item[2]) - 1] if item else at[name]
    if value is None:
        del at[last]
    else:
        at[last] = value

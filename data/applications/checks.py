"""What several keys of an application tell together: what is asked, where, for how much."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.dossiers.rules.texts import line_count
from coverage.model import VOLETS
from coverage.perimeters import active_posts
from coverage.proposals.application import Total
from coverage.proposals.rules import ratio
from coverage.wording import decimal
from data.applications.fields import is_blank
from data.study.faults import Findings, count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.model import Study
    from coverage.proposals.model import Call
    from data.applications.document import Document
    from geo.errors import Notice

FACILITATOR = "facilitateur"

AS_ETP = "écrivez etp_facilitateur ou etp_coordinateur, par exemple 0.5"
AS_CODES = 'écrivez par exemple codes = [{ niveau = "epci", code = "200066793" }]'
"""How a file asks for posts, and for places."""

_HUNDREDTHS = 100


def unasked_volets(document: Document, read: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the volets surely not asked: an ETP that is refused asks for something."""
    demand = read.get("demande")
    if demand is None:
        return ()
    filed = document.content["demande"]
    return tuple(
        volet
        for volet in VOLETS
        if is_blank(filed.get(f"etp_{volet}")) or demand.get(f"etp_{volet}") == 0
    )


def asks_extension(document: Document, read: Mapping[str, Any]) -> bool:
    """Tell whether a file takes more places for 0 facilitator ETP, written: an omission is none."""
    perimeters = document.content.get("perimetre")
    own = perimeters.get(FACILITATOR) if isinstance(perimeters, dict) else None
    filed = isinstance(own, dict) and bool(own.get("codes"))
    return filed and read.get("demande", {}).get(f"etp_{FACILITATOR}") == 0


def check_application(document: Document, read: Mapping[str, Any], call: Call) -> Findings:
    """Return what keeps a demand from being understood, and what its boxes forget."""
    return check_demand(document, read) + Findings((), tuple(_too_long(document, read, call)))


def check_demand(document: Document, read: Mapping[str, Any]) -> Findings:
    """Return what keeps a demand from being understood, whatever the rules of the call."""
    faults: list[Notice] = []
    unasked = unasked_volets(document, read)
    if unasked == VOLETS and not asks_extension(document, read):
        message = "aucun ETP demandé"
        faults.append(document.notice("demande", message, AS_ETP))
    else:
        faults += _cofunders(document, read, unasked)
    if "demande" in read:
        for volet in VOLETS:
            faults += [] if volet in unasked else _needed(document, volet)
    return Findings(tuple(faults), tuple(_ignored(document, read, unasked)))


def _needed(document: Document, volet: str) -> list[Notice]:
    """Return what a volet asked lacks: a place, an amount."""
    faults = []
    perimeters = document.content.get("perimetre")
    own = perimeters.get(volet) if isinstance(perimeters, dict) else None
    if not isinstance(own, dict) or is_blank(own.get("codes")):
        faults.append(
            document.notice(
                f"perimetre.{volet}.codes",
                f"volet {volet} demandé sans périmètre",
                AS_CODES,
            )
        )
    budget = document.content.get("budget")
    if isinstance(budget, dict) and is_blank(budget.get(f"montant_{volet}")):
        faults.append(
            document.notice(
                f"budget.montant_{volet}",
                f"volet {volet} demandé sans montant",
                "écrivez le nombre d’euros demandés à l’appel pour ce volet",
            )
        )
    return faults


def _cofunders(document: Document, read: Mapping[str, Any], unasked: Sequence[str]) -> list[Notice]:
    lines = read.get("budget", {}).get("cofinanceurs", [])
    return [
        document.notice(
            f"budget.cofinanceurs[{number}].volet",
            f"cofinancement du volet {line['volet']}, qui n’est pas demandé",
            "corrigez le volet, ou retirez la clé",
        )
        for number, line in enumerate(lines, start=1)
        if line.get("volet") in unasked
    ] + [
        document.notice(
            f"budget.cofinanceurs[{number}]",
            "cofinancement alors qu’aucun ETP n’est demandé",
            "retirez cette ligne, ou demandez des ETP",
        )
        for number, line in enumerate(lines, start=1)
        if unasked == VOLETS and "volet" not in line
    ]


def _ignored(document: Document, read: Mapping[str, Any], unasked: Sequence[str]) -> list[Notice]:
    warnings = []
    told = (FACILITATOR,) if asks_extension(document, read) else ()
    for volet in unasked:
        if volet not in told and volet in read.get("perimetre", {}):
            message = f"périmètre du volet {volet}, dont aucun ETP n’est demandé : il est ignoré"
            remedy = f"demandez des ETP dans demande.etp_{volet}, ou retirez la table"
            warnings.append(document.notice(f"perimetre.{volet}", message, remedy))
    return warnings


def _too_long(document: Document, read: Mapping[str, Any], call: Call) -> list[Notice]:
    most = ratio(call, "diagnostic_lignes")
    lines = line_count(read.get("etat_des_lieux", {}).get("diagnostic", ""))
    if most is None or lines <= most:
        return []
    message = f"diagnostic de {count(lines, 'ligne')} ; l’appel en accepte {most}"
    remedy = "résumez-le, et développez-le dans la stratégie"
    return [document.notice("etat_des_lieux.diagnostic", message, remedy)]


def totals_of(read: Mapping[str, Any]) -> tuple[Total, ...]:
    """Return the totals that the file writes, each with the sum of its lines."""
    named = (
        ("etat_des_lieux", "etp", "total des ETP en place"),
        ("demande", "etp", "total des ETP demandés"),
        ("budget", "montant", "montant total demandé, en euros"),
    )
    return tuple(
        Total(
            label,
            read[table][f"{noun}_total"],
            sum(read[table].get(f"{noun}_{volet}", 0) for volet in VOLETS),
            f"{table}.{noun}_total",
        )
        for table, noun, label in named
        if f"{noun}_total" in read.get(table, {})
    )


def posts_told(
    document: Document, read: Mapping[str, Any], structure_id: str, study: Study
) -> list[Notice]:
    """Say where the posts that a structure tells are not those that the study counts."""
    posts = active_posts(study)
    told = read.get("etat_des_lieux", {})
    warnings = []
    for volet in VOLETS:
        own = (posts["structure_id"] == structure_id) & (posts["volet"] == volet)
        counted = sum(posts.loc[own, "etp"], Fraction(0))
        declared = told.get(f"etp_{volet}")
        if declared is not None and counted * _HUNDREDTHS != declared:
            filed = decimal(Fraction(declared, _HUNDREDTHS), 2)
            message = (
                f"{filed} ETP déclarés ; l’étude en compte {decimal(counted, 2)} en {study.year}"
            )
            remedy = "accordez le dossier et la table « postes »"
            warnings.append(document.notice(f"etat_des_lieux.etp_{volet}", message, remedy))
    return warnings

"""ETP asked against the ETP that a claim lacks."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.against.arguments import etp_told
from coverage.dossiers.claims.weighed import FACILITATOR
from coverage.dossiers.model import CONFORM, DISCUSS
from coverage.dossiers.proportion.citing import of_call
from coverage.model import VOLETS
from coverage.proposals.model import HUNDREDTHS
from coverage.proposals.rules import ratio
from coverage.wording import THIN, decimal, whole

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.claims.weighed import Weighed
    from coverage.dossiers.model import Finding
    from coverage.proposals.model import Call


RULE = "besoins_non_couverts"


def etp_line(own: Weighed, bench: Bench) -> Finding:
    """Return ETP asked against ETP missing, both volets told when both are asked."""
    place = f"demande.etp_{own.volet}"
    cited = of_call(bench.call, RULE)
    asked = f"{_asked(own)}{_volets(own)}"
    if own.volet != FACILITATOR:
        return cited.line(DISCUSS, place, f"{asked}{_for_region(own, bench)}")
    if own.missing_hundredths is None:
        message = (
            f"{asked}{THIN}; besoin inconnu{THIN}: à documenter, rien ne dit combien il manque."
        )
        return cited.line(DISCUSS, place, message, "documenter le besoin de ce périmètre")
    hours = own.claim.missing_hours
    least = "au moins " if any(each.unknown for each in own.claim.places) else ""
    lacking = (
        f"{least}{etp_told(Fraction(hours, own.hourly))} manquant{_s(own.missing_hundredths)}"
        if hours
        else "aucune heure manquante connue"
    )
    message = f"{asked} pour {lacking} ({whole(hours)} h à {whole(own.hourly)} h par ETP)"
    if own.asked_hundredths <= own.missing_hundredths:
        return cited.line(CONFORM, place, f"{message}.")
    if own.missing_hundredths:
        times = decimal(Fraction(own.asked_hundredths, own.missing_hundredths), 1)
        message += f"{THIN}: {times} fois ce qui manque"
    return cited.line(DISCUSS, place, f"{message}.", _remedy(own, bench.call))


def _asked(own: Weighed) -> str:
    if not own.asked_hundredths:
        return "Aucun ETP demandé"
    told = etp_told(Fraction(own.asked_hundredths, HUNDREDTHS))
    return f"{told} demandé{_s(own.asked_hundredths)}"


def _volets(own: Weighed) -> str:
    """Say what both volets ask together, when both ask."""
    asked = [own.case.form.get(f"demande.etp_{volet}", 0) for volet in VOLETS]
    if not all(asked):
        return ""
    return f" ({etp_told(Fraction(sum(asked), HUNDREDTHS))}, les deux volets réunis)"


def _for_region(own: Weighed, bench: Bench) -> str:
    """Say how many facilitators a coordinator would have to animate: no rule tells."""
    table = bench.coverage.regions["facilitateurs_etp"]
    network = sum((Fraction(table.get(region, 0)) for region in own.claim.regions), Fraction(0))
    return (
        f" pour {etp_told(network)} de facilitateurs à animer{THIN}; l’appel ne dit pas combien de "
        "temps de coordinateur il y faut."
    )


def _remedy(own: Weighed, call: Call) -> str:
    least = ratio(call, "etp_minimum")
    if least is not None and own.asked_hundredths <= least * HUNDREDTHS:
        return (
            f"élargir le périmètre ou se grouper avec un voisin{THIN}: c’est déjà le minimum de "
            "l’appel"
        )
    return "réduire la demande, élargir le périmètre ou se grouper avec un voisin"


def _s(hundredths: int) -> str:
    """Return the mark of the plural: French counts from two."""
    return "s" if hundredths >= 2 * HUNDREDTHS else ""

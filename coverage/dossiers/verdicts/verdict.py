"""How sure a claim is, and the one figure to verify first (methode, « Dossiers »).

A claim is shown when its three tests hold, when the shortage outlives the productivity of 95 % of
draws (method, section 7) once its neighbours have lent all their spare hours, and when no objection
left without an answer takes half of it away.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import (
    FAILED,
    LIKELY,
    NOT_SHOWN,
    PASSED,
    SHOWN,
    UNKNOWN,
    Verdict,
)
from coverage.dossiers.verdicts.margins import productivity_to_turn
from coverage.dossiers.verdicts.verify import first_to_verify, unknown_figure
from coverage.dossiers.words import OUTCOME_NAMES, TEST_NAMES
from coverage.proofs import certainty
from coverage.wording import THIN, listing, percent, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.dossiers.model import Claim, ClaimTest, Objection
    from coverage.dossiers.verdicts.balance import Balance

NEED = "besoin"
"""Name of the second test."""

HALF = Fraction(1, 2)
"""Part of the missing hours that an objection without an answer may not take away."""

BEARING = frozenset(
    {
        *("extension", "limitrophe", "besoin_estime", "hypothese", "hors_zone", "projet"),
        "perimetre_a_confirmer",
    }
)
"""Kinds of objections that say the shortage is less than claimed; the others leave it whole."""


def verdict_of(
    claim: Claim,
    tests: Sequence[ClaimTest],
    objections: Sequence[Objection],
    balance: Balance,
) -> Verdict:
    """Return how sure a claim of facilitators is.

    Parameters
    ----------
    balance
        Of `claim_balance`: what is missing, and what neighbours could lend.
    """
    if _unknown(claim, tests, balance):
        return Verdict(NOT_SHOWN, _to_document(claim), *unknown_figure(claim))
    turned = productivity_to_turn(balance)
    against = _against(claim, tests, balance, turned)
    doubts = [] if against else _doubts(tests, objections, turned)
    figure, why = first_to_verify(claim, tests, objections, balance, turned)
    if against:
        return Verdict(NOT_SHOWN, _not_shown(claim, against), figure, why)
    if doubts:
        sentence = f"L’insuffisance est probable, sans être démontrée{THIN}: {listing(doubts)}."
        return Verdict(LIKELY, sentence, figure, why)
    return Verdict(SHOWN, _shown(claim, turned), figure, why)


def _unknown(claim: Claim, tests: Sequence[ClaimTest], balance: Balance) -> bool:
    """Tell whether nothing can be said of the need: nothing is missing, but some is unknown."""
    if any(test.name == NEED and test.outcome == UNKNOWN for test in tests):
        return True
    return not balance.left() and any(place.unknown for place in claim.places)


def _to_document(claim: Claim) -> str:
    if not claim.missing_hours:
        return f"Le besoin de ce périmètre est inconnu{THIN}: à documenter avant tout argument."
    return (
        f"Les {whole(claim.missing_hours)} h qui manquent pourraient être servies par les postes "
        f"en place, et le reste du besoin est inconnu{THIN}: à documenter avant tout argument."
    )


def _against(
    claim: Claim, tests: Sequence[ClaimTest], balance: Balance, turned: int | None
) -> list[str]:
    """Return what keeps a claim from being even likely."""
    found = [
        f"le test « {TEST_NAMES[test.name]} » n’est pas établi"
        for test in tests
        if test.outcome == FAILED
    ]
    if not claim.white_communes:
        found.append("aucune commune du périmètre n’est en zone blanche retenue")
    if not claim.missing_hours:
        found.append("aucune heure n’y manque")
    elif turned is not None and certainty(turned) == NOT_SHOWN:
        found.append(
            "les postes en place, étendus à ce périmètre, suffiraient dès qu’un ETP accompagne "
            f"{whole(turned)} h par an (l’étude en compte {whole(balance.hourly)})"
        )
    return found


def _not_shown(claim: Claim, against: Sequence[str]) -> str:
    """Say why a claim is not shown; a zone blanche stays one by the call's words."""
    opening = "L’insuffisance n’est pas démontrée"
    if claim.white_communes:
        opening = "Zone blanche au sens de l’appel, mais l’insuffisance n’est pas démontrée"
    return f"{opening}{THIN}: {listing(against)}."


def _doubts(
    tests: Sequence[ClaimTest], objections: Sequence[Objection], turned: int | None
) -> list[str]:
    """Return what keeps a likely claim from being shown."""
    found = [
        f"le test «\u00a0{TEST_NAMES[test.name]}\u00a0» reste {OUTCOME_NAMES[test.outcome]}"
        for test in tests
        if test.outcome != PASSED
    ]
    if turned is not None and certainty(turned) != SHOWN:
        found.append(
            f"plus rien ne manquerait si un ETP accompagnait {whole(turned)} h par an, une "
            "productivité que l’étude n’exclut pas"
        )
    for each in objections:
        if each.kind in BEARING and each.share >= HALF and not each.answer:
            found.append(f"une objection sans réponse porte sur {percent(each.share)} des heures")
            break
    return found


def _shown(claim: Claim, turned: int | None) -> str:
    """Say what a shown claim rests on."""
    missing = whole(claim.missing_hours)
    if claim.lent_hours:
        return (
            f"L’insuffisance est démontrée{THIN}: {missing} h attendent un poste dédié, dont "
            f"{whole(claim.lent_hours)} h que seules des extensions servent aujourd’hui."
        )
    lasts = (
        "quelle que soit leur productivité"
        if turned is None
        else f"tant qu’un ETP n’accompagne pas {whole(turned)} h par an"
    )
    return (
        f"L’insuffisance est démontrée{THIN}: {missing} h manquent, que les postes en place, même "
        f"étendus à ce périmètre, ne peuvent pas toutes servir, {lasts}."
    )

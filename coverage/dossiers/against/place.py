"""Objections to the place claimed: outside zones blanches, asked by others too."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.against.arguments import etp_told, objection, share_told
from coverage.dossiers.claims.cells import missing_cells
from coverage.dossiers.claims.weighed import weighed
from coverage.proposals.model import HUNDREDTHS
from coverage.wording import THIN, decimal, percent, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Claim, Objection
    from coverage.proposals.application import Application

OUTSIDE, RIVAL = "hors_zone", "autre_candidature"


def outside_zones(claim: Claim, scope: Sequence[str], bench: Bench) -> Iterator[Objection]:
    """Yield the part of a claim that is in no zone retenue, with its missing hours."""
    count = sum(place.white < 1 for place in claim.places)
    if not count:
        return
    missing = claim.missing_hours
    hours = int(missing_cells(claim.units, scope, bench, ~bench.today.white).sum())
    places = plural(count, "commune", "communes")
    part = _part_outside(claim)
    if claim.white_communes:
        opening = f"{places} sur {whole(len(claim.places))} ne sont pas, en tout ou partie, en zone"
    else:
        opening = "Aucune commune de ce périmètre n’est en zone"
    with_hours = (
        f", avec {share_told(hours, missing)}" if hours else ", mais aucune heure n’y manque"
    )
    yield objection(
        OUTSIDE,
        "",
        hours,
        missing,
        sentence=f"{opening} blanche retenue{part}{with_hours if missing else ''}.",
        answer="Les heures manquantes sont toutes dans la part en zone blanche."
        if missing and not hours
        else "",
    )


def _part_outside(claim: Claim) -> str:
    if claim.white_population is None or not claim.white_communes:
        return ""
    return f" ({percent(1 - claim.white_population)} des habitants)"


def rivals(claim: Claim, scope: Sequence[str], case: Case, bench: Bench) -> Iterator[Objection]:
    """Yield the missing hours that each other application asks to serve too, by its file."""
    for other in sorted(bench.applications, key=lambda each: each.application_id):
        if other.application_id == case.application_id:
            continue
        for units, theirs, hundredths in _asked(other, claim.volet):
            shared = sorted(set(units) & set(claim.units))
            classes = [class_ for class_ in scope if class_ in theirs]
            if shared and classes:
                hours = int(missing_cells(shared, classes, bench).sum())
                yield _rival(claim, other, len(shared), hours, hundredths, case, bench)


def _asked(other: Application, volet: str) -> Iterator[tuple[Sequence[int], Sequence[str], int]]:
    """Yield the units, classes and hundredths of ETP that an application asks for in a volet."""
    for own in other.asked:
        if own.volet == volet:
            yield own.units, own.scope, own.hundredths
    if other.enlarged is not None and volet == "facilitateur":
        yield other.enlarged.units, other.enlarged.scope, 0


def _rival(
    claim: Claim,
    other: Application,
    shared: int,
    hours: int,
    hundredths: int,
    case: Case,
    bench: Bench,
) -> Objection:
    missing = claim.missing_hours
    posts = (
        f"un poste de {decimal(Fraction(hundredths, HUNDREDTHS), 2)} ETP"
        if hundredths
        else "une extension sans poste"
    )
    count = plural(shared, "commune", "communes")
    told = f", avec {share_told(hours, missing)}" if hours else ""
    return objection(
        RIVAL,
        other.structure_id,
        hours,
        missing,
        sentence=f"«\u00a0{other.structure_name}\u00a0» demande {posts} sur {count} de ce "
        f"périmètre{told}.",
        answer=_room(claim, hundredths, case, bench),
    )


def _room(claim: Claim, theirs: int, case: Case, bench: Bench) -> str:
    """Say whether the claim has work for both, when it has; empty otherwise."""
    own = weighed(claim.volet, claim, case, bench)
    both = own.asked_hundredths + theirs
    if own.missing_hundredths is None or both > own.missing_hundredths:
        return ""
    asked, missing = (
        etp_told(Fraction(each, HUNDREDTHS)) for each in (both, own.missing_hundredths)
    )
    return f"Il y a du travail pour les deux{THIN}: {asked} demandés en tout, {missing} manquants."

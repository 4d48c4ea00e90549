"""First test of a claim: is it one coherent area (contiguity, EPCI, other claims)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.against.arguments import structure_name
from coverage.dossiers.awards.overlaps import ALREADY_GRANTED, BOTH_ASKED
from coverage.dossiers.claims.contiguity import join, land_doubts, land_reasons
from coverage.dossiers.claims.epci_cuts import epci_doubts, epci_of, epci_reasons
from coverage.dossiers.model import DOUBTFUL, FAILED, PASSED, UNKNOWN, ClaimTest, Figure
from coverage.wording import THIN, listing, named, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.dossiers.awards.overlaps import Overlap
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.claims.contiguity import Joined
    from coverage.dossiers.claims.epci_cuts import CutEpci
    from coverage.dossiers.model import Case, Claim

NAME = "coherence"

HALF = Fraction(1, 2)
"""Of the inhabitants: a claim in pieces whose main one holds more can be discussed."""

_LAND = "frontières communes du fond de carte"
_EPCI = "composition des EPCI et des EPT (Code officiel géographique)"


def coherence_test(claim: Claim, case: Case, bench: Bench) -> ClaimTest:
    """Say whether a facilitator's claim is one coherent area."""
    joined = join(claim, case.structure_id, bench)
    cut, complete = epci_of(claim, bench)
    shared = _overlaps(case, claim.volet, bench)
    doubts = [
        *land_doubts(joined),
        *_region_doubts(claim),
        *epci_doubts(cut),
        *_shared_doubts(shared, case),
    ]
    outcome = _outcome(joined, doubts)
    return ClaimTest(
        name=NAME,
        outcome=outcome,
        sentence=_sentence(outcome, claim, joined, doubts),
        reasons=(
            *land_reasons(claim, joined),
            *_region_reasons(claim, bench),
            *epci_reasons(cut, complete),
            f"Zones d’emploi{THIN}: non vérifiées, leur découpage n’est pas dans les données.",
            *_shared_reasons(shared, bench),
        ),
        figures=_figures(claim, joined, cut, complete, shared),
    )


def _overlaps(case: Case, volet: str, bench: Bench) -> tuple[Overlap, ...] | None:
    """Return the overlaps of an application, seen from it; None when it cannot be understood."""
    if case.application is None:
        return None
    own = case.application_id
    found = [
        replace(each, other=each.application_id, other_structure=each.structure_id)
        if each.kind == BOTH_ASKED and each.other == own
        else each
        for each in bench.overlaps
        if each.volet == volet and own in {each.application_id, each.other}
    ]
    return tuple(sorted(found, key=lambda each: (each.kind, each.other)))


def _outcome(joined: Joined, doubts: Sequence[str]) -> str:
    if not joined.pieces:
        return UNKNOWN
    if not joined.whole and joined.with_own > joined.lands and joined.main <= HALF:
        return FAILED
    return DOUBTFUL if doubts else PASSED


def _region_doubts(claim: Claim) -> Iterator[str]:
    if len(claim.regions) > 1:
        yield f"{len(claim.regions)} régions touchées"
    elif claim.outside:
        yield "un périmètre hors de la région du porteur ou de l’étude"


def _shared_doubts(shared: Sequence[Overlap] | None, case: Case) -> Iterator[str]:
    if shared is None:
        yield "des recouvrements non vérifiés"
        return
    if any(each.kind == BOTH_ASKED for each in shared):
        yield "un territoire demandé aussi par une autre candidature"
    if any(each.kind == ALREADY_GRANTED and each.other != case.structure_id for each in shared):
        yield "un territoire où un poste est déjà accordé"


def _sentence(outcome: str, claim: Claim, joined: Joined, doubts: Sequence[str]) -> str:
    if outcome == UNKNOWN:
        return "La cohérence du périmètre n’a pu être vérifiée : aucune commune n’a de contour."
    if outcome == FAILED:
        return (
            f"Le périmètre demandé n’est pas d’un seul tenant{THIN}: {joined.pieces} ensembles "
            f"séparés, dont le principal a {percent(joined.main)} des habitants."
        )
    if outcome == DOUBTFUL:
        return f"La cohérence du périmètre se discute{THIN}: {listing(doubts)}."
    what = "une seule commune" if len(claim.places) == 1 else "des communes d’un seul tenant"
    apart = ", îles mises à part" if joined.lands > 1 else ""
    return (
        f"Le périmètre demandé est cohérent{THIN}: {what}{apart}, et aucune commune blanche n’est "
        "laissée de côté dans un EPCI coupé (zones d’emploi non vérifiées)."
    )


def _region_reasons(claim: Claim, bench: Bench) -> Iterator[str]:
    names = bench.coverage.territory.names["region"]
    if len(claim.regions) > 1:
        told = listing(names.get(code, code) for code in claim.regions)
        yield f"Le périmètre touche {len(claim.regions)} régions ({told}){THIN}: à discuter."
    if claim.outside:
        count = plural(len(claim.outside), "commune est", "communes sont")
        yield f"{count} hors de la région du porteur, ou hors des régions de l’étude."


def _shared_reasons(shared: Sequence[Overlap] | None, bench: Bench) -> Iterator[str]:
    if shared is None:
        yield (
            "Les recouvrements avec d’autres candidatures ne sont pas vérifiés tant que la "
            "candidature n’est pas complète."
        )
        return
    for each in shared:
        count = plural(len(each.units), "commune", "communes")
        who = named([structure_name(each.other_structure, bench)])
        if each.kind == BOTH_ASKED:
            yield f"La candidature {named([each.other])} demande aussi {count} du périmètre."
        elif each.kind == ALREADY_GRANTED:
            yield f"Un poste déjà accordé à {who} couvre {count} du périmètre."
        else:
            yield f"Cette candidature a déjà une convention ({named([each.other])})."
    if not shared:
        yield "Aucune autre candidature, aucun poste déjà accordé à un autre sur ce territoire."


def _figures(
    claim: Claim,
    joined: Joined,
    cut: Sequence[CutEpci],
    complete: int,
    shared: Sequence[Overlap] | None,
) -> tuple[Figure, ...]:
    def communes(kind: str) -> int | None:
        if shared is None:
            return None
        return len({unit for each in shared if each.kind == kind for unit in each.units})

    return (
        Figure("Communes demandées", len(claim.places), "communes", "périmètre de la candidature"),
        Figure("Ensembles de communes qui se touchent", joined.pieces or None, "nombre", _LAND),
        Figure("EPCI ou EPT pris en entier", complete, "nombre", _EPCI),
        Figure("EPCI ou EPT coupés", len(cut), "nombre", _EPCI),
        Figure(
            "Communes blanches laissées de côté dans les EPCI coupés",
            sum(each.left for each in cut),
            "communes",
            f"{_EPCI} ; zones de l’étude",
        ),
        Figure("Zones d’emploi touchées", None, "nombre", "découpage de l’Insee, non fourni"),
        Figure(
            "Communes demandées aussi par une autre candidature",
            communes(BOTH_ASKED),
            "communes",
            "candidatures de l’étude",
        ),
        Figure(
            "Communes où un poste est déjà accordé à un autre",
            communes(ALREADY_GRANTED),
            "communes",
            "postes et conventions de l’étude",
        ),
    )

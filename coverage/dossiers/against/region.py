"""Objections to a coordinator: the région has one, another asks, nobody knows what waits."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import Objection
from coverage.wording import decimal, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Claim

PROVIDED, RIVAL, UNKNOWN_NEED = "region_pourvue", "autre_candidature", "besoin_inconnu"


def region_objections(claim: Claim, case: Case, bench: Bench) -> Iterator[Objection]:
    """Yield what a jury may say of a coordinator asked for some régions; no hour is at stake."""
    table = bench.coverage.regions["coordinateurs_etp"]
    for region in claim.regions:
        if region in bench.judged.regions.provided:
            posts = decimal(Fraction(table.get(region, 0)), 2)
            own = bench.coordinators.get(region, ()) == (case.structure_id,)
            yield _whole(
                PROVIDED,
                "",
                f"La région {bench.judged.regions.names[region]} a déjà un coordinateur en poste "
                f"({posts} ETP).",
                "Ce coordinateur est celui du porteur\u202f: le renouveler ne serait pas une "
                "création."
                if own
                else "",
            )
    for other in sorted(bench.applications, key=lambda each: each.application_id):
        asked = {own.volet: own.units for own in other.asked}
        if other.application_id == case.application_id or claim.volet not in asked:
            continue
        if set(asked[claim.volet]) & set(claim.units):
            yield _whole(
                RIVAL,
                other.structure_id,
                f"{named([other.structure_name])} demande aussi un poste de coordinateur pour ce "
                "territoire.",
            )
    if bench.coverage.need.sites.services is None:
        yield Objection(
            UNKNOWN_NEED,
            "",
            Fraction(0),
            0,
            "Les acheteurs régionaux de l’État à accompagner sont inconnus\u202f: aucun fichier de "
            "l’étude n’en parle.",
            "",
        )


def _whole(kind: str, structure_id: str, sentence: str, answer: str = "") -> Objection:
    """Return an objection that takes the whole claim away."""
    return Objection(kind, structure_id, Fraction(1), 0, sentence, answer)

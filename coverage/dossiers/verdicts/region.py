"""How sure the claim of a coordinator is: it is on régions, not on hours."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import (
    DOUBTFUL,
    FAILED,
    LIKELY,
    NOT_SHOWN,
    PASSED,
    SHOWN,
    UNKNOWN,
    Figure,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim, ClaimTest

_SENTENCES = {
    SHOWN: "Région sans coordinateur, dont le besoin est établi.",
    LIKELY: "Le besoin d’un coordinateur est probable, sans être démontré.",
    NOT_SHOWN: "Le besoin d’un coordinateur n’est pas démontré.",
}


_RULE = "coordinateur_region_non_pourvue"

_WORST = (FAILED, UNKNOWN, DOUBTFUL, PASSED)


def region_verdict(claim: Claim, tests: Sequence[ClaimTest], bench: Bench) -> Verdict:
    """Return how sure the claim of a coordinator is, by its three tests.

    The figure to verify first is the coordinators in post: one is enough to turn it.
    """
    outcomes = {test.outcome for test in tests}
    table = bench.coverage.regions["coordinateurs_etp"]
    posts = sum((Fraction(table.get(region, 0)) for region in claim.regions), Fraction(0))
    closed = posts > 0 and bench.call.rules[_RULE].active
    word = LIKELY
    if closed or outcomes & {FAILED, UNKNOWN} or not tests:
        word = NOT_SHOWN
    elif outcomes == {PASSED}:
        word = SHOWN
    # Not established first, then unknown, then open to discussion: the reason of the word.
    worst = min(tests, key=lambda test: _WORST.index(test.outcome), default=None)
    reason = "" if worst is None or worst.outcome == PASSED else f" {worst.sentence}"
    why = (
        "La demande ne tiendrait que si ces postes n’étaient plus en vigueur, ou au titre d’un "
        "renouvellement."
        if posts
        else "Un seul coordinateur déjà en poste dans la région ferait tomber la demande."
    )
    figure = Figure("ETP de coordinateur en poste dans la région", posts, "ETP", "postes déposés")
    return Verdict(word, f"{_SENTENCES[word]}{reason}", figure, why)

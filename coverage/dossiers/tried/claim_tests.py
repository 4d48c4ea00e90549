"""The three tests of a claim, by volet: one area, a need that nothing serves, nobody to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.dossiers.model import UNKNOWN, ClaimTest
from coverage.dossiers.tried.coherence import coherence_test
from coverage.dossiers.tried.coordination import VOLET, coordinator_tests
from coverage.dossiers.tried.need_test import need_test
from coverage.dossiers.tried.neighbour_test import neighbour_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.claims.neighbours import Neighbour
    from coverage.dossiers.model import Case, Claim

NAMES = ("coherence", "besoin", "voisins")
_EMPTY = "Aucune commune n’est demandée : rien ne peut être vérifié."


def claim_tests(
    claim: Claim, scope: Sequence[str], case: Case, bench: Bench, near: tuple[Neighbour, ...]
) -> tuple[ClaimTest, ...]:
    """Return the tests `coherence`, `besoin` and `voisins` of a claim.

    Parameters
    ----------
    scope
        Classes of buyers claimed.
    near
        The structures in reach, as `neighbours` gives them.
    """
    if not claim.places:
        return tuple(ClaimTest(name, UNKNOWN, _EMPTY, (), ()) for name in NAMES)
    if claim.volet == VOLET:
        return coordinator_tests(claim, case, bench)
    return (
        coherence_test(claim, case, bench),
        need_test(claim, scope, bench),
        neighbour_test(claim, scope, bench, near),
    )

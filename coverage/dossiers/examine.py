"""The only way through a dossier: its form checked, its claims tried, the argument against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.dossiers.against.objections import COORDINATOR, claim_balance, objections_of
from coverage.dossiers.claims.claim import claim_of
from coverage.dossiers.claims.neighbours import neighbours
from coverage.dossiers.findings import form_findings
from coverage.dossiers.model import Dossier
from coverage.dossiers.proportion.weigh import proportion_of
from coverage.dossiers.tried.claim_tests import claim_tests
from coverage.dossiers.verdicts.region import region_verdict
from coverage.dossiers.verdicts.verdict import verdict_of

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Claim, ClaimTest, Objection, Proportion, Verdict


def examine(case: Case, bench: Bench) -> Dossier:
    """Return an application examined whole.

    A form half filled gives what can be given: a volet whose perimeter cannot be read has no
    claim. The same case and bench give the same dossier.
    """
    claims: dict[str, Claim] = {}
    tests: dict[str, tuple[ClaimTest, ...]] = {}
    objections: dict[str, tuple[Objection, ...]] = {}
    verdicts: dict[str, Verdict] = {}
    proportions: dict[str, Proportion] = {}
    for volet, (units, scope) in sorted(
        case.places.items(), key=lambda item: item[0], reverse=True
    ):
        if not units:
            continue
        claim = claim_of(volet, units, scope, case.structure_id, bench)
        near = neighbours(claim, scope, case.structure_id, bench)
        claims[volet] = claim
        tests[volet] = claim_tests(claim, scope, case, bench, near)
        objections[volet] = objections_of(claim, scope, case, bench, near)
        if volet == COORDINATOR:
            verdicts[volet] = region_verdict(claim, tests[volet], bench)
        else:
            balance = claim_balance(claim, scope, case, bench, near)
            verdicts[volet] = verdict_of(claim, tests[volet], objections[volet], balance)
        proportions[volet] = proportion_of(volet, claim, case, bench)
    return Dossier(
        case=case,
        findings=form_findings(case, bench),
        claims=claims,
        tests=tests,
        objections=objections,
        verdicts=verdicts,
        proportions=proportions,
    )

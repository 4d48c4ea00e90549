"""The strongest objections that a jury could raise against a claim, each computed (method, 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.dossiers.against.hypotheses import productivity, threshold, unconfirmed
from coverage.dossiers.against.lending import beside, extensions, redeployed
from coverage.dossiers.against.need import ending, estimated, unknown_need
from coverage.dossiers.against.place import outside_zones, rivals
from coverage.dossiers.against.region import region_objections
from coverage.dossiers.claims.cells import missing_cells
from coverage.dossiers.verdicts.balance import balance_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.claims.neighbours import Neighbour
    from coverage.dossiers.model import Case, Claim, Objection
    from coverage.dossiers.verdicts.balance import Balance

COORDINATOR = "coordinateur"


def objections_of(
    claim: Claim, scope: Sequence[str], case: Case, bench: Bench, near: Sequence[Neighbour]
) -> tuple[Objection, ...]:
    """Return what could be said against a claim, the strongest first.

    By the part of the missing hours that each takes away, then by kind and structure.

    Parameters
    ----------
    scope
        Classes of buyers claimed.
    near
        Of `neighbours`.
    """
    if claim.volet == COORDINATOR:
        found = list(region_objections(claim, case, bench))
    else:
        balance = claim_balance(claim, scope, case, bench, near)
        found = list(_facilitators(claim, scope, case, balance, bench))
    return tuple(sorted(found, key=lambda o: (-o.share, o.kind, o.structure_id, o.sentence)))


def claim_balance(
    claim: Claim, scope: Sequence[str], case: Case, bench: Bench, near: Sequence[Neighbour]
) -> Balance:
    """Return what a claim lacks, and what the applicant and its neighbours could lend it."""
    names = {case.structure_id, *(each.structure_id for each in near)}
    return balance_of(claim.units, scope, names, bench)


def _facilitators(
    claim: Claim, scope: Sequence[str], case: Case, balance: Balance, bench: Bench
) -> Iterator[Objection]:
    yield from outside_zones(claim, scope, bench)
    yield from unknown_need(claim)
    yield from rivals(claim, scope, case, bench)
    if not claim.missing_hours:
        return
    missing = missing_cells(claim.units, scope, bench)
    yield from extensions(claim, case.structure_id, balance, bench)
    yield from beside(claim, bench)
    yield from redeployed(claim, scope, bench)
    yield from estimated(claim, missing, bench)
    yield from ending(claim, missing, bench)
    yield from productivity(claim, balance)
    yield from threshold(claim, scope, bench)
    yield from unconfirmed(claim, scope, bench)

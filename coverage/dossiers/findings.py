"""Every rule of the call on the form of one application: what holds, lacks, is to be weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.dossiers.model import LEVELS
from coverage.dossiers.rules.bearer import bearer_findings
from coverage.dossiers.rules.boxes import box_findings
from coverage.dossiers.rules.coordinator import coordinator_findings
from coverage.dossiers.rules.examined import examined
from coverage.dossiers.rules.money import money_findings
from coverage.dossiers.rules.perimeter import perimeter_findings
from coverage.dossiers.rules.pieces import RULE as PIECES
from coverage.dossiers.rules.pieces import piece_findings
from coverage.dossiers.rules.results import result_findings
from coverage.dossiers.rules.texts import text_findings

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Finding

_THEMES = (
    bearer_findings,
    money_findings,
    piece_findings,
    perimeter_findings,
    box_findings,
    coordinator_findings,
    text_findings,
    result_findings,
)


def form_findings(case: Case, bench: Bench) -> tuple[Finding, ...]:
    """Return what is found of an application, the gaps of its reading included.

    A rule of the call that bears on the application is there once it holds too; one that the
    study lifts says so. What sets an option of the application aside in a plan is *contraire*, or
    *à compléter* for an attachment, and nothing else is *contraire*.

    Returns
    -------
    tuple of Finding
        Gravest first, then by place, rule and message.
    """
    it = examined(case, bench)
    found = {finding for theme in _THEMES for finding in theme(it)}
    # A line of attachments left empty is a piece that lacks: the rule tells it.
    told = {finding.place for finding in found if finding.rule == PIECES}
    found |= {gap for gap in case.gaps if gap.place not in told}
    return tuple(sorted(found, key=_order))


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return (-LEVELS.index(finding.level), finding.place, finding.rule, finding.message)

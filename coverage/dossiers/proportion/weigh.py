"""Whether what is asked is in proportion: ETP, objectives, duration, cost, payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.dossiers.claims.weighed import weighed
from coverage.dossiers.model import Proportion
from coverage.dossiers.proportion.etp import etp_line
from coverage.dossiers.proportion.lasting import lasting_lines
from coverage.dossiers.proportion.money import cost_lines, payment_lines, payments_of
from coverage.dossiers.proportion.objectives import objective_lines

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Claim


def proportion_of(volet: str, claim: Claim, case: Case, bench: Bench) -> Proportion:
    """Return how a volet's request compares with what its claim lacks and with what others do."""
    own = weighed(volet, claim, case, bench)
    lines = (
        etp_line(own, bench),
        *objective_lines(volet, claim, case, bench),
        *lasting_lines(own, bench),
        *cost_lines(own.asked, volet, bench),
        *payment_lines(own.asked, volet, bench),
    )
    return Proportion(
        own.asked_hundredths, own.missing_hundredths, lines, payments_of(own.asked, bench)
    )

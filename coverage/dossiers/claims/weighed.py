"""What a volet asks, and what its claim lacks, in ETP."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd

from coverage.proposals.model import HUNDREDTHS

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Claim
    from coverage.proposals.application import Asked

FACILITATOR = "facilitateur"


@dataclass(frozen=True)
class Weighed:
    """What a volet asks, and what its claim lacks.

    Attributes
    ----------
    asked
        As plans compare it; None while the application cannot be understood.
    asked_hundredths
        ETP as written, 0 when nothing can be read.
    hourly
        Hours per ETP of the applicant: its own when the study gives it.
    missing_hundredths
        ETP that the missing hours make; None when the need is unknown, or is not one of hours.
    """

    volet: str
    claim: Claim
    case: Case
    asked: Asked | None
    asked_hundredths: int
    hourly: int
    missing_hundredths: int | None


def weighed(volet: str, claim: Claim, case: Case, bench: Bench) -> Weighed:
    """Return what a volet asks, and what its claim lacks."""
    asked = None
    if case.application is not None:
        asked = next((each for each in case.application.asked if each.volet == volet), None)
    written = case.form.get(f"demande.etp_{volet}", 0)
    hourly = productivity_of(case.structure_id, bench)
    unknown = not claim.missing_hours and any(place.unknown for place in claim.places)
    missing = None
    if volet == FACILITATOR and not unknown:
        missing = int(Fraction(claim.missing_hours * HUNDREDTHS, hourly) + Fraction(1, 2))
    return Weighed(
        volet=volet,
        claim=claim,
        case=case,
        asked=asked,
        asked_hundredths=asked.hundredths if asked is not None else int(written),
        hourly=hourly,
        missing_hundredths=missing,
    )


def productivity_of(structure_id: str, bench: Bench) -> int:
    """Return the hours per ETP of a structure, the study's when it has none of its own."""
    study = bench.coverage.study
    own = study.structures["heures_par_etp"].get(structure_id, pd.NA)
    return study.parameters.heures_par_etp if pd.isna(own) else int(own)

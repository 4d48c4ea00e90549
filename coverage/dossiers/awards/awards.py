"""Conventions signed after an award: their dates, their rank, their payments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coverage.proposals.budget import action_end, payments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from fractions import Fraction

    from coverage.model import Study
    from coverage.proposals.model import Call


@dataclass(frozen=True)
class Award:
    """A convention.

    Attributes
    ----------
    application_id, post_id, renews
        Application retained, post of the study, convention renewed; empty when not given.
    renewals
        How many conventions filed it renews, one after the other.
    signed, begun, started, end
        Signature, first day of the convention, first and last day of the action.
    recruited
        None when nobody is.
    cents
        Subsidy of the call.
    """

    convention_id: str
    structure_id: str
    structure_name: str
    application_id: str
    volet: str
    etp: Fraction
    post_id: str
    renews: str
    renewals: int
    signed: date
    begun: date
    started: date
    end: date
    recruited: date | None
    cents: int

    def payments(self, call: Call) -> tuple[tuple[str, int, int], ...]:
        """Return the advance and the balance: nature, year, cents.

        The balance is due once the action is carried out: the year of its last day.
        """
        advance, (nature, _, rest) = payments(self.cents, self.signed, call)
        return advance, (nature, self.end.year, rest)

    def vacant_days(self, at: date) -> int:
        """Return the days from the start of the action to the recruitment, `at` at most."""
        last = min(at, self.recruited or self.end, self.end)
        return max((last - self.started).days, 0)


def awards_of(study: Study, call: Call) -> tuple[Award, ...]:
    """Return the conventions of a study, by identifier."""
    rows = [{str(k): v for k, v in row.items()} for row in study.awards.to_dict("records")]
    renewed = {row["convention_id"]: row["renouvelle"] for row in rows if row["renouvelle"]}
    found = [_award(row, study, call, _rank(row["convention_id"], renewed)) for row in rows]
    return tuple(sorted(found, key=lambda award: award.convention_id))


def _award(row: Mapping[str, Any], study: Study, call: Call, rank: int) -> Award:
    structure, begun = str(row["structure_id"]), row["debut"]
    started = row["mise_en_oeuvre"] or begun
    return Award(
        convention_id=str(row["convention_id"]),
        structure_id=structure,
        structure_name=str(study.structures["nom"].get(structure, structure)),
        application_id=str(row["candidature"]),
        volet=str(row["volet"]),
        etp=row["etp"],
        post_id=str(row["poste_id"]),
        renews=str(row["renouvelle"]),
        renewals=rank,
        signed=row["signature"] or begun,
        begun=begun,
        started=started,
        end=action_end(started, call),
        recruited=row["recrutement"],
        cents=int(row["cents"]),
    )


def _rank(name: str, renewed: Mapping[str, str]) -> int:
    """Return how many conventions one renews; the reader has refused circles."""
    rank = 0
    while name in renewed:
        name, rank = renewed[name], rank + 1
    return rank

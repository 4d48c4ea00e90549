"""The follow-up of a study's conventions: everything that is told of them at one day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.dossiers.awards.awards import awards_of
from coverage.dossiers.awards.followup import remarks
from coverage.dossiers.awards.overlaps import find_overlaps
from coverage.dossiers.awards.results import comparisons, end_of_year, regional_results, regions_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from coverage.dossiers.awards.awards import Award
    from coverage.dossiers.awards.followup import Remark
    from coverage.dossiers.awards.overlaps import Overlap
    from coverage.dossiers.awards.results import Comparison, Mean
    from coverage.dossiers.bench import Bench


@dataclass(frozen=True)
class Followup:
    """What follows the awards of a study.

    Attributes
    ----------
    at
        Day spoken of.
    means
        By (région, volet), then indicator.
    regions
        (structure, volet) → région of most inhabitants of its perimeter, empty when unknown.
    payments
        (convention, nature, year, cents), in the order of conventions.
    """

    at: date
    awards: tuple[Award, ...]
    remarks: tuple[Remark, ...]
    comparisons: tuple[Comparison, ...]
    means: Mapping[tuple[str, str], Mapping[str, Mean]]
    regions: Mapping[tuple[str, str], str]
    overlaps: tuple[Overlap, ...]
    payments: tuple[tuple[Award, str, int, int], ...]


def follow(bench: Bench, at: date | None = None) -> Followup:
    """Return the follow-up of a study.

    Parameters
    ----------
    at
        The last day of the study's year by default, never the clock's.
    """
    coverage, call = bench.coverage, bench.call
    day = end_of_year(coverage.study, at)
    awards = awards_of(coverage.study, call)
    return Followup(
        at=day,
        awards=awards,
        remarks=remarks(coverage, call, day),
        comparisons=tuple(comparisons(coverage, call, day)),
        means=regional_results(coverage, call, day),
        regions=regions_of(awards, coverage),
        overlaps=(
            bench.overlaps if at is None else find_overlaps(coverage, bench.applications, call, day)
        ),
        payments=tuple((award, *paid) for award in awards for paid in award.payments(call)),
    )

"""What conventions came to, by ETP: reports against objectives and against the région's mean."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.dossiers.awards.awards import awards_of
from coverage.dossiers.awards.indicators import ANNUAL, INDICATOR_NAMES, INTERMEDIATE, OBJECTIVE
from coverage.dossiers.model import CONFORM, DISCUSS, INCOMPLETE
from coverage.model import VOLETS
from coverage.proposals.kept import main_regions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coverage.dossiers.awards.awards import Award
    from coverage.model import Coverage, Study
    from coverage.proposals.model import Call

LEAST_CONVENTIONS = 3
"""Conventions under which no mean is told: it would be the figures of one or two structures."""


@dataclass(frozen=True)
class Mean:
    """The mean of an indicator by ETP, weighted by the ETP of the conventions.

    Attributes
    ----------
    value
        None under `LEAST_CONVENTIONS`.
    conventions
        How many annual reports tell this indicator.
    """

    value: Fraction | None
    conventions: int


@dataclass(frozen=True)
class Comparison:
    """One indicator of a report, or the lack of it, by ETP.

    Attributes
    ----------
    value, objective
        None when unknown.
    reached
        Part of the objective; None when either is unknown or the objective is 0.
    level
        `conforme`, `a_discuter`, `a_completer`; empty for an intermediate report, that tells
        part of a year and is not judged.
    """

    award: Award
    report: str
    day: date
    indicator: str
    value: Fraction | None
    objective: Fraction | None
    reached: Fraction | None
    mean: Mean
    level: str


def end_of_year(study: Study, at: date | None = None) -> date:
    """Return the day that a follow-up speaks of: the last of the study's year, or the one given."""
    return at or date(study.year, 12, 31)


def reports_until(study: Study, at: date) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the last report of each kind of each convention, objectives included, until a day.

    Objectives hold whatever their date.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(study.reports.to_dict("records"), key=lambda row: row["date"]):
        if row["rapport"] == OBJECTIVE or row["date"] <= at:
            found[row["convention_id"], row["rapport"]] = {str(k): v for k, v in row.items()}
    return dict(sorted(found.items()))


def regions_of(awards: Sequence[Award], coverage: Coverage) -> dict[tuple[str, str], str]:
    """Return the région of each (structure, volet) that has a convention, empty when unknown."""
    found: dict[tuple[str, str], str] = {}
    for volet in VOLETS:
        names = {award.structure_id for award in awards if award.volet == volet}
        regions = main_regions(coverage, volet, names) if names else {}
        found |= {(name, volet): regions.get(name, "") for name in sorted(names)}
    return found


def regional_results(
    coverage: Coverage, call: Call, at: date | None = None
) -> dict[tuple[str, str], dict[str, Mean]]:
    """Return the mean of each indicator by (région, volet), from the last annual reports.

    Parameters
    ----------
    at
        Reports later than this day are not read; the end of the study's year by default.
    """
    study = coverage.study
    awards = awards_of(study, call)
    reports = reports_until(study, end_of_year(study, at))
    regions = regions_of(awards, coverage)
    told: defaultdict[tuple[str, str], defaultdict[str, list[tuple[Fraction, Fraction]]]]
    told = defaultdict(lambda: defaultdict(list))
    for award in awards:
        report = reports.get((award.convention_id, ANNUAL), {})
        own = told[regions[award.structure_id, award.volet], award.volet]
        for name in INDICATOR_NAMES:
            if report.get(name) is not None:
                own[name].append((report[name], award.etp))
    return {
        place: {name: _mean(own.get(name, [])) for name in INDICATOR_NAMES}
        for place, own in sorted(told.items())
    }


def _mean(told: Sequence[tuple[Fraction, Fraction]]) -> Mean:
    if len(told) < LEAST_CONVENTIONS:
        return Mean(None, len(told))
    etp = sum((weight for _, weight in told), Fraction(0))
    return Mean(sum((value * weight for value, weight in told), Fraction(0)) / etp, len(told))


def comparisons(coverage: Coverage, call: Call, at: date | None = None) -> list[Comparison]:
    """Return each report against the objectives and the mean, by convention, report, indicator."""
    study = coverage.study
    awards = awards_of(study, call)
    reports = reports_until(study, end_of_year(study, at))
    regions = regions_of(awards, coverage)
    means = regional_results(coverage, call, at)
    return [
        line
        for award in awards
        for kind in (INTERMEDIATE, ANNUAL)
        if (award.convention_id, kind) in reports
        for line in _compared(
            award, kind, reports, means[regions[award.structure_id, award.volet], award.volet]
        )
    ]


def _compared(
    award: Award,
    kind: str,
    reports: Mapping[tuple[str, str], Mapping[str, Any]],
    means: Mapping[str, Mean],
) -> Iterator[Comparison]:
    report = reports[award.convention_id, kind]
    objectives = reports.get((award.convention_id, OBJECTIVE), {})
    for name in INDICATOR_NAMES:
        value, objective = report[name], objectives.get(name)
        if value is None and objective is None:
            continue
        known = value is not None and objective is not None
        yield Comparison(
            award=award,
            report=kind,
            day=report["date"],
            indicator=name,
            value=value,
            objective=objective,
            reached=value / objective if known and objective else None,
            mean=means[name],
            level=_level(kind, value, objective),
        )


def _level(kind: str, value: Fraction | None, objective: Fraction | None) -> str:
    if value is None or objective is None:
        return INCOMPLETE
    if kind == INTERMEDIATE:
        return ""
    return CONFORM if value >= objective else DISCUSS

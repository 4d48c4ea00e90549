"""The conventions of the example and what their reports tell: invented, as their names say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from coverage.dossiers.awards.indicators import ANNUAL, INTERMEDIATE, OBJECTIVE
from data.example.tables import csv_text, post_rows
from data.study.award_tables import CONVENTIONS, RESULTATS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from data.example.tables import Network

_EARLIER, _NOW = "aap_2022", "aap_2023"
_SUBSIDY_EUR = 31_220
"""Of the call, for a whole ETP and a year."""

_UNTOLD = 0.12
"""Chance that a report, or a renewal, is not there."""

_VACANT = 0.2
_OBJECTIVES = {
    "heures": 30_000,
    "beneficiaires_personnes": 90,
    "beneficiaires_etp": 18,
    "structures_inclusives": 9,
    "prises_de_contact": 40,
    "marches_accompagnes": 22,
    "partenariats": 5,
}

_Row = tuple[object, ...]


def award_files(network: Network, rng: Random) -> dict[str, str]:
    """Return `conventions.csv` and `resultats.csv`: one convention a post of the two calls.

    Those of 2022 have ended within the year; most are renewed.
    """
    awards: list[_Row] = []
    reports: list[_Row] = []
    for post, structure, volet, etp, _, funding, begun, _ in post_rows(network):
        if funding not in {_EARLIER, _NOW} or not begun:
            continue
        first = date.fromisoformat(begun)
        name = f"exemple-{first.year}-{post}"
        hired = _hired(first, rng, vacant=funding == _NOW)
        row = (structure, "", volet, etp, post)
        dates = (first - timedelta(days=20), first, first, hired or "")
        awards.append((name, *row, "", *dates, _subsidy(etp)))
        reports += _told(name, first, rng, done=funding == _EARLIER)
        if funding == _EARLIER and rng.random() > _UNTOLD:
            again = f"exemple-{first.year + 1}-{post}"
            second = first.replace(year=first.year + 1)
            awards.append((again, *row, name, second, second, second, hired or "", _subsidy(etp)))
            reports += _told(again, second, rng, done=False)
    columns = [[column.name for column in table.columns] for table in (CONVENTIONS, RESULTATS)]
    return {
        CONVENTIONS.file: csv_text(columns[0], awards),
        RESULTATS.file: csv_text(columns[1], reports),
    }


def _subsidy(etp: str) -> str:
    return f"{_SUBSIDY_EUR * float(etp):.2f}"


def _hired(first: date, rng: Random, *, vacant: bool) -> date | None:
    """Return when somebody is hired, now and then nobody."""
    if vacant and rng.random() < _VACANT:
        return None
    return first + timedelta(days=rng.choice((0, 0, 15, 30, 61)))


def _told(name: str, first: date, rng: Random, *, done: bool) -> Iterator[_Row]:
    """Yield the objectives, then the reports of a year that is over; some are not there."""
    targets = {key: round(value * rng.uniform(0.9, 1.1)) for key, value in _OBJECTIVES.items()}
    yield (name, OBJECTIVE, first, *targets.values())
    if not done:
        return
    for kind, days, part in ((INTERMEDIATE, 190, 0.45), (ANNUAL, 380, 1.0)):
        reached = [round(value * part * rng.uniform(0.7, 1.2)) for value in targets.values()]
        if rng.random() > _UNTOLD:
            yield (name, kind, first + timedelta(days=days), *reached)

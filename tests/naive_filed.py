"""What a study files, read line by line for the naive reference."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from coverage.model import Study
    from geo.territory import Territory


def lines(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


def days_in_force(post: Any, year: int) -> int:  # noqa: ANN401 - a row of the table
    """Return the inclusive days of the year in which a post is in force."""
    start = max(post.debut or date(year, 1, 1), date(year, 1, 1))
    end = min(post.fin or date(year, 12, 31), date(year, 12, 31))
    return max(0, (end - start).days + 1)


def active_posts(study: Study) -> list[Any]:
    return [
        post
        for post in lines(study.posts)
        if post.volet == "facilitateur" and post.etp > 0 and days_in_force(post, study.year) > 0
    ]


def in_force(study: Study, table: pd.DataFrame) -> list[Any]:
    """Return the lines of `perimeters` or of `drawn` that cover (section 3)."""
    staffed = {post.structure_id for post in active_posts(study)}
    return [
        line
        for line in lines(table)
        if line.volet == "facilitateur"
        and line.structure_id in staffed
        and line.etat in study.parameters.etats_perimetres
    ]


def lines_of_the_year(study: Study) -> list[Any]:
    return [line for line in lines(study.needs) if line.annee in (0, study.year)]


def known_classes(study: Study, territory: Territory) -> dict[str, set[str]]:
    """Return unit → classes whose need is known there, be it zero."""
    known: dict[str, set[str]] = {code: set() for code in territory.codes}
    for line in lines_of_the_year(study):
        for row in territory.members["commune"][line.commune]:
            known[territory.codes[row]].add(line.donneur_ordre)
    declared = lines(study.exhaustiveness)
    for code, departement, region in zip(
        territory.codes, territory.units["departement"], territory.units["region"], strict=True
    ):
        for line in declared:
            if line.region in ("", region) and line.departement in ("", departement):
                known[code].add(line.donneur_ordre)
    return known

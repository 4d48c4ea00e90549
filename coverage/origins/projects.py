"""Large projects: their hours of the year over what they touch, and where they are a ground."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.origins.contributions import (
    COLUMNS,
    MICRO,
    Contributions,
    Place,
    aside_table,
    contribution_table,
)
from coverage.origins.influence import POINT, influences
from coverage.parameters import CLASSES
from coverage.rounding import largest_remainder
from coverage.wording import THIN, decimal, listing
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coverage.model import Study
    from coverage.origins.influence import Influence
    from coverage.parameters import Parameters
    from geo.territory import Territory

CHARTER_RATES = {
    "npnru": Fraction(1, 20),
    "grand_paris_express": Fraction(1, 10),
    "jop": Fraction(1, 10),
}
"""Effort rate that a charter or a convention sets, by programme (method, section 4)."""

SITE_COLUMNS = ("projet_id", "nom", "programme", "source", "fiabilite", "unit", "shape")
"""Columns of `project_sites`."""

_TOLD_OUTSIDE = 0.0005
_UNDATED = "heures sans dates de début et de fin, impossibles à étaler"
_NOWHERE = "ne touche aucune commune (mer, étranger ou trou du fond de carte)"


def total_micro(project: Mapping[str, Any], parameters: Parameters) -> int | None:
    """Return the hours of a whole project in millionths, None when nothing tells them.

    Its hours, or amount × labour share × effort rate / hourly cost: the charter imposes the
    clause, so that every contract of the project bears one.

    Parameters
    ----------
    project
        `programme`, `heures`, `montant_eur`, `part_main_oeuvre`, `taux_effort`: NaN when not
        given.
    """
    if _given(project["heures"]):
        hours = _exact(project["heures"])
    elif _given(project["montant_eur"]):
        rate = CHARTER_RATES.get(project["programme"], parameters.taux_effort)
        labour = parameters.part_main_oeuvre
        if _given(project["taux_effort"]):
            rate = _exact(project["taux_effort"])
        if _given(project["part_main_oeuvre"]):
            labour = _exact(project["part_main_oeuvre"])
        hours = _exact(project["montant_eur"]) * labour * rate / parameters.cout_horaire_eur
    else:
        return None
    return int(hours * MICRO + Fraction(1, 2))


def year_micro(total: int, debut: date, fin: date, year: int) -> int:
    """Return the part of a total that falls in a year, by inclusive days.

    The running sum is rounded, so that the years of the project sum to its total exactly.

    >>> [year_micro(10, date(2022, 7, 1), date(2024, 6, 30), year) for year in (2022, 2023, 2024)]
    [3, 5, 2]
    """
    days = (fin - debut).days + 1

    def until(last: date) -> int:
        elapsed = min(max((last - debut).days + 1, 0), days)
        return (2 * total * elapsed + days) // (2 * days)

    return until(date(year, 12, 31)) - until(date(year - 1, 12, 31))


def in_force(projects: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the features of projects in their period; a date not given is no limit."""
    kept = [
        not (_dated(debut) and debut.year > year) and not (_dated(fin) and fin.year < year)
        for debut, fin in zip(projects["debut"], projects["fin"], strict=True)
    ]
    return projects[np.array(kept, dtype=bool)]


def project_contributions(study: Study, territory: Territory) -> Contributions:
    """Return the hours of the large projects in force in the year, each over what it touches.

    A share outside every unit (sea, abroad) goes to the units that are touched, and is told; a
    project that touches none is set aside with its hours.
    """
    touched = _current(study, territory)
    rows: list[tuple[object, ...]] = []
    places: list[Place] = []
    aside: list[tuple[str, int, str, str, float]] = []
    counted: list[Mapping[str, Any]] = []
    for project, influence in touched:
        total = total_micro(project, study.parameters)
        if total is None:
            continue
        where = (str(project["file"]), int(project["row"]), str(project["projet_id"]))
        if not (_dated(project["debut"]) and _dated(project["fin"])):
            aside.append((*where, _UNDATED, total / MICRO))
            continue
        micro = year_micro(total, project["debut"], project["fin"], study.year)
        if not len(influence.units):
            aside.append((*where, _NOWHERE, micro / MICRO))
            continue
        counted.append(project)
        for place, part in _places(str(project["projet_id"]), influence, micro):
            rows.append((len(places), *_trace(project), 1, part))
            places.append(place)
    table = contribution_table(
        {name: [row[at] for row in rows] for at, name in enumerate(COLUMNS)} if rows else None
    )
    warnings = (*_told(touched), *_twice(study, counted))
    return Contributions(table, tuple(places), warnings, aside_table(aside))


def project_sites(study: Study, territory: Territory) -> pd.DataFrame:
    """Return the units that each project in force in the year touches.

    Returns
    -------
    DataFrame
        One row a project and a unit, sorted by both: `SITE_COLUMNS`; `shape` is the influence in
        WGS84, None when it is given by communes (the whole unit then).
    """
    sites = [
        (*(project[name] for name in SITE_COLUMNS[:5]), unit, influence.shape)
        for project, influence in _current(study, territory)
        for unit in influence.units.tolist()
    ]
    columns = dict(zip(SITE_COLUMNS, zip(*sites, strict=True), strict=False)) if sites else {}
    frame = pd.DataFrame({name: list(columns.get(name, ())) for name in SITE_COLUMNS})
    kinds = dict.fromkeys(SITE_COLUMNS[:5], "str") | {"unit": "int32", "shape": "object"}
    return frame.astype(kinds)


def _current(study: Study, territory: Territory) -> list[tuple[Mapping[str, Any], Influence]]:
    """Return the projects in force, sorted by identifier, and what each touches."""
    if study.projects is None:
        return []
    return whole_projects(in_force(study.projects, study.year), territory)


def whole_projects(
    projects: pd.DataFrame, territory: Territory
) -> list[tuple[Mapping[str, Any], Influence]]:
    """Return what is said of each project and what it touches, sorted by identifier.

    Parameters
    ----------
    projects
        As `Study.projects`, of any period; all the features of each project or none.
    """
    touched = influences(projects, territory)
    by_id = {str(name): _whole(features) for name, features in projects.groupby("projet_id")}
    return [(by_id[projet_id], influence) for projet_id, influence in touched.items()]


def _whole(features: pd.DataFrame) -> Mapping[str, Any]:
    """Return what is said of a project, whatever the order of its features.

    They repeat its hours and its period, but each may have its source and its certainty.
    """
    first = features.sort_values(["file", "row"]).iloc[0]
    sources = sorted({str(source) for source in features["source"] if source})
    grades = set(features["fiabilite"])
    sure = "approximatif" if "approximatif" in grades else max(grades)
    told = {str(name): value for name, value in first.drop("geometry").items()}
    return told | {"source": " ; ".join(sources), "fiabilite": sure}


def _places(projet_id: str, influence: Influence, micro: int) -> Iterator[tuple[Place, int]]:
    """Yield the places of a project with the hours of each: one, or one for each bare point."""
    label = f"projet:{projet_id}"
    if influence.kind != POINT:
        units, weights, shape = influence.units, influence.weights, influence.shape
        yield Place(label, units, weights, known=False, shape=shape), micro
        return
    parts = largest_remainder(micro, [1] * len(influence.points))
    for (point, unit), part in zip(influence.points, parts, strict=True):
        own = np.array([unit], dtype=np.int32)
        yield Place(label, own, (1,), known=False, shape=point), part


def _trace(project: Mapping[str, Any]) -> tuple[object, ...]:
    """Return the class, programme, source and item of a project."""
    source = project["source"] or project["file"]
    class_ = CLASSES.index(project["donneur_ordre"])
    return class_, project["programme"], source, project["projet_id"]


def _told(touched: list[tuple[Mapping[str, Any], Influence]]) -> list[Notice]:
    """Return what the planner should know of places: shares outside, inhabitants for areas."""
    notices = []
    for project, influence in touched:
        where = (project["file"], int(project["row"]))
        name = f"projet « {project['projet_id']} »"
        if not len(influence.units):
            notices.append(Notice(*where, "", f"{name} : il {_NOWHERE}", _CHECK))
        elif influence.outside >= _TOLD_OUTSIDE:
            share = f"{decimal(Fraction(influence.outside) * 100, 1)}{THIN}%"
            message = f"{name} : {share} hors de toute commune, reportés sur celles qu’il touche"
            notices.append(Notice(*where, "", message, _CHECK))
        if influence.by_people:
            message = f"{name} réparti selon la population : une commune au moins est sans contour"
            notices.append(Notice(*where, "communes", message, _DRAW))
    return notices


_CHECK = "vérifiez son tracé sur la carte ; rien à faire s’il déborde vraiment"
_DRAW = "dessinez le projet pour une répartition plus juste"


def _twice(study: Study, counted: list[Mapping[str, Any]]) -> list[Notice]:
    """Return one warning when contracts and projects both bring hours of a programme."""
    programmes = {str(project["programme"]) for project in counted} - {"autre"}
    both = sorted(programmes & set(study.contracts["programme"].drop_nulls().unique()))
    if not both:
        return []
    message = (
        f"des marchés et des grands projets apportent des heures aux mêmes programmes "
        f"({listing(both)}) : un marché du projet serait compté deux fois"
    )
    remedy = "ôtez des marchés ceux du projet, ou de ses heures celles de ces marchés"
    return [Notice("grands_projets", 0, "programme", message, remedy)]


def _dated(day: object) -> bool:
    return isinstance(day, date) and not pd.isna(day)


def _given(value: float | None) -> bool:
    return value is not None and not np.isnan(value)


def _exact(value: float) -> Fraction:
    """Return the decimal that was written, 0.07 and not its nearest double."""
    return Fraction(repr(float(value)))

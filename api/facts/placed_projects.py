"""Large projects of every period, and what each touches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from api.facts.places import fold
from coverage.origins.contributions import MICRO
from coverage.origins.influence import COMMUNES
from coverage.origins.projects import total_micro, whole_projects
from coverage.wording import PROGRAMME_NAMES, THIN, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from api.facts.ground import Ground
    from coverage.origins.influence import Influence
    from coverage.parameters import Parameters

RELIABILITY_NAMES = {
    "": "fiabilité non dite",
    "certain": "emplacement certain",
    "approximatif": "emplacement approximatif",
}
SHAPE_NAMES = {
    "communes": "communes entières",
    "surface": "surface",
    "ligne": "ligne",
    "point": "points",
}
NOWHERE = "ne touche aucune commune (mer, étranger ou lacune du fond de carte)"
NO_SHAPE = "communes sans contour dans le fond de carte"


@dataclass(frozen=True)
class PlacedProject:
    """A large project, whatever its period.

    Attributes
    ----------
    debut, fin
        First and last day, None when not given.
    premiere_annee, derniere_annee
        Of the period; None where it has no known limit.
    fiabilite
        `certain` or `approximatif`: its place; empty when it is not said.
    heures
        Of the whole project, to the nearest hour; None when neither hours nor amount are given.
    heures_origine
        `declarees`, `montant` (worked out from it), or empty.
    forme
        What it touches: `communes`, `surface`, `ligne` or `point`.
    communes, regions
        That it touches, sorted.
    motif
        Why the map does not draw it, empty when it does.
    """

    projet_id: str
    nom: str
    programme: str
    programme_nom: str
    debut: str | None
    fin: str | None
    premiere_annee: int | None
    derniere_annee: int | None
    fiabilite: str
    fiabilite_nom: str
    source: str
    heures: int | None
    heures_origine: str
    heures_nom: str
    forme: str
    communes: tuple[str, ...]
    regions: tuple[str, ...]
    motif: str


@dataclass(frozen=True, eq=False)
class DrawnProject:
    """A project and its drawing.

    Attributes
    ----------
    shape
        Influence in WGS84, None when it is whole communes or touches none.
    anchor
        Longitude and latitude of a point of it, None when nothing of it can be drawn.
    """

    line: PlacedProject
    shape: Any = None
    anchor: tuple[float, float] | None = None
    drawn_communes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class ProjectQuery:
    """What is asked of the list of projects; empty values and year 0 ask nothing."""

    programme: str = ""
    annee: int = 0
    q: str = ""


def drawn_projects(ground: Ground) -> list[DrawnProject] | None:
    """Return every project filed, by name; None when no file speaks of projects."""
    filed = ground.coverage.study.projects
    if filed is None:
        return None

    def made() -> list[DrawnProject]:
        territory, parameters = ground.coverage.territory, ground.coverage.study.parameters
        projects = whole_projects(filed, territory) if len(filed) else []
        found = [_drawn(ground, parameters, *project) for project in projects]
        return sorted(found, key=lambda own: (fold(own.line.nom), own.line.projet_id))

    return ground.once(("projets dessinés",), made)


def chosen_projects(
    ground: Ground, query: ProjectQuery, region: str = ""
) -> list[PlacedProject] | None:
    """Return the projects asked for; those that touch nothing are in no région.

    None when no file speaks of projects.
    """
    projects = drawn_projects(ground)
    if projects is None:
        return None
    wanted = fold(query.q)
    return [
        line
        for line in (project.line for project in projects)
        if ground.shows(line.communes, region)
        and query.programme in ("", line.programme)
        and (not query.annee or in_year(line.premiere_annee, line.derniere_annee, query.annee))
        and (not wanted or wanted in fold(line.nom) or wanted in fold(line.projet_id))
    ]


def in_year(first: int | None, last: int | None, year: int) -> bool:
    """Tell whether a project is in its period during a year; a date not given is no limit.

    >>> in_year(2022, None, 2030), in_year(2022, 2024, 2025)
    (True, False)
    """
    return (first is None or first <= year) and (last is None or year <= last)


def years_of(lines: Iterable[PlacedProject], year: int) -> tuple[int, int]:
    """Return the first and the last year that a date of a project tells, the study's included."""
    limits = [limit for line in lines for limit in (line.premiere_annee, line.derniere_annee)]
    known = [limit for limit in limits if limit is not None]
    return min([year, *known]), max([year, *known])


def _drawn(
    ground: Ground, parameters: Parameters, project: Mapping[str, Any], influence: Influence
) -> DrawnProject:
    units = ground.coverage.territory.units.iloc[influence.units]
    with_shape = units[~shapely.is_missing(units.geometry.to_numpy())]
    by_communes = influence.kind == COMMUNES
    shape = None if by_communes or not len(units) else influence.shape
    grounds = list(with_shape.geometry[:1]) if by_communes else [shape]
    anchors = [_anchor(ground_shape) for ground_shape in grounds if ground_shape is not None]
    why = "" if anchors else NO_SHAPE if len(units) else NOWHERE
    return DrawnProject(
        line=_line(parameters, project, influence, units, why),
        shape=shape,
        anchor=anchors[0] if anchors else None,
        drawn_communes=tuple(map(str, with_shape.index)) if by_communes else (),
    )


def _anchor(shape: Any) -> tuple[float, float]:  # noqa: ANN401 - shapely has no types
    inside = shapely.point_on_surface(shape)
    return float(shapely.get_x(inside)), float(shapely.get_y(inside))


def _line(
    parameters: Parameters,
    project: Mapping[str, Any],
    influence: Influence,
    units: pd.DataFrame,
    why: str,
) -> PlacedProject:
    debut, fin = (_day(project[name]) for name in ("debut", "fin"))
    micro = total_micro(project, parameters)
    hours = None if micro is None else (micro + MICRO // 2) // MICRO
    origin = "" if hours is None else "montant" if np.isnan(project["heures"]) else "declarees"
    programme, sure = str(project["programme"]), str(project["fiabilite"] or "")
    return PlacedProject(
        projet_id=str(project["projet_id"]),
        nom=str(project["nom"]),
        programme=programme,
        programme_nom=PROGRAMME_NAMES.get(programme, programme),
        debut=debut,
        fin=fin,
        premiere_annee=int(debut[:4]) if debut else None,
        derniere_annee=int(fin[:4]) if fin else None,
        fiabilite=sure,
        fiabilite_nom=RELIABILITY_NAMES.get(sure, sure),
        source=str(project["source"]),
        heures=hours,
        heures_origine=origin,
        heures_nom=_hours_words(hours, origin, dated=bool(debut and fin)),
        forme=influence.kind,
        communes=tuple(map(str, units.index)),
        regions=tuple(sorted(set(units["region"]))),
        motif=why,
    )


def _hours_words(hours: int | None, origin: str, *, dated: bool) -> str:
    if hours is None:
        return "inconnues"
    told = f"{whole(hours)} h sur toute la période"
    if origin == "montant":
        told += ", tirées du montant"
    if not dated:
        told += f"{THIN}; dates manquantes, non réparties par année"
    return told


def _day(value: Any) -> str | None:  # noqa: ANN401 - a date, or what pandas puts for none
    return None if value is None or pd.isna(value) else str(value.isoformat())

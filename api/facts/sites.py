"""State services and large projects of a commune or of a zone, by their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.origins.services import TYPES
from coverage.wording import PROGRAMME_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from api.facts.ground import Ground

ACCOMPANIED_NAMES = {
    "non": "non accompagné",
    "inconnu": "accompagnement à préciser",
    "oui": "accompagné",
}
"""In the order that readers are told: what waits first."""


@dataclass(frozen=True)
class ServiceLine:
    """A State service.

    Attributes
    ----------
    accompagne
        `oui`, `non` or `inconnu`.
    structure
        Name of the structure that accompanies it, empty when it is not said.
    approximatif
        Whether only its whole city is known (Paris, Lyon, Marseille).
    """

    service_id: str
    nom: str
    type: str
    type_nom: str
    accompagne: str
    accompagne_nom: str
    structure: str
    commune: str
    commune_nom: str
    approximatif: bool


@dataclass(frozen=True)
class ProjectLine:
    """A large project in its period.

    Attributes
    ----------
    debut, fin
        First and last day, None when not given.
    fiabilite
        `certain` or `approximatif`: its place; empty when it is not said.
    """

    projet_id: str
    nom: str
    programme: str
    programme_nom: str
    debut: str | None
    fin: str | None
    fiabilite: str


def services_of_commune(ground: Ground, unit: int) -> list[ServiceLine] | None:
    """Return the State services of a commune; None when no file speaks of services."""
    table = ground.coverage.need.sites.services
    if table is None:
        return None
    return _services(ground, np.flatnonzero(table["unit"].to_numpy() == unit).tolist())


def waiting_services(ground: Ground, zone_id: str) -> list[ServiceLine] | None:
    """Return the services of a zone that are not accompanied, or of which it is not known.

    None when no file speaks of services.
    """
    if not ground.presence.services_known:
        return None
    atoms = np.maximum(ground.presence.waiting, ground.presence.doubtful)
    rows = np.flatnonzero(np.isin(atoms, ground.coverage.zone_atoms[zone_id]))
    return _services(ground, rows.tolist())


def projects_of_commune(ground: Ground, unit: int) -> list[ProjectLine] | None:
    """Return the projects that touch a commune; None when no file speaks of projects."""
    table = ground.coverage.need.sites.projects
    if table is None:
        return None
    return _projects(ground, table.loc[table["unit"] == unit, "projet_id"])


def projects_of_zone(ground: Ground, zone_id: str) -> list[ProjectLine] | None:
    """Return the projects that touch a zone; None when no file speaks of projects."""
    held = ground.presence
    if not held.projects_known:
        return None
    inside = np.isin(held.project_atom, ground.coverage.zone_atoms[zone_id])
    return _projects(
        ground, ground.coverage.need.sites.names["projet_id"].iloc[np.unique(held.project[inside])]
    )


def _services(ground: Ground, rows: list[int]) -> list[ServiceLine]:
    table = ground.coverage.need.sites.services
    filed = ground.coverage.study.services
    if table is None or filed is None or not rows:
        return []
    holders = dict(zip(filed["service_id"], filed["structure_id"], strict=True))
    communes = ground.coverage.communes["nom"]
    structures = ground.coverage.study.structures["nom"]
    lines = []
    for row in table.iloc[rows].drop_duplicates("service_id").to_dict("records"):
        code = str(ground.coverage.territory.codes[row["unit"]])
        holder = holders[row["service_id"]]
        lines.append(
            ServiceLine(
                service_id=str(row["service_id"]),
                nom=str(row["nom"]),
                type=str(row["type"]),
                type_nom=TYPES[row["type"]][1] if row["type"] in TYPES else str(row["type"]),
                accompagne=str(row["accompagne"]),
                accompagne_nom=ACCOMPANIED_NAMES[row["accompagne"]],
                structure=str(structures.get(holder, holder)),
                commune=code,
                commune_nom=str(communes[code]),
                approximatif=bool(row["approximatif"]),
            )
        )
    order = list(ACCOMPANIED_NAMES)
    return sorted(lines, key=lambda line: (order.index(line.accompagne), line.nom, line.service_id))


def _projects(ground: Ground, names: Iterable[Any]) -> list[ProjectLine]:
    filed = ground.coverage.study.projects
    wanted = sorted({str(name) for name in names})
    if filed is None or not wanted:
        return []
    own = filed[filed["projet_id"].isin(wanted)].sort_values(["projet_id", "file", "row"])
    lines = [
        ProjectLine(
            projet_id=str(row["projet_id"]),
            nom=str(row["nom"]),
            programme=str(row["programme"]),
            programme_nom=PROGRAMME_NAMES.get(row["programme"], str(row["programme"])),
            debut=_day(row["debut"]),
            fin=_day(row["fin"]),
            fiabilite=str(row["fiabilite"] or ""),
        )
        for row in own.drop_duplicates("projet_id").to_dict("records")
    ]
    return sorted(lines, key=lambda line: (line.nom, line.projet_id))


def _day(value: date | None) -> str | None:
    return None if value is None or pd.isna(value) else value.isoformat()

"""Who covers a commune, by which perimeters and with which hours; who does not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from api.facts.names import LEVEL_NAMES, level_name
from api.facts.values import NATURE_NAMES, STATE_NAMES, Amount, amount
from coverage.model import NATURES
from coverage.reach import SHARE_OF_NOTE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    import geopandas as gpd

    from api.facts.ground import Ground


@dataclass(frozen=True)
class FiledPerimeter:
    """A perimeter as filed.

    Attributes
    ----------
    perimetre
        Its row in the table of perimeters by codes, from 0; None when it is drawn.
    trace
        `code` or `dessin`.
    compte
        Whether it covers; else `pourquoi` says why it does not.
    """

    perimetre: int | None
    structure_id: str
    structure: str
    volet: str
    trace: str
    nature: str
    nature_nom: str
    niveau: str
    code: str
    nom: str
    etat: str
    etat_nom: str
    compte: bool
    pourquoi: str


@dataclass(frozen=True)
class Holder:
    """A structure whose perimeter in force holds the commune, whole or in part.

    Attributes
    ----------
    part
        Share of the commune's area, six decimals.
    etp, capacite_h
        Of all its facilitators in activity, wherever they work: this capacity is shared with
        the other communes of its perimeter.
    """

    structure_id: str
    nom: str
    nature: str
    nature_nom: str
    part: str
    etp: Amount
    capacite_h: int
    perimetres: list[FiledPerimeter]


def holders(ground: Ground, unit: int) -> list[Holder]:
    """Return the structures that cover a commune, strongest nature first."""
    filed = [line for line in filed_in(ground, unit) if line.compte]
    names = ground.coverage.study.structures["nom"]
    return [
        Holder(
            structure_id=structure,
            nom=str(names.get(structure, structure)),
            nature=nature,
            nature_nom=NATURE_NAMES[nature],
            part=f"{min(share, 1.0):.6f}",
            etp=amount(facilitator_etp(ground, structure)),
            capacite_h=capacity_hours(ground, structure),
            perimetres=[
                line for line in filed if (line.structure_id, line.nature) == (structure, nature)
            ],
        )
        for (structure, nature), share in sorted(
            ground.cover(unit).items(), key=lambda item: (NATURES.index(item[0][1]), item[0][0])
        )
    ]


def aside(ground: Ground, unit: int) -> list[FiledPerimeter]:
    """Return the perimeters filed on a commune that cover nothing."""
    return [line for line in filed_in(ground, unit) if not line.compte]


def filed_in(ground: Ground, unit: int) -> list[FiledPerimeter]:
    """Return every perimeter filed that holds some of a commune, by codes then drawn."""
    table = ground.filed_by_unit
    first, last = np.searchsorted(table["unit"].to_numpy(), [unit, unit + 1])
    return [
        *by_codes(ground, table["perimetre"].iloc[first:last].tolist()),
        *drawn(ground, _drawn_rows(ground, unit)),
    ]


def by_codes(ground: Ground, rows: Iterable[int]) -> list[FiledPerimeter]:
    """Return some perimeters by codes, by their row in the study's table."""
    filed = ground.coverage.study.perimeters
    territory = ground.coverage.territory
    lines = []
    for row in rows:
        found = filed.iloc[row]
        level, code = str(found["niveau"]), str(found["code"])
        lines.append(
            FiledPerimeter(
                perimetre=int(row),
                trace="code",
                niveau=LEVEL_NAMES[level],
                code=code,
                nom=level_name(territory, level, code),
                **_common(ground, found),
            )
        )
    return lines


def drawn(ground: Ground, rows: Iterable[int]) -> list[FiledPerimeter]:
    """Return some drawn perimeters, by their row in the study's table."""
    filed = ground.coverage.study.drawn
    return [
        FiledPerimeter(
            perimetre=None,
            trace="dessin",
            niveau="dessin",
            code="",
            nom=f"{filed['file'].iloc[row]}, élément {filed['row'].iloc[row]}",
            **_common(ground, filed.iloc[row]),
        )
        for row in rows
    ]


def facilitator_etp(ground: Ground, structure: str) -> Fraction:
    """Return the ETP of the facilitators of a structure in activity in the year."""
    return etp_of(ground, structure, "facilitateur")


def etp_of(ground: Ground, structure: str, volet: str) -> Fraction:
    """Return the ETP of a volet of a structure in activity in the year."""
    return ground.etp.get((structure, volet), ground.no_etp)


def capacity_hours(ground: Ground, structure: str) -> int:
    """Return the whole hours that a structure can answer in the study."""
    table = ground.supply
    return int(table.loc[table["structure_id"] == structure, "hours"].sum())


def _common(ground: Ground, found: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of a table
    structure, volet = str(found["structure_id"]), str(found["volet"])
    why = _why_not(ground, structure, volet, str(found["etat"]))
    return {
        "structure_id": structure,
        "structure": str(ground.coverage.study.structures["nom"].get(structure, structure)),
        "volet": volet,
        "nature": str(found["nature"]),
        "nature_nom": NATURE_NAMES[found["nature"]],
        "etat": str(found["etat"]),
        "etat_nom": STATE_NAMES[found["etat"]],
        "compte": not why,
        "pourquoi": why,
    }


def _why_not(ground: Ground, structure: str, volet: str, state: str) -> str:
    if volet != "facilitateur":
        return "périmètre de coordinateur : il ne couvre rien"
    if state not in ground.coverage.study.parameters.etats_perimetres:
        return f"état « {STATE_NAMES[state]} » : il n’est pas compté"
    if not facilitator_etp(ground, structure):
        return f"aucun poste de facilitateur en activité en {ground.coverage.study.year}"
    return ""


def _drawn_rows(ground: Ground, unit: int) -> list[int]:
    """Return the drawings that hold more than a note of a commune."""
    filed: gpd.GeoDataFrame = ground.coverage.study.drawn
    shape = ground.coverage.territory.units.geometry.iloc[unit]
    if filed.empty or shape is None:
        return []
    drawings = filed.geometry.to_numpy(dtype=object)
    near = np.flatnonzero(shapely.intersects(drawings, shape))
    # Degrees are enough here: both areas are of the same place, only their ratio counts.
    shares = shapely.area(shapely.intersection(drawings[near], shape)) / shapely.area(shape)
    rows: list[int] = near[shares > SHARE_OF_NOTE].tolist()
    return rows

"""The layers of a static map that are surfaces: statuses, borders, zones, claim, neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.palette import HOLE, STYLES
from coverage.wording import plural
from maps.dossiers.svg import INK, fixed, label, pattern, pattern_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.dossiers.model import Dossier
    from maps.dossiers.ground import Ground

SWATCH = (20.0, 9.0)
"""Width and height of a drawing of the legend, in points."""

NEIGHBOURS_DRAWN = 4
NATURES_HELD = ("principal", "extension_dotee", "extension")
Spot = tuple[float, float, float]
"""Middle of something written, and half its width, in points of the page."""

_OUTSIDE = "#e9ebee"
_ZONE = "#ffd23f"
_NEIGHBOUR = "#0b4f9e"
_DASHES = ("6 2", "2 2", "7 2 2 2", "10 3")


@dataclass(frozen=True)
class Layer:
    """One drawing over the land, and its lines of the legend.

    Attributes
    ----------
    entries
        (drawing in a box of `SWATCH`, words) of each line; no drawing for a line of words alone.
    definitions
        Patterns that it refers to.
    spots
        Where it writes something that no name may cover.
    rank
        Place in the legend, whatever the order in which layers are drawn.
    """

    drawing: str = ""
    entries: tuple[tuple[str, str], ...] = ()
    definitions: str = ""
    spots: tuple[Spot, ...] = ()
    rank: int = 2


def statuses(ground: Ground) -> Layer:
    """Draw every atom with the colour and pattern of its situation, the rest of the land in grey.

    Each commune drawn by itself keeps its own thin border.
    """
    style = np.where(ground.studied, ground.scope.atoms.style, len(STYLES))
    shown = np.unique(style).tolist()
    drawings, entries = [], []
    for rank in shown:
        outside = rank == len(STYLES)
        fill = _OUTSIDE if outside else f"url(#{pattern_id(STYLES[rank])})"
        path = ground.path(ground.pieces[style == rank])
        drawings.append(f'<path d="{path}" fill="{fill}"/>')
        words = "hors des régions de l’étude" if outside else STYLES[rank].label
        entries.append((_box(fill), words))
    definitions = "".join(pattern(STYLES[rank]) for rank in shown if rank < len(STYLES))
    width = ".25" if ground.by_commune else ".1"
    drawing = (
        f'<g fill-rule="evenodd" stroke="#6b7480" stroke-width="{width}" '
        f'stroke-linejoin="round">{"".join(drawings)}</g>'
    )
    holes = _holes(ground)
    return Layer(
        drawing + holes.drawing, (*entries, *holes.entries), definitions + holes.definitions
    )


def borders(ground: Ground) -> Layer:
    """Draw the borders of départements."""
    departement = ground.scope.departements[ground.scope.atoms.commune]
    lines = ground.joined_by(departement, np.ones(len(departement), dtype=bool))
    path = ground.path(lines.values())
    stroke = f'fill="none" stroke="{INK}" stroke-width=".7" stroke-opacity=".75"'
    entry = (_line(stroke), "limite de département")
    return Layer(f'<path d="{path}" {stroke}/>', (entry,) if len(lines) > 1 else ())


def zones(ground: Ground) -> Layer:
    """Draw the zones retenues as wide bands along their outline."""
    kept = ground.scope.zones["retenue"].to_numpy(dtype=bool)
    zone = ground.scope.atoms.zone
    inside = (zone >= 0) & kept[zone] & ground.studied if len(kept) else np.zeros(len(zone), bool)
    if not inside.any():
        return Layer()
    found = ground.joined_by(zone, inside)
    stroke = f'fill="none" stroke="{_ZONE}" stroke-width="2.6" stroke-linejoin="round"'
    edge = f'fill="none" stroke="{INK}" stroke-width=".5" stroke-dasharray="1 1.2"'
    path = ground.path(found.values())
    words = f"zone blanche retenue ({plural(len(found), 'zone', 'zones')} sur la carte)"
    drawing = f'<path d="{path}" {stroke}/><path d="{path}" {edge}/>'
    return Layer(drawing, ((_line(stroke) + _line(edge), words),), rank=1)


def claim(ground: Ground, count: int) -> Layer:
    """Draw the outline of what the application asks for.

    Parameters
    ----------
    count
        Communes asked for: those that the map cannot show are told.
    """
    asked = np.isin(ground.unit, ground.claimed)
    path = ground.path([ground.joined(asked)])
    casing = 'fill="none" stroke="#fff" stroke-width="3.4" stroke-linejoin="round"'
    stroke = 'fill="none" stroke="#000" stroke-width="1.8" stroke-linejoin="round"'
    words = f"périmètre demandé ({plural(len(ground.claimed), 'commune', 'communes')})"
    entries = [(_line(stroke), words)]
    if left := count - len(ground.claimed):
        noun = plural(
            left, "commune demandée hors de la carte", "communes demandées hors de la carte"
        )
        entries.append(("", noun))
    drawing = f'<path d="{path}" {casing}/><path d="{path}" {stroke}/>'
    return Layer(drawing, tuple(entries), rank=0)


def neighbours(ground: Ground, structures: Sequence[str]) -> Layer:
    """Draw the perimeters of the structures named by the argument, numbered.

    Parameters
    ----------
    structures
        Those that matter most first: the first few are drawn, the others are counted.
    """
    names = ground.bench.coverage.study.structures["nom"]
    drawings: list[str] = []
    entries: list[tuple[str, str]] = []
    spots: list[Spot] = []
    hidden = 0
    for structure in structures:
        held = ground.of_structure(structure, NATURES_HELD)
        outline = ground.joined(held) if held.any() else None
        spot = spot_of(outline, ground)
        if spot is None or len(entries) == NEIGHBOURS_DRAWN:
            hidden += 1
            continue
        mark = str(len(entries) + 1)
        stroke = (
            f'fill="none" stroke="{_NEIGHBOUR}" stroke-width="1.2" '
            f'stroke-dasharray="{_DASHES[len(entries)]}"'
        )
        drawings.append(f'<path d="{ground.path([outline])}" {stroke}/>')
        spots.append(spot)
        drawings.append(_number(spot, mark))
        entries.append((_line(stroke), f"{mark}. {names.get(structure, structure)}"))
    if hidden:
        noun = plural(hidden, "autre structure non dessinée", "autres structures non dessinées")
        entries.append(("", noun))
    return Layer("".join(drawings), tuple(entries), spots=tuple(spots), rank=3)


def named_structures(dossier: Dossier, volet: str) -> tuple[str, ...]:
    """Return who the argument speaks of: objectors, strongest first, then who covers the claim."""
    own = dossier.case.structure_id
    objectors = [each.structure_id for each in dossier.objections.get(volet, ())]
    covered: dict[str, int] = {}
    for place in dossier.claims[volet].places:
        for holder, _ in place.holders:
            covered[holder] = covered.get(holder, 0) + 1
    holders = sorted(covered, key=lambda name: (-covered[name], name))
    return tuple(name for name in dict.fromkeys((*objectors, *holders)) if name not in {"", own})


def spot_of(outline: object, ground: Ground) -> Spot | None:
    """Return where to write about an outline: in its largest part of the window."""
    parts = shapely.get_parts(shapely.intersection(outline, ground.frame.window))
    parts = parts[~shapely.is_empty(parts)]
    if not len(parts):
        return None
    return *ground.frame.point(shapely.point_on_surface(max(parts, key=shapely.area))), 5.0


def _number(spot: Spot, mark: str) -> str:
    x, y, radius = spot
    circle = (
        f'<circle cx="{fixed(x)}" cy="{fixed(y)}" r="{radius:g}" fill="#fff" '
        f'stroke="{_NEIGHBOUR}"/>'
    )
    return circle + label(x, y + 2.4, mark, fill=_NEIGHBOUR, text_anchor="middle")


def _holes(ground: Ground) -> Layer:
    """Draw the places of the base map that belong to no commune."""
    holes = ground.bench.coverage.territory.holes
    shapes = np.asarray(holes.geometry.values, dtype=object)
    seen = shapes[shapely.intersects(shapes, ground.frame.window)]
    if not len(seen):
        return Layer()
    fill = f"url(#{pattern_id(HOLE)})"
    path = ground.path(seen)
    return Layer(f'<path d="{path}" fill="{fill}"/>', ((_box(fill), HOLE.label),), pattern(HOLE))


def _box(fill: str) -> str:
    width, height = SWATCH
    return (
        f'<rect x=".3" y=".3" width="{width - 0.6:g}" height="{height - 0.6:g}" fill="{fill}" '
        f'stroke="{INK}" stroke-width=".5"/>'
    )


def _line(stroke: str) -> str:
    width, height = SWATCH
    return f'<path d="M0 {height / 2:g}H{width:g}" {stroke}/>'

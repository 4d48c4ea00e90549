"""What is laid over the map when it is asked for: points, shapes, whole communes, in columns.

A layer says everything that the browser needs to draw it, name it and count it, so that a new
one (see `api.layers`) needs no new script: groups with their sign, items with their popup, and
what is filed but not drawn, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from maps.encoding import SCALE, encode_shapes, line_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Sign:
    """How a group looks: shape and colour together, never colour alone.

    Attributes
    ----------
    path
        SVG path of its marker, about twelve pixels wide around 0,0.
    dash
        Lengths of strokes and gaps of its outlines, in pixels; none for a whole line.
    """

    path: str
    colour: str
    dash: tuple[int, ...] = ()


@dataclass(frozen=True)
class Group:
    """One line of the layer's legend."""

    key: str
    label: str
    sign: Sign


@dataclass(frozen=True, eq=False)
class Item:
    """One thing drawn.

    Attributes
    ----------
    group
        Key of its group.
    regions
        Those that it is in; the map hides it when another is chosen.
    facts
        Lines of its popup: name and text.
    lon, lat
        Where its marker and its popup stand, WGS84.
    shape
        Polygons, lines or points in WGS84, None for the marker alone.
    communes
        Codes of the communes drawn whole.
    first_year, last_year
        When it is there; None where there is no known limit.
    """

    identifier: str
    title: str
    group: str
    regions: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    lon: float
    lat: float
    shape: Any = None
    communes: tuple[str, ...] = ()
    first_year: int | None = None
    last_year: int | None = None


@dataclass(frozen=True)
class Years:
    """Bounds of the year slider and where it stands first."""

    first: int
    last: int
    chosen: int


@dataclass(frozen=True, eq=False)
class Layer:
    """Everything of a layer.

    Attributes
    ----------
    one, many
        French noun of what it shows.
    left
        Name and reason of each thing filed that is not drawn.
    elsewhere
        How many are outside the régions shown.
    unknown
        Why nothing is known of it, in French; empty when something is, be it none at all.
    """

    name: str
    title: str
    one: str
    many: str
    groups: tuple[Group, ...] = ()
    items: tuple[Item, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    elsewhere: int = 0
    years: Years | None = None
    unknown: str = ""


def layer_content(layer: Layer) -> dict[str, Any]:
    """Return a layer ready to be written as JSON; numbers of `comptes` add up to `deposes`.

    `objets` are columns: `groupe` and `regions` are positions in `groupes` and `regions`, a list
    of tuples of codes; `lon` and `lat` are ten-thousandths of a degree. `formes` are the items
    that have more than a marker: `objet` is a position in the columns, `contour`, `trait` and
    `points` are texts in the manner of `maps.encoding`, empty when there is none.
    """
    keys = [group.key for group in layer.groups]
    regions = sorted({item.regions for item in layer.items})
    known = not layer.unknown
    counts = {
        "traces": len(layer.items),
        "non_traces": len(layer.left),
        "hors_regions": layer.elsewhere,
    }
    return {
        "nom": layer.name,
        "titre": layer.title,
        "un": layer.one,
        "plusieurs": layer.many,
        "connu": known,
        "constat": layer.unknown,
        "comptes": {"deposes": sum(counts.values()), **counts} if known else None,
        "annees": _years(layer.years),
        "groupes": [_group(group) for group in layer.groups],
        "regions": [list(codes) for codes in regions],
        "objets": {
            "id": [item.identifier for item in layer.items],
            "titre": [item.title for item in layer.items],
            "groupe": [keys.index(item.group) for item in layer.items],
            "regions": [regions.index(item.regions) for item in layer.items],
            "faits": [[list(fact) for fact in item.facts] for item in layer.items],
            "lon": [_step(item.lon) for item in layer.items],
            "lat": [_step(item.lat) for item in layer.items],
            "debut": [item.first_year for item in layer.items],
            "fin": [item.last_year for item in layer.items],
        },
        "formes": _forms(layer.items),
        "non_traces": [{"titre": title, "motif": why} for title, why in layer.left],
    }


def _years(years: Years | None) -> dict[str, int] | None:
    if years is None:
        return None
    return {"premiere": years.first, "derniere": years.last, "choisie": years.chosen}


def _group(group: Group) -> dict[str, Any]:
    sign = {
        "chemin": group.sign.path,
        "couleur": group.sign.colour,
        "tirets": list(group.sign.dash),
    }
    return {"cle": group.key, "texte": group.label, "signe": sign}


def _step(degrees: float) -> int:
    return round(degrees * SCALE)


def _forms(items: Sequence[Item]) -> dict[str, list[Any]]:
    """Return the shapes of the items that have one, in columns."""
    rows = [
        row for row, item in enumerate(items) if item.shape is not None or len(item.communes) > 0
    ]
    shapes = np.array([items[row].shape for row in rows], dtype=object)
    surfaces, lines, points = (_only(shapes, dimension) for dimension in (2, 1, 0))
    return {
        "objet": rows,
        "contour": encode_shapes(shapely.simplify(surfaces, 1 / SCALE)),
        "trait": _paths(shapely.simplify(lines, 1 / SCALE)),
        "points": _paths(points),
        "communes": [list(items[row].communes) for row in rows],
    }


def _only(shapes: NDArray[np.object_], dimension: int) -> NDArray[np.object_]:
    """Return the shapes of a dimension, None in place of the others."""
    kept = shapes.copy()
    kept[shapely.get_dimensions(shapes) != dimension] = None
    return kept


def _paths(shapes: NDArray[np.object_]) -> list[str]:
    """Return lines or points as texts, one stretch a line or point, empty for None."""
    texts = [""] * len(shapes)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    steps = np.rint(points * SCALE).astype(np.int64)
    for shape, text in line_texts(steps, part, owner[part]):
        texts[shape] = f"{texts[shape]},{text}" if texts[shape] else text
    return texts

"""The shapes of a map: communes or zones, and the outlines that give the context.

Everything is dissolved from one set of simplified pieces, so that the border of a zone, of a
département and of a région run through the same points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.dissolve import dissolve, simplify
from maps.anchors import Anchors, commune_anchors, zone_anchors
from maps.drawn import DrawnLine, drawn_lines
from maps.encoding import SCALE, encode_shapes
from maps.pieces import TOLERANCE_DEG, Pieces, alike_of, array_of, pieces_of, united
from maps.scope import PLACES, place_of
from maps.statuses import STYLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from maps.scope import Scope

WHOLE = "Vue d’ensemble"


@dataclass(frozen=True)
class Outline:
    """A département or a région, or the country around.

    Attributes
    ----------
    label_at
        Where to write its name, (lon, lat) in degrees; None without geometry.
    """

    code: str
    name: str
    shape: str
    label_at: tuple[float, float] | None


@dataclass(frozen=True)
class Place:
    """Where a button leads: name, then west, south, east, north in degrees."""

    name: str
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True)
class Patch:
    """The places of a zone that are drawn alike, as one shape.

    Attributes
    ----------
    zone
        Position in the scope's zones.
    style
        Rank in `maps.statuses.STYLES`.
    """

    zone: int
    style: int
    shape: str


@dataclass(frozen=True)
class MapShapes:
    """Encoded shapes (see `maps.encoding`), empty where there is no geometry.

    Attributes
    ----------
    communes
        Whole, in the scope's order; empty list when patches of zones are drawn instead.
    parts
        Of the communes that are cut, in the order of the scope's atoms; same exception.
    hatched
        Positions of the communes drawn one by one whose drawing does not show all they hold:
        `mixte`, and whole or with a part too thin to be seen.
    patches
        Empty list when communes and their parts are drawn one by one.
    anchors, zone_anchors
        A point inside each commune and each zone.
    drawn
        Drawn perimeters; empty list in a map of patches.
    """

    communes: list[str]
    parts: list[str]
    hatched: list[int]
    patches: list[Patch]
    zones: list[str]
    anchors: Anchors
    zone_anchors: Anchors
    departements: list[Outline]
    regions: list[Outline]
    context: list[str]
    holes: list[str]
    drawn: list[DrawnLine]
    places: list[Place]


def draw(scope: Scope) -> MapShapes:
    """Return the shapes of a map."""
    pieces = pieces_of(scope)
    commune = scope.atoms.commune[pieces.atom]
    zones = united(pieces.shapes, scope.atoms.zone[pieces.atom])
    departements = united(pieces.shapes, scope.departements[commune])
    regions = united(pieces.shapes, scope.regions[commune])
    names = scope.coverage.territory.names
    communes = _communes(scope, pieces) if scope.by_commune else []
    parts = pieces.shapes[scope.atoms.cut] if scope.by_commune else np.empty(0, dtype=object)
    anchors = commune_anchors(scope, communes)
    return MapShapes(
        communes=communes,
        parts=encode_shapes(parts),
        hatched=_hatched(scope, parts) if scope.by_commune else [],
        patches=[] if scope.by_commune else _patches(scope, pieces),
        zones=encode_shapes([zones.get(row) for row in range(len(scope.zones))]),
        anchors=anchors,
        zone_anchors=zone_anchors(scope, anchors),
        departements=outlines_of(departements, names["departement"]),
        regions=outlines_of(regions, names["region"]),
        context=context_shapes(scope),
        holes=hole_shapes(scope),
        drawn=drawn_lines(scope.coverage.study, regions.values()) if scope.by_commune else [],
        places=places_of(regions),
    )


def _communes(scope: Scope, pieces: Pieces) -> list[str]:
    """Return each commune whole, those that are cut put together again."""
    atoms = scope.atoms
    shapes = np.full(len(scope.communes), None, dtype=object)
    shapes[atoms.commune] = pieces.shapes
    again = united(pieces.shapes[atoms.cut], atoms.commune[atoms.cut])
    shapes[list(again)] = array_of(again)
    return encode_shapes(shapes)


def _hatched(scope: Scope, parts: NDArray[np.object_]) -> list[int]:
    atoms = scope.atoms
    # What is thinner, on the whole, than a step of the encoding may be flattened by rounding.
    thin = 2 * shapely.area(parts) * SCALE < shapely.length(parts)
    seen = np.zeros(len(scope.communes), dtype=bool)
    seen[atoms.commune[atoms.cut]] = True
    seen[atoms.commune[atoms.cut][thin]] = False
    mixed = scope.communes["mixte"].to_numpy(dtype=bool)
    hatched: list[int] = np.flatnonzero(mixed & ~seen).tolist()
    return hatched


def _patches(scope: Scope, pieces: Pieces) -> list[Patch]:
    alike = united(pieces.shapes, alike_of(scope)[pieces.atom])
    texts = encode_shapes(array_of(alike))
    return [
        Patch(key // len(STYLES), key % len(STYLES), text)
        for key, text in zip(alike, texts, strict=True)
    ]


def outlines_of(shapes: Mapping[str, Any], names: Mapping[str, str]) -> list[Outline]:
    """Return départements or régions with their names, from their shapes by code."""
    texts = encode_shapes(list(shapes.values()))
    return [
        Outline(code, names.get(code, code), text, _label_point(shape))
        for (code, shape), text in zip(shapes.items(), texts, strict=True)
    ]


def outlined(outlines: list[Outline]) -> list[dict[str, Any]]:
    """Return outlines as a page reads them."""
    return [
        {"name": outline.name, "shape": outline.shape, "at": outline.label_at}
        for outline in outlines
    ]


def _label_point(shape: Any) -> tuple[float, float] | None:  # noqa: ANN401 - no types in shapely
    if shape is None:
        return None
    largest = max(shapely.get_parts(shape), key=shapely.area)
    point = shapely.point_on_surface(largest)
    return round(point.x, 4), round(point.y, 4)


def context_shapes(scope: Scope) -> list[str]:
    """Return the régions around those shown: a land to stand in, not to read from."""
    units = scope.coverage.territory.units
    shown = set(scope.regions.tolist())
    near = {place_of(region) for region in shown}
    region = units["region"].to_numpy(dtype=str)
    around = [r for r in np.unique(region).tolist() if r not in shown and place_of(r) in near]
    kept = np.isin(region, around)
    geometry = np.asarray(units.geometry.values, dtype=object)
    land = simplify(array_of(dissolve(geometry[kept], region[kept])), tolerance=TOLERANCE_DEG)
    # Without its inner rings: a hole of the base map would look like a lake there.
    filled = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(land)))
    return [text for text in encode_shapes(filled) if text]


def hole_shapes(scope: Scope) -> list[str]:
    """Return the holes of the base map in the régions shown."""
    holes = scope.coverage.territory.holes
    shown = holes["region"].isin(np.unique(scope.regions).tolist()).to_numpy(dtype=bool)
    geometry = np.asarray(holes.geometry.values, dtype=object)
    return [text for text in encode_shapes(geometry[shown]) if text]


def places_of(regions: Mapping[str, Any]) -> list[Place]:
    """Return where there is something drawn, the métropole first; one place is the whole."""
    found: dict[str, list[Any]] = {}
    for region, shape in regions.items():
        if shape is not None:
            found.setdefault(place_of(region), []).append(shape.bounds)
    drawn = [name for name in PLACES if name in found]
    return [Place(name if drawn[1:] else WHOLE, _around(found[name])) for name in drawn]


def _around(bounds: list[Any]) -> tuple[float, float, float, float]:
    edges = np.array(bounds, dtype=np.float64)
    west, south = edges[:, :2].min(axis=0).round(4).tolist()
    east, north = edges[:, 2:].max(axis=0).round(4).tolist()
    return west, south, east, north

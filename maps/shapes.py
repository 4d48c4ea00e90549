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
from maps.encoding import SCALE, encode_shapes
from maps.scope import PLACES, place_of
from maps.statuses import STYLES
from maps.tables import styles_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from maps.scope import Scope

TOLERANCE_DEG = 0.001
"""Of communes: hardly more than the generalisation of the base map itself."""

TOLERANCE_ZONES_DEG = 0.002
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
class Part:
    """The communes of a zone that are drawn alike, as one shape.

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
        In the scope's order; empty list when parts of zones are drawn instead.
    parts
        Empty list when communes are drawn one by one.
    anchors
        A point inside each commune, ten-thousandths of a degree, None when it is not drawn.
    """

    communes: list[str]
    parts: list[Part]
    zones: list[str]
    anchors: list[list[int] | None]
    departements: list[Outline]
    regions: list[Outline]
    context: list[str]
    holes: list[str]
    places: list[Place]


def draw(scope: Scope) -> MapShapes:
    """Return the shapes of a map."""
    pieces, members = _pieces(scope)
    firsts = np.array([rows[0] for rows in members], dtype=np.intp)
    zones = dissolve(pieces, scope.zone_of[firsts])
    departements = dissolve(pieces, scope.departements[firsts])
    regions = dissolve(pieces, scope.regions[firsts])
    names = scope.coverage.territory.names
    communes = encode_shapes(pieces) if scope.by_commune else []
    return MapShapes(
        communes=communes,
        parts=[] if scope.by_commune else _parts(scope, pieces, firsts),
        zones=encode_shapes([zones.get(row) for row in range(len(scope.zones))]),
        anchors=_anchors(scope.shapes, communes),
        departements=_outlines(departements, names["departement"]),
        regions=_outlines(regions, names["region"]),
        context=_context(scope),
        holes=_holes(scope),
        places=_places(regions),
    )


def _pieces(scope: Scope) -> tuple[NDArray[np.object_], list[NDArray[np.intp]]]:
    """Return the simplified pieces that everything is made of, and the communes of each."""
    if scope.by_commune:
        rows = np.arange(len(scope.communes))
        return simplify(scope.shapes, tolerance=TOLERANCE_DEG), list(rows.reshape(-1, 1))
    alike = scope.zone_of * len(STYLES) + np.array(styles_of(scope.communes))
    keys = np.char.add(np.char.add(scope.departements, "/"), alike.astype(str))
    merged = dissolve(scope.shapes, keys)
    order = np.argsort(keys, kind="stable")
    members = np.split(order, np.cumsum(np.unique(keys, return_counts=True)[1])[:-1])
    return simplify(_array(merged), tolerance=TOLERANCE_ZONES_DEG), members


def _parts(scope: Scope, pieces: NDArray[np.object_], firsts: NDArray[np.intp]) -> list[Part]:
    styles = np.array(styles_of(scope.communes.iloc[firsts]))
    alike = dissolve(pieces, scope.zone_of[firsts] * len(STYLES) + styles)
    texts = encode_shapes(list(alike.values()))
    return [
        Part(key // len(STYLES), key % len(STYLES), text)
        for key, text in zip(alike, texts, strict=True)
    ]


def _array(shapes: Mapping[Any, Any]) -> NDArray[np.object_]:
    made = np.empty(len(shapes), dtype=object)
    made[:] = list(shapes.values())
    return made


def _outlines(shapes: Mapping[str, Any], names: Mapping[str, str]) -> list[Outline]:
    texts = encode_shapes(list(shapes.values()))
    return [
        Outline(code, names.get(code, code), text, _label_point(shape))
        for (code, shape), text in zip(shapes.items(), texts, strict=True)
    ]


def _label_point(shape: Any) -> tuple[float, float] | None:  # noqa: ANN401 - no types in shapely
    if shape is None:
        return None
    largest = max(shapely.get_parts(shape), key=shapely.area)
    point = shapely.point_on_surface(largest)
    return round(point.x, 4), round(point.y, 4)


def _anchors(shapes: NDArray[np.object_], texts: list[str]) -> list[list[int] | None]:
    points = shapely.point_on_surface(shapes)
    xy = np.stack([shapely.get_x(points), shapely.get_y(points)], axis=1)
    drawn = ~np.isnan(xy).any(axis=1) & np.array([bool(text) for text in texts] or True)
    steps = np.rint(np.nan_to_num(xy) * SCALE).astype(np.int64).tolist()
    return [step if here else None for step, here in zip(steps, drawn, strict=True)]


def _context(scope: Scope) -> list[str]:
    """Return the régions around those shown: a land to stand in, not to read from."""
    units = scope.coverage.territory.units
    shown = set(scope.regions.tolist())
    near = {place_of(region) for region in shown}
    region = units["region"].to_numpy(dtype=str)
    around = [r for r in np.unique(region).tolist() if r not in shown and place_of(r) in near]
    kept = np.isin(region, around)
    geometry = np.asarray(units.geometry.values, dtype=object)
    land = simplify(_array(dissolve(geometry[kept], region[kept])), tolerance=TOLERANCE_DEG)
    # Without its inner rings: a hole of the base map would look like a lake there.
    filled = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(land)))
    return [text for text in encode_shapes(filled) if text]


def _holes(scope: Scope) -> list[str]:
    holes = scope.coverage.territory.holes
    shown = holes["region"].isin(np.unique(scope.regions).tolist()).to_numpy(dtype=bool)
    geometry = np.asarray(holes.geometry.values, dtype=object)
    return [text for text in encode_shapes(geometry[shown]) if text]


def _places(regions: Mapping[str, Any]) -> list[Place]:
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

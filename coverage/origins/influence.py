"""Where large projects weigh: the units that each one touches, and how they share its hours.

By area for surfaces and for points with a radius, by length for lines, by number for bare points,
by area of the communes for a list of them (method, section 4); always in the legal projection.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.crs import legal_epsg
from geo.cutting import by_projection, overlaps
from geo.planes import from_plane, image, to_plane, with_short_edges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from geo.territory import Territory

COMMUNES, SURFACE, LINE, POINT = "communes", "surface", "ligne", "point"
"""Kinds of influence; a project has one of them."""

_KINDS = {2: SURFACE, 1: LINE, 0: POINT}
_MM2_BY_M2 = 1_000_000
_MM_BY_M = 1_000
_MM2_BY_KM2 = 10**12
_SLIVER = 1e-3
_SLIVER_OF_UNIT = 0.01
_SLIVER_M = 1.0
"""Two drawings of one border leave slivers between them: parts under a thousandth of the
influence, and under a hundredth of the unit (ε of the method) or one metre of line, are none."""

_QUARTER_SEGMENTS = 32
"""Sides of a quarter of a circle: its area is right within 0.05 %."""


@dataclass(frozen=True, eq=False)
class Influence:
    """What one project touches.

    Attributes
    ----------
    kind
        `communes`, `surface`, `ligne` or `point`.
    units
        Sorted unit rows, int32; none when it touches nothing.
    weights
        Square millimetres, millimetres, points, or inhabitants where a commune has no area.
    shape
        In WGS84, None when it is given by communes.
    outside
        Share of its measure that is in no unit, from 0 to 1.
    by_people
        Whether inhabitants stand for areas.
    points
        Of bare points, each that is in a unit, with the row of it.
    """

    kind: str
    units: NDArray[np.int32]
    weights: tuple[int, ...]
    shape: Any = None
    outside: float = 0.0
    by_people: bool = False
    points: tuple[tuple[Any, int], ...] = ()


def kind_of(communes: Sequence[str], shape: Any, radius_m: float) -> str:  # noqa: ANN401 - shapely
    """Return the kind of influence of one feature.

    >>> kind_of((), shapely.Point(3, 46), 500.0)
    'surface'
    """
    if communes:
        return COMMUNES
    return SURFACE if radius_m > 0 else _KINDS[int(shapely.get_dimensions(shape))]


@dataclass(frozen=True, eq=False)
class _Ground:
    """The units, ready to be searched."""

    shapes: NDArray[np.object_]
    departements: NDArray[np.str_]

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)


def influences(projects: pd.DataFrame, territory: Territory) -> dict[str, Influence]:
    """Return what each project touches, by identifier, sorted.

    Features of one identifier are one project, whose influence is their union.

    Parameters
    ----------
    projects
        As `Study.projects`; features of one project are of one kind.
    """
    ground = _Ground(
        np.asarray(territory.units.geometry.to_numpy(), dtype=object),
        territory.units["departement"].to_numpy(dtype=str),
    )
    shapes: dict[str, dict[str, Any]] = {SURFACE: {}, LINE: {}, POINT: {}}
    found: dict[str, Influence] = {}
    for projet_id, features in projects.groupby("projet_id", sort=True):
        communes = sorted({code for codes in features["communes"] for code in codes})
        if communes:
            found[str(projet_id)] = _of_communes(communes, territory)
            continue
        drawn = [
            _with_radius(shape, radius, ground)
            for shape, radius in zip(features["geometry"], features["rayon_m"], strict=True)
        ]
        drawn.sort(key=shapely.to_wkb)  # so that the order of features changes nothing
        united = drawn[0] if len(drawn) == 1 else shapely.union_all(drawn)
        shapes[_KINDS[int(shapely.get_dimensions(united))]][str(projet_id)] = united
    found |= _of_surfaces(shapes[SURFACE], ground)
    found |= {name: _of_line(shape, ground) for name, shape in shapes[LINE].items()}
    found |= {name: _of_points(shape, ground) for name, shape in shapes[POINT].items()}
    return dict(sorted(found.items()))


def _of_communes(codes: Sequence[str], territory: Territory) -> Influence:
    units = np.unique(np.concatenate([territory.resolve("commune", code) for code in codes]))
    area_km2 = territory.units["area_km2"].to_numpy(dtype=np.float64)[units]
    by_people = bool(np.isnan(area_km2).any())
    if by_people:
        weights = tuple(territory.population[units].tolist())
    else:
        weights = tuple(np.rint(area_km2 * _MM2_BY_KM2).astype(np.int64).tolist())
    return Influence(COMMUNES, units.astype(np.int32), weights, by_people=by_people)


def _with_radius(
    shape: Any,  # noqa: ANN401 - shapely has no types
    radius_m: float,
    ground: _Ground,
) -> Any:  # noqa: ANN401
    """Return the circles around points, in WGS84; anything else as it is."""
    nowhere = shapely.is_missing(ground.shapes).all()
    if not radius_m > 0 or int(shapely.get_dimensions(shape)) > 0 or nowhere:
        return shape
    points = shapely.get_parts(shape)
    near = ground.tree.nearest(points)
    circles = np.full(len(points), None, dtype=object)
    for epsg, rows in by_projection(near, ground.departements):
        plane = shapely.buffer(image(points[rows], epsg), radius_m, quad_segs=_QUARTER_SEGMENTS)
        circles[rows] = from_plane(plane, epsg, originals=points[rows])
    return shapely.union_all(circles)


def _of_surfaces(shapes: Mapping[str, Any], ground: _Ground) -> dict[str, Influence]:
    """Return the influence of surfaces: one overlay for all of them."""
    if not shapes:
        return {}
    drawings = np.array(list(shapes.values()), dtype=object)
    met = overlaps(ground.shapes, drawings, ground.departements)
    area_m2 = shapely.area(met.piece)  # NaN where the drawing covers the unit
    covered = np.flatnonzero(shapely.is_missing(met.piece))
    for epsg, rows in by_projection(met.unit[covered], ground.departements):
        land = to_plane(with_short_edges(ground.shapes[met.unit[covered[rows]]]), epsg)
        area_m2[covered[rows]] = shapely.area(land)
    found = {}
    for at, (name, shape) in enumerate(shapes.items()):
        own = met.drawing == at
        units, areas = met.unit[own], area_m2[own]
        outside = 1.0
        if len(units):
            epsg = legal_epsg(str(ground.departements[units[0]]))
            whole = shapely.area(to_plane(with_short_edges(drawings[at : at + 1]), epsg))[0]
            outside = 1 - areas.sum() / whole
        real = (areas >= _SLIVER * areas.sum()) | (met.share[own] > _SLIVER_OF_UNIT)
        measures = np.where(real, areas * _MM2_BY_M2, 0)
        found[name] = _measured(SURFACE, units, measures, shape, outside)
    return found


def _of_line(shape: Any, ground: _Ground) -> Influence:  # noqa: ANN401 - shapely has no types
    units = np.sort(ground.tree.query(shape, predicate="intersects"))
    inside_m, whole_m, beyond_m = np.zeros(len(units)), 0.0, 0.0
    line = with_short_edges(np.array([shape], dtype=object))
    for epsg, rows in by_projection(units, ground.departements):
        plane = to_plane(line, epsg)[0]
        land = to_plane(with_short_edges(ground.shapes[units[rows]]), epsg)
        inside_m[rows] = shapely.length(shapely.intersection(land, plane))
        whole_m = float(shapely.length(plane))
        beyond_m += float(shapely.length(shapely.difference(plane, shapely.union_all(land))))
    # Beyond the units of each projection; the line is whole in every one of them.
    turns = len({legal_epsg(str(name)) for name in ground.departements[units]})
    outside = beyond_m / whole_m - (turns - 1) if whole_m else 1.0
    real = (inside_m >= _SLIVER * inside_m.sum()) | (inside_m > _SLIVER_M)
    return _measured(LINE, units, np.where(real, inside_m * _MM_BY_M, 0), shape, outside)


def _measured(
    kind: str,
    units: NDArray[np.int64],
    measures: NDArray[np.float64],
    shape: Any,  # noqa: ANN401 - shapely has no types
    outside: float,
) -> Influence:
    """Return an influence without the units that are only touched."""
    weights = np.rint(measures).astype(np.int64)
    kept = weights > 0
    return Influence(
        kind,
        units[kept].astype(np.int32),
        tuple(weights[kept].tolist()),
        shape,
        outside=min(max(outside, 0.0), 1.0) if kept.any() else 1.0,
    )


def _of_points(shape: Any, ground: _Ground) -> Influence:  # noqa: ANN401 - shapely
    """Return the influence of bare points: each is wholly in its unit, the first on a border."""
    points = shapely.get_parts(shape)
    point, unit = ground.tree.query(points, predicate="intersects")
    order = np.lexsort((unit, point))
    placed, first = np.unique(point[order], return_index=True)
    holders = unit[order][first]
    units, counts = np.unique(holders, return_counts=True)
    return Influence(
        POINT,
        units.astype(np.int32),
        tuple(counts.tolist()),
        shape,
        outside=1 - len(placed) / len(points),
        points=tuple(zip(points[placed], holders.tolist(), strict=True)),
    )

"""Which units drawn polygons reach, and the parts they cut them into (method, section 3).

Trees and predicates settle in WGS84 the units wholly inside or outside a drawing; only those
that its border crosses are cut, in the legal projection of their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.crs import legal_epsg
from geo.planes import to_plane, with_short_edges
from geo.threads import in_threads, workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

PIECES_OF_WORK = workers()

_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True)
class Overlaps:
    """What drawings hold of units, one entry a pair, sorted by unit then drawing.

    Attributes
    ----------
    unit, drawing
        Positions, int64.
    share
        f = area(unit ∩ drawing) / area(unit) in the legal projection, float64.
    piece
        unit ∩ drawing in the legal projection of the unit, None where the drawing covers it all.
    plane, land
        The drawing and the unit in that projection, None where the drawing covers the unit.
    ground
        The unit in WGS84, point for point the `land`, None where the drawing covers it.
    """

    unit: NDArray[np.int64]
    drawing: NDArray[np.int64]
    share: NDArray[np.float64]
    piece: NDArray[np.object_]
    plane: NDArray[np.object_]
    land: NDArray[np.object_]
    ground: NDArray[np.object_]


def overlaps(
    units: NDArray[np.object_], drawings: NDArray[np.object_], departements: NDArray[np.str_]
) -> Overlaps:
    """Return every pair of a unit and a drawing that meet, their border included (share 0).

    Parameters
    ----------
    units
        WGS84 polygons of a clean coverage, None where unknown, shape (units,).
    drawings
        Valid WGS84 polygons, shape (drawings,).
    departements
        Of each unit, for its legal projection.
    """
    meets, inside = _meetings(units, drawings)
    size = len(units)
    crossing = meets[~np.isin(meets @ [size, 1], inside @ [size, 1])]
    cut = _pieces(units, drawings, crossing, departements)
    pairs = np.concatenate([crossing, inside])
    order = np.lexsort((pairs[:, 0], pairs[:, 1]))
    share = np.concatenate([cut.pop("share"), np.ones(len(inside))])[order]
    none = np.full(len(inside), None, dtype=object)
    planar = {name: np.concatenate([shapes, none])[order] for name, shapes in cut.items()}
    return Overlaps(pairs[order, 1], pairs[order, 0], share, **planar)


def _meetings(
    units: NDArray[np.object_], drawings: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs (drawing, unit) that meet, and those whose unit the drawing covers."""
    tree = shapely.STRtree(units)
    rows = np.array_split(np.arange(len(drawings)), workers())

    def found(rows: NDArray[np.int64], predicate: str) -> NDArray[np.int64]:
        drawing, unit = tree.query(drawings[rows], predicate=predicate)
        return np.column_stack((rows[drawing], unit))

    work = [(own, predicate) for predicate in ("intersects", "covers") for own in rows]
    parts = in_threads(found, *zip(*work, strict=True))
    return np.concatenate(parts[: len(rows)]), np.concatenate(parts[len(rows) :])


def by_projection(
    units: NDArray[np.int64], departements: NDArray[np.str_]
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each legal projection (EPSG) with the positions in `units` of those it holds."""
    names, inverse = np.unique(departements[units], return_inverse=True)
    epsg = np.array([legal_epsg(str(name)) for name in names], dtype=np.int64)[inverse]
    for code in np.unique(epsg).tolist():
        yield code, np.flatnonzero(epsg == code)


def shares_of_work(
    units: NDArray[np.int64], departements: NDArray[np.str_]
) -> list[tuple[int, NDArray[np.int64]]]:
    """Divide `by_projection` into pieces for several threads; a unit's entries stay together."""
    shares = []
    for epsg, rows in by_projection(units, departements):
        ordered = rows[np.argsort(units[rows], kind="stable")]
        ends = np.linspace(0, len(rows), min(PIECES_OF_WORK, len(rows)) + 1).astype(np.int64)[1:-1]
        # Forward to the first entry of a unit.
        ends = np.searchsorted(units[ordered], units[ordered[ends]])
        shares += [(epsg, np.sort(own)) for own in np.split(ordered, ends) if len(own)]
    return shares


def _pieces(
    units: NDArray[np.object_],
    drawings: NDArray[np.object_],
    pairs: NDArray[np.int64],
    departements: NDArray[np.str_],
) -> dict[str, NDArray[Any]]:
    """Return `share`, `piece`, `plane`, `land` and `ground` of each (drawing, unit)."""

    def cut(epsg: int, rows: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
        drawn, drawing = np.unique(pairs[rows, 0], return_inverse=True)
        reached, unit = np.unique(pairs[rows, 1], return_inverse=True)
        plane = to_plane(with_short_edges(drawings[drawn]), epsg)[drawing]
        ground = with_short_edges(units[reached])
        land = to_plane(ground, epsg)[unit]
        piece = polygons(shapely.intersection(land, plane))
        return shapely.area(piece) / shapely.area(land), piece, plane, land, ground[unit]

    work = shares_of_work(pairs[:, 1], departements)
    none = np.full(len(pairs), None, dtype=object)
    names = ("piece", "plane", "land", "ground")
    found = {"share": np.zeros(len(pairs)), **{name: none.copy() for name in names}}
    for (_, rows), results in zip(work, in_threads(cut, *zip(*work, strict=True)), strict=True):
        for column, values in zip(found.values(), results, strict=True):
            column[rows] = values
    return found


def polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the polygons alone of what an overlay gave: contacts by a line or a point go."""
    kept = shapes.copy()
    for row in np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _POLYGONAL)):
        parts = shapely.get_parts(shapes[row])
        kept[row] = shapely.union_all(parts[shapely.area(parts) > 0])
    return kept


@dataclass(frozen=True)
class Parts:
    """Parts of units in the plane: they do not overlap and make up their unit.

    Attributes
    ----------
    unit
        Position of the unit of each part, int64.
    shape
        Polygons of some area.
    inside
        For each part, sorted positions of the drawings that hold it.
    """

    unit: NDArray[np.int64]
    shape: NDArray[np.object_]
    inside: tuple[tuple[int, ...], ...]


def split(
    units: NDArray[np.object_],
    drawings: NDArray[np.object_],
    pieces: NDArray[np.object_],
    owner: NDArray[np.int64],
) -> Parts:
    """Cut units by their drawings, one after the other, in the order given.

    Both halves of a cut come from the drawing itself, never one from the other: a drawing
    crosses edges, where a piece of the unit runs along them and leaves slivers.

    Parameters
    ----------
    units
        Polygons in the plane.
    drawings
        Polygons in the same plane; those of one unit may overlap.
    pieces
        unit ∩ drawing, already known.
    owner
        Position in `units` of each drawing, in increasing order.
    """
    counts = np.bincount(owner, minlength=len(units))
    first = np.cumsum(counts) - counts
    unit = np.arange(len(units))
    shape = units
    inside: list[tuple[int, ...]] = [()] * len(units)
    for turn in range(int(counts.max(initial=0))):
        cut = np.flatnonzero(counts[unit] > turn)
        kept = np.flatnonzero(counts[unit] <= turn)
        drawing = first[unit[cut]] + turn
        within = _common(shape[cut], drawings[drawing]) if turn else pieces[drawing]
        beyond = _rest(shape[cut], drawings[drawing], within)
        before = [inside[row] for row in cut]
        after = [(*row, int(d)) for row, d in zip(before, drawing, strict=True)]
        unit = np.concatenate([unit[kept], unit[cut], unit[cut]])
        shape = np.concatenate([shape[kept], within, beyond])
        inside = [*(inside[row] for row in kept), *after, *before]
        some = np.flatnonzero(shapely.area(shape) > 0)
        unit, shape = unit[some], shape[some]
        inside = [inside[row] for row in some]
    return Parts(unit, shape, tuple(inside))


def _common(shapes: NDArray[np.object_], drawings: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shape ∩ drawing, None where their boxes are apart."""
    within = np.full(len(shapes), None, dtype=object)
    west, south, east, north = shapely.bounds(shapes).T
    left, bottom, right, top = shapely.bounds(drawings).T
    near = np.flatnonzero((west < right) & (left < east) & (south < top) & (bottom < north))
    within[near] = polygons(shapely.intersection(shapes[near], drawings[near]))
    return within


def _rest(
    shapes: NDArray[np.object_], drawings: NDArray[np.object_], within: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return what of each shape is out of its drawing, the shape itself where they do not meet."""
    beyond = shapes.copy()
    met = np.flatnonzero(shapely.area(within) > 0)
    beyond[met] = polygons(shapely.difference(shapes[met], drawings[met]))
    return beyond

"""Invalid polygons: repaired when every reading of the drawing gives one area, else refused.

How many times the rings of a polygon turn around a place, holes the other way, is its *winding
number*: 1 inside, 0 outside, when the drawing is sound. Where a contour crosses itself there are
places of another number: 2 where two parts overlap, −1 in the second loop of a figure of eight or
in a hole drawn outside. There the area depends on the rule that one follows (sum along the rings,
even-odd, what is enclosed at all), and nobody but its author knows what was meant.

`shapely.make_valid` is not enough to judge: its structure method gives some contours rounded to
four decimals no surface at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

REPAIR_TOLERANCE = 0.01
"""Share of the area on which readings may differ (formats, drawn perimeters)."""

NO_SURFACE = "polygone sans surface"

SURFACE = 2
"""Dimension of a polygon."""

_THINNEST = 1e-9
"""Area over squared length under which there is no surface: 0.1 mm along 25 km."""

_MAX_STEPS = 200_000_000
"""Edges times faces that are looked at before a drawing is called a tangle."""

_PLACED = re.compile(r"(.*)\[(\S+) (\S+)\]")
_REASONS = {
    "Self-intersection": "polygone qui se recoupe",
    "Ring Self-intersection": "polygone dont le contour se touche ou se recoupe",
    "Hole lies outside shell": "polygone dont un trou sort du contour",
    "Holes are nested": "polygone dont des trous se recouvrent",
    "Nested shells": "polygone dont des parties se recouvrent",
    "Interior is disconnected": "polygone dont un trou coupe l’intérieur en deux",
    "Duplicate Rings": "polygone dont un contour est répété",
    "Too few points in geometry component": "polygone dont une partie est sans surface",
}


class Flaw(NamedTuple):
    """What is wrong with a polygon, in French, and a place of it as drawn."""

    what: str
    x: float
    y: float


@dataclass(frozen=True)
class Mended:
    """Polygons that are valid, and what was done.

    Attributes
    ----------
    shapes
        None where refused, shape (features,).
    repaired, refused
        Position → what was wrong.
    """

    shapes: NDArray[np.object_]
    repaired: Mapping[int, Flaw]
    refused: Mapping[int, Flaw]


def mend(shapes: NDArray[np.object_]) -> Mended:
    """Return polygons valid in the plane where they were drawn; points and lines as they are.

    Parameters
    ----------
    shapes
        Finite, shape (features,).
    """
    sound = shapes.copy()
    repaired: dict[int, Flaw] = {}
    refused: dict[int, Flaw] = {}
    surfaces = shapely.get_dimensions(shapes) == SURFACE
    for at in np.flatnonzero(surfaces & ~shapely.is_valid(shapes)).tolist():
        sound[at] = repair(shapes[at])
        (refused if sound[at] is None else repaired)[at] = _flaw(shapes[at])
    kept = np.flatnonzero(surfaces & ~shapely.is_missing(sound))
    thin = shapely.area(sound[kept]) <= _THINNEST * shapely.length(sound[kept]) ** 2
    for at in kept[thin].tolist():
        repaired.pop(at, None)
        refused[at] = Flaw(NO_SURFACE, *shapely.get_coordinates(shapes[at])[0].tolist())
        sound[at] = None
    return Mended(sound, repaired, refused)


def repair(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Return what the rings of a polygon enclose, None when readings of it differ by over 1 %.

    Empty when it encloses nothing.

    Examples
    --------
    >>> repair(shapely.from_wkt("POLYGON ((0 0, 9 9, 9 0, 0 9, 0 0))")) is None
    True
    """
    try:
        return _enclosed(*_rings(shape))
    except shapely.errors.GEOSException:
        return None


def _enclosed(rings: NDArray[np.object_], turns: NDArray[np.int64]) -> shapely.Geometry | None:
    noded = shapely.unary_union(np.array([shapely.LineString(ring) for ring in rings]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    windings = _windings(faces, rings, turns)
    if windings is None:
        return None
    enclosed = windings != 0
    areas = shapely.area(faces)
    doubtful = (areas * np.abs(windings - enclosed)).sum()
    if not doubtful <= REPAIR_TOLERANCE * areas[enclosed].sum():
        return None
    return shapely.union_all(faces[enclosed])


def _rings(shape: shapely.Geometry) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the rings, and 1 or −1 for each: times it, outer rings turn left and holes right."""
    parts = shapely.get_parts(shape)
    rings, part = shapely.get_rings(parts, return_index=True)
    outer = np.diff(part, prepend=-1) != 0
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    # From its first point, so that large coordinates cost the sum no digit.
    xy = xy - xy[np.flatnonzero(np.diff(ring, prepend=-1))][ring]
    cross = xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]
    signed = np.bincount(ring[1:], weights=cross * (np.diff(ring) == 0), minlength=len(rings))
    return rings, np.where((signed > 0) == outer, 1, -1)


def _windings(
    faces: NDArray[np.object_], rings: NDArray[np.object_], turns: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """Return the winding number of each face, None when there are too many to count."""
    points = shapely.point_on_surface(faces)
    face, ring = shapely.STRtree(rings).query(points)
    if shapely.get_num_coordinates(rings)[ring].sum() > _MAX_STEPS:
        return None
    windings = np.zeros(len(faces), np.int64)
    xy = shapely.get_coordinates(points)
    for of_face, of_ring in zip(face.tolist(), ring.tolist(), strict=True):
        around = _winding(xy[of_face], shapely.get_coordinates(rings[of_ring]))
        windings[of_face] += turns[of_ring] * around
    return windings


def _winding(point: NDArray[np.float64], ring: NDArray[np.float64]) -> int:
    """Return how many times a ring turns left around a point (Sunday, 2001: crossings of a ray)."""
    x, y = (ring - point).T
    left = x[:-1] * y[1:] - x[1:] * y[:-1]
    up = (y[:-1] <= 0) & (y[1:] > 0) & (left > 0)
    down = (y[:-1] > 0) & (y[1:] <= 0) & (left < 0)
    return int(np.count_nonzero(up)) - int(np.count_nonzero(down))


def _flaw(shape: shapely.Geometry) -> Flaw:
    found = _PLACED.fullmatch(shapely.is_valid_reason(shape))
    if found is None:
        return Flaw("polygone invalide", *shapely.get_coordinates(shape)[0].tolist())
    what, x, y = found.groups()
    return Flaw(_REASONS.get(what, "polygone invalide"), float(x), float(y))

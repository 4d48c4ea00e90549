"""Polygons of a clean coverage as lines that they share: every border is there once.

Points are rounded first (`maps.encoding`), so what two polygons share after rounding is one line.
A point is a *node* when it does not join exactly two segments; a line runs from node to node.
Nothing is simplified: no polygon loses more than rounding takes from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from maps.encoding import rounded_rings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_PLAIN = 2
"""Segments at a point that is no node."""


@dataclass(frozen=True)
class Topology:
    """Lines and the rings made of them.

    Attributes
    ----------
    points, line_of
        Longitude and latitude in whole steps, shape (points, 2), and the line of each point,
        increasing. Both ends of a line are there.
    arc, reverse
        Line of each stretch of ring and whether it is run backwards; shape (stretches,). Lines
        are numbered as the stretches first meet them.
    ring_of, shape_of
        Ring and polygon of each stretch, increasing.
    """

    points: Ints
    line_of: Ints
    arc: Ints
    reverse: NDArray[np.bool_]
    ring_of: Ints
    shape_of: Ints

    @property
    def lines(self) -> int:
        """Number of lines."""
        return int(self.line_of[-1]) + 1 if len(self.line_of) else 0


@dataclass(frozen=True)
class _Rings:
    """Points of rings in a row; `after` is the next of each on its ring, the last's the first."""

    steps: Ints
    ring: Ints
    shape: Ints
    place: Ints
    after: Ints

    def turned(self, order: Ints) -> _Rings:
        return _Rings(self.steps[order], self.ring, self.shape, self.place[order], self.after)

    @property
    def segment(self) -> Ints:
        """Number of the segment from each point to the next, whichever way it is run."""
        ends = np.sort(np.stack([self.place, self.place[self.after]], axis=1), axis=1)
        keys = ends[:, 0] * (int(self.place.max()) + 1) + ends[:, 1]
        numbers: Ints = np.unique(keys, return_inverse=True)[1]
        return numbers


def topology(shapes: NDArray[np.object_]) -> Topology:
    """Return the lines of polygons that share their borders to the last digit.

    Parameters
    ----------
    shapes
        Polygons of a clean coverage in WGS84, None where unknown, shape (shapes,).
    """
    rings = _rings(shapes)
    if not len(rings.ring):
        none = np.empty(0, dtype=np.int64)
        return Topology(np.empty((0, 2), dtype=np.int64), none, none, none.astype(bool), none, none)
    node = _nodes(rings)
    rings = rings.turned(_order_from(node[rings.place], rings.ring))
    begin = np.flatnonzero(node[rings.place])
    length = np.diff(np.append(begin, len(rings.ring)))
    arc, reverse, first = _numbered(rings, begin, length)
    points, line_of = _points(rings, begin[first], length[first])
    return Topology(points, line_of, arc, reverse, rings.ring[begin], rings.shape[begin])


def _rings(shapes: NDArray[np.object_]) -> _Rings:
    steps, ring, shape = rounded_rings(shapes)
    start, length = _spans(ring)
    number = np.repeat(np.arange(len(start)), length)
    rank = np.arange(len(ring)) - start[number]
    after = start[number] + (rank + 1) % length[number]
    place = np.unique((steps[:, 0] << 32) + steps[:, 1], return_inverse=True)[1]
    return _Rings(steps, number, shape.astype(np.int64), place, after)


def _spans(ring: NDArray[np.intp]) -> tuple[Ints, Ints]:
    """Return where each ring starts and how many points it has."""
    start = np.flatnonzero(np.append(True, ring[1:] != ring[:-1])[: len(ring)])
    return start, np.diff(np.append(start, len(ring)))


def _nodes(rings: _Rings) -> NDArray[np.bool_]:
    """Return which places are nodes, at least one on each ring; shape (places,)."""
    place, after = rings.place, rings.place[rings.after]
    _, once = np.unique(rings.segment, return_index=True)
    count = int(place.max()) + 1
    degree = np.bincount(np.concatenate([place[once], after[once]]), minlength=count)
    node: NDArray[np.bool_] = degree != _PLAIN
    # A ring that turns back on itself, flattened by rounding.
    node[after[place == after[rings.after]]] = True
    start, _ = _spans(rings.ring)
    alone = ~np.logical_or.reduceat(node[place], start)
    node[np.minimum.reduceat(place, start)[alone]] = True
    return node


def _order_from(node: NDArray[np.bool_], ring: Ints) -> Ints:
    """Return the order of points in which each ring begins with its first node."""
    start, length = _spans(ring)
    rank = np.arange(len(ring)) - start[ring]
    first = np.minimum.reduceat(np.where(node, rank, len(ring)), start)
    order: Ints = start[ring] + (rank + first[ring]) % length[ring]
    return order


def _numbered(rings: _Rings, begin: Ints, length: Ints) -> tuple[Ints, NDArray[np.bool_], Ints]:
    """Return the line of each stretch, whether it runs backwards, and each line's first stretch.

    A line is known by its two end segments: from a node, a segment leads one way only.
    """
    segment = rings.segment
    opening, closing = segment[begin], segment[begin + length - 1]
    single = rings.place[begin] < rings.place[rings.after[begin]]
    forward = np.where(length == 1, single, opening < closing)
    low, high = np.minimum(opening, closing), np.maximum(opening, closing)
    _, first, same = np.unique(
        low * (int(segment.max()) + 1) + high, return_index=True, return_inverse=True
    )
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    arc, first = rank[same], np.sort(first)
    return arc, forward != forward[first][arc], first


def _points(rings: _Rings, begin: Ints, length: Ints) -> tuple[Ints, Ints]:
    """Return the points of lines, both ends included, and the line of each."""
    total = length + 1
    line = np.repeat(np.arange(len(begin)), total)
    rank = np.arange(len(line)) - np.repeat(np.cumsum(total) - total, total)
    ending = rank == length[line]
    at = begin[line] + rank - ending
    at[ending] = rings.after[at[ending]]
    return rings.steps[at], line

"""Zones of the naive reference: a walk over shared borders (section 7)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import naive_atoms
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from naive_atoms import Atom, Parts, Shape

    from geo.territory import Territory

BOTH_WITHIN_M = 0.1
SHORTEST_BORDER_M = 1.0
SEVERAL = 2


def zones_of(
    territory: Territory, parts: Parts, statuses: Mapping[str, str]
) -> set[frozenset[str]]:
    """Return the maximal sets of places of one status and one région joined by borders.

    A commune of one piece whose atoms have all one status counts as whole.
    """
    whole = {
        unit
        for unit, atoms in parts.items()
        if len({statuses[atom.place] for atom in atoms}) == 1
        and shapely.get_num_geometries(territory.units.geometry[unit]) < SEVERAL
    }
    beside: dict[str, list[str]] = {atom.place: [] for atoms in parts.values() for atom in atoms}
    for a, b in neighbours(territory, parts):
        one, other = (replace(x, shape=None) if x.unit in whole else x for x in (a, b))
        inside = a.unit == b.unit and a.unit in whole
        if statuses[a.place] == statuses[b.place] and (inside or touch(territory, one, other)):
            beside[a.place].append(b.place)
            beside[b.place].append(a.place)
    zones = set()
    seen: set[str] = set()
    for start in beside:
        if start in seen:
            continue
        zone = {start}
        queue = deque([start])
        while queue:
            for place in beside[queue.popleft()]:
                if place not in zone:
                    zone.add(place)
                    queue.append(place)
        seen |= zone
        zones.add(frozenset(zone))
    return zones


def neighbours(territory: Territory, parts: Parts) -> Iterable[tuple[Atom, Atom]]:
    """Return pairs of atoms of one unit, or of two units of one région that share a border."""
    regions = dict(zip(territory.codes, territory.units["region"], strict=True))
    for left, right in zip(territory.borders["left"], territory.borders["right"], strict=True):
        a, b = territory.codes[left], territory.codes[right]
        if regions[a] == regions[b]:
            yield from ((one, other) for one in parts[a] for other in parts[b])
    for atoms in parts.values():
        yield from combinations(atoms, 2)


def touch(territory: Territory, a: Atom, b: Atom) -> bool:
    """Whether more than 1 m of edge lies within 0.1 m of both; whole units are known to."""
    if a.shape is None and b.shape is None:
        return True
    one, other = (
        without_slivers(
            naive_atoms.unit_shape(territory, atom.unit) if atom.shape is None else atom.shape
        )
        for atom in (a, b)
    )
    return max(edge_along(one, other), edge_along(other, one)) > SHORTEST_BORDER_M


def without_slivers(shape: Shape) -> Shape:
    """Return the shape without what is thinner than 0.1 m.

    A drawing that follows the edge of a commune leaves slivers on either side of it, be it by
    the millimetre that coordinates are snapped to. They would join parts that only share a
    point, which is not enough.
    """
    half = BOTH_WITHIN_M / 2
    return shape.buffer(-half, join_style="mitre").buffer(half, join_style="mitre")


def edge_along(one: Shape, other: Shape) -> float:
    """Return the metres of edge of `one` within reach of `other`."""
    return float(one.boundary.intersection(other.buffer(BOTH_WITHIN_M)).length)

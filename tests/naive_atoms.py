"""Atoms of the naive reference: every drawing laid over every unit, pair by pair (section 3).

A unit that no drawing cuts is one atom. One that is cut holds an atom for each set of
(structure, nature) that applies somewhere in it, in the order of these sets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from naive_filed import in_force
from pyproj import Geod, Transformer
from shapely import MultiPolygon, STRtree

from coverage.model import NATURES
from geo.crs import legal_epsg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coverage.model import Study
    from geo.territory import Territory

Filed = tuple[str, str]
"""A structure and the nature of its perimeter."""
Signature = tuple[Filed, ...]
Shape = Any
"""Shapely publishes no types."""

EPSILON = 0.01
LONGEST_EDGE_DEG = 0.02
MILLIMETRES = 3
"""Decimals of a metre."""


@dataclass(frozen=True)
class Atom:
    """A part of a unit on which one set of (structure, nature) applies.

    Attributes
    ----------
    place
        The unit's code where the atom is the whole unit, else the code and a number.
    share
        Of the unit's area.
    shape
        In the unit's legal projection; None where the atom is the whole unit.
    """

    place: str
    unit: str
    signature: Signature
    share: float
    shape: Shape


Parts = dict[str, tuple[Atom, ...]]
"""Unit code → its atoms."""
Pieces = dict[Signature, Shape]


def atoms_of(study: Study, territory: Territory) -> Parts:
    """Return the atoms of every unit, those of a unit sorted by signature."""
    whole = held_by_code(study, territory)
    cuts: dict[str, list[tuple[Filed, Shape]]] = {}
    for filed, features in sorted(drawings(study).items()):
        for code, drawing, covered in overlaps(features, territory):
            if covered >= 1 - EPSILON:
                whole[code].add(filed)
            elif covered > EPSILON:
                cuts.setdefault(code, []).append((filed, drawing))
    found = {code: (Atom(code, code, strongest(held), 1.0, None),) for code, held in whole.items()}
    for code, crossing in cuts.items():
        pieces = cut(unit_shape(territory, code), whole[code], crossing)
        if len(pieces) > 1:
            found[code] = numbered(code, pieces)
        else:
            found[code] = (Atom(code, code, next(iter(pieces)), 1.0, None),)
    return found


def with_shares(parts: Parts, shares: Mapping[tuple[str, Signature], float]) -> Parts:
    """Return the same atoms with other shares of area, given by unit and signature."""
    return {
        code: tuple(replace(atom, share=shares[code, atom.signature]) for atom in atoms)
        for code, atoms in parts.items()
    }


def reach(
    study: Study,
    territory: Territory,
    *,
    principal_only: bool = False,
    parts: Parts | None = None,
) -> dict[str, dict[str, bool]]:
    """Return place → structure in force there → whether it is principal."""
    return {
        atom.place: {
            name: nature != "extension"
            for name, nature in atom.signature
            if nature != "extension" or not principal_only
        }
        for atoms in (parts or atoms_of(study, territory)).values()
        for atom in atoms
    }


def held_by_code(study: Study, territory: Territory) -> dict[str, set[Filed]]:
    found: dict[str, set[Filed]] = {code: set() for code in territory.codes}
    for line in in_force(study, study.perimeters):
        for row in territory.members[line.niveau][line.code]:
            found[territory.codes[row]].add((line.structure_id, line.nature))
    return found


def drawings(study: Study) -> dict[Filed, list[Shape]]:
    found: dict[Filed, list[Shape]] = {}
    for line in in_force(study, study.drawn):
        found.setdefault((line.structure_id, line.nature), []).append(line.geometry)
    return found


def overlaps(features: Sequence[Shape], territory: Territory) -> Iterable[tuple[str, Shape, float]]:
    """Return (unit, united drawing in its projection, share of the unit that it covers)."""
    tree = STRtree(territory.units.geometry.to_numpy())
    rows = {int(row) for shape in features for row in tree.query(shape, predicate="intersects")}
    united: dict[int, Shape] = {}
    for row in sorted(rows):
        code = str(territory.codes[row])
        epsg = legal_epsg(territory.units["departement"].iloc[row])
        if epsg not in united:
            united[epsg] = projected(shapely.union_all(features), epsg)
        unit = unit_shape(territory, code)
        yield code, united[epsg], unit.intersection(united[epsg]).area / unit.area


def cut(unit: Shape, whole: Iterable[Filed], crossing: Iterable[tuple[Filed, Shape]]) -> Pieces:
    """Return signature → what it holds of the unit, with no piece under ε."""
    pieces = [(unit, frozenset(whole))]
    for filed, drawing in crossing:
        pieces = [
            (polygons(part), held)
            for shape, before in pieces
            for part, held in (
                (shape.intersection(drawing), before | {filed}),
                (shape.difference(drawing), before),
            )
        ]
    by_signature: dict[Signature, list[Shape]] = {}
    for shape, held in pieces:
        by_signature.setdefault(strongest(held), []).append(shape)
    united = {name: shapely.union_all(by_signature[name]) for name in sorted(by_signature)}
    total = sum(shape.area for shape in united.values())
    # The first of the largest: `max` keeps it, and signatures are sorted.
    largest = max(united, key=lambda name: united[name].area)
    small = [name for name, shape in united.items() if shape.area < EPSILON * total]
    united[largest] = shapely.union_all([united[largest], *(united[name] for name in small)])
    return {name: shape for name, shape in united.items() if name not in small}


def numbered(code: str, pieces: Pieces) -> tuple[Atom, ...]:
    total = sum(shape.area for shape in pieces.values())
    return tuple(
        Atom(f"{code}#{number}", code, signature, shape.area / total, shape)
        for number, (signature, shape) in enumerate(sorted(pieces.items(), key=lambda kv: kv[0]))
    )


def strongest(held: Iterable[Filed]) -> Signature:
    """Return one nature for each structure: principal, else extension_dotee, else extension."""
    best: dict[str, str] = {}
    for structure, nature in held:
        others = (nature, best.get(structure, nature))
        best[structure] = min(others, key=NATURES.index)
    return tuple(sorted(best.items()))


# --- projection ---------------------------------------------------------------------------


@cache
def transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)


def projected(shape: Shape, epsg: int) -> Shape:
    """Return a WGS84 shape in metres; its long edges stay straight in degrees."""
    fine = shapely.segmentize(shape, LONGEST_EDGE_DEG)
    moved = shapely.transform(fine, transformer(epsg).transform, interleaved=False)
    return snapped(moved)


def geodesic_m2(territory: Territory, atom: Atom) -> float:
    """Return the area of a part of a unit on the ellipsoid."""
    epsg = legal_epsg(territory.units["departement"][atom.unit])
    to_degrees = partial(transformer(epsg).transform, direction="INVERSE")
    back = shapely.transform(atom.shape, to_degrees, interleaved=False)
    return abs(float(Geod(ellps="WGS84").geometry_area_perimeter(back)[0]))


def snapped(shape: Shape) -> Shape:
    rounded = shapely.transform(shape, lambda xy: np.round(xy, MILLIMETRES))
    if rounded.is_valid:
        return rounded
    return polygons(shapely.make_valid(rounded, method="structure", keep_collapsed=False))


def polygons(shape: Shape) -> Shape:
    """Return the parts of a shape that have an area."""
    parts = shapely.get_parts(shape)
    nested = [shapely.get_parts(part) for part in parts]
    flat = [part for group in nested for part in group if part.geom_type == "Polygon"]
    return MultiPolygon(flat)


def unit_shape(territory: Territory, code: str) -> Shape:
    """Return the unit in its legal projection, None when it has no geometry."""
    shape = territory.units.geometry[code]
    departement = territory.units["departement"][code]
    return None if shape is None else projected(shape, legal_epsg(departement))

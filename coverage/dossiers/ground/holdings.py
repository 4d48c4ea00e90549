"""Which facilitators' structures hold which units, where they work from, and what touches what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.atoms import PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.basis import Basis
    from geo.territory import Territory


@dataclass(frozen=True, eq=False)
class Holdings:
    """Perimeters in force seen from the units, and the land around them.

    Attributes
    ----------
    principal
        By structure, sorted units that it holds principally, whole or in part.
    natures
        By unit, natures of each structure that holds it, whole or in part.
    beside
        By unit, units that share a border with it.
    land
        By unit, number of the land (all that shared borders join) it is part of; -1 without
        contour.
    epci
        By unit, code of its EPT, else of its EPCI, empty without.
    epci_units
        By such a code, sorted units.
    centres
        Longitude and latitude of the centroid, NaN without contour; shape (units, 2).
    """

    principal: Mapping[str, tuple[int, ...]]
    natures: Mapping[int, Mapping[str, frozenset[str]]]
    beside: Mapping[int, tuple[int, ...]]
    land: NDArray[np.int64]
    epci: tuple[str, ...]
    epci_units: Mapping[str, tuple[int, ...]]
    centres: NDArray[np.float64]


def find_holdings(basis: Basis, territory: Territory) -> Holdings:
    """Return who holds what in a study decided."""
    natures = _natures(basis)
    principal: dict[str, list[int]] = {}
    for unit, held in sorted(natures.items()):
        for name, own in held.items():
            if not own.isdisjoint(PRINCIPAL):
                principal.setdefault(name, []).append(unit)
    beside: dict[int, list[int]] = {}
    for left, right in territory.borders[["left", "right"]].to_numpy().tolist():
        beside.setdefault(left, []).append(right)
        beside.setdefault(right, []).append(left)
    around = {unit: tuple(sorted(others)) for unit, others in beside.items()}
    levels = (territory.units[level].tolist() for level in ("ept", "epci"))
    epci = tuple(str(ept or own) for ept, own in zip(*levels, strict=True))
    members: dict[str, list[int]] = {}
    for unit, code in enumerate(epci):
        members.setdefault(code, []).append(unit)
    shapes = territory.units.geometry.to_numpy()
    middle = shapely.centroid(shapes)
    land = np.full(len(territory), -1, dtype=np.int64)
    for number, piece in enumerate(pieces_of(np.flatnonzero(~shapely.is_missing(shapes)), around)):
        land[list(piece)] = number
    return Holdings(
        principal={name: tuple(units) for name, units in sorted(principal.items())},
        natures=natures,
        beside=around,
        land=land,
        epci=epci,
        epci_units={code: tuple(units) for code, units in sorted(members.items()) if code},
        centres=np.column_stack((shapely.get_x(middle), shapely.get_y(middle))),
    )


def _natures(basis: Basis) -> dict[int, dict[str, frozenset[str]]]:
    """Return the natures of each structure in each unit, those of all its atoms together."""
    table, signatures = basis.atoms.table, basis.atoms.signatures
    found: dict[int, dict[str, frozenset[str]]] = {}
    for unit, number in zip(table["unit"].tolist(), table["signature"].tolist(), strict=True):
        for name, nature in signatures[number]:
            own = found.setdefault(unit, {})
            own[name] = own.get(name, frozenset()) | {nature}
    return found


def pieces_of(
    units: NDArray[np.int64] | tuple[int, ...], beside: Mapping[int, tuple[int, ...]]
) -> tuple[tuple[int, ...], ...]:
    """Return the sets of units that shared borders join, by their first unit.

    >>> pieces_of((1, 2, 4, 5), {1: (2, 3), 2: (1, 3), 3: (1, 2, 4), 4: (3,)})
    ((1, 2), (4,), (5,))
    """
    left = dict.fromkeys(sorted(int(unit) for unit in units))
    found = []
    while left:
        first = next(iter(left))
        del left[first]
        piece = [first]
        for unit in piece:
            near = [other for other in beside.get(unit, ()) if other in left]
            for other in near:
                del left[other]
            piece += near
        found.append(tuple(sorted(piece)))
    return tuple(found)

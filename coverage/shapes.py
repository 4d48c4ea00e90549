"""Geometry of atoms and zones, for the pictures and files that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.dissolve import dissolve
from geo.planes import equal_area_m2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Atoms, Coverage
    from geo.territory import Territory


def is_cut(atoms: Atoms) -> NDArray[np.bool_]:
    """Return which atoms are parts of a commune that a drawn border cuts, shape (atoms,)."""
    return np.array([shape is not None for shape in atoms.shapes], dtype=bool)


def is_divided(labels: NDArray[np.int64], atoms: Atoms) -> NDArray[np.bool_]:
    """Return which atoms are of a unit whose atoms have several labels, shape (atoms,)."""
    unit = atoms.table["unit"].to_numpy()
    other = labels != labels[np.searchsorted(unit, unit)]
    divided: NDArray[np.bool_] = np.isin(unit, unit[other])
    return divided


def atom_shapes(atoms: Atoms, territory: Territory) -> NDArray[np.object_]:
    """Return the WGS84 geometry of every atom, None where its unit has none; shape (atoms,)."""
    whole: NDArray[np.object_] = territory.units.geometry.to_numpy()[atoms.table["unit"]]
    return np.where(is_cut(atoms), atoms.shapes, whole)


def atom_areas_km2(atoms: Atoms, territory: Territory) -> NDArray[np.float64]:
    """Return the geodesic area of every atom, NaN without geometry; those of a unit sum to its own.

    Shape (atoms,), km². Parts share the area of their unit as in an equal-area projection.
    """
    unit = atoms.table["unit"].to_numpy()
    areas: NDArray[np.float64] = territory.units["area_km2"].to_numpy()[unit]
    cut = np.flatnonzero(is_cut(atoms))
    measured = equal_area_m2(atoms.shapes[cut])
    sums = np.bincount(unit[cut], weights=measured, minlength=len(territory))
    areas[cut] *= measured / sums[unit[cut]]
    return areas


def zone_shapes(coverage: Coverage) -> NDArray[np.object_]:
    """Return the WGS84 geometry of the zones, in the order of `coverage.zones`; None without.

    Shape (zones,).
    """
    atoms = coverage.atoms
    unit = atoms.table["unit"].to_numpy()
    label = np.full(len(unit), -1, dtype=np.int64)
    for number, zone in enumerate(coverage.zones.index):
        label[coverage.zone_atoms[zone]] = number
    # A unit whose parts are all of one zone is whole there.
    parts = is_divided(label, atoms)
    alone = parts | (np.searchsorted(unit, unit) == np.arange(len(unit)))
    rows = np.flatnonzero((label >= 0) & alone)
    shapes = dissolve(
        np.where(
            parts[rows],
            atoms.shapes[rows],
            coverage.territory.units.geometry.to_numpy()[unit[rows]],
        ),
        label[rows],
        cut=parts[rows],
    )
    found = np.empty(len(coverage.zones), dtype=object)
    found[:] = [shapes[number] for number in range(len(coverage.zones))]
    return found

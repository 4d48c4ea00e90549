"""The simplified pieces that a map is made of: atoms, or those that look alike as one.

They tile the land and share every point of their borders, so that zones, départements and
régions dissolved from them run through the same points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage.shapes import atom_shapes
from geo.dissolve import dissolve, simplify
from maps.statuses import STYLES
from maps.tiling import tiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from maps.scope import Scope

TOLERANCE_DEG = 0.001
"""Of communes: hardly more than the generalisation of the base map itself."""

TOLERANCE_ZONES_DEG = 0.002
LOST_DEG2 = 1e-9
"""About ten square metres: more than this missing from a union, and it is made by overlay."""


@dataclass(frozen=True)
class Pieces:
    """Simplified polygons that tile what is shown, None without geometry, shape (pieces,).

    Attributes
    ----------
    atom
        An atom of each piece, as a position in the scope's; all its atoms have the same zone,
        style and département, and when communes are drawn one by one it has no other.
    """

    shapes: NDArray[np.object_]
    atom: NDArray[np.intp]


def pieces_of(scope: Scope) -> Pieces:
    """Return the pieces of a map: every atom alone, or those alike in a département as one."""
    if scope.by_commune:
        shapes = _tiled(scope, atom_shapes_of(scope), scope.atoms.cut)
        return Pieces(simplify(shapes, tolerance=TOLERANCE_DEG), np.arange(len(shapes)))
    atoms = scope.atoms
    alike = alike_of(scope).astype(str)
    keys = np.char.add(np.char.add(scope.departements[atoms.commune], "/"), alike)
    shapes, split = _joined_again(scope, alike)
    merged = united(_tiled(scope, shapes, split), keys)
    firsts = np.unique(keys, return_index=True)[1]
    return Pieces(simplify(array_of(merged), tolerance=TOLERANCE_ZONES_DEG), firsts)


def alike_of(scope: Scope) -> NDArray[np.intp]:
    """Return one number by zone and style of each atom: zone × styles + style."""
    return scope.atoms.zone * len(STYLES) + scope.atoms.style


def atom_shapes_of(scope: Scope) -> NDArray[np.object_]:
    """Return the geometry of the atoms shown, None where unknown, shape (atoms,)."""
    coverage = scope.coverage
    return atom_shapes(coverage.atoms, coverage.territory)[scope.atoms.rows]


def united(shapes: NDArray[np.object_], labels: NDArray[Any]) -> dict[Any, Any]:
    """Return the union of the pieces of each label, by sorted label, None without geometry.

    The fast union of a clean coverage may fail, or lose a face, where a border is not shared to
    the last digit: such a label is united by overlay.
    """
    names, group = np.unique(labels, return_inverse=True)
    return {name: _united(shapes[group == rank]) for rank, name in enumerate(names.tolist())}


def _united(shapes: NDArray[np.object_]) -> Any:  # noqa: ANN401 - shapely publishes no types
    alone = np.zeros(len(shapes), dtype=np.int8)
    try:
        found = dissolve(shapes, alone)[0]
    except shapely.errors.GEOSException:
        found = None
    held = np.nansum(shapely.area(shapes))
    if held and (found is None or abs(found.area - held) > LOST_DEG2):
        return dissolve(shapes, alone, cut=np.ones(len(shapes), dtype=bool))[0]
    return found


def array_of(shapes: dict[Any, Any]) -> NDArray[np.object_]:
    """Return the values of a dictionary of geometries, in their order."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = list(shapes.values())
    return made


def _joined_again(
    scope: Scope, alike: NDArray[np.str_]
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the atoms' geometry, and which are parts of communes that look cut.

    A commune whose parts are all alike stands whole in its first atom.
    """
    atoms = scope.atoms
    first = np.searchsorted(atoms.commune, atoms.commune)
    unlike = np.unique(atoms.commune[alike != alike[first]])
    split = np.isin(atoms.commune, unlike)
    shapes = np.where(split, atom_shapes_of(scope), scope.shapes[atoms.commune])
    shapes[~split & (first != np.arange(len(first)))] = None
    return shapes, split


def _tiled(
    scope: Scope, shapes: NDArray[np.object_], cut: NDArray[np.bool_]
) -> NDArray[np.object_]:
    return tiled(shapes, cut, scope.shapes[np.unique(scope.atoms.commune[cut])])

"""The ground of a trial: parts of communes, and all that posts and perimeters do not change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.adjacency import atom_sets, connected_sets
from coverage.atoms import atom_codes
from coverage.claims import build_ground
from coverage.model import Atoms
from coverage.need import need_by_atom
from coverage.shapes import is_cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.claims import Ground
    from coverage.model import Need
    from geo.territory import Territory


@dataclass(frozen=True)
class Land:
    """Parts of communes, with their need and their borders.

    Attributes
    ----------
    known
        Whether any class of need is known, shape (atoms,).
    atom, class_, hours
        Of each (atom, class) with need, in order; shape (demands,).
    places
        Name of each atom.
    cut
        Whether some commune is cut.
    left, right
        Atoms on either side of the borders inside régions, where no commune is cut.
    """

    atoms: Atoms
    territory: Territory
    ground: Ground
    known: NDArray[np.bool_]
    atom: NDArray[np.int64]
    class_: NDArray[np.int64]
    hours: NDArray[np.int64]
    places: NDArray[np.object_]
    cut: bool
    left: NDArray[np.int64]
    right: NDArray[np.int64]


def build_land(atoms: Atoms, need: Need, territory: Territory) -> Land:
    """Return the land of some atoms."""
    asked = need_by_atom(need, atoms)
    ground = build_ground(atoms, asked, need, territory)
    atom, class_ = np.nonzero(asked)
    left, right = (territory.borders[side].to_numpy(dtype=np.int64) for side in ("left", "right"))
    regions = territory.units["region"].to_numpy(dtype=str)
    inside = regions[left] == regions[right]
    return Land(
        atoms=atoms,
        territory=territory,
        ground=ground,
        known=np.any(need.known, axis=1)[ground.unit],
        atom=atom,
        class_=class_,
        hours=asked[atom, class_],
        places=atom_codes(atoms, territory.codes),
        cut=bool(is_cut(atoms).any()),
        left=left[inside],
        right=right[inside],
    )


def zone_numbers(
    land: Land,
    labels: NDArray[np.int64],
    before: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> NDArray[np.int64]:
    """Give a number to the maximal sets of atoms of one label joined by shared borders.

    Parameters
    ----------
    labels
        By atom; none is of two régions.
    before
        Labels and numbers of the same atoms in another case, to start from.

    Returns
    -------
    ndarray
        By atom, in the order of their first atom.
    """
    if not land.cut:
        return connected_sets(labels, land.left, land.right)
    if before is None:
        return atom_sets(labels, land.atoms, land.territory)
    # No zone crosses the border of a région: those of the others stay.
    region = land.ground.region
    moved = np.isin(region, np.unique(region[labels != before[0]]))
    numbers = before[1].copy()
    if moved.any():
        part = Atoms(
            land.atoms.table[moved].reset_index(drop=True),
            land.atoms.shapes[moved],
            land.atoms.signatures,
        )
        numbers[moved] = atom_sets(labels[moved], part, land.territory) + numbers.max() + 1
    return in_order(numbers)


def in_order(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give sets new numbers, in the order of their first places.

    >>> in_order(np.array([7, 2, 7, 3]))
    array([0, 1, 0, 2])
    """
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]

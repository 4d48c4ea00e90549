"""Connected sets of one label on the shared borders of atoms (method, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coverage.shapes import atom_shapes, is_cut
from geo.borders import shared_borders
from geo.contacts import in_contact, thick
from geo.cutting import by_projection
from geo.planes import image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Atoms
    from geo.territory import Territory


def atom_sets(labels: NDArray[np.int64], atoms: Atoms, territory: Territory) -> NDArray[np.int64]:
    """Give a number to the maximal sets of atoms of one label joined by shared borders.

    Borders of whole units are the territory's. Those of parts are first the edges that two
    thick parts hold in common, point for point; what they leave apart is then measured: more
    than 1 m of edge within 0.1 m of both joins, what is thinner than 0.1 m left out.

    Parameters
    ----------
    labels
        By atom.

    Returns
    -------
    ndarray
        Set number by atom, numbered in the order of their first atom; shape (atoms,).
    """
    unit = atoms.table["unit"].to_numpy()
    cut = is_cut(atoms)
    left, right = _whole_borders(unit, cut, territory)
    if not cut.any():
        return connected_sets(labels, left, right)
    shapes = atom_shapes(atoms, territory)
    pairs = _neighbours(unit, cut, territory)
    pairs = pairs[labels[pairs[:, 0]] == labels[pairs[:, 1]]]
    pieces = np.unique(pairs)
    planes, thin = _thick(pieces[cut[pieces]], shapes, unit, territory)
    solid = shapes[pieces]
    solid[thin[pieces]] = None
    edges = shared_borders(solid)
    left = np.concatenate([left, pieces[edges["left"]]])
    right = np.concatenate([right, pieces[edges["right"]]])
    joined = connected_sets(labels, left, right)
    apart = pairs[joined[pairs[:, 0]] != joined[pairs[:, 1]]]
    found = apart[_in_contact(apart, planes, unit, territory)]
    return connected_sets(
        labels, np.concatenate([left, found[:, 0]]), np.concatenate([right, found[:, 1]])
    )


def _whole_borders(
    unit: NDArray[np.int32], cut: NDArray[np.bool_], territory: Territory
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the borders between atoms that are whole units."""
    atom_of = np.full(len(territory), -1, dtype=np.int64)
    atom_of[unit[~cut]] = np.flatnonzero(~cut)
    left = atom_of[territory.borders["left"].to_numpy()]
    right = atom_of[territory.borders["right"].to_numpy()]
    both = (left >= 0) & (right >= 0)
    return left[both], right[both]


def _neighbours(
    unit: NDArray[np.int32], cut: NDArray[np.bool_], territory: Territory
) -> NDArray[np.int64]:
    """Return the pairs of atoms, one at least cut, of one unit or of two that share a border."""
    first = np.searchsorted(unit, np.arange(len(territory) + 1))
    is_cut = np.zeros(len(territory), dtype=bool)
    is_cut[unit[cut]] = True
    sides = territory.borders[["left", "right"]].to_numpy()
    sides = sides[is_cut[sides].any(axis=1)].tolist()
    own = np.flatnonzero(is_cut).tolist()
    pairs = [
        (a, b)
        for left, right in [*sides, *zip(own, own, strict=True)]
        for a in range(first[left], first[left + 1])
        for b in range(first[right], first[right + 1])
        if left != right or a < b
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _thick(
    parts: NDArray[np.int64],
    shapes: NDArray[np.object_],
    unit: NDArray[np.int32],
    territory: Territory,
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the thick part of some atoms in the plane (None for the others), and who changes."""
    planes = np.full(len(shapes), None, dtype=object)
    thin = np.zeros(len(shapes), dtype=bool)
    departements = territory.units["departement"].to_numpy(dtype=str)
    for epsg, rows in by_projection(unit[parts].astype(np.int64), departements):
        planes[parts[rows]], thin[parts[rows]] = thick(shapes[parts[rows]], epsg)
    return planes, thin


def _in_contact(
    pairs: NDArray[np.int64],
    planes: NDArray[np.object_],
    unit: NDArray[np.int32],
    territory: Territory,
) -> NDArray[np.bool_]:
    """Say which pairs touch; an atom without a plane is a whole unit."""
    found = np.zeros(len(pairs), dtype=bool)
    lands = territory.units.geometry.to_numpy()
    departements = territory.units["departement"].to_numpy(dtype=str)
    sides = unit[pairs].astype(np.int64)
    for epsg, rows in by_projection(sides[:, 0], departements):
        whole = [image(lands[sides[rows, k]], epsg) for k in (0, 1)]
        part = [planes[pairs[rows, k]] for k in (0, 1)]
        a, b = (np.where(shapely.is_missing(p), w, p) for p, w in zip(part, whole, strict=True))
        found[rows] = in_contact(a, b, *whole)
    return found


def connected_sets(
    labels: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give a number to the maximal sets of one label joined by shared borders.

    Parameters
    ----------
    labels
        By place; only places of one label join.
    left, right
        Positions of the places on either side of each shared border.

    Returns
    -------
    ndarray
        Set number by place, numbered in the order of their first place; shape (places,).
    """
    same = labels[left] == labels[right]
    pairs = (left[same], right[same])
    graph = coo_array(
        (np.ones(int(same.sum()), dtype=np.int8), pairs), shape=(len(labels), len(labels))
    )
    _, numbers = connected_components(graph, directed=False)
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]

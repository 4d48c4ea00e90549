"""Connected sets of one label on the shared borders of atoms (method, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coverage.shapes import is_cut, is_divided
from geo.borders import touching
from geo.contacts import in_contact, thick
from geo.cutting import by_projection, shares_of_work
from geo.planes import image
from geo.threads import started

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coverage.model import Atoms
    from geo.territory import Territory


def atom_sets(labels: NDArray[np.int64], atoms: Atoms, territory: Territory) -> NDArray[np.int64]:
    """Give a number to the maximal sets of atoms of one label joined by shared borders.

    A unit of one piece whose atoms have all one label counts as whole: how finely it is cut
    inside changes no set.

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
    lands = territory.units.geometry.to_numpy()
    scattered = shapely.get_num_geometries(lands)[unit] > 1
    parts = is_divided(labels, atoms) | (scattered & is_cut(atoms))
    stands_for = np.where(parts, np.arange(len(unit)), np.searchsorted(unit, unit))
    rows = np.unique(stands_for)
    shapes = atoms.shapes[rows]
    shapes[~parts[rows]] = None
    left, right = _borders(labels[rows], unit[rows], shapes, territory)
    return connected_sets(labels[rows], left, right)[np.searchsorted(rows, stands_for)]


def _borders(
    labels: NDArray[np.int64],
    unit: NDArray[np.int32],
    shapes: NDArray[np.object_],
    territory: Territory,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of places that share a border and join all those of one label that do.

    Borders of whole units are the territory's. Those of parts are first the edges that two
    thick parts hold in common, point for point; what they leave apart is then measured: more
    than 1 m of edge within 0.1 m of both joins, what is thinner than 0.1 m left out.

    Parameters
    ----------
    labels, unit
        By place.
    shapes
        Of the places that are parts of their unit, None for those that are all of it.
    """
    cut = ~shapely.is_missing(shapes)
    left, right = _whole_borders(unit, cut, territory)
    if not cut.any():
        return left, right
    thickened = _thick(shapes, unit, territory)
    pairs = _neighbours(unit, cut, territory)
    pairs = pairs[labels[pairs[:, 0]] == labels[pairs[:, 1]]]
    near = np.unique(pairs)
    lands = territory.units.geometry.to_numpy()[unit[near]]
    edges = near[touching(np.where(cut[near], shapes[near], lands))]
    planes, thin = thickened()
    edges = edges[~thin[edges].any(axis=1)]
    left, right = np.append(left, edges[:, 0]), np.append(right, edges[:, 1])
    joined = connected_sets(labels, left, right)
    apart = pairs[joined[pairs[:, 0]] != joined[pairs[:, 1]]]
    found = apart[_in_contact(apart, planes, unit, territory)]
    return np.append(left, found[:, 0]), np.append(right, found[:, 1])


def _whole_borders(
    unit: NDArray[np.int32], cut: NDArray[np.bool_], territory: Territory
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the borders between places that are whole units."""
    atom_of = np.full(len(territory), -1, dtype=np.int64)
    atom_of[unit[~cut]] = np.flatnonzero(~cut)
    left = atom_of[territory.borders["left"].to_numpy()]
    right = atom_of[territory.borders["right"].to_numpy()]
    both = (left >= 0) & (right >= 0)
    return left[both], right[both]


def _neighbours(
    unit: NDArray[np.int32], cut: NDArray[np.bool_], territory: Territory
) -> NDArray[np.int64]:
    """Return the pairs of places, one at least cut, of one unit or of two that share a border."""
    first = np.searchsorted(unit, np.arange(len(territory) + 1))
    parted = np.zeros(len(territory), dtype=bool)
    parted[unit[cut]] = True
    sides = territory.borders[["left", "right"]].to_numpy(dtype=np.int64)
    own = np.flatnonzero(parted)
    left, right = np.concatenate([sides[parted[sides].any(axis=1)], np.column_stack((own, own))]).T
    # All the atoms of one side with all those of the other.
    width = first[right + 1] - first[right]
    counts = (first[left + 1] - first[left]) * width
    side = np.repeat(np.arange(len(left)), counts)
    rank = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    a, b = first[left][side] + rank // width[side], first[right][side] + rank % width[side]
    once = (left != right)[side] | (a < b)
    return np.column_stack((a[once], b[once]))


def _thick(
    shapes: NDArray[np.object_], unit: NDArray[np.int32], territory: Territory
) -> Callable[[], tuple[NDArray[np.object_], NDArray[np.bool_]]]:
    """Start thickening the parts; then return their planes (None elsewhere) and who changes."""
    parts = np.flatnonzero(~shapely.is_missing(shapes))
    departements = territory.units["departement"].to_numpy(dtype=str)
    work = shares_of_work(unit[parts].astype(np.int64), departements)
    finish = started(lambda epsg, rows: thick(shapes[parts[rows]], epsg), *zip(*work, strict=True))

    def gathered() -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
        planes = np.full(len(shapes), None, dtype=object)
        thin = np.zeros(len(shapes), dtype=bool)
        for (_, rows), found in zip(work, finish(), strict=True):
            planes[parts[rows]], thin[parts[rows]] = found
        return planes, thin

    return gathered


def _in_contact(
    pairs: NDArray[np.int64],
    planes: NDArray[np.object_],
    unit: NDArray[np.int32],
    territory: Territory,
) -> NDArray[np.bool_]:
    """Say which pairs touch; a place without a plane is a whole unit."""
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

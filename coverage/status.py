"""Status of atoms and of communes (method, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.atoms import cover_of
from coverage.reach import SHARE_OF_NOTE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.means import Means
    from coverage.model import Atoms

STATUTS = (
    "non_couverte",
    "limitrophe",
    "donnee_manquante",
    "capacite_insuffisante",
    "couverte",
)
"""In the order of the rules, first that holds; also from worse to better."""

KNOWN = ("aucun", "partiel", "tous")
"""Which classes of need are known in a place."""

COVERS = ("principale", "extension", "aucune")
"""How perimeters cover a place."""


@dataclass(frozen=True)
class Gravity:
    """A class of insufficiency, for order and colour only."""

    label: str
    below: Fraction


GRAVITIES = (
    Gravity("<1/3", Fraction(1, 3)),
    Gravity("<2/3", Fraction(2, 3)),
    Gravity("<1", Fraction(1)),
)


def atom_statuses(
    atoms: Atoms, known: NDArray[np.bool_], short: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Return the status of each atom as a position in `STATUTS`.

    Parameters
    ----------
    known
        Whether any class of need is known, by atom.
    short
        Whether a rate is under its threshold, by atom.
    """
    covers = np.array([COVERS.index(cover_of(row)) for row in atoms.signatures], dtype=np.int8)
    cover = covers[atoms.table["signature"].to_numpy()]
    return statuses(cover, known, short)


def statuses(
    cover: NDArray[np.int8], known: NDArray[np.bool_], short: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Return positions in `STATUTS` by place.

    Parameters
    ----------
    cover
        Position in `COVERS`.
    known, short
        As in `atom_statuses`.
    """
    # Hours may be known where no class is (a project, contracts placed by département): what is
    # short of them is proved, what is not short is not measured.
    unmeasured = ~known & ~short
    rules = [
        cover == COVERS.index("aucune"),
        cover == COVERS.index("extension"),
        unmeasured,
        short,
    ]
    return np.select(rules, [0, 1, 2, 3], default=4).astype(np.int8)


def gravities(status: NDArray[np.int8], rates: Means, state_rates: Means) -> NDArray[np.object_]:
    """Return the gravity of each insufficiency by its worse rate, empty elsewhere."""
    labels = np.full(len(status), "", dtype=object)
    # From the least severe: each that holds is written over.
    for g in reversed(GRAVITIES):
        labels[rates.below(g.below) | state_rates.below(g.below)] = g.label
    labels[status != STATUTS.index("capacite_insuffisante")] = ""
    return labels


def gravity(rate: Fraction | None, state_rate: Fraction | None) -> str:
    """Return the gravity of an insufficiency by its worse rate.

    >>> gravity(Fraction(1), Fraction(1, 2))
    '<2/3'
    """
    worse = min(found for found in (rate, state_rate) if found is not None)
    return next((g.label for g in GRAVITIES if worse < g.below), "")


def known_ranks(known: NDArray[np.bool_], hours: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return a position in `KNOWN` by unit: how much of its need is known.

    Hours may be known where no class is (a project, contracts placed by département): that is
    some of the need.

    Parameters
    ----------
    known
        Known needs by (unit, class).
    hours
        Of all classes, by unit.

    Examples
    --------
    >>> ranks = known_ranks(np.array([[True], [False], [False]]), np.array([0, 0, 7]))
    >>> [KNOWN[rank] for rank in ranks]
    ['tous', 'aucun', 'partiel']
    """
    some = known.any(axis=1) | (hours > 0)
    return (some.astype(np.int8) + known.all(axis=1)).astype(np.int8)


def shown_atom(atoms: Atoms, need: NDArray[np.int64], status: NDArray[np.int8]) -> pd.DataFrame:
    """Choose the atom whose status each commune shows, and whether it is mixed.

    The atom that holds most of the need; ties and no need: largest area, then worse status,
    then signature.

    Parameters
    ----------
    need
        Hours by atom.

    Returns
    -------
    DataFrame
        Index `unit`; columns `atom` (row of the atoms' table), `mixte` (bool: another status
        holds more than 1 % of the area).
    """
    unit, share = (atoms.table[name].to_numpy() for name in ("unit", "share"))
    units, first = np.unique(unit, return_index=True)
    sizes = np.diff(np.append(first, len(unit)))
    parts = np.flatnonzero(np.repeat(sizes > 1, sizes))
    # Parts of a unit stand in the order of their signatures, which ends all ties.
    keys = (status, -share, -need, unit)
    order = parts[np.lexsort([key[parts] for key in keys])]
    atom = first.copy()
    atom[sizes > 1] = order[np.unique(unit[order], return_index=True)[1]]
    other = status != np.repeat(status[atom], sizes)
    elsewhere = np.add.reduceat(np.where(other, share, 0.0), first)
    return pd.DataFrame(
        {"atom": atom, "mixte": elsewhere > SHARE_OF_NOTE}, index=pd.Index(units, name="unit")
    )

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
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.model import Atoms
    from coverage.parameters import Parameters

STATUTS = (
    "non_couverte",
    "limitrophe",
    "donnee_manquante",
    "capacite_insuffisante",
    "couverte",
)
"""In the order of the rules, first that holds; also from worse to better."""

Rates = list[Fraction | None]


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
    atoms: Atoms,
    known: NDArray[np.bool_],
    rates: Rates,
    state_rates: Rates,
    parameters: Parameters,
) -> NDArray[np.int8]:
    """Return the status of each atom as a position in `STATUTS`.

    Parameters
    ----------
    known
        Whether any class of need is known, by atom.
    rates, state_rates
        By atom, None without need; compared exactly with the thresholds.
    """
    covers = np.array([cover_of(signature) for signature in atoms.signatures], dtype=object)
    cover = covers[atoms.table["signature"].to_numpy()]
    short = _below(rates, parameters.seuil_reponse) | _below(
        state_rates, parameters.seuil_reponse_etat
    )
    names = np.select(
        [cover == "aucune", cover == "extension", ~known, short],
        [0, 1, 2, 3],
        default=4,
    )
    return names.astype(np.int8)


def _below(rates: Rates, threshold: Fraction) -> NDArray[np.bool_]:
    # Whole-number products compare as fractions do, several times faster.
    top, bottom = threshold.numerator, threshold.denominator
    return np.array(
        [rate is not None and rate.numerator * bottom < top * rate.denominator for rate in rates],
        dtype=bool,
    )


def gravities(status: NDArray[np.int8], rates: Rates, state_rates: Rates) -> NDArray[np.object_]:
    """Return the gravity of each insufficiency by its worse rate, empty elsewhere."""
    labels = np.full(len(status), "", dtype=object)
    for i in np.flatnonzero(status == STATUTS.index("capacite_insuffisante")):
        labels[i] = gravity(rates[i], state_rates[i])
    return labels


def gravity(rate: Fraction | None, state_rate: Fraction | None) -> str:
    """Return the gravity of an insufficiency by its worse rate.

    >>> gravity(Fraction(1), Fraction(1, 2))
    '<2/3'
    """
    worse = min(found for found in (rate, state_rate) if found is not None)
    return next((g.label for g in GRAVITIES if worse < g.below), "")


def known_label(known: Sequence[bool]) -> str:
    """Return `tous`, `partiel` or `aucun`: which classes of need are known.

    >>> known_label([True, False])
    'partiel'
    """
    return "tous" if all(known) else "partiel" if any(known) else "aucun"


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
    table = atoms.table.assign(
        atom=np.arange(len(atoms.table)), need=need, status=status, worse=status
    )
    ordered = table.sort_values(
        ["unit", "need", "share", "worse", "signature"],
        ascending=[True, False, False, True, True],
        kind="stable",
    )
    first = ordered.drop_duplicates("unit").set_index("unit")
    other = table["status"].to_numpy() != first["status"].loc[table["unit"]].to_numpy()
    elsewhere = table["share"].where(other, 0.0).groupby(table["unit"]).sum()
    return pd.DataFrame({"atom": first["atom"], "mixte": elsewhere > SHARE_OF_NOTE})

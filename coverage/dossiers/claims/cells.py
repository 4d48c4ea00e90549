"""The missing hours of a claim commune by commune and class by class, and what they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.dossiers.claims.claim import LENT
from coverage.parameters import CLASSES
from coverage.rounding import sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.dossiers.bench import Bench


def missing_cells(
    units: Sequence[int], scope: Sequence[str], bench: Bench, atoms: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Return the hours that wait for a post, shape (communes, classes), 0 outside the scope.

    What no post serves in the fair flow, and what undedicated extensions alone serve.

    Parameters
    ----------
    units
        Sorted unit rows.
    atoms
        Mask of the atoms that count, all of them by default.
    """
    today = bench.today
    rows = bench.claim_rows(units)
    if atoms is not None:
        rows = rows[atoms[rows]]
    served = np.where((today.status[rows] == LENT)[:, np.newaxis], 0, today.served[rows])
    missing = today.need[rows] - served
    missing[:, [k for k, class_ in enumerate(CLASSES) if class_ not in scope]] = 0
    place = np.searchsorted(np.array(units, dtype=np.int64), today.unit[rows])
    found = np.zeros((len(units), len(CLASSES)), dtype=np.int64)
    for column in range(len(CLASSES)):
        found[:, column] = sums(missing[:, column], place, len(units))
    return found


def resting_hours(missing: NDArray[np.int64], brought: NDArray[np.int64]) -> int:
    """Return how many missing hours some hours of need may account for, at most.

    In a commune and a class, no more than they bring and no more than what is missing.

    >>> resting_hours(np.array([[5, 0]]), np.array([[9, 9]]))
    5
    """
    return int(np.minimum(missing, brought).sum())

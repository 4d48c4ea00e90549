"""The large projects that a claim's need rests on, and when they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.dossiers.bench import Bench


def project_cells(units: Sequence[int], bench: Bench) -> dict[str, NDArray[np.int64]]:
    """Return the hours that each project that ends brings to a claim, the soonest to end first.

    A project without both its dates brings none.

    Parameters
    ----------
    units
        Sorted unit rows.

    Returns
    -------
    dict
        Project → hours, shape (communes, classes).
    """
    rows = bench.project_rows
    rows = rows[np.isin(rows["unit"].to_numpy(), units)]
    place = np.searchsorted(np.array(units, dtype=np.int64), rows["unit"].to_numpy())
    class_, hours = rows["class_"].to_numpy(), rows["hours"].to_numpy()
    item = rows["item"].to_numpy(dtype=object)
    found = {}
    for name in sorted(bench.project_ends, key=lambda name: (bench.project_ends[name], name)):
        own = item == name
        if own.any():
            found[name] = np.zeros((len(units), len(CLASSES)), dtype=np.int64)
            np.add.at(found[name], (place[own], class_[own]), hours[own])
    return found

"""Other readings, shown beside the fair rate and labelled so (method, section 5).

*Simple ratio*: capacity of all structures that touch the commune / its need. It counts one
capacity several times.

*Two-step ratio* (2SFCA; W. Luo and F. Wang, *Measures of spatial accessibility to health care
in a GIS environment*, Environment and Planning B 30, 2003): each supply node's capacity divided
by all the need it reaches, summed over those that reach the place. Conserved: need × ratio
summed over communes is the capacity of the supply nodes that reach any need.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array

from coverage.means import sum_of_ratios
from coverage.response import weighted_means
from coverage.rounding import sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.decision import Decision
    from coverage.means import Means


def two_step_ratios(decision: Decision, units: int) -> Means:
    """Return the two-step ratio by unit, need-weighted over classes."""
    nodes = decision.total.nodes
    capacities = decision.supply.table["hours"].tolist()
    reached: dict[int, int] = {}
    for need, reach in zip(nodes.needs, nodes.reach, strict=True):
        for j in reach:
            reached[j] = reached.get(j, 0) + need
    steps = [
        Fraction(*sum_of_ratios((capacities[j], reached[j]) for j in reach))
        for reach in nodes.reach
    ]
    unit = decision.atoms.table["unit"].to_numpy(dtype=np.int64)
    return weighted_means(nodes, steps, unit, units)


def simple_ratios(decision: Decision, units: int) -> list[Fraction | None]:
    """Return the simple ratio by unit, None without need."""
    atoms, supply = decision.atoms, decision.supply.table
    capacity = supply.groupby("structure_id")["hours"].sum()
    number = {structure: n for n, structure in enumerate(capacity.index)}
    members = np.array(
        [
            (s, number[structure])
            for s, row in enumerate(atoms.signatures)
            for structure, _ in row
            if structure in number
        ],
        dtype=np.int64,
    ).reshape(-1, 2)
    unit, signature = (atoms.table[name].to_numpy() for name in ("unit", "signature"))
    count = len(atoms.signatures)
    holding = _incidence(members[:, 0], members[:, 1], (count, len(number)))
    touching = _incidence(unit, signature, (units, count)) @ holding
    held = touching.astype(bool).astype(np.int64) @ capacity.to_numpy()
    asked = sums(decision.need.sum(axis=1), unit, units)
    pairs = zip(held.tolist(), asked.tolist(), strict=True)
    return [Fraction(hours, need) if need else None for hours, need in pairs]


def _incidence(
    rows: NDArray[np.integer[Any]], columns: NDArray[np.integer[Any]], shape: tuple[int, int]
) -> Any:  # noqa: ANN401 - a sparse array
    ones = np.ones(len(rows), dtype=np.int64)
    return coo_array((ones, (rows, columns)), shape=shape).tocsr()

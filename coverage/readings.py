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
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coverage.response import weighted_means

if TYPE_CHECKING:
    from coverage.decision import Decision
    from coverage.status import Rates


def two_step_ratios(decision: Decision, units: int) -> Rates:
    """Return the two-step ratio by unit, need-weighted over classes, None without need."""
    nodes = decision.total.nodes
    capacities = decision.supply.table["hours"].tolist()
    reached: dict[int, int] = {}
    for need, reach in zip(nodes.needs, nodes.reach, strict=True):
        for j in reach:
            reached[j] = reached.get(j, 0) + need
    steps = [
        sum((Fraction(capacities[j], reached[j]) for j in reach), Fraction(0))
        for reach in nodes.reach
    ]
    unit = decision.atoms.table["unit"].to_numpy(dtype=np.int64)
    return weighted_means(nodes, steps, unit, units)


def simple_ratios(decision: Decision, units: int) -> Rates:
    """Return the simple ratio by unit, None without need."""
    atoms, table = decision.atoms, decision.supply.table
    capacity = table.groupby("structure_id")["hours"].sum().to_dict()
    members = [frozenset(structure for structure, _ in row) for row in atoms.signatures]
    bounds = np.searchsorted(atoms.table["unit"].to_numpy(), np.arange(units + 1)).tolist()
    signatures = atoms.table["signature"].tolist()
    hours = decision.need.sum(axis=1).tolist()
    held_by = [sum(int(capacity.get(s, 0)) for s in row) for row in members]
    ratios: Rates = []
    for first, end in pairwise(bounds):
        total = sum(hours[first:end])
        held = held_by[signatures[first]]
        if end - first > 1:
            touching = frozenset().union(*(members[s] for s in signatures[first:end]))
            held = sum(int(capacity.get(structure, 0)) for structure in touching)
        ratios.append(Fraction(held, total) if total else None)
    return ratios

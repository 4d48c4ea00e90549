"""Other readings, shown beside the fair rate and labelled so (method, section 5).

*Simple ratio*: capacity of all structures that touch the commune / its need. It counts one
capacity several times.

*Two-step ratio* (2SFCA; W. Luo and F. Wang, *Measures of spatial accessibility to health care
in a GIS environment*, Environment and Planning B 30, 2003): each structure's capacity divided
by all the need it reaches, summed over the structures that cover the commune. Conserved: need
× ratio summed over communes is the capacity of the structures that reach any need.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from coverage.decision import Decision
    from coverage.status import Rates


def other_readings(decision: Decision, units: int) -> tuple[Rates, Rates]:
    """Return the simple and the two-step ratio by unit, None without need."""
    atoms = decision.atoms
    signature = atoms.table["signature"].to_numpy()
    need = decision.need.sum(axis=1)
    asked = np.zeros(len(atoms.signatures), dtype=np.int64)
    np.add.at(asked, signature, need)
    members = [frozenset(structure for structure, _ in row) for row in atoms.signatures]
    capacity = _capacities(decision)
    steps = _steps(members, asked.tolist(), capacity)
    bounds = np.searchsorted(atoms.table["unit"].to_numpy(), np.arange(units + 1)).tolist()
    signatures, hours = signature.tolist(), need.tolist()
    simple: Rates = []
    two_step: Rates = []
    for first, end in pairwise(bounds):
        total = sum(hours[first:end])
        if not total:
            simple.append(None)
            two_step.append(None)
            continue
        touching = frozenset().union(*(members[s] for s in signatures[first:end]))
        simple.append(Fraction(sum(capacity.get(m, 0) for m in touching), total))
        weighted = sum(
            (steps[s] * h for s, h in zip(signatures[first:end], hours[first:end], strict=True)),
            Fraction(0),
        )
        two_step.append(weighted / total)
    return simple, two_step


def _steps(
    members: list[frozenset[str]], asked: list[int], capacity: dict[str, int]
) -> list[Fraction]:
    """Return, by signature, the sum over its structures of capacity / need reached."""
    reached: dict[str, int] = {}
    for structures, hours in zip(members, asked, strict=True):
        for structure in structures:
            reached[structure] = reached.get(structure, 0) + hours
    return [
        sum((Fraction(capacity.get(s, 0), reached[s]) for s in row if reached[s]), Fraction(0))
        for row in members
    ]


def _capacities(decision: Decision) -> dict[str, int]:
    table = decision.supply.table
    return {str(s): int(h) for s, h in table.groupby("structure_id")["hours"].sum().items()}

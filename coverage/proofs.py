"""Proofs by zone: what is unserved whatever is done, and under which productivity."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from coverage.breakeven import break_even_hours, multiplier_to_reach
from coverage.maxflow import bipartite_max_flow
from coverage.parameters import Parameters, definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.decision import Decision
    from coverage.response import Nodes

SURE, LIKELY = Fraction(95, 100), Fraction(60, 100)
"""Shares of draws in which a shortage must hold to be `demontree`, `probable`."""


def node_hours(nodes: Nodes, rows: NDArray[np.int64]) -> dict[int, int]:
    """Return the hours that some atoms ask through each merged node."""
    of_atom, hours = nodes.of_atom[rows].ravel(), nodes.hours[rows].ravel()
    asked = of_atom >= 0
    numbers, inverse = np.unique(of_atom[asked], return_inverse=True)
    sums = np.zeros(len(numbers), dtype=np.int64)
    np.add.at(sums, inverse, hours[asked])
    return dict(zip(numbers.tolist(), sums.tolist(), strict=True))


def proved_deficit(nodes: Nodes, capacities: Sequence[int], rows: NDArray[np.int64]) -> int:
    """Return the hours of a place unserved even if all that reaches it worked only for it.

    Parameters
    ----------
    nodes
        Merged nodes of the flow.
    capacities
        Whole hours by supply node.
    rows
        Atoms of the place.
    """
    asked = node_hours(nodes, rows)
    supplies = sorted({j for node in asked for j in nodes.reach[node]})
    position = {j: p for p, j in enumerate(supplies)}
    flow = bipartite_max_flow(
        list(asked.values()),
        [capacities[j] for j in supplies],
        [[position[j] for j in nodes.reach[node]] for node in asked],
    )
    return sum(asked.values()) - flow.value


def break_even(decision: Decision, rows: NDArray[np.int64], parameters: Parameters) -> int | None:
    """Return the least hours per ETP at which all atoms of a zone leave the insufficiency.

    The productivities of all structures move by one factor, said for the default one. None
    when no factor does.
    """
    multipliers: list[Fraction | None] = []
    thresholds = {"total": parameters.seuil_reponse, "etat": parameters.seuil_reponse_etat}
    responses = {"total": decision.total, "etat": decision.state}
    for flow, threshold in thresholds.items():
        nodes, rates = responses[flow].nodes, decision.fine_rates[flow]
        # At threshold 1 the poorest node of the zone decides; below, each atom's own mean does.
        places = [rows] if threshold == 1 else [rows[i : i + 1] for i in range(len(rows))]
        for place in places:
            asked = node_hours(nodes, place)
            if asked:
                multipliers.append(
                    multiplier_to_reach(
                        [rates[node] for node in asked], list(asked.values()), threshold
                    )
                )
    return break_even_hours(multipliers, parameters.heures_par_etp)


def certainty(break_even_h: int | None) -> str:
    """Return how sure an insufficiency is when productivity is uniform on its range.

    >>> certainty(44_000), certainty(40_000), certainty(36_000), certainty(None)
    ('demontree', 'probable', 'non_demontree', 'demontree')
    """
    known = definitions()["heures_par_etp"]
    if break_even_h is None or break_even_h >= known.low + SURE * (known.high - known.low):
        return "demontree"
    return (
        "probable"
        if break_even_h >= known.low + LIKELY * (known.high - known.low)
        else "non_demontree"
    )

"""What is decided atom by atom, before it is told by commune, zone and région."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.breakeven import fine_unit
from coverage.fairflow import fair_rates
from coverage.need import need_by_atom
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.response import (
    EXTENSIONS,
    PRINCIPALS,
    Response,
    mean_rates,
    merge_nodes,
    respond,
)
from coverage.rounding import rounded_in_order
from coverage.status import atom_statuses

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from coverage.means import Means
    from coverage.model import Atoms, Need
    from coverage.parameters import Parameters
    from coverage.supply import Supply

FLOWS = {"total": CLASSES, "etat": STATE_CLASSES}
"""Classes that count in each flow."""
KINDS = (EXTENSIONS, PRINCIPALS)


@dataclass(frozen=True)
class Decision:
    """The fair flows and the status of every atom.

    Attributes
    ----------
    need
        Hours by (atom, class), shape (atoms, classes), int64.
    responses
        The fair flow of each (flow, kind).
    fine_rates
        By flow, extensions comprises: rate of each merged node with ETP not rounded to the
        hour, for break-even.
    rates, state_rates
        Capped mean rate by atom.
    status
        Position in `STATUTS` by atom, int8.
    """

    atoms: Atoms
    supply: Supply
    need: NDArray[np.int64]
    responses: dict[tuple[str, str], Response]
    fine_rates: dict[str, tuple[Fraction, ...]]
    rates: Means
    state_rates: Means
    status: NDArray[np.int8]

    @property
    def total(self) -> Response:
        """The fair flow of all needs, extensions comprises."""
        return self.responses["total", EXTENSIONS]

    @property
    def state(self) -> Response:
        """The fair flow of State needs alone, extensions comprises."""
        return self.responses["etat", EXTENSIONS]


def decide(need: Need, atoms: Atoms, supply: Supply, parameters: Parameters) -> Decision:
    """Compute every fair flow and the status of every atom."""
    asked = need_by_atom(need, atoms)
    capacities = supply.table["hours"].tolist()
    exact = supply.table["exact"].tolist()
    responses: dict[tuple[str, str], Response] = {}
    fine_rates = {}
    for flow, classes in FLOWS.items():
        for kind in KINDS:
            nodes = merge_nodes(asked, atoms, supply, classes=classes, kind=kind)
            responses[flow, kind] = respond(nodes, capacities)
        fine_rates[flow] = _fine_rates(responses[flow, EXTENSIONS], exact)
    unit = atoms.table["unit"].to_numpy()
    own = atoms.table.index.to_numpy()
    rates = mean_rates(responses["total", EXTENSIONS], own, len(own))
    state_rates = mean_rates(responses["etat", EXTENSIONS], own, len(own))
    known = need.known[unit].any(axis=1)
    short = rates.below(parameters.seuil_reponse)
    short |= state_rates.below(parameters.seuil_reponse_etat)
    status = atom_statuses(atoms, known, short)
    return Decision(atoms, supply, asked, responses, fine_rates, rates, state_rates, status)


def _fine_rates(response: Response, exact: list[Fraction]) -> tuple[Fraction, ...]:
    """Return the rates of a response with capacities not rounded to the hour."""
    unit = fine_unit(exact)
    if unit == 1:
        return response.rates
    nodes = response.nodes
    capacities = [int(hours * unit) for hours in exact]
    return tuple(rate / unit for rate in fair_rates(nodes.needs, capacities, nodes.reach))


def served_hours(rates: Means, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the whole hours that the fair flow serves in each atom, shape (atoms,).

    Parameters
    ----------
    rates
        Capped mean rate by atom.
    order
        Atoms by zone then unit: the hours of a commune, of a zone and of a région are then each
        within one of their exact sum, and the whole is the maximum flow.
    """
    whole, grains = rates.answered()
    served = np.empty(len(order), dtype=np.int64)
    served[order] = rounded_in_order(whole[order], grains[order])
    return served

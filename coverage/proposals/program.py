r"""The mixed-integer program of the exact plan, as one sparse matrix.

Sets: merged demand nodes :math:`d`, existing supplies :math:`s`, groups :math:`k` of identical
options (same reach, hours, cost, région, structure and fate), zones retenues :math:`z`,
structures :math:`e`. Whole numbers: :math:`n_k` options taken in a group, :math:`w_z` whether a
zone is lifted, :math:`y_e` whether a structure has an option in the plan. Hours
:math:`f_{ds}, f_{dk} \ge 0` served at a node by an existing supply or by a group.

.. math::

    \begin{array}{lr}
    \sum_s f_{ds} + \sum_k f_{dk} \le \text{need}_d & (1) \\
    \sum_d f_{ds} \le \text{capacity}_s & (2) \\
    \sum_d f_{dk} \le \text{hours}_k \, n_k & (3) \\
    f_{dk} \le \text{need}_d \, n_k \quad \text{where need}_d < \text{hours}_k & (4) \\
    \text{hard rules of the call on } n \text{ (money, posts, régions, what is imposed)} & (5) \\
    \sum_{d \in z} f_d \ge \lceil \text{threshold} \times \text{need}_z \rceil \, w_z & (6) \\
    n_k \le \text{size}_k \, y_{e(k)} & (7) \\
    \text{each goal already attained} \ge \text{its value} & (8)
    \end{array}

The capacitated maximal covering model (Church and ReVelle 1974, "The maximal covering location
problem"; Current and Storbeck 1988 for capacities) with a money row. (4) is implied for whole
:math:`n` and tightens the relaxation. Row (8) of hours is a sum over the nodes of a level and
under: the goals are nested (see `PlanNetwork`), one flow attains them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from coverage.proposals.attained import LEVELS
from coverage.proposals.hard_rules import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from coverage.proposals.hard_rules import HardRule
    from coverage.proposals.limits import Limits
    from coverage.proposals.model import Ask, PlanNetwork

HOURS_GOALS = ("heures_prioritaires", "heures_sans_perimetre_principal", "heures")
"""Hours newly served at each level and under; each holds the former."""

ZONES, STRUCTURES, MONEY = "zones", "structures", "part_etat_cents"
GOALS = (*HOURS_GOALS, ZONES, STRUCTURES, MONEY)
"""Goals in the method's order: more hours, more zones at the threshold, fewer structures. The
last one breaks what is left of ties: no money for a post that brings nothing."""

FEWER = (STRUCTURES, MONEY)
"""Goals that are made small."""


@dataclass(frozen=True)
class Group:
    """Identical options: the first ones are taken first.

    Attributes
    ----------
    members
        Positions in `Ask.options`, in order.
    least, most
        How many must, and may, be in the plan.
    """

    members: tuple[int, ...]
    least: int
    most: int


def group_options(ask: Ask, network: PlanNetwork, limits: Limits) -> tuple[Group, ...]:
    """Group the options that nothing tells apart; those that can never be taken are left out."""
    alike: dict[object, list[int]] = {}
    for k, option in enumerate(ask.options):
        if k in limits.refused | limits.aside | limits.outside:
            continue
        key = (
            *(network.options[k], network.hours[k], option.structure_id, option.region),
            *(option.hundredths, option.state_cents, option.origin),
            k in limits.kept | limits.locked,
        )
        alike.setdefault(key, []).append(k)
    imposed = limits.kept | limits.locked
    return tuple(
        Group(tuple(members), len(members) if members[0] in imposed else 0, len(members))
        for members in alike.values()
    )


@dataclass(frozen=True)
class Program:
    """Columns, rows and goals of the program.

    Attributes
    ----------
    groups
        The first columns, one each.
    zones
        Zone number → hours that lift it, in the order of the columns that follow.
    matrix, low, high
        Rows (1) to (7), shape (rows, columns), and their bounds.
    upper
        Of the columns; their lower bounds are in `lower`.
    whole
        Whether a column takes whole numbers.
    goals
        By name, the coefficients to make large (or small, for `FEWER`), shape (columns,).
    """

    groups: tuple[Group, ...]
    zones: Mapping[int, int]
    matrix: csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    whole: NDArray[np.bool_]
    goals: Mapping[str, NDArray[np.float64]]

    def chosen(self, values: NDArray[np.float64]) -> tuple[int, ...]:
        """Return the options that a solution takes, whole numbers being the nearest."""
        counts = np.rint(values[: len(self.groups)]).astype(int).tolist()
        taken = [g.members[:n] for g, n in zip(self.groups, counts, strict=True)]
        return tuple(sorted(k for members in taken for k in members))

    def lifted(self, values: NDArray[np.float64]) -> dict[int, int]:
        """Return the zones that a solution says it lifts, with their hours."""
        first = len(self.groups)
        flags = values[first : first + len(self.zones)]
        pairs = zip(self.zones.items(), flags.tolist(), strict=True)
        return {zone: hours for (zone, hours), flag in pairs if round(flag)}


class _Rows:
    """Rows being written: entries, and bounds."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, entries: Sequence[tuple[int, float]], low: float, high: float) -> None:
        row = len(self.low)
        self.entries += [(row, column, value) for column, value in entries]
        self.low.append(low)
        self.high.append(high)


def build_program(
    ask: Ask,
    network: PlanNetwork,
    groups: tuple[Group, ...],
    rules: Sequence[HardRule],
    zones: Mapping[int, int],
) -> Program:
    """Write the program.

    Parameters
    ----------
    zones
        Zones retenues by number → whole hours that lift them.
    """
    names = sorted({ask.options[group.members[0]].structure_id for group in groups})
    first_structure = len(groups) + len(zones)
    first_flow = first_structure + len(names)
    arcs = _arcs(network, groups)
    rows = _Rows()
    _flow_rows(rows, network, groups, arcs, first_flow)
    _rule_rows(rows, groups, rules)
    column = {zone: len(groups) + number for number, zone in enumerate(zones)}
    own: dict[int, list[tuple[int, float]]] = {zone: [] for zone in zones}
    for number, (d, _, _) in enumerate(arcs, start=first_flow):
        if network.zone[d] in own:
            own[network.zone[d]].append((number, 1.0))
    for zone, hours in zones.items():
        rows.add([*own[zone], (column[zone], -float(hours))], 0, np.inf)
    place = {name: first_structure + number for number, name in enumerate(names)}
    for number, group in enumerate(groups):
        structure = place[ask.options[group.members[0]].structure_id]
        rows.add([(number, 1.0), (structure, -float(group.most))], -np.inf, 0)
    columns = first_flow + len(arcs)
    lower, upper = np.zeros(columns), np.zeros(columns)
    lower[: len(groups)] = [group.least for group in groups]
    upper[: len(groups)] = [group.most for group in groups]
    upper[len(groups) : first_flow] = 1
    upper[first_flow:] = [network.needs[d] for d, _, _ in arcs]
    whole = np.arange(columns) < first_flow
    at = np.array(rows.entries, dtype=float).reshape(-1, 3)
    matrix = coo_array(
        (at[:, 2], (at[:, 0].astype(int), at[:, 1].astype(int))), shape=(len(rows.low), columns)
    ).tocsr()
    goals = _goals(ask, network, groups, arcs, columns)
    goals[ZONES][len(groups) : first_structure] = 1
    goals[STRUCTURES][first_structure:first_flow] = 1
    low, high = np.array(rows.low), np.array(rows.high)
    return Program(groups, zones, matrix, low, high, lower, upper, whole, goals)


def _arcs(network: PlanNetwork, groups: Sequence[Group]) -> list[tuple[int, int, int]]:
    """Return (demand, existing supply or −1, group or −1) of each flow."""
    arcs = [(d, s, -1) for d, row in enumerate(network.reach) for s in row]
    for number, group in enumerate(groups):
        arcs += [(d, -1, number) for d in network.options[group.members[0]]]
    return arcs


def _flow_rows(
    rows: _Rows,
    network: PlanNetwork,
    groups: Sequence[Group],
    arcs: Sequence[tuple[int, int, int]],
    first: int,
) -> None:
    """Write rows (1) to (4)."""
    by_demand: list[list[tuple[int, float]]] = [[] for _ in network.needs]
    by_supply: list[list[tuple[int, float]]] = [[] for _ in network.capacities]
    by_group: list[list[tuple[int, float]]] = [[] for _ in groups]
    for column, (d, s, k) in enumerate(arcs, start=first):
        by_demand[d].append((column, 1.0))
        (by_supply[s] if k < 0 else by_group[k]).append((column, 1.0))
        if k >= 0 and network.needs[d] < network.hours[groups[k].members[0]]:
            rows.add([(column, 1.0), (k, -float(network.needs[d]))], -np.inf, 0)
    for entries, need in zip(by_demand, network.needs, strict=True):
        rows.add(entries, -np.inf, need)
    for entries, capacity in zip(by_supply, network.capacities, strict=True):
        rows.add(entries, -np.inf, capacity)
    for number, (entries, group) in enumerate(zip(by_group, groups, strict=True)):
        hours = network.hours[group.members[0]]
        rows.add([*entries, (number, -float(hours))], -np.inf, 0)


def _rule_rows(rows: _Rows, groups: Sequence[Group], rules: Sequence[HardRule]) -> None:
    """Write rows (5); whole coefficients are divided by what they share.

    What is imposed or refused one by one is in the bounds of the groups.
    """
    for rule in rules:
        if rule.measure == OPTIONS:
            continue
        own = [(g, rule.coefficients.get(group.members[0], 0)) for g, group in enumerate(groups)]
        shared = gcd(*(value for _, value in own)) or 1
        entries = [(g, float(value // shared)) for g, value in own if value]
        if rule.least:
            rows.add(entries, -(-rule.bound // shared), np.inf)
        else:
            rows.add(entries, -np.inf, rule.bound // shared)


def _goals(
    ask: Ask,
    network: PlanNetwork,
    groups: Sequence[Group],
    arcs: Sequence[tuple[int, int, int]],
    columns: int,
) -> dict[str, NDArray[np.float64]]:
    goals = {name: np.zeros(columns) for name in GOALS}
    first = columns - len(arcs)
    level = np.array([network.level[d] for d, _, _ in arcs], dtype=int)
    for number in range(LEVELS):
        goals[HOURS_GOALS[number]][first:] = level <= number
    goals[MONEY][: len(groups)] = [ask.options[g.members[0]].state_cents for g in groups]
    return goals

r"""The mixed-integer program of the exact plan, as one sparse matrix.

Sets: merged demand nodes :math:`d`, existing supplies :math:`s`, groups :math:`k` of identical
options (same reach, hours, cost, région, structure and fate), zones retenues :math:`z`,
structures :math:`e`, extensions without a post :math:`x`. Whole numbers: :math:`n_k` options taken
in a group, :math:`w_z` whether a zone is lifted, :math:`y_e` whether a structure has an option in
the plan, :math:`v_x` whether an extension is. Hours :math:`f_{ds}, f_{dk}, f_{dsx} \ge 0` served at
a node by an existing supply, by a group, or by an existing supply where an extension joins it.

.. math::

    \begin{array}{lr}
    \sum_s f_{ds} + \sum_k f_{dk} + \sum_{s,x} f_{dsx} \le \text{need}_d & (1) \\
    \sum_d f_{ds} + \sum_{d,x} f_{dsx} \le \text{capacity}_s & (2) \\
    \sum_d f_{dk} \le \text{hours}_k \, n_k & (3) \\
    f_{dk} \le \text{need}_d \, n_k \quad \text{where need}_d < \text{hours}_k & (4) \\
    \text{hard rules of the call on } n \text{ (money, posts, régions, what is imposed)} & (5) \\
    \sum_{d \in z} f_d \ge \lceil \text{threshold} \times \text{need}_z \rceil \, w_z & (6) \\
    n_k \le \text{size}_k \, y_{e(k)} & (7) \\
    f_{dsx} \le \min(\text{need}_d, \text{spare}_s) \, v_x, \quad
    \sum_d f_{dsx} \le \text{spare}_s \, v_x, \quad
    \sum_{d,x} f_{dsx} \le \text{spare}_s & (8) \\
    \text{each goal already attained} \ge \text{its value} & (9)
    \end{array}

The capacitated maximal covering model (Church and ReVelle 1974, "The maximal covering location
problem"; Current and Storbeck 1988 for capacities) with a money row. (4) is implied for whole
:math:`n` and tightens the relaxation. Row (9) of hours is a sum over the nodes of a level and
under: the goals are nested (see `PlanNetwork`), one flow attains them together.

No place is served less than today: from any flow of today, priority hours first, one that attains
the goals gives every node at least as much. What is left of posts without their hours to spare
serves as much as all of them, node by node if one wishes (see `lending.spare_hours`); options and
hours to spare are then supplies that today's flow does not use, and it is augmented from them along
paths that take no hour from a node (`coverage.proposals.gains`). Without (8), an extension could
take hours from a place served today for priority ones elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from coverage.proposals.attained import LEVELS
from coverage.proposals.program_rows import (
    Group,
    Rows,
    arcs_of,
    extension_rows,
    flow_rows,
    rule_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from coverage.proposals.hard_rules import HardRule
    from coverage.proposals.limits import Limits
    from coverage.proposals.model import Ask, PlanNetwork
    from coverage.proposals.program_rows import Arc

HOURS_GOALS = ("heures_prioritaires", "heures_sans_perimetre_principal", "heures")
"""Hours newly served at each level and under; each holds the former."""

ZONES, STRUCTURES, MONEY = "zones", "structures", "part_etat_cents"
EXTENSIONS = "extensions"
GOALS = (*HOURS_GOALS, ZONES, STRUCTURES, MONEY)
"""Goals in the method's order: more hours, more zones at the threshold, fewer structures. The
last one breaks what is left of ties: no money for a post that brings nothing."""

EVERY_GOAL = (*GOALS, EXTENSIONS)
"""With that of plans that extensions without a post may enter: no more of them than others need."""

FEWER = (STRUCTURES, MONEY, EXTENSIONS)
"""Goals that are made small."""


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
        Rows (1) to (8), shape (rows, columns), and their bounds.
    upper
        Of the columns; their lower bounds are in `lower`.
    whole
        Whether a column takes whole numbers.
    goals
        By name, the coefficients to make large (or small, for `FEWER`), shape (columns,).
    extensions
        Columns of the extensions.
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
    extensions: range

    def chosen(self, values: NDArray[np.float64]) -> tuple[int, ...]:
        """Return the options that a solution takes, whole numbers being the nearest."""
        counts = np.rint(values[: len(self.groups)]).astype(int).tolist()
        taken = [g.members[:n] for g, n in zip(self.groups, counts, strict=True)]
        return tuple(sorted(k for members in taken for k in members))

    def extended(self, values: NDArray[np.float64]) -> tuple[int, ...]:
        """Return the extensions that a solution takes."""
        flags = values[self.extensions.start : self.extensions.stop].tolist()
        return tuple(e for e, flag in enumerate(flags) if round(flag))

    def lifted(self, values: NDArray[np.float64]) -> dict[int, int]:
        """Return the zones that a solution says it lifts, with their hours."""
        first = len(self.groups)
        flags = values[first : first + len(self.zones)]
        pairs = zip(self.zones.items(), flags.tolist(), strict=True)
        return {zone: hours for (zone, hours), flag in pairs if round(flag)}


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
    first_extension = first_structure + len(names)
    first_flow = first_extension + len(network.extensions)
    arcs = arcs_of(network, groups)
    rows = Rows()
    flow_rows(rows, network, groups, arcs, first_flow)
    extension_rows(rows, network, arcs, first_extension)
    rule_rows(rows, groups, rules)
    column = {zone: len(groups) + number for number, zone in enumerate(zones)}
    own: dict[int, list[tuple[int, float]]] = {zone: [] for zone in zones}
    for number, arc in enumerate(arcs, start=first_flow):
        if network.zone[arc.node] in own:
            own[network.zone[arc.node]].append((number, 1.0))
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
    upper[first_flow:] = [network.needs[arc.node] for arc in arcs]
    whole = np.arange(columns) < first_flow
    at = np.array(rows.entries, dtype=float).reshape(-1, 3)
    matrix = coo_array(
        (at[:, 2], (at[:, 0].astype(int), at[:, 1].astype(int))), shape=(len(rows.low), columns)
    ).tocsr()
    goals = _goals(ask, network, groups, arcs, columns)
    goals[ZONES][len(groups) : first_structure] = 1
    goals[STRUCTURES][first_structure:first_extension] = 1
    goals[EXTENSIONS][first_extension:first_flow] = 1
    low, high = np.array(rows.low), np.array(rows.high)
    columns_of = range(first_extension, first_flow)
    return Program(groups, zones, matrix, low, high, lower, upper, whole, goals, columns_of)


def _goals(
    ask: Ask,
    network: PlanNetwork,
    groups: Sequence[Group],
    arcs: Sequence[Arc],
    columns: int,
) -> dict[str, NDArray[np.float64]]:
    goals = {name: np.zeros(columns) for name in EVERY_GOAL}
    first = columns - len(arcs)
    level = np.array([network.level[arc.node] for arc in arcs], dtype=int)
    for number in range(LEVELS):
        goals[HOURS_GOALS[number]][first:] = level <= number
    goals[MONEY][: len(groups)] = [ask.options[g.members[0]].state_cents for g in groups]
    return goals

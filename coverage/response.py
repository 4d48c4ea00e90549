"""The response: fair rates on merged nodes, and their groups (method, section 5).

Demand nodes are (atom, class) with need > 0; those reached by the same supply nodes are one
merged node. France becomes about a thousand of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coverage.atoms import PRINCIPAL
from coverage.fairflow import fair_rates
from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.model import Atoms
    from coverage.supply import Supply

EXTENSIONS = "extensions_comprises"
PRINCIPALS = "perimetres_principaux"


@dataclass(frozen=True)
class Nodes:
    """Merged demand nodes of one flow.

    Attributes
    ----------
    of_atom
        Node of each (atom, class), -1 without need; shape (atoms, classes), int32.
    hours
        Hours asked by (atom, class), 0 outside the flow; shape (atoms, classes), int64.
    needs
        Hours asked by node, all > 0.
    reach
        For each node, sorted positions of the supply nodes that reach it.
    """

    of_atom: NDArray[np.int32]
    hours: NDArray[np.int64]
    needs: tuple[int, ...]
    reach: tuple[tuple[int, ...], ...]

    @cached_property
    def unreached(self) -> NDArray[np.bool_]:
        """Where hours are asked that no supply node reaches, shape (atoms, classes)."""
        # The last place answers for number -1: nothing is asked there.
        bare = np.array([not row for row in self.reach] + [False], dtype=bool)
        return bare[self.of_atom]


@dataclass(frozen=True)
class Group:
    """Nodes of one rate that share suppliers, with the suppliers left to them.

    Attributes
    ----------
    ancestors
        Positions of the poorer groups that, with this one, are closed under poverty: no
        supplier of the union reaches it without being counted in it.
    """

    rate: Fraction
    nodes: tuple[int, ...]
    supplies: tuple[int, ...]
    ancestors: tuple[int, ...]


@dataclass(frozen=True)
class Response:
    """The fair flow of one kind.

    Attributes
    ----------
    rates
        Uncapped rate by node.
    groups
        Every node is in one group; poorer groups come first.
    """

    nodes: Nodes
    rates: tuple[Fraction, ...]
    groups: tuple[Group, ...]


def merge_nodes(
    need: NDArray[np.int64], atoms: Atoms, supply: Supply, *, classes: Sequence[str], kind: str
) -> Nodes:
    """Merge the demand nodes of some classes that the same supply nodes reach.

    Parameters
    ----------
    need
        Hours by (atom, class), shape (atoms, classes).
    classes
        Those that count in this flow.
    kind
        `extensions_comprises`, or `perimetres_principaux` to ignore undedicated extensions.
    """
    by_structure: dict[str, list[int]] = {}
    for position, structure in enumerate(supply.table["structure_id"]):
        by_structure.setdefault(structure, []).append(position)
    scopes = [frozenset(scope) for scope in supply.table["scope"]]
    numbers: dict[tuple[int, ...], int] = {}
    node = np.full((len(atoms.signatures), len(CLASSES)), -1, dtype=np.int32)
    for s, signature in enumerate(atoms.signatures):
        near = [
            j
            for structure, nature in signature
            if kind == EXTENSIONS or nature in PRINCIPAL
            for j in by_structure.get(structure, ())
        ]
        for class_ in classes:
            reach = tuple(sorted(j for j in near if class_ in scopes[j]))
            node[s, CLASSES.index(class_)] = numbers.setdefault(reach, len(numbers))
    of_atom = node[atoms.table["signature"].to_numpy()]
    of_atom[need == 0] = -1
    hours = np.where(of_atom >= 0, need, 0)
    return _compact(of_atom, hours, list(numbers))


def _compact(
    of_atom: NDArray[np.int32], hours: NDArray[np.int64], reach: list[tuple[int, ...]]
) -> Nodes:
    """Drop the nodes nobody asks through and number the rest by what reaches them."""
    asked = np.zeros(len(reach), dtype=np.int64)
    np.add.at(asked, of_atom[of_atom >= 0], hours[of_atom >= 0])
    kept = sorted((int(n) for n in np.flatnonzero(asked)), key=reach.__getitem__)
    number = np.full(len(reach) + 1, -1, dtype=np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    return Nodes(
        of_atom=number[of_atom],
        hours=hours,
        needs=tuple(int(asked[n]) for n in kept),
        reach=tuple(reach[n] for n in kept),
    )


def respond(nodes: Nodes, capacities: Sequence[int]) -> Response:
    """Return the fair flow of merged nodes.

    Parameters
    ----------
    capacities
        Whole hours by supply node.
    """
    rates = tuple(fair_rates(nodes.needs, capacities, nodes.reach))
    return Response(nodes, rates, _groups(rates, nodes.reach))


def _groups(rates: Sequence[Fraction], reach: Sequence[Sequence[int]]) -> tuple[Group, ...]:
    """Group nodes of one rate joined by suppliers of that rate; poorer groups first.

    In the fair flow a supplier gives only to the poorest nodes it reaches, so the least rate
    among them is its own.
    """
    least: dict[int, Fraction] = {}
    for rate, row in zip(rates, reach, strict=True):
        for j in row:
            least[j] = min(rate, least.get(j, rate))
    supplies = sorted(least)
    position = {j: len(rates) + p for p, j in enumerate(supplies)}
    pairs = [(i, position[j]) for i, row in enumerate(reach) for j in row if least[j] == rates[i]]
    size = len(rates) + len(supplies)
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    links = coo_array((np.ones(len(pairs), dtype=np.int8), (rows, columns)), shape=(size, size))
    _, labels = connected_components(links, directed=False)
    members: dict[int, list[int]] = {}
    for i in range(len(rates)):
        members.setdefault(int(labels[i]), []).append(i)
    ordered = sorted(members, key=lambda label: (rates[members[label][0]], members[label]))
    rank = {label: number for number, label in enumerate(ordered)}
    own: dict[int, list[int]] = {}
    for j in supplies:
        own.setdefault(rank[int(labels[position[j]])], []).append(j)
    owner = {j: number for number, row in own.items() for j in row}
    groups: list[Group] = []
    for number, label in enumerate(ordered):
        above = {owner[j] for i in members[label] for j in reach[i]} - {number}
        above = above.union(*(groups[a].ancestors for a in above))
        rate = rates[members[label][0]]
        groups.append(
            Group(rate, tuple(members[label]), tuple(own.get(number, ())), tuple(sorted(above)))
        )
    return tuple(groups)


def mean_rates(response: Response, labels: NDArray[np.int64], count: int) -> list[Fraction | None]:
    """Return the need-weighted mean of min(1, rate) by label, None where nothing is asked.

    Parameters
    ----------
    labels
        A label below `count` for each atom (its own number, its unit, its zone…).
    """
    capped = [min(rate, Fraction(1)) for rate in response.rates]
    return weighted_means(response.nodes, capped, labels, count)


def weighted_means(
    nodes: Nodes, values: Sequence[Fraction], labels: NDArray[np.int64], count: int
) -> list[Fraction | None]:
    """Return the exact need-weighted mean of a value of nodes, by label of their atoms.

    Parameters
    ----------
    values
        By merged node.
    labels
        A label below `count` for each atom.
    """
    levels = sorted(set(values))
    rank = {value: number for number, value in enumerate(levels)}
    level_of = np.array([rank[value] for value in values], dtype=np.int64)
    row, class_ = np.nonzero(nodes.of_atom >= 0)
    level = level_of[nodes.of_atom[row, class_]]
    keys, inverse = np.unique(labels[row] * len(levels) + level, return_inverse=True)
    hours = np.zeros(len(keys), dtype=np.int64)
    np.add.at(hours, inverse, nodes.hours[row, class_])
    means: list[Fraction | None] = [None] * count
    for label, run in groupby(
        zip(keys.tolist(), hours.tolist(), strict=True), key=lambda pair: pair[0] // len(levels)
    ):
        parts = [(levels[key % len(levels)], asked) for key, asked in run]
        means[label] = parts[0][0]
        if len(parts) > 1:
            total = sum((value * asked for value, asked in parts), Fraction(0))
            means[label] = total / sum(asked for _, asked in parts)
    return means

"""The response: fair rates on merged nodes, and their groups (method, section 5).

Demand nodes are (atom, class) with need > 0; those reached by the same supply nodes are one
merged node. France becomes about a thousand of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coverage.atoms import PRINCIPAL
from coverage.fairflow import fair_rates
from coverage.means import means_of, ranked
from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from coverage.means import Means
    from coverage.model import Atoms
    from coverage.supply import Supply, SupplyKey

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
    def demands(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
        """Atom, node and hours of each (atom, class) with need, in order; shape (demands,)."""
        atom, class_ = np.nonzero(self.of_atom >= 0)
        return atom, self.of_atom[atom, class_], self.hours[atom, class_]

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
    keys = list(zip(supply.table["structure_id"], supply.table["scope"], strict=True))
    near = [
        [structure for structure, nature in signature if kind == EXTENSIONS or nature in PRINCIPAL]
        for signature in atoms.signatures
    ]
    numbers: dict[tuple[int, ...], int] = {}
    node = number_reach(near, keys, numbers, classes=classes)
    of_atom = node[atoms.table["signature"].to_numpy()]
    of_atom[need == 0] = -1
    hours = np.where(of_atom >= 0, need, 0)
    return _compact(of_atom, hours, list(numbers))


def number_reach(
    near: Sequence[Sequence[str]],
    keys: Sequence[SupplyKey],
    numbers: dict[tuple[int, ...], int],
    *,
    classes: Sequence[str],
) -> NDArray[np.int32]:
    """Give a number to each set of supply nodes that reaches some demand.

    Parameters
    ----------
    near
        Structures that hold each place.
    keys
        Structure and scope of each supply node.
    numbers
        Numbers already given to sorted positions of supply nodes; the new ones are added.

    Returns
    -------
    ndarray
        By (place, class of `CLASSES`), -1 for the classes left out; int32.
    """
    found = np.full((len(near), len(CLASSES)), -1, dtype=np.int32)
    for columns, posts in _served_alike(keys, classes):
        reach = [sorted(chain.from_iterable(posts.get(s, ()) for s in row)) for row in near]
        given = [numbers.setdefault(tuple(row), len(numbers)) for row in reach]
        found[:, columns] = np.array(given, dtype=np.int32)[:, np.newaxis]
    return found


def _served_alike(
    keys: Sequence[SupplyKey], classes: Sequence[str]
) -> Iterator[tuple[list[int], dict[str, list[int]]]]:
    """Yield the columns of classes that the same supply nodes serve, and these by structure."""
    alike: dict[tuple[int, ...], list[int]] = {}
    for class_ in classes:
        serving = tuple(j for j, (_, scope) in enumerate(keys) if class_ in scope)
        alike.setdefault(serving, []).append(CLASSES.index(class_))
    for serving, columns in alike.items():
        posts: dict[str, list[int]] = {}
        for j in serving:
            posts.setdefault(keys[j][0], []).append(j)
        yield columns, posts


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
    return Response(nodes, rates, groups_of(rates, nodes.reach))


def groups_of(rates: Sequence[Fraction], reach: Sequence[Sequence[int]]) -> tuple[Group, ...]:
    """Group nodes of one rate joined by suppliers of that rate; poorer groups first.

    In the fair flow a supplier gives only to the poorest nodes it reaches, so the least rate
    among them is its own.
    """
    nodes = np.repeat(np.arange(len(reach)), [len(row) for row in reach])
    reaching = np.fromiter(chain.from_iterable(reach), dtype=np.int64, count=len(nodes))
    supplies, place = np.unique(reaching, return_inverse=True)
    group, giver, count = _grouped(ranked(rates)[0], nodes, place, len(supplies))
    above: list[set[int]] = [set() for _ in range(count)]
    for pair in np.unique(group[nodes] * count + giver[place]).tolist():
        number, poorer = divmod(pair, count)
        if poorer != number:
            above[number] |= {poorer} | above[poorer]
    members = _rows_of(group, np.arange(len(reach)), count)
    given = _rows_of(giver, supplies, count)
    return tuple(
        Group(rates[own[0]], own, given[number], tuple(sorted(above[number])))
        for number, own in enumerate(members)
    )


def _grouped(
    level: NDArray[np.int64], nodes: NDArray[np.int64], supplies: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return the group of each node and of each supply, and how many groups there are.

    Groups are numbered by rate, then by first node.

    Parameters
    ----------
    level
        Rank of each node's rate.
    nodes, supplies
        Ends of each edge.
    count
        Number of supplies; each is at the end of an edge.
    """
    least = np.full(count, len(level))
    np.minimum.at(least, supplies, level[nodes])
    own = least[supplies] == level[nodes]
    links = coo_array(
        (np.ones(int(own.sum()), dtype=np.int8), (nodes[own], len(level) + supplies[own])),
        shape=(len(level) + count, len(level) + count),
    )
    _, labels = connected_components(links, directed=False)
    found, first, group = np.unique(labels[: len(level)], return_index=True, return_inverse=True)
    number = np.empty(len(found), dtype=np.int64)
    number[np.lexsort((first, level[first]))] = np.arange(len(found))
    return number[group], number[np.searchsorted(found, labels[len(level) :])], len(found)


def _rows_of(
    labels: NDArray[np.int64], values: NDArray[np.int64], count: int
) -> list[tuple[int, ...]]:
    """Return the values of each label below `count`, in their order."""
    order = np.argsort(labels, kind="stable")
    ends = np.searchsorted(labels[order], np.arange(count + 1)).tolist()
    rows = values[order].tolist()
    return [tuple(rows[start:end]) for start, end in pairwise(ends)]


def mean_rates(response: Response, labels: NDArray[np.integer[Any]], count: int) -> Means:
    """Return the need-weighted mean of min(1, rate) by label of atoms.

    Parameters
    ----------
    labels
        A label below `count` for each atom (its own number, its unit, its zone…).
    """
    return weighted_means(response.nodes, capped(response.rates), labels, count)


def capped(rates: Iterable[Fraction]) -> list[Fraction]:
    """Return min(1, rate) for each rate."""
    one = Fraction(1)
    return [rate if rate.numerator < rate.denominator else one for rate in rates]


def weighted_means(
    nodes: Nodes, values: Sequence[Fraction], labels: NDArray[np.integer[Any]], count: int
) -> Means:
    """Return the need-weighted mean of a value of nodes, by label of their atoms.

    Parameters
    ----------
    values
        By merged node.
    labels
        A label below `count` for each atom.
    """
    atom, node, hours = nodes.demands
    return means_of(ranked(values), labels[atom], node, hours, count)

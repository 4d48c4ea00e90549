"""Which identifiers of several dossiers name one thing, and what each is called once joined."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.consolidate.model import Told
from data.study.faults import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Node = tuple[str, str]
"""Dossier and identifier."""

Names = dict[Node, str]
"""Final identifier of each node."""


@dataclass(frozen=True)
class Kind:
    """A kind of thing that identifiers name.

    Attributes
    ----------
    noun
        In French, with its article.
    """

    table: str
    noun: str


class Groups:
    """Nodes known to be one thing, joined two by two."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._parent = {node: node for node in nodes}

    def root(self, node: Node) -> Node:
        """Return the least node of the group of a node."""
        while self._parent[node] != node:
            node = self._parent[node]
        return node

    def join(self, one: Node, other: Node) -> None:
        """Make one group of those of two nodes."""
        low, high = sorted((self.root(one), self.root(other)))
        self._parent[high] = low

    def listed(self) -> list[list[Node]]:
        """Return the groups, their nodes in the order they were given."""
        groups: defaultdict[Node, list[Node]] = defaultdict(list)
        for node in self._parent:
            groups[self.root(node)].append(node)
        return list(groups.values())


def same_identifiers(
    nodes: Mapping[Node, Mapping[str, str]],
    alike: Callable[[Mapping[str, str], Mapping[str, str]], bool],
) -> Groups:
    """Return nodes grouped where one identifier names one thing in two dossiers.

    Parameters
    ----------
    nodes
        Dossier and identifier → what is known of the thing.
    alike
        Whether two descriptions under one identifier are of one thing.
    """
    groups = Groups(nodes)
    by_name: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        by_name[node[1]].append(node)
    for twins in by_name.values():
        for at, one in enumerate(twins):
            for other in twins[at + 1 :]:
                if alike(nodes[one], nodes[other]):
                    groups.join(one, other)
    return groups


def final_names(
    groups: Sequence[Sequence[Node]], prefixes: Mapping[str, str], kind: Kind
) -> tuple[Names, list[Told]]:
    """Return what every node is called once joined, and the renamings in words.

    A group keeps the identifier that its first dossier gives it. Where several groups would have
    the same, none keeps it: each takes its dossier's prefix, so that the order of dossiers
    favours nobody.

    Parameters
    ----------
    groups
        Nodes of one thing each, in the order of dossiers.
    prefixes
        Dossier → its prefix.
    """
    wanted: defaultdict[str, list[Sequence[Node]]] = defaultdict(list)
    for group in groups:
        wanted[group[0][1]].append(group)
    taken = {name for group in groups for _, name in group}
    names: Names = {}
    told: list[Told] = []
    for name, claimants in wanted.items():
        for group in claimants:
            final = name
            if len(claimants) > 1:
                final = _free(f"{prefixes[group[0][0]]}-{name}", taken)
                taken.add(final)
                told.append(_renamed(name, final, group, claimants, kind))
            names.update(dict.fromkeys(group, final))
    return names, told


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _renamed(
    name: str, final: str, group: Sequence[Node], claimants: Sequence[Sequence[Node]], kind: Kind
) -> Told:
    own = {label for label, _ in group}
    others = sorted({label for each in claimants for label, _ in each} - own)
    found = f"identifiant {quoted(name)} donné aussi à {kind.noun} du dossier {', '.join(others)}"
    outcome = f"renommé {quoted(final)} partout où ce dossier le cite"
    return Told("renommage", kind.table, name, tuple(sorted(own)), found, outcome)


def folded(text: str) -> str:
    """Return a name for comparison: accents, case and spacing aside."""
    plain = unicodedata.normalize("NFD", " ".join(text.casefold().split()))
    return "".join(char for char in plain if not unicodedata.combining(char))

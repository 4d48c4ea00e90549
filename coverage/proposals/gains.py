"""Hours that an option adds, found by moving hours along a flow that is already there.

Let S be a set of options and F_g(S) the most hours of demand nodes of level ≤ g that existing posts
and the options of S can serve. Sets of supply nodes that a flow can load are the independent sets
of a gammoid, and the vectors of loads a polymatroid: its rank, the maximum flow from a set of
supply nodes, is monotone submodular in the set. So is each F_g, and the greedy choice is at least
1 − 1/e of the best one where every option weighs the same. On the other side, the vectors of served
hours are a polymatroid too, whose greedy base attains F_0, F_1 and F_2 together: one flow that
serves levels in order tells the three.

An option adds to that flow what can be sent from it, level by level, along paths of the residual
graph to hours unserved: it takes a place over from a post, which goes to another place, and so on.
Hours served stay served. No path of this kind passes from a lower level to a higher one, since
the flow would not then have been the most for the lower one.

Sources: S. Fujishige, *Submodular Functions and Optimization*, 2nd ed. (2005), chapters 2 and 3;
G. L. Nemhauser, L. A. Wolsey and M. L. Fisher, *An analysis of approximations for maximizing
submodular set functions I*, Mathematical Programming 14 (1978).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Gains = tuple[int, int, int]
"""Hours by goal: priority, then with those that nothing or only an extension covers, then all."""

LEVELS = range(3)
_ALL_LEVELS = 0b111


@dataclass(frozen=True)
class Edges:
    """Who reaches whom: existing supply nodes first, then options.

    Attributes
    ----------
    levels
        Of each demand node.
    order
        Demand nodes, lower levels first.
    reach
        For each demand node, existing supply nodes.
    near
        For each existing supply node, then each option: demand nodes.
    first
        Number of the first option.
    direct
        For each option, the demand nodes of each level.
    """

    levels: Sequence[int]
    order: Sequence[int]
    reach: Sequence[Sequence[int]]
    near: Sequence[Sequence[int]]
    first: int
    direct: Sequence[Sequence[Sequence[int]]]

    @classmethod
    def of(
        cls,
        *,
        levels: Sequence[int],
        reach: Sequence[Sequence[int]],
        supplies: int,
        options: Sequence[Sequence[int]],
    ) -> Edges:
        """Return the edges of demand nodes, some existing supply nodes and options.

        Parameters
        ----------
        supplies
            How many existing supply nodes there are.
        options
            For each option, demand nodes.
        """
        near: list[list[int]] = [[] for _ in range(supplies)]
        for d, row in enumerate(reach):
            for s in row:
                near[s].append(d)
        direct = [[[d for d in row if levels[d] == g] for g in LEVELS] for row in options]
        order = sorted(range(len(levels)), key=levels.__getitem__)
        return cls(levels, order, reach, [*near, *options], supplies, direct)


Journal = list[tuple[int, int, int]]
"""Hours moved: demand node, supply node, how many (negative when taken away)."""


@dataclass(frozen=True)
class Tree:
    """What an option reaches in the residual graph, on the way to unserved hours of a level.

    Attributes
    ----------
    entered
        Demand node → the supply node that would come to it.
    freed
        Supply node → the demand node that it would leave; -1 for the option.
    ends
        Demand nodes of the level with hours unserved: all that are reached, or enough of them.
    """

    entered: dict[int, int]
    freed: dict[int, int]
    ends: list[int]


class Flow:
    """A flow that serves levels in order, to which options are added one by one.

    Attributes
    ----------
    served
        Hours served by goal.
    tick
        How many options were added.
    changed
        For each demand node, the tick when what serves it last changed.
    """

    def __init__(self, edges: Edges, needs: Sequence[int], capacities: Sequence[int]) -> None:
        """Serve what existing supply nodes can."""
        self.edges = edges
        self.left = list(needs)
        self.tick, self.changed = 0, [0] * len(needs)
        self._sent: list[dict[int, int]] = [{} for _ in needs]
        # Levels of unserved hours that may be reached from each node: a set that only shrinks.
        self._hope = [_ALL_LEVELS] * len(needs)
        answered = [0, 0, 0]
        self._serve(list(capacities))
        for need, left, level in zip(needs, self.left, edges.levels, strict=True):
            answered[level] += need - left
        self.served: Gains = (answered[0], answered[0] + answered[1], sum(answered))

    def copy(self) -> Flow:
        """Return the same flow, to be changed apart."""
        other = object.__new__(Flow)
        other.__dict__ |= self.__dict__
        other.left, other._hope = self.left.copy(), self._hope.copy()
        other.changed = self.changed.copy()
        other._sent = [row.copy() for row in self._sent]
        return other

    def gains(self, option: int, hours: int) -> Gains:
        """Return the hours by goal that an option would add; the flow is left as it is."""
        return self.weigh(option, hours)[0]

    def weigh(self, option: int, hours: int) -> tuple[Gains, tuple[int, ...]]:
        """Return what an option would add, and the demand nodes that this depends on.

        The gains stay the same while none of these nodes changes.
        """
        rest, direct = hours, self.edges.direct[option][0]
        for d in direct:
            rest -= self.left[d]
            if rest <= 0:
                return (hours, hours, hours), tuple(direct)
        journal: Journal = []
        found, region = self._send(option, hours, journal)
        for d, s, moved in reversed(journal):
            self._move(d, s, -moved)
        return found, tuple(region)

    def add(self, option: int, hours: int) -> Gains:
        """Add an option to the flow and return the hours by goal that it adds."""
        journal: Journal = []
        found, _ = self._send(option, hours, journal)
        self.tick += 1
        for d, _, _ in journal:
            self.changed[d] = self.tick
        one, two, three = self.served
        self.served = (one + found[0], two + found[1], three + found[2])
        return found

    def _move(self, d: int, s: int, hours: int) -> None:
        row = self._sent[d]
        now = row.get(s, 0) + hours
        if now:
            row[s] = now
        else:
            del row[s]
        self.left[d] -= hours

    def _send(self, option: int, hours: int, journal: Journal) -> tuple[Gains, set[int]]:
        """Send the hours of an option, level by level; return also the demand nodes looked at."""
        start, rest = self.edges.first + option, hours
        found, region = [], set[int]()
        for level in LEVELS:
            for d in self.edges.direct[option][level]:
                if rest and self.left[d]:
                    pushed = min(rest, self.left[d])
                    self._move(d, start, pushed)
                    journal.append((d, start, pushed))
                    region.add(d)
                    rest -= pushed
            cut = True
            while rest and cut:
                tree = self._explore(start, rest, level)
                region.update(tree.entered)
                if not tree.ends and not journal:
                    # Nothing is reached from here in the flow as additions left it, nor ever:
                    # later additions never make it reach more.
                    for d in tree.entered:
                        self._hope[d] &= ~(1 << level)
                cut = False
                for d in tree.ends:
                    if rest:
                        pushed, shut = self._push(d, rest, tree, journal)
                        rest -= pushed
                        cut |= shut
            found.append(hours - rest)
        return (found[0], found[1], found[2]), region

    def _explore(self, start: int, rest: int, level: int) -> Tree:
        """Return what an option reaches, until enough hours of a level are found."""
        near, levels = self.edges.near, self.edges.levels
        left, sent, hope, bit = self.left, self._sent, self._hope, 1 << level
        entered: dict[int, int] = {}
        freed: dict[int, int] = {start: -1}
        ends: list[int] = []
        queue = [start]
        for s in queue:  # it grows while it is read
            for d in near[s]:
                if not hope[d] & bit or d in entered:
                    continue
                entered[d] = s
                if left[d] and levels[d] == level:
                    ends.append(d)
                    rest -= left[d]
                    if rest <= 0:
                        return Tree(entered, freed, ends)
                for j in sent[d]:
                    if j not in freed:
                        freed[j] = d
                        queue.append(j)
        return Tree(entered, freed, ends)

    def _push(self, end: int, most: int, tree: Tree, journal: Journal) -> tuple[int, bool]:
        """Send hours along a path of a tree; return them, and whether the path is now cut."""
        steps = []
        s = tree.entered[end]
        inner = most
        while (d := tree.freed[s]) >= 0:
            inner = min(inner, self._sent[d].get(s, 0))
            steps.append((d, s))
            s = tree.entered[d]
        pushed = min(inner, self.left[end])
        if not pushed:
            return 0, True
        moves = [(end, tree.entered[end], pushed)]
        for d, s in steps:
            moves += [(d, s, -pushed), (d, tree.entered[d], pushed)]
        for d, s, hours in moves:
            self._move(d, s, hours)
        journal += moves
        return pushed, any(s not in self._sent[d] for d, s in steps)

    def _serve(self, spare: list[int]) -> None:
        """Serve nodes level by level, along paths to supply nodes that have hours to spare."""
        reach, left = self.edges.reach, self.left
        closed: set[int] = set()
        for d in self.edges.order:
            for s in reach[d]:
                if spare[s] and left[d]:
                    pushed = min(spare[s], left[d])
                    self._move(d, s, pushed)
                    spare[s] -= pushed
            while left[d] and self._draw(d, spare, closed):
                pass

    def _draw(self, start: int, spare: list[int], closed: set[int]) -> bool:
        """Serve a node along one path to a supply node with hours to spare; tell whether one is.

        The supply nodes reached in vain never have any again: they are closed.
        """
        near, reach, sent = self.edges.near, self.edges.reach, self._sent
        seen: dict[int, int] = {}
        given: dict[int, int] = {start: -1}
        queue = [start]
        for d in queue:  # it grows while it is read
            for s in reach[d]:
                if s in seen or s in closed:
                    continue
                seen[s] = d
                if spare[s]:
                    self._pull(s, spare, seen, given)
                    return True
                for other in near[s]:
                    if other not in given and s in sent[other]:
                        given[other] = s
                        queue.append(other)
        closed.update(seen)
        return False

    def _pull(
        self, end: int, spare: list[int], seen: dict[int, int], given: dict[int, int]
    ) -> None:
        path, s = [], end
        while True:
            d = seen[s]
            path.append((d, s))
            s = given[d]
            if s < 0:
                break
        start = path[-1][0]
        pulled = min(spare[end], self.left[start])
        pulled = min([pulled, *(self._sent[d][given[d]] for d, _ in path[:-1])])
        for d, s in path:
            self._move(d, s, pulled)
            if d != start:
                self._move(d, given[d], -pulled)
        spare[end] -= pulled

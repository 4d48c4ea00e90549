"""Fair rates and maximum flows of the naive reference: linear programs and plain loops."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

N = TypeVar("N")
S = TypeVar("S")

Entry = tuple[int, int, float]
"""Row, column and value of a coefficient."""


def fair_rates(
    needs: Mapping[N, int],
    supply: Mapping[S, int] | Mapping[S, Fraction],
    links: Mapping[N, Collection[S]],
) -> dict[N, Fraction]:
    """Return the uncapped max-min fair rate of every node, exactly.

    At each level a linear program finds the highest rate that all remaining nodes can have. Its
    dual tells which nodes hold it down: they take the whole of their suppliers, so their rate is
    a quotient of whole hours, and both leave.
    """
    rates = {node: Fraction(0) for node in needs}
    remaining = {node: {s for s in links[node] if supply[s] > 0} for node in needs}
    remaining = {node: reached for node, reached in remaining.items() if reached}
    while remaining:
        level, tight = _highest_common_rate(needs, supply, remaining)
        used = set().union(*(remaining[node] for node in tight))
        group = [node for node, reached in remaining.items() if reached <= used]
        rate = Fraction(sum(supply[s] for s in used)) / sum(needs[node] for node in group)
        if abs(float(rate) - level) > 1e-6 * max(1.0, level):
            raise ArithmeticError(f"level {level} is not the quotient {float(rate)}")
        for node in group:
            rates[node] = rate
            del remaining[node]
        remaining = {node: reached - used for node, reached in remaining.items()}
    return rates


def _highest_common_rate(
    needs: Mapping[N, int],
    supply: Mapping[S, int] | Mapping[S, Fraction],
    links: Mapping[N, Collection[S]],
) -> tuple[float, list[N]]:
    """Maximise t: Σ_s y(n, s) ≥ t for each node, Σ_n need(n) y(n, s) ≤ capacity(s).

    Return t and the nodes of positive dual, which no solution can raise above t.
    """
    nodes = list(links)
    offered = float(sum(supply[s] for s in set().union(*links.values())))
    scale = offered / sum(needs[node] for node in nodes)
    row_of: dict[S, int] = {}
    entries: list[Entry] = [(row, 0, 1.0) for row in range(len(nodes))]
    column = 0
    for row, node in enumerate(nodes):
        for s in links[node]:
            column += 1
            there = row_of.setdefault(s, len(nodes) + len(row_of))
            entries.append((row, column, -1.0))
            entries.append((there, column, needs[node] * scale / float(supply[s])))
    goal = [1.0] + [0.0] * column
    level, prices = _maximise(goal, entries, [0.0] * len(nodes) + [1.0] * len(row_of))
    duals = prices[: len(nodes)]
    return level * scale, [
        n for n, dual in zip(nodes, duals, strict=True) if dual > max(duals) * 1e-9
    ]


def served_at_most(
    needs: Mapping[N, int], supply: Mapping[S, int], links: Mapping[N, Collection[S]]
) -> int:
    """Return the most hours that can be served, by a linear program (its optimum is whole)."""
    row_of: dict[object, int] = {}
    limits: list[float] = []
    entries: list[Entry] = []
    column = 0
    for node, hours in needs.items():
        for s in links[node]:
            for key, limit in ((("need", node), hours), (("capacity", s), supply[s])):
                if key not in row_of:
                    row_of[key] = len(limits)
                    limits.append(float(limit))
                entries.append((row_of[key], column, 1.0))
            column += 1
    if not column:
        return 0
    served, _ = _maximise([1.0] * column, entries, limits)
    if abs(served - round(served)) > 1e-3:
        raise ArithmeticError(f"{served} hours are not whole")
    return round(served)


def _maximise(
    goal: Sequence[float], entries: Sequence[Entry], limits: Sequence[float]
) -> tuple[float, list[float]]:
    """Maximise goal·x where Ax ≤ limits and x ≥ 0; return the value and the dual of each row."""
    rows, columns, values = zip(*entries, strict=True)
    matrix = coo_array((values, (rows, columns)), shape=(len(limits), len(goal))).tocsr()
    program: Any = linprog  # its types refuse the sparse matrices that its documentation asks for
    solved = program(-np.array(goal), A_ub=matrix, b_ub=np.array(limits), method="highs")
    if solved.status != 0:
        raise ArithmeticError(solved.message)
    return float(-solved.fun), [float(-dual) for dual in solved.ineqlin.marginals]


def augmented_flow(
    needs: Mapping[N, int], supply: Mapping[S, int], links: Mapping[N, Collection[S]]
) -> int:
    """Return the maximum flow by shortest augmenting paths, in whole numbers."""
    left = dict(supply)
    sent: dict[tuple[Any, Any], int] = {}
    receives: dict[S, set[N]] = {}
    total = 0
    for node, hours in needs.items():
        missing = hours
        while missing:
            path = _path_to_spare(node, links, left, receives)
            if not path:
                break
            pushed = min([missing, left[path[-1][1]], *(sent[n, s] for n, s in _back(path))])
            for n, s in path:
                sent[n, s] = sent.get((n, s), 0) + pushed
                receives.setdefault(s, set()).add(n)
            for n, s in _back(path):
                sent[n, s] -= pushed
                if not sent[n, s]:
                    receives[s].discard(n)
            left[path[-1][1]] -= pushed
            missing -= pushed
            total += pushed
    return total


def _back(path: list[tuple[N, S]]) -> list[tuple[N, S]]:
    """Return what the path takes away: each later node gives up the supplier before it."""
    return [(later[0], earlier[1]) for earlier, later in pairwise(path)]


def _path_to_spare(
    start: N,
    links: Mapping[N, Collection[S]],
    left: Mapping[S, int],
    receives: Mapping[S, set[N]],
) -> list[tuple[N, S]]:
    """Return the (node, supplier) steps from `start` to a supplier with hours left."""
    came: dict[S, tuple[N, S | None]] = {}
    seen = {start}
    queue: deque[tuple[N, S | None]] = deque([(start, None)])
    while queue:
        node, through = queue.popleft()
        for s in links[node]:
            if s in came:
                continue
            came[s] = (node, through)
            if left[s] > 0:
                path: list[tuple[N, S]] = []
                step: S | None = s
                while step is not None:
                    holder, before = came[step]
                    path.append((holder, step))
                    step = before
                return path[::-1]
            for other in receives.get(s, set()) - seen:
                seen.add(other)
                queue.append((other, s))
    return []

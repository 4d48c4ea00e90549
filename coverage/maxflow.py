"""Maximum flow between demand nodes and supply nodes, in exact integers.

A flow goes from demand nodes (what they ask) to the supply nodes that reach them (what they
can give). OR-tools' `SimpleMaxFlow` answers in 64-bit integers; beyond them, networkx answers
in Python's unbounded ones, slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import max_flow

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAFE = 2**62


@dataclass(frozen=True)
class Cut:
    """A maximum flow and the minimum cut nearest the source.

    Attributes
    ----------
    value
        The maximum flow.
    short_demands
        Positions of the demand nodes on the source side: those that could still take.
    """

    value: int
    short_demands: frozenset[int]


def bipartite_max_flow(
    asked: Sequence[int], given: Sequence[int], edges: Sequence[Sequence[int]]
) -> Cut:
    """Return the maximum flow from demands to supplies.

    Parameters
    ----------
    asked
        What each demand node asks, ≥ 0.
    given
        What each supply node can give, ≥ 0.
    edges
        For each demand node, positions of the supply nodes that reach it.
    """
    if sum(asked) >= _SAFE or sum(given) >= _SAFE:
        return _unbounded(asked, given, edges)
    demands, supplies = len(asked), len(given)
    degrees = [len(reach) for reach in edges]
    source, sink = demands + supplies, demands + supplies + 1
    flow = max_flow.SimpleMaxFlow()
    ask = np.array(asked, dtype=np.int64)
    flow.add_arcs_with_capacity(np.full(demands, source), np.arange(demands), ask)
    flow.add_arcs_with_capacity(
        np.repeat(np.arange(demands), degrees),
        np.fromiter(chain.from_iterable(edges), dtype=np.int64, count=sum(degrees)) + demands,
        np.repeat(ask, degrees),
    )
    flow.add_arcs_with_capacity(
        np.arange(demands, source), np.full(supplies, sink), np.array(given, dtype=np.int64)
    )
    status = flow.solve(source, sink)
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"maximum flow ended with status {status}")
    side = flow.get_source_side_min_cut()
    return Cut(int(flow.optimal_flow()), frozenset(int(n) for n in side if n < demands))


def _unbounded(asked: Sequence[int], given: Sequence[int], edges: Sequence[Sequence[int]]) -> Cut:
    import networkx as nx  # noqa: PLC0415 - only for figures beyond 64 bits

    graph = nx.DiGraph()
    graph.add_nodes_from(["source", "sink"])
    for i, (need, reach) in enumerate(zip(asked, edges, strict=True)):
        graph.add_edge("source", ("d", i), capacity=need)
        graph.add_edges_from((("d", i), ("s", j)) for j in reach)
    for j, capacity in enumerate(given):
        graph.add_edge(("s", j), "sink", capacity=capacity)
    residual = nx.algorithms.flow.preflow_push(graph, "source", "sink")
    open_arcs = nx.DiGraph()
    open_arcs.add_node("source")
    open_arcs.add_edges_from(
        (u, v) for u, v, arc in residual.edges(data=True) if arc["flow"] < arc["capacity"]
    )
    side = nx.descendants(open_arcs, "source")
    short = frozenset(node[1] for node in side if isinstance(node, tuple) and node[0] == "d")
    return Cut(int(residual.graph["flow_value"]), short)

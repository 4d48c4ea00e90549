"""What stays unserved in a claim: proved deficits, the State's first, break-even (method, 5)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from coverage.dossiers.claims.claim import LENT
from coverage.dossiers.ground.today import SHORT, columns_of
from coverage.maxflow import bipartite_max_flow
from coverage.proofs import break_even, node_hours, proved_deficit
from coverage.response import EXTENSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from coverage.decision import Decision
    from coverage.dossiers.bench import Bench
    from coverage.response import Nodes


def proved_hours(
    units: Sequence[int],
    scope: Sequence[str],
    bench: Bench,
    *,
    flow: str = "total",
    kind: str = EXTENSIONS,
) -> int:
    """Return the hours unserved in a claim even if all that reaches it worked only for it.

    Parameters
    ----------
    scope
        Classes that count.
    flow, kind
        As `coverage.decision.Decision.responses` names them: `etat` counts the State's classes
        alone, `perimetres_principaux` leaves undedicated extensions out.
    """
    decision = bench.basis.decision
    rows = bench.claim_rows(units)
    nodes = _of_scope(decision.responses[flow, kind].nodes, rows, scope)
    return proved_deficit(nodes, decision.supply.table["hours"].tolist(), np.arange(len(rows)))


def white_proved_hours(units: Sequence[int], scope: Sequence[str], bench: Bench) -> int:
    """Return the proved hours of the part of a claim that is zone blanche.

    All the need where no post of their own covers (nothing, or an undedicated extension alone),
    and, in the short places, what stays unserved even if all that reaches them, extensions
    comprises, worked only for them.
    """
    today, decision = bench.today, bench.basis.decision
    rows = bench.claim_rows(units)
    rows = rows[today.white[rows]]
    short = rows[today.status[rows] == SHORT]
    bare = np.setdiff1d(rows, short)
    nodes = _of_scope(decision.total.nodes, short, scope)
    proved = proved_deficit(nodes, decision.supply.table["hours"].tolist(), np.arange(len(short)))
    return int(today.need[bare][:, columns_of(scope)].sum()) + proved


def left_hours(
    units: Sequence[int], scope: Sequence[str], lenders: Mapping[int, int], bench: Bench
) -> int:
    """Return what is left of `white_proved_hours` once some supply nodes lend all they can.

    Maximum flow on the part zone blanche: the posts that reach its short places work only for
    them, and each lender adds its hours on every place, for the classes that it serves.

    Parameters
    ----------
    lenders
        Row of a supply node → hours that it lends.
    """
    today, decision = bench.today, bench.basis.decision
    nodes, table = decision.total.nodes, decision.supply.table
    rows = bench.claim_rows(units)
    rows = rows[today.white[rows]]
    short = (today.status[rows] == SHORT).tolist()
    columns = columns_of(scope)
    asked: dict[tuple[int, int], int] = {}
    for at, place in zip(
        *(found.tolist() for found in np.nonzero(today.need[rows][:, columns])), strict=True
    ):
        row, column = rows[at], columns[place]
        key = (int(nodes.of_atom[row, column]) if short[at] else -1, column)
        asked[key] = asked.get(key, 0) + int(today.need[row, column])
    full = sorted({s for node, _ in asked if node >= 0 for s in nodes.reach[node]})
    serves = [frozenset(columns_of(table["scope"].iloc[row])) for row in lenders]
    position = {s: p for p, s in enumerate(full)}
    edges = [
        [position[s] for s in (nodes.reach[node] if node >= 0 else ())]
        + [len(full) + p for p, own in enumerate(serves) if column in own]
        for node, column in asked
    ]
    given = [*table["hours"].iloc[full].tolist(), *lenders.values()]
    return sum(asked.values()) - bipartite_max_flow(list(asked.values()), given, edges).value


def beside_hours(units: Sequence[int], scope: Sequence[str], bench: Bench) -> int:
    """Return the need of the zones blanches of a claim that only an undedicated extension holds."""
    today = bench.today
    rows = bench.claim_rows(units)
    rows = rows[today.white[rows] & (today.status[rows] == LENT)]
    return int(today.need[rows][:, columns_of(scope)].sum())


def state_unserved_hours(units: Sequence[int], scope: Sequence[str], bench: Bench) -> int:
    """Return the State's hours that a claim lacks even if all posts served the State first.

    In the fair flow of State needs alone, rounded down to the hour.
    """
    response = bench.basis.decision.state
    rows = bench.claim_rows(units)
    asked = node_hours(_of_scope(response.nodes, rows, scope), np.arange(len(rows)))
    one = Fraction(1)
    missing = (hours * (one - min(response.rates[node], one)) for node, hours in asked.items())
    return int(sum(missing, Fraction(0)))


def short_break_even(
    units: Sequence[int], scope: Sequence[str], bench: Bench
) -> tuple[int | None, bool]:
    """Return the hours per ETP at which the short places of a claim are no longer short.

    Places that no post holds, or an undedicated extension alone, are zones blanches whatever the
    productivity: they are left out.

    Returns
    -------
    int or None, bool
        The least productivity (None when none suffices, or nothing is short); whether some
        place is short.
    """
    rows = bench.claim_rows(units)
    short = rows[bench.today.status[rows] == SHORT]
    if not len(short):
        return None, False
    decision = _limited(bench.basis.decision, short, scope)
    found = break_even(decision, np.arange(len(short)), bench.coverage.study.parameters)
    return found, True


def _limited(decision: Decision, rows: NDArray[np.int64], scope: Sequence[str]) -> Decision:
    """Return a decision whose nodes are asked by some atoms and classes alone."""
    responses = {
        key: replace(found, nodes=_of_scope(found.nodes, rows, scope))
        for key, found in decision.responses.items()
    }
    return replace(decision, responses=responses)


def _of_scope(nodes: Nodes, rows: NDArray[np.int64], scope: Sequence[str]) -> Nodes:
    """Return the nodes asked by some atoms and classes; their numbers and reach are kept."""
    columns = columns_of(scope)
    return replace(
        nodes, of_atom=nodes.of_atom[rows][:, columns], hours=nodes.hours[rows][:, columns]
    )

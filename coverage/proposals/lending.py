"""What posts in place could lend to places that they do not serve yet: extensions without a post.

A structure that takes more units into its principal perimeter, without ETP or money, may give them
the hours that its posts have to spare today, and no others: no place is served less than before.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.fairflow import fair_rates

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from coverage.proposals.model import Extension

Reach = tuple[int, ...]

Join = tuple[int, int, Reach, tuple[str, ...]]
"""Extension, existing supply node, units, classes that both serve."""


def joins_of(extensions: Sequence[Extension], table: pd.DataFrame) -> list[Join]:
    """Return what extensions join, supply node by supply node.

    Parameters
    ----------
    table
        The existing supply nodes, as `coverage.supply.Supply.table`.
    """
    posts: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for s, name in enumerate(table["structure_id"].tolist()):
        posts.setdefault(str(name), []).append((s, table["scope"].iloc[s]))
    return [
        (e, s, own.units, tuple(class_ for class_ in own.scope if class_ in scope))
        for e, own in enumerate(extensions)
        for s, scope in posts.get(own.structure_id, ())
    ]


def joined_pairs(
    rows: Sequence[Reach], joins: Sequence[Join], reach: Sequence[Reach], count: int
) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return what each extension joins: pairs (demand node, supply node), sorted.

    Parameters
    ----------
    rows
        For each demand node, positions in `joins`.
    reach
        What existing supply nodes reach already: left out.
    count
        Of extensions.
    """
    pairs: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for d, row in enumerate(rows):
        for e, s, _, _ in (joins[number] for number in row):
            if s not in reach[d]:
                pairs[e].append((d, s))
    return tuple(map(tuple, pairs))


def spare_hours(
    needs: Sequence[int], capacities: Sequence[int], reach: Sequence[Reach]
) -> tuple[int, ...]:
    """Return the whole hours that each supply node has to spare, as posts share work most evenly.

    Supply nodes work for as many hours as any assignment gives them all; among those, the parts of
    their hours that work takes are the max-min fair ones of `fair_rates`, roles being exchanged.
    They are unique, and whatever demands an assignment of most hours serves, another serves them
    with these loads (Mendelsohn and Dulmage 1958, "Some generalizations of the problem of distinct
    representatives"): today's hours, priority ones first, stay served by what is left of posts.

    >>> spare_hours([30, 10], [20, 40, 0], [(0, 1), (1,), (2,)])
    (6, 13, 0)
    """
    near: list[list[int]] = [[] for _ in capacities]
    for d, row in enumerate(reach):
        for s in row:
            near[s].append(d)
    own = [s for s, hours in enumerate(capacities) if hours]
    rates = fair_rates([capacities[s] for s in own], needs, [near[s] for s in own])
    spare = [0] * len(capacities)
    for s, rate in zip(own, rates, strict=True):
        spare[s] = int(capacities[s] * (1 - min(rate, Fraction(1))))
    return tuple(spare)

"""The fair flow after a change, against the same flow solved whole."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pytest
from builders import seeded
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from small_studies import few

from coverage.trials.refit import Problem, refitted, solved

if TYPE_CHECKING:
    from collections.abc import Sequence

Reach = list[tuple[int, ...]]


def problem(needs: Sequence[int], capacities: Sequence[int], reach: Reach) -> Problem:
    demand = np.repeat(np.arange(len(reach)), [len(row) for row in reach])
    supply = np.array(list(chain.from_iterable(reach)), dtype=np.int64)
    return Problem(np.array(needs), np.array(capacities), reach, demand, supply)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Problem, Problem]:
    """Return a problem and the same after a change, with new nodes at its end."""
    supplies, more = draw(st.integers(1, 5)), draw(st.integers(0, 2))
    hours = st.sampled_from([0, 1, 2, 3, 5, 10, 35_000])
    factor = draw(st.sampled_from([1, 1, 2]))
    nodes = draw(st.integers(1, 8))
    new = draw(st.integers(0, 2))

    def some(most: int) -> st.SearchStrategy[tuple[int, ...]]:
        return st.sets(st.integers(0, most - 1), max_size=3).map(lambda row: tuple(sorted(row)))

    reach = draw(st.lists(some(supplies), min_size=nodes, max_size=nodes))
    needs = draw(st.lists(hours, min_size=nodes, max_size=nodes))
    given_hours = draw(st.lists(hours, min_size=supplies, max_size=supplies))
    before = problem(needs, given_hours, reach)
    needs = needs + draw(st.lists(hours, min_size=new, max_size=new))
    given_hours = [factor * c for c in given_hours] + draw(
        st.lists(hours, min_size=more, max_size=more)
    )
    reach = reach + draw(st.lists(some(supplies + more), min_size=new, max_size=new))
    for values in (needs, given_hours):
        for place in draw(st.lists(st.integers(0, len(values) - 1), max_size=2)):
            values[place] = draw(hours)
    return before, problem(needs, given_hours, reach)


@settings(few, max_examples=tried(250))
@given(changes())
def test_a_change_ends_where_the_whole_flow_does(pair: tuple[Problem, Problem]) -> None:
    before, after = pair
    flow = solved(before)
    assert refitted(flow, after).tolist() == solved(after).rates.tolist()
    assert flow.rates.tolist() == solved(before).rates.tolist(), "the flow itself stays"


@pytest.mark.parametrize("seed", range(12))
def test_a_large_network_after_one_change(seed: int) -> None:
    rng = seeded(seed)
    reach: Reach = [
        tuple(sorted(rng.sample(range(40), rng.choice([0, 1, 1, 2, 3])))) for _ in range(150)
    ]
    needs = [rng.choice([0, *range(1_000, 40_000, 1_000)]) for _ in reach]
    capacities = [rng.choice([0, 17_500, 35_000, 70_000, 105_000]) for _ in range(40)]
    flow = solved(problem(needs, capacities, reach))
    for _ in range(8):
        more, asked = list(capacities), list(needs)
        more[rng.randrange(40)] = rng.randrange(0, 200_000, 17_500)
        if rng.random() < 1 / 2:
            asked[rng.randrange(150)] = rng.randrange(40_000)
        after = problem(asked, more, reach)
        assert refitted(flow, after).tolist() == solved(after).rates.tolist()


def test_a_group_grows_as_a_whole_without_being_solved() -> None:
    reach: Reach = [(0,), (0, 1)]
    flow = solved(problem([30_000, 20_000], [35_000, 8_750], reach))
    assert flow.rates.tolist() == [Fraction(7, 8)] * 2
    assert flow.group.tolist() == flow.giver.tolist() == [0, 0]
    after = problem([30_000, 20_000], [40_000, 10_000], reach)
    assert refitted(flow, after).tolist() == [1, 1]
    # By another factor for each, the second has too much for the node it alone reaches.
    uneven = problem([30_000, 20_000], [21_000, 28_000], reach)
    assert refitted(flow, uneven).tolist() == [Fraction(7, 10), Fraction(7, 5)]

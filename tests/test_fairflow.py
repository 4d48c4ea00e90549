"""The fair flow against brute force, its own optimality, and its limits."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage import maxflow
from coverage.breakeven import break_even_hours, multiplier_to_reach
from coverage.fairflow import fair_rates
from coverage.rounding import largest_remainder

Network = tuple[list[int], list[int], list[list[int]]]


@st.composite
def networks(draw: st.DrawFn, largest: int = 7) -> Network:
    demands = draw(st.integers(1, largest))
    supplies = draw(st.integers(1, 5))
    needs = draw(st.lists(st.integers(1, 60), min_size=demands, max_size=demands))
    capacities = draw(st.lists(st.integers(0, 60), min_size=supplies, max_size=supplies))
    row = st.lists(st.integers(0, supplies - 1), unique=True, max_size=supplies)
    return needs, capacities, draw(st.lists(row, min_size=demands, max_size=demands))


def by_brute_force(
    needs: list[int], capacities: list[int], edges: list[list[int]]
) -> list[Fraction]:
    """Rates by definition: the poorest set of all, then the poorest of what is left."""
    rates: dict[int, Fraction] = {}
    used: set[int] = set()
    while len(rates) < len(needs):
        left = [i for i in range(len(needs)) if i not in rates]
        best = min(
            (
                (
                    Fraction(
                        sum(capacities[j] for j in set().union(*(edges[i] for i in s)) - used),
                        sum(needs[i] for i in s),
                    ),
                    -len(s),
                    s,
                )
                for size in range(1, len(left) + 1)
                for s in combinations(left, size)
            ),
        )
        for i in best[2]:
            rates[i] = best[0]
            used |= set(edges[i])
    return [rates[i] for i in range(len(needs))]


@given(networks())
@settings(deadline=None, max_examples=150)
def test_rates_are_those_of_the_definition(network: Network) -> None:
    assert fair_rates(*network) == by_brute_force(*network)


@given(networks(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_order_changes_nothing(network: Network, random) -> None:  # noqa: ANN001
    needs, capacities, edges = network
    order = list(range(len(needs)))
    random.shuffle(order)
    rates = fair_rates(needs, capacities, edges)
    shuffled = fair_rates([needs[i] for i in order], capacities, [edges[i][::-1] for i in order])
    assert shuffled == [rates[i] for i in order]


@given(networks(), st.data())
@settings(deadline=None)
def test_more_capacity_lowers_no_rate(network: Network, data: st.DataObject) -> None:
    needs, capacities, edges = network
    more = list(capacities)
    more[data.draw(st.integers(0, len(capacities) - 1))] += data.draw(st.integers(1, 50))
    pairs = zip(fair_rates(needs, capacities, edges), fair_rates(needs, more, edges), strict=True)
    assert all(before <= after for before, after in pairs)


@given(networks(largest=12))
@settings(deadline=None)
def test_served_hours_are_the_maximum_flow(network: Network) -> None:
    needs, capacities, edges = network
    rates = fair_rates(needs, capacities, edges)
    served = sum(need * min(1, rate) for need, rate in zip(needs, rates, strict=True))
    assert served == maxflow.bipartite_max_flow(needs, capacities, edges).value


@given(networks())
@settings(deadline=None, max_examples=50)
def test_beyond_64_bits_the_answer_is_the_same(network: Network) -> None:
    needs, capacities, edges = network
    huge = 10**20
    rates = fair_rates([n * huge for n in needs], [c * huge for c in capacities], edges)
    assert rates == fair_rates(needs, capacities, edges)


def test_a_need_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        fair_rates([0], [1], [[0]])


@given(networks(), st.fractions(Fraction(1, 10), 1))
@settings(deadline=None)
def test_multiplier_is_the_least_that_reaches_the_threshold(
    network: Network, threshold: Fraction
) -> None:
    needs, capacities, edges = network
    rates = fair_rates(needs, capacities, edges)

    def mean(m: Fraction) -> Fraction:
        served = sum(n * min(Fraction(1), m * r) for n, r in zip(needs, rates, strict=True))
        return Fraction(served, sum(needs))

    found = multiplier_to_reach(rates, needs, threshold)
    if found is None:
        reachable = sum(n for n, r in zip(needs, rates, strict=True) if r)
        assert Fraction(reachable, sum(needs)) < threshold
    else:
        assert mean(found) >= threshold
        assert mean(found * Fraction(999, 1000)) < threshold


def test_break_even_is_never_under_todays_productivity() -> None:
    assert break_even_hours([Fraction(99_999, 100_000)], 35_000) == 35_000
    assert break_even_hours([Fraction(8, 7)], 35_000) == 40_000
    assert break_even_hours([Fraction(8, 7), None], 35_000) is None


@given(st.integers(0, 500), st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_shares_keep_the_total_and_stay_within_one_of_the_exact_part(
    total: int, weights: list[int]
) -> None:
    parts = largest_remainder(total, weights)
    whole = sum(weights) or len(weights)
    exact = [Fraction(total * (w if sum(weights) else 1), whole) for w in weights]
    assert sum(parts) == total
    assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))

"""The fair flow against every subset, linear programs and plain augmenting paths."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations
from typing import TYPE_CHECKING

import naive_flows
import pytest
from builders import seeded
from hypothesis import given, settings
from hypothesis import strategies as st
from small_studies import few

from coverage.fairflow import fair_rates

if TYPE_CHECKING:
    from collections.abc import Sequence


@st.composite
def bipartite(draw: st.DrawFn) -> tuple[list[int], list[int], list[set[int]]]:
    """Return needs, capacities and the supplies that each demand can turn to."""
    supplies = draw(st.integers(1, 5))
    hours = st.one_of(st.integers(1, 6), st.integers(1, 50_000))
    offered = st.one_of(st.integers(0, 6), st.integers(0, 50_000))
    needs = draw(st.lists(hours, min_size=1, max_size=8))
    capacities = draw(st.lists(offered, min_size=supplies, max_size=supplies))
    reached = st.sets(st.integers(0, supplies - 1), max_size=supplies)
    return needs, capacities, [draw(reached) for _ in needs]


Network = tuple[list[int], list[int], list[set[int]]]


def as_mappings(
    network: Network,
) -> tuple[dict[int, int], dict[int, int], dict[int, set[int]]]:
    needs, capacities, edges = network
    return dict(enumerate(needs)), dict(enumerate(capacities)), dict(enumerate(edges))


def subsets(nodes: Sequence[int]) -> chain[tuple[int, ...]]:
    return chain.from_iterable(combinations(nodes, size) for size in range(1, len(nodes) + 1))


def rates_by_every_subset(network: Network) -> list[Fraction]:
    """Return the fair rates: the poorest subset at each level, by trying them all.

    The lowest rate is the minimum of C(N(S)) / D(S); the largest S that attains it takes its
    suppliers away with it.
    """
    needs, capacities, edges = network
    rates = [Fraction(0)] * len(needs)
    left = list(range(len(needs)))
    used: set[int] = set()
    while left:
        quotients = {
            subset: Fraction(
                sum(capacities[s] for s in set().union(*(edges[n] for n in subset)) - used),
                sum(needs[n] for n in subset),
            )
            for subset in subsets(left)
        }
        lowest = min(quotients.values())
        poorest = set().union(*(s for s, quotient in quotients.items() if quotient == lowest))
        for node in poorest:
            rates[node] = lowest
            used |= edges[node]
        left = [node for node in left if node not in poorest]
    return rates


@settings(few, max_examples=150)
@given(bipartite())
def test_fair_rates_are_those_of_every_subset(network: Network) -> None:
    rates = fair_rates(*network)
    assert list(rates) == rates_by_every_subset(network)
    assert all(isinstance(rate, Fraction) for rate in rates)


@settings(few, max_examples=100)
@given(bipartite())
def test_fair_rates_are_those_of_the_linear_programs(network: Network) -> None:
    found = naive_flows.fair_rates(*as_mappings(network))
    assert list(fair_rates(*network)) == list(found.values())


@settings(few, max_examples=100)
@given(bipartite())
def test_fair_flow_serves_as_much_as_any(network: Network) -> None:
    needs, supply, links = as_mappings(network)
    rates = fair_rates(*network)
    served = sum(
        hours * min(Fraction(1), rate) for hours, rate in zip(network[0], rates, strict=True)
    )
    assert served == naive_flows.augmented_flow(needs, supply, links)


@settings(few, max_examples=100)
@given(bipartite(), st.integers(0, 4), st.integers(1, 40_000))
def test_fair_rates_grow_with_a_capacity(network: Network, which: int, more: int) -> None:
    needs, capacities, edges = network
    before = fair_rates(needs, capacities, edges)
    raised = list(capacities)
    raised[which % len(raised)] += more
    after = fair_rates(needs, raised, edges)
    assert all(new >= old for old, new in zip(before, after, strict=True))


@settings(few, max_examples=60)
@given(bipartite(), st.integers(2, 9))
def test_fair_rates_scale_with_productivity(network: Network, factor: int) -> None:
    needs, capacities, edges = network
    once = fair_rates(needs, capacities, edges)
    scaled = fair_rates(needs, [c * factor for c in capacities], edges)
    assert list(scaled) == [rate * factor for rate in once]


@pytest.mark.parametrize("seed", range(8))
def test_fair_rates_of_larger_networks(seed: int) -> None:
    rng = seeded(seed)
    needs = [rng.randint(1, 40_000) for _ in range(60)]
    capacities = [rng.choice([0, 17_500, 35_000, 35_000, 70_000]) for _ in range(20)]
    edges = [set(rng.sample(range(20), rng.randint(0, 3))) for _ in needs]
    network = (needs, capacities, edges)
    found = naive_flows.fair_rates(*as_mappings(network))
    assert list(fair_rates(*network)) == list(found.values())
    order = list(range(60))
    rng.shuffle(order)
    moved = fair_rates([needs[i] for i in order], capacities, [edges[i] for i in order])
    assert list(moved) == [found[i] for i in order]

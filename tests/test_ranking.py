"""The ranked list: exact gains, a nested order, ties, and what must change nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import e

import naive_plan as naive
import pytest
from builders import seeded
from hypothesis import given
from hypothesis import strategies as st
from naive_plan import asked, call, option, random_network

from coverage.maxflow import bipartite_max_flow
from coverage.proposals.gains import Edges, Flow
from coverage.proposals.model import Ask, Broken, PlanNetwork
from coverage.proposals.ranking import rank

SEEDS = st.integers(0, 10**9)


def edges_of(network: PlanNetwork) -> Edges:
    return Edges.of(
        levels=network.level,
        reach=network.reach,
        supplies=len(network.capacities),
        options=network.options,
    )


def solved(network: PlanNetwork, chosen: list[int]) -> tuple[int, ...]:
    """Return the hours by goal by whole flows of another solver."""
    given_hours = [*network.capacities, *(network.hours[k] for k in chosen)]
    first = len(network.capacities)
    found = []
    for goal in range(3):
        nodes = [d for d, level in enumerate(network.level) if level <= goal]
        edges = [
            [
                *network.reach[d],
                *(first + n for n, k in enumerate(chosen) if d in network.options[k]),
            ]
            for d in nodes
        ]
        asks = [network.needs[d] for d in nodes]
        found.append(bipartite_max_flow(asks, given_hours, edges).value)
    return tuple(found)


@given(SEEDS)
def test_gains_are_those_of_whole_flows(seed: int) -> None:
    rng = seeded(seed)
    network = random_network(rng)
    flow = Flow(edges_of(network), network.needs, network.capacities)
    assert flow.served == solved(network, [])
    chosen: list[int] = []
    for option_ in rng.sample(range(6), 6):
        before = solved(network, chosen)
        for other in range(6):
            if other not in chosen:
                after = solved(network, [*chosen, other])
                gains = tuple(b - a for a, b in zip(before, after, strict=True))
                assert flow.gains(other, network.hours[other]) == gains
        flow.add(option_, network.hours[option_])
        chosen.append(option_)
        assert flow.served == solved(network, chosen) == naive.values(network, chosen)


@given(SEEDS)
def test_a_copied_flow_lives_apart(seed: int) -> None:
    network = random_network(seeded(seed))
    flow = Flow(edges_of(network), network.needs, network.capacities)
    other = flow.copy()
    gains = [flow.gains(k, network.hours[k]) for k in range(6)]
    other.add(0, network.hours[0])
    assert [flow.gains(k, network.hours[k]) for k in range(6)] == gains


@given(SEEDS)
def test_goals_are_monotone_and_submodular(seed: int) -> None:
    rng = seeded(seed)
    network = random_network(rng)
    few = [k for k in range(6) if rng.random() < 0.4]
    more = sorted({*few, *(k for k in range(6) if rng.random() < 0.4)})
    for k in set(range(6)) - set(more):
        small = [
            b - a for a, b in zip(solved(network, few), solved(network, [*few, k]), strict=True)
        ]
        large = [
            b - a for a, b in zip(solved(network, more), solved(network, [*more, k]), strict=True)
        ]
        assert all(0 <= b <= a for a, b in zip(small, large, strict=True))
        # Nested goals: a post never adds fewer hours to a wider one.
        assert small == sorted(small)


def random_ask(seed: int) -> tuple[Ask, PlanNetwork]:
    rng = seeded(seed)
    network = random_network(rng)
    units = 4
    options = []
    for k in range(6):
        volet = "coordinateur" if rng.random() < 0.1 else "facilitateur"
        own = option(
            f"o{k}",
            [u for u in range(units) if rng.random() < 0.5],
            hundredths=rng.choice((50, 50, 75, 100)),
            emerging=rng.random() < 0.5,
            structure_id=f"s{rng.randint(0, 2)}",
            origin="convention" if rng.random() < 0.15 else "generee",
            state_cents=rng.choice((100, 100, 150)),
            volet=volet,
        )
        options.append(own)
        if volet == "coordinateur":
            network = replace(
                network,
                options=(*network.options[:k], (), *network.options[k + 1 :]),
                hours=(*network.hours[:k], 0, *network.hours[k + 1 :]),
            )
    network = replace(network, component=naive.components(network))
    need = [rng.randint(0, 3) for _ in range(units)]
    ids = [f"o{k}" for k in range(6)]
    ask = asked(
        network,
        options,
        call(objective=rng.choice((1, 2, 3, None)), budget_eur=rng.choice((2, 4, 100, None))),
        retained=[z for z in network.zones if rng.random() < 0.6],
        communes=[(hours, rng.randint(0, hours)) for hours in need],
        locked={rng.choice(ids): "imposé"} if rng.random() < 0.3 else None,
        refused={rng.choice(ids): "refusé"} if rng.random() < 0.3 else None,
        aside=(Broken(rng.choice(ids), "etp_minimal", "", ""),) if rng.random() < 0.3 else (),
    )
    return ask, network


def told(ask: Ask, network: PlanNetwork) -> list[tuple[str, tuple[int, ...], bool]]:
    return [(r.option.option_id, r.gains, r.funded) for r in rank(ask, network)]


@given(SEEDS)
def test_the_list_is_that_of_the_naive_greedy(seed: int) -> None:
    ask, network = random_ask(seed)
    assert told(ask, network) == naive.ranked(ask, network)
    assert [r.rank for r in rank(ask, network)] == list(range(1, len(told(ask, network)) + 1))


@given(SEEDS, st.integers(1, 3))
def test_the_list_is_within_reach_of_the_best_plan(seed: int, count: int) -> None:
    network = random_network(seeded(seed))
    # One goal: all hours are priority hours, and posts are alike.
    network = replace(network, level=(0,) * len(network.needs))
    options = [option(f"o{k}") for k in range(6)]
    ask = asked(network, options, call(objective=None, budget_eur=None))
    chosen = [int(name[1:]) for name, _, _ in told(ask, network)[:count]]
    none, got = naive.values(network, [])[0], naive.values(network, chosen)[0]
    most = naive.best(network, 0, count)
    assert most >= got
    assert got - none >= (1 - 1 / e) * (most - none) - 1e-9


@given(SEEDS)
def test_a_larger_envelope_only_lengthens_the_funded_list(seed: int) -> None:
    ask, network = random_ask(seed)
    funded = []
    for budget in (0, 1, 3, 5, 1000):
        wider = replace(ask, call=call(objective=None, budget_eur=budget))
        funded.append([name for name, _, kept in told(wider, network) if kept])
    assert all(b[: len(a)] == a for a, b in pairwise(funded))


@given(SEEDS)
def test_options_that_are_not_funded_change_nothing_to_those_that_are(seed: int) -> None:
    ask, network = random_ask(seed)
    whole = told(ask, network)
    funded = [row for row in whole if row[2]]
    last = [k for k, o in enumerate(ask.options) if whole and o.option_id == whole[-1][0]]
    for k in last:
        # The last of the list goes; the edges it had, the nodes it set apart stay as they were.
        name = ask.options[k].option_id
        fewer = replace(ask, refused={**(ask.refused or {}), name: "retirée"})
        again = told(fewer, network)
        assert again == whole[:-1]
        assert [row for row in again if row[2]] == [row for row in funded if row[0] != name]


@given(SEEDS)
def test_nodes_in_another_order_change_nothing(seed: int) -> None:
    ask, network = random_ask(seed)
    rng = seeded(seed + 1)
    nodes = rng.sample(range(len(network.needs)), len(network.needs))
    supplies = rng.sample(range(len(network.capacities)), len(network.capacities))
    place = {d: n for n, d in enumerate(nodes)}
    rank_of = {s: n for n, s in enumerate(supplies)}
    other = replace(
        network,
        needs=tuple(network.needs[d] for d in nodes),
        level=tuple(network.level[d] for d in nodes),
        state=tuple(network.state[d] for d in nodes),
        reach=tuple(tuple(sorted(rank_of[s] for s in network.reach[d])) for d in nodes),
        capacities=tuple(network.capacities[s] for s in supplies),
        options=tuple(tuple(sorted(place[d] for d in row)) for row in network.options),
        zone=tuple(network.zone[d] for d in nodes),
        component=tuple(network.component[d] for d in nodes),
    )
    assert told(ask, other) == told(ask, network)


@given(SEEDS)
def test_a_node_cut_in_two_changes_nothing(seed: int) -> None:
    ask, network = random_ask(seed)
    last = len(network.needs)
    half = network.needs[0] // 2
    if not half:
        return
    other = replace(
        network,
        needs=(network.needs[0] - half, *network.needs[1:], half),
        level=(*network.level, network.level[0]),
        state=(*network.state, 0),
        reach=(*network.reach, network.reach[0]),
        options=tuple((*row, last) if 0 in row else row for row in network.options),
        zone=(*network.zone, network.zone[0]),
        component=(*network.component, network.component[0]),
    )
    assert told(ask, other) == told(ask, network)


# --- closed forms -------------------------------------------------------------------------------


def apart(needs: list[int], hours: list[int], **fields: tuple[int, ...]) -> PlanNetwork:
    """Return places that one option each reaches, and no post."""
    count = len(needs)
    base = PlanNetwork(
        needs=tuple(needs),
        level=(0,) * count,
        state=(0,) * count,
        reach=((),) * count,
        capacities=(),
        options=tuple((d,) for d in range(count)),
        hours=tuple(hours),
        zone=tuple(range(count)),
        zones=tuple(f"z{d}" for d in range(count)),
        component=tuple(range(count)),
    )
    return replace(base, **fields)


def order(ask: Ask, network: PlanNetwork) -> str:
    return "".join(name for name, _, _ in told(ask, network))


FREE = call(objective=None, budget_eur=None)


def test_hours_count_for_each_etp() -> None:
    network = apart([100, 100, 100], [60, 50, 100])
    options = [option("a", hundredths=60), option("b"), option("c", hundredths=101)]
    # 100, 100 and 99.01 hours for each ETP: a and b are equal, then their identifiers tell.
    assert order(asked(network, options, FREE), network) == "abc"
    options[0] = replace(options[0], hundredths=61)
    assert order(asked(network, options, FREE), network) == "bca"


def test_goals_come_in_order() -> None:
    network = apart([1, 50, 100], [100, 100, 100], level=(0, 1, 2))
    options = [option("c"), option("b"), option("a")]
    ask = asked(network, options, FREE)
    assert [r.gains for r in rank(ask, network)] == [(1, 1, 1), (0, 50, 50), (0, 0, 100)]
    assert order(ask, network) == "cba"


@pytest.mark.parametrize(
    ("retained", "first"), [((), "a"), (("z1",), "b"), (("z0", "z1"), "a"), (("z2",), "a")]
)
def test_equal_hours_go_where_a_zone_is_lifted(retained: tuple[str, ...], first: str) -> None:
    network = apart([10, 10, 99], [10, 10, 10], level=(0, 0, 0))
    if retained == ("z0", "z1"):
        # The zone of b is twice as large: its option leaves it half answered.
        network = replace(network, needs=(10, 20, 99))
    ask = asked(network, [option("a"), option("b"), option("c")], FREE, retained=retained)
    assert order(ask, network)[0] == first


def test_two_halves_lift_a_zone_that_one_does_not() -> None:
    network = PlanNetwork(
        needs=(20, 99),
        level=(0, 0),
        state=(0, 0),
        reach=((), ()),
        capacities=(),
        options=((1,), (1,), (0,), (0,)),
        hours=(10,) * 4,
        zone=(0, 1),
        zones=("z0", "z1"),
        component=(0, 1),
    )
    options = [option(name) for name in "abcd"]
    ask = asked(network, options, FREE, retained=["z0"])
    # No half alone lifts the zone of c and d: identifiers tell, until one of them is there.
    assert order(ask, network) == "abcd"
    ask = replace(ask, locked={"c": "imposé"})
    assert order(ask, network) == "cdab"


def test_equal_posts_go_to_structures_already_carrying_then_to_the_lowest_rate() -> None:
    network = apart([50] * 4, [10] * 4, state=(0, 0, 7, 8))
    options = [option(name, [n], emerging=name == "a") for n, name in enumerate("abcd")]
    ask = asked(network, options, FREE, communes=[(10, 0), (10, 5), (10, 4), (20, 8)])
    # a needs a new structure; b has 1/2; c and d 2/5, d with more State hours.
    assert order(ask, network) == "dcba"


def test_a_new_structure_is_new_once() -> None:
    network = apart([50] * 3, [10] * 3)
    options = [
        option("a", [0], emerging=True, structure_id="nouvelle"),
        option("b", [1], emerging=True, structure_id="autre"),
        option("c", [2], emerging=True, structure_id="nouvelle"),
    ]
    ask = asked(network, options, FREE, communes=[(9, 0), (9, 1), (9, 2)])
    assert order(ask, network) == "acb"


def test_kept_posts_come_first_then_the_locked_and_refused_ones_never() -> None:
    network = apart([50] * 5, [40, 30, 20, 10, 0])
    options = [option(name) for name in "abcde"]
    options[3] = replace(options[3], origin="convention")
    ask = asked(network, options, FREE, locked={"c": "DREETS"}, refused={"a": "copil"})
    assert order(ask, network) == "dcbe"
    aside = (Broken("b", "etp_minimal", "", ""),)
    assert order(replace(ask, aside=aside), network) == "dce"


def test_funding_stops_at_the_first_post_that_does_not_fit() -> None:
    network = apart([50] * 4, [40, 60, 20, 10])
    costs = (2, 4, 2, 1)
    options = [option(n, state_cents=c * 100) for n, c in zip("abcd", costs, strict=True)]
    options[1] = replace(options[1], hundredths=100)
    for budget, objective, funded in (
        (7, None, "ab"),
        (8, None, "abc"),
        (9, None, "abcd"),
        (None, 1, "a"),
        (None, Fraction(3, 2), "ab"),
        (5, 9, "a"),
    ):
        ask = asked(network, options, call(objective, budget))  # type: ignore[arg-type]
        ranked = rank(ask, network)
        assert "".join(r.option.option_id for r in ranked) == "abcd"
        assert "".join(r.option.option_id for r in ranked if r.funded) == funded


def test_kept_posts_count_against_the_budget_and_not_against_the_objective() -> None:
    network = apart([50] * 3, [0, 20, 10])
    options = [option(name, state_cents=100) for name in "abc"]
    options[0] = replace(options[0], origin="convention")
    for budget, objective, funded in ((2, None, "ab"), (None, 1, "abc"), (3, Fraction(1, 2), "ab")):
        ask = asked(network, options, call(objective, budget))  # type: ignore[arg-type]
        assert "".join(r.option.option_id for r in rank(ask, network) if r.funded) == funded


def test_a_post_frees_another_that_goes_further() -> None:
    # The post of today works for node 0 alone; the option takes its place there.
    network = PlanNetwork(
        needs=(10, 10),
        level=(2, 0),
        state=(0, 10),
        reach=((0,), (0,)),
        capacities=(10,),
        options=((0,),),
        hours=(10,),
        zone=(0, 0),
        zones=("z0",),
        component=(0, 0),
    )
    flow = Flow(edges_of(network), network.needs, network.capacities)
    # It serves the priority first, so the option only adds the rest.
    assert flow.served == (10, 10, 10)
    assert flow.gains(0, 10) == (0, 0, 10)
    wider = replace(network, needs=(10, 20))
    flow = Flow(edges_of(wider), wider.needs, wider.capacities)
    assert flow.gains(0, 10) == (0, 0, 10)
    level = replace(network, needs=(10, 20), level=(0, 0))
    flow = Flow(edges_of(level), level.needs, level.capacities)
    assert flow.add(0, 10) == (10, 10, 10)

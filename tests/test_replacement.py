"""Replacement costs and classes of funded posts, against lists made anew and every plan."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import naive_plan as naive
import pytest
from builders import seeded
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_plan import asked, call, option, random_network

from coverage.proposals.bound import BILLION, Relaxation
from coverage.proposals.model import PlanNetwork
from coverage.proposals.ranking import build_contest, rank
from coverage.proposals.replacement import judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coverage.proposals.model import Ask, Ranked

SEEDS = st.integers(0, 10**9)


def random_ask(seed: int) -> tuple[Ask, PlanNetwork]:
    rng = seeded(seed)
    network = random_network(rng)
    options = [
        option(
            f"o{k}",
            hundredths=rng.choice((50, 50, 100)),
            state_cents=rng.choice((100, 100, 150)),
            origin="convention" if rng.random() < 0.1 else "generee",
        )
        for k in range(6)
    ]
    own_call = call(objective=rng.choice((1, 2, None)), budget_eur=rng.choice((2, 3, 4, None)))
    locked = {"o1": "imposé"} if rng.random() < 0.3 else None
    refused = {"o2": "refusé"} if rng.random() < 0.3 else None
    return asked(network, options, own_call, locked=locked, refused=refused), network


def funded_names(rows: Iterable[tuple[str, object, bool]]) -> list[int]:
    return [int(name[1:]) for name, _, funded in rows if funded]


@settings(max_examples=60)
@given(SEEDS)
def test_hours_lost_are_those_of_a_list_made_anew(seed: int) -> None:
    ask, network = random_ask(seed)
    ranked = rank(ask, network)
    whole = naive.values(network, [int(r.option.option_id[1:]) for r in ranked if r.funded])
    judged = judge(ask, network, ranked)
    for before, row in zip(ranked, judged, strict=True):
        own = row.option
        assert replace(row, class_="", replacement_hours=None) == before
        if not row.funded or own.origin == "convention":
            assert (row.class_, row.replacement_hours) == ("", None)
            continue
        again = naive.ranked(ask, network, without=[own.option_id])
        rest = naive.values(network, funded_names(again))
        assert row.replacement_hours == tuple(a - b for a, b in zip(whole, rest, strict=True))


def plans(ask: Ask, *, without: int | None = None) -> Iterable[tuple[int, ...]]:
    """Yield every set of options that the envelope holds, kept posts always in it."""
    limits = build_contest(ask, network=random_network(seeded(0))).limits
    kept = tuple(sorted(limits.kept - limits.refused))
    free = sorted(set(range(len(ask.options))) - limits.kept - limits.refused - {without})
    for count in range(len(free) + 1):
        for some in combinations(free, count):
            chosen = (*kept, *some)
            cents = sum(ask.options[k].state_cents for k in chosen)
            posts = sum(limits.weight(ask.options[k]) for k in chosen)
            if (limits.budget_cents is None or cents <= limits.budget_cents) and (
                limits.objective is None or posts <= limits.objective
            ):
                yield chosen


@settings(max_examples=30)
@given(SEEDS, st.integers(0, 2))
def test_no_plan_exceeds_the_bound_with_or_without_a_post(seed: int, goal: int) -> None:
    ask, network = random_ask(seed)
    ranked = rank(ask, network)
    attained = naive.values(network, [int(r.option.option_id[1:]) for r in ranked if r.funded])
    bound = Relaxation(build_contest(ask, network), goal, attained)
    free = [k for k, own in enumerate(ask.options) if own.origin != "convention"]
    spared = {k: bound.without(k) for k in free if k != 2}
    worth = {chosen: naive.values(network, chosen) for chosen in plans(ask)}
    for chosen, hours in worth.items():
        if all(hours[h] >= attained[h] for h in range(goal)):
            assert hours[goal] * BILLION <= bound.value
            for k, most in spared.items():
                assert k in chosen or hours[goal] * BILLION <= most
    assert all(most <= bound.value for most in spared.values())


@settings(max_examples=30)
@given(SEEDS)
def test_classes_hold_for_the_best_plans(seed: int) -> None:
    ask, network = random_ask(seed)
    ranked = rank(ask, network)
    whole = naive.values(network, [int(r.option.option_id[1:]) for r in ranked if r.funded])
    for row in judge(ask, network, ranked):
        goal = next((g for g in range(3) if row.gains[g]), None)
        if row.replacement_hours is None or goal is None:
            continue
        k = int(row.option.option_id[1:])
        best = max(
            (naive.values(network, chosen) for chosen in plans(ask, without=k)),
            default=naive.values(network, []),
        )
        lost, gain = whole[goal] - best[goal], row.gains[goal]
        if row.class_ == "incontestable":
            assert 2 * lost >= gain
        if row.class_ == "remplacable":
            assert 20 * lost <= gain
        if row.class_ == "arbitrable":
            assert gain < 20 * lost
            assert 2 * lost < gain


# --- closed forms -------------------------------------------------------------------------------


def apart(*hours: int) -> PlanNetwork:
    """Return options that each answer a place of their own, whole."""
    count = len(hours)
    return PlanNetwork(
        needs=hours,
        level=(0,) * count,
        state=(0,) * count,
        reach=((),) * count,
        capacities=(),
        options=tuple((d,) for d in range(count)),
        hours=hours,
        zone=(0,) * count,
        zones=("z0",),
        component=tuple(range(count)),
    )


def judged(ask: Ask, network: PlanNetwork) -> dict[str, Ranked]:
    return {r.option.option_id: r for r in judge(ask, network, rank(ask, network))}


@pytest.mark.parametrize(
    ("third", "class_"),
    [(95, "remplacable"), (94, "arbitrable"), (51, "arbitrable"), (50, "incontestable")],
)
def test_the_class_follows_what_the_next_post_brings(third: int, class_: str) -> None:
    network = apart(200, 100, third)
    ask = asked(network, [option(n) for n in "abc"], call(objective=1))
    found = judged(ask, network)
    assert found["b"].class_ == class_
    assert found["b"].replacement_hours == (100 - third,) * 3
    assert (found["c"].class_, found["c"].replacement_hours) == ("", None)


def test_twins_replace_each_other() -> None:
    network = replace(apart(100, 10), options=((0,), (0,), (1,)), hours=(60, 60, 10))
    ask = asked(network, [option(n) for n in "abc"], call(objective=1))
    found = judged(ask, network)
    # The first of two twins brings 60 hours, the second 40; without either, c brings 10.
    assert [found[n].gains[0] for n in "ab"] == [60, 40]
    assert [found[n].replacement_hours for n in "ab"] == [(30, 30, 30)] * 2
    assert [found[n].class_ for n in "ab"] == ["incontestable"] * 2


def test_a_post_that_brings_nothing_is_replaceable() -> None:
    network = apart(100, 0)
    network = replace(network, needs=(100, 1), options=((0,), ()))
    ask = asked(network, [option(n) for n in "ab"], call(objective=1))
    assert judged(ask, network)["b"].class_ == "remplacable"


def test_judged_on_the_first_goal_where_hours_are_brought() -> None:
    network = replace(apart(10, 100, 90), level=(0, 2, 2))
    # a brings 10 priority hours and nothing else does, b 100 other hours that c nearly brings.
    ask = asked(network, [option(n) for n in "abc"], call(objective=1))
    found = judged(ask, network)
    assert found["a"].class_ == "incontestable"
    assert found["a"].replacement_hours == (10, 10, -80)
    assert found["b"].replacement_hours == (0, 0, 10)
    assert found["b"].class_ == "arbitrable"


@pytest.mark.parametrize(
    ("bounds", "class_"), [(None, "indecis"), ({"a": 9}, "arbitrable"), ({"a": 10}, "indecis")]
)
def test_an_exact_bound_settles_what_the_relaxation_leaves_open(
    bounds: dict[str, int] | None, class_: str
) -> None:
    network = apart(10, 9, 9)
    options = [option("a"), option("b", hundredths=75), option("c", hundredths=75)]
    ask = asked(network, options, call(objective=1))
    # One post fits beside none: a of 10 hours, or b of 9, or c. Shared, b and a third of c fit.
    [first, *_] = judge(ask, network, rank(ask, network), bounds=bounds)
    assert first.option.option_id == "a"
    assert (first.replacement_hours, first.class_) == ((1, 1, 1), class_)

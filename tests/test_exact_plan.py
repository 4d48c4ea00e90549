"""The exact plan is the best of all subsets, goal after goal, and its figures are whole."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import naive_exact
import pytest
from plan_builders import ask_of, network_of, option, random_case

from coverage.proposals.exact import exact_plan, step_prices
from coverage.proposals.program import GOALS, HOURS_GOALS, MONEY, STRUCTURES, ZONES
from geo.errors import InputErrors

if TYPE_CHECKING:
    from coverage.proposals.model import Ask, PlanNetwork


@pytest.mark.parametrize("tens", range(8))
def test_it_is_the_best_of_all_subsets_for_every_goal_in_order(tens: int) -> None:
    for seed in range(tens * 10, tens * 10 + 10):
        ask, network = random_case(seed)
        best = naive_exact.best(ask, network)
        if best is None:
            with pytest.raises(InputErrors, match="aucun plan ne respecte"):
                exact_plan(ask, network)
            continue
        plan = exact_plan(ask, network)
        assert (seed, *plan.attained.values()) == (seed, *best)
        assert plan.bounds == plan.attained
        assert not naive_exact.faults(ask, plan.chosen)
        assert plan.mode == "certifie"
        assert tuple(plan.attained) == GOALS


def two_places() -> tuple[Ask, PlanNetwork]:
    """One half-post for two places: 10 priority hours in z0, 30 others in z1."""
    options = [option("a", "A"), option("b", "B")]
    ask = ask_of(options, zones={"z0": True, "z1": True}, rules={"objectif": Fraction(1, 2)})
    network = network_of(
        [10, 30], [[0], [1]], [10, 30], level=[0, 2], zone=[0, 1], zones=("z0", "z1")
    )
    return ask, network


def test_priority_hours_come_before_more_hours_and_the_price_is_told() -> None:
    ask, network = two_places()
    plan = exact_plan(ask, network)
    assert plan.chosen == (0,)
    assert plan.zones == ("z0",)
    assert plan.attained == {
        HOURS_GOALS[0]: 10,
        HOURS_GOALS[1]: 10,
        HOURS_GOALS[2]: 10,
        ZONES: 1,
        STRUCTURES: 1,
        MONEY: 1_561_000,
    }
    assert step_prices(ask, network, plan) == {
        HOURS_GOALS[0]: 0,
        HOURS_GOALS[1]: 0,
        HOURS_GOALS[2]: 20,
        ZONES: 0,
    }


def test_another_order_is_obeyed_and_zones_may_not_come_before_hours() -> None:
    ask, network = two_places()
    assert exact_plan(ask, network, order=(HOURS_GOALS[2], HOURS_GOALS[0])).chosen == (1,)
    with pytest.raises(ValueError, match="after"):
        exact_plan(ask, network, order=(ZONES, HOURS_GOALS[0]))
    with pytest.raises(ValueError, match="order"):
        exact_plan(ask, network, order=("beauté",))


def test_hours_of_today_are_not_counted_as_new() -> None:
    ask = ask_of([option("a")])
    network = network_of([10], [[0]], [30], reach=[[0]], capacities=[7])
    plan = exact_plan(ask, network)
    assert plan.attained["heures"] == 3


def test_identical_posts_are_taken_first_ones_first() -> None:
    options = [option(f"p{k}") for k in range(5)]
    ask = ask_of(options, rules={"objectif": Fraction(3, 2)})
    network = network_of([100], [[0]] * 5, [20] * 5)
    assert exact_plan(ask, network).chosen == (0, 1, 2)
    locked = replace(ask, locked={"p4": "décidé"})
    assert exact_plan(locked, network).chosen == (0, 1, 4)


def test_a_post_that_brings_nothing_is_not_funded() -> None:
    options = [option("a"), option("b")]
    plan = exact_plan(ask_of(options), network_of([10], [[0], [0]], [10, 5]))
    assert plan.chosen == (0,)


def test_a_coordinator_is_taken_only_when_somebody_imposes_it() -> None:
    options = [option("c", "C", volet="coordinateur", units=()), option("f")]
    network = network_of([10], [[], [0]], [0, 10])
    ask = ask_of(options, rules={"objectif": Fraction(1, 2)})
    assert exact_plan(ask, network).chosen == (1,)
    assert exact_plan(replace(ask, locked={"c": "copil"}), network).chosen == (0,)


def test_kept_posts_take_money_but_no_place_among_the_new_ones() -> None:
    options = [option("k", origin="convention", hundredths=200, state=100), option("n", state=100)]
    network = network_of([10], [[], [0]], [0, 10])
    ask = ask_of(options, rules={"objectif": Fraction(1, 2), "budget_eur": 2})
    assert exact_plan(ask, network).chosen == (0, 1)
    poor = ask_of(options, rules={"objectif": Fraction(1, 2), "budget_eur": 1})
    assert exact_plan(poor, network).chosen == (0,)
    # One who does not want them first has their money.
    free = ask_of(options, rules={"conserves_d_abord": None, "budget_eur": 1})
    assert exact_plan(free, network).chosen == (1,)


def test_posts_may_be_counted_one_by_one() -> None:
    options = [option("a", hundredths=50), option("b", hundredths=50), option("c", hundredths=100)]
    network = network_of([5, 5, 9], [[0], [1], [2]], [5, 5, 9])
    by_etp = ask_of(options, rules={"objectif": 1})
    assert exact_plan(by_etp, network).chosen == (0, 1)
    by_post = ask_of(options, rules={"objectif": 1, "unite_objectif": "postes"})
    assert exact_plan(by_post, network).chosen == (2,)


def test_a_known_plan_is_never_made_worse_even_without_any_search() -> None:
    for seed in range(15):
        ask, network = random_case(seed)
        best = naive_exact.best(ask, network)
        if best is None:
            continue
        known = exact_plan(ask, network).chosen
        plan = exact_plan(ask, network, seconds=0, start=known)
        assert tuple(plan.attained.values())[:3] == best[:3]
        assert plan.mode == "rapide"
        assert plan.bounds[STRUCTURES] <= plan.attained[STRUCTURES]
        assert plan.bounds[MONEY] <= plan.attained[MONEY]


def test_without_time_the_plan_keeps_the_rules_and_its_bounds_hold() -> None:
    for seed in range(15):
        ask, network = random_case(seed)
        best = naive_exact.best(ask, network)
        if best is None:
            continue
        plan = exact_plan(ask, network, seconds=0)
        assert not naive_exact.faults(ask, plan.chosen)
        assert plan.attained[HOURS_GOALS[0]] <= best[0] <= plan.bounds[HOURS_GOALS[0]]


def test_a_plan_to_start_from_must_keep_the_rules() -> None:
    ask = ask_of([option("a")], refused=["a"])
    with pytest.raises(ValueError, match="breaks a rule"):
        exact_plan(ask, network_of([10], [[0]], [10]), start=[0])


def test_a_lock_on_what_does_not_exist_is_told() -> None:
    ask = ask_of([option("a")], locked=["a2"])
    with pytest.raises(InputErrors, match="n’existe pas"):
        exact_plan(ask, network_of([10], [[0]], [10]))


def test_large_hours_and_cents_keep_their_last_unit() -> None:
    """Millions of hours and of cents: one hour and one cent still decide."""
    options = [
        option("a", "A", state=270_000_001),
        option("b", "B", state=270_000_000),
        option("c", "C", state=270_000_000),
    ]
    network = network_of([9_000_001, 9_000_000, 9_000_000], [[0], [1], [2]], [10**7] * 3)
    plan = exact_plan(ask_of(options, rules={"budget_eur": 5_400_000}), network)
    assert plan.chosen == (1, 2)
    assert plan.attained["heures"] == 18_000_000
    richer = exact_plan(ask_of(options, rules={"budget_eur": Fraction(540_000_001, 100)}), network)
    assert richer.attained["heures"] == 18_000_001

"""Extensions without a post in the exact plan: the best of all, from hours to spare, checked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import naive_exact
import naive_plan
import pytest
from builders import seeded
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_builders import ask_of, call, extended_case, extension, network_of, option

from coverage.proposals.atom_flows import AtomNetwork, network_of_rows
from coverage.proposals.attained import with_options
from coverage.proposals.exact import exact_plan, step_prices
from coverage.proposals.lending import spare_hours
from coverage.proposals.model import Ask, ExactPlan, PlanNetwork
from coverage.proposals.program import EVERY_GOAL, EXTENSIONS, GOALS
from coverage.proposals.ranking import rank
from coverage.proposals.verify import PlanDisagreementError, verify_on
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Sequence

SEEDS = st.integers(0, 10**9)


def unmerged(network: PlanNetwork, plan: ExactPlan, seed: int) -> AtomNetwork:
    """Each node cut in unit demands or so, with the hours that extensions say they serve."""
    rng = seeded(seed)
    rows: list[tuple[int, int, int]] = []
    links: list[tuple[int, int]] = []
    first = len(network.capacities) + len(plan.chosen)
    lent = [(s, hours) for own in plan.extensions for s, hours in own.served]
    joins = [
        {d for d, post in network.extensions[int(own.extension_id[1:])] if post == s}
        for own in plan.extensions
        for s, _ in own.served
    ]
    for d in sorted(range(len(network.needs)), key=lambda _: rng.random()):
        near = [*network.reach[d]]
        near += [
            len(network.capacities) + n
            for n, k in enumerate(plan.chosen)
            if d in network.options[k]
        ]
        near += [first + n for n, nodes in enumerate(joins) if d in nodes]
        left = network.needs[d]
        while left:
            part = rng.randint(1, left)
            links += [(len(rows), supply) for supply in near]
            rows.append((part, network.level[d], network.zone[d]))
            left -= part
    capacities = [*network.capacities, *(network.hours[k] for k in plan.chosen)]
    posts = len(network.capacities)
    return network_of_rows(rows, links, capacities, network.zones, posts, lent)


@pytest.mark.parametrize("tens", range(5))
def test_it_is_the_best_of_all_subsets_of_options_and_extensions(tens: int) -> None:
    for seed in range(tens * 10, tens * 10 + 10):
        ask, network = extended_case(seed)
        best = naive_exact.best(ask, network)
        if best is None:
            continue
        plan = exact_plan(ask, network)
        assert (seed, *plan.attained.values()) == (seed, *best)
        assert plan.bounds == plan.attained
        assert tuple(plan.attained) == EVERY_GOAL
        assert len(plan.extensions) == plan.attained[EXTENSIONS]
        found = verify_on(ask, plan, unmerged(network, plan, seed))
        assert found.extensions == {own.extension_id: own.hours for own in plan.extensions}
        assert all(found.extensions.values())


def test_some_of_these_cases_have_an_extension_in_their_plan() -> None:
    found = 0
    for seed in range(15):
        with suppress(InputErrors):
            found += len(exact_plan(*extended_case(seed)).extensions)
    assert found >= 5


def test_extensions_that_join_nothing_change_nothing() -> None:
    for seed in range(8):
        ask, network = extended_case(seed)
        if naive_exact.best(ask, network) is None:
            continue
        idle = replace(network, extensions=((),) * len(network.extensions))
        plain = replace(network, extensions=(), spare=())
        before, after = exact_plan(ask, plain), exact_plan(ask, idle)
        assert (after.chosen, after.extensions) == (before.chosen, ())
        assert after.attained == {**before.attained, EXTENSIONS: 0}
        assert tuple(before.attained) == GOALS


def test_the_ranked_list_knows_no_extension() -> None:
    _, network = two_places()
    ask = naive_plan.asked(network, [naive_plan.option("o")], naive_plan.call())
    more = replace(ask, extensions=(extension("e0"),))
    plain = replace(network, extensions=(), spare=())
    assert rank(more, network) == rank(ask, plain)


# --- hours to spare ---------------------------------------------------------------------------


@given(SEEDS)
def test_today_is_served_as_much_without_the_hours_to_spare(seed: int) -> None:
    network = naive_plan.random_network(seeded(seed))
    spare = spare_hours(network.needs, network.capacities, network.reach)
    rest = tuple(hours - own for hours, own in zip(network.capacities, spare, strict=True))
    assert all(own >= 0 for own in spare)
    less = replace(network, capacities=rest)
    for level in range(3):
        assert naive_exact.hours(less, (), level) == naive_exact.hours(network, (), level)
    # Nearly all that most hours leave: less than an hour is lost by post.
    left = sum(network.capacities) - naive_exact.hours(network, (), 2)
    assert left - len(spare) < sum(spare) + (not spare) <= left + (not spare)


@given(SEEDS)
def test_hours_to_spare_depend_on_no_order_nor_merging(seed: int) -> None:
    network = naive_plan.random_network(seeded(seed))
    rng = seeded(seed + 1)
    spare = spare_hours(network.needs, network.capacities, network.reach)
    pieces = [
        (part, row)
        for need, row in zip(network.needs, network.reach, strict=True)
        for part in (need // 2, need - need // 2)
        if part
    ]
    rng.shuffle(pieces)
    place = rng.sample(range(len(spare)), len(spare))
    again = spare_hours(
        [need for need, _ in pieces],
        [network.capacities[s] for s in place],
        [tuple(place.index(s) for s in row) for _, row in pieces],
    )
    assert again == tuple(spare[s] for s in place)


@settings(max_examples=40)
@given(SEEDS)
def test_whatever_the_extensions_no_place_need_be_served_less(seed: int) -> None:
    """Not only those of the best plan: any options, any extensions, each flow of today."""
    ask, network = extended_case(seed)
    rng = seeded(seed)
    chosen = tuple(k for k in range(len(ask.options)) if rng.random() < 0.5)
    extended = [e for e in range(len(ask.extensions)) if rng.random() < 0.7]
    served = with_options(network, chosen, extended)
    lent = served.lent({}, range(3))
    own = tuple(
        replace(ask.extensions[e], served=tuple((s, h) for (f, s), h in lent.items() if f == e))
        for e in extended
    )
    plan = ExactPlan(chosen, {}, {}, "certifie", (), own)
    atoms = unmerged(network, plan, seed)
    assert atoms.lends_spare_hours()
    assert atoms.keeps_places()
    for level in range(3):
        assert atoms.served(level) == served.hours[level]
        assert served.hours[level] == naive_exact.hours(network, chosen, level, extended)


# --- closed forms -----------------------------------------------------------------------------


def two_places() -> tuple[Ask, PlanNetwork]:
    """A post of 30 hours serves 10 of its place; a neighbour of 15 hours has nobody."""
    ask = ask_of([option("o", "B")], zones={"z0": True}, rules={"objectif": Fraction(1, 2)})
    ask = replace(ask, extensions=(extension("e0"),))
    network = network_of([10, 15], [[1]], [15], level=[2, 1], reach=[[0], []], capacities=[30])
    return ask, replace(network, spare=(20,), extensions=(((1, 0),),))


def test_an_extension_comes_before_money_and_says_what_it_serves() -> None:
    ask, network = two_places()
    plan = exact_plan(ask, network)
    assert plan.chosen == ()
    assert [(own.extension_id, own.hours) for own in plan.extensions] == [("e0", 15)]
    assert plan.attained["heures"] == 15
    assert plan.attained["part_etat_cents"] == 0
    assert set(step_prices(ask, network, plan).values()) == {0}


def test_priority_hours_elsewhere_take_nothing_from_a_place_served_today() -> None:
    """Ten hours, all in use for other hours: the State's next door stay unserved."""
    ask = replace(ask_of([]), extensions=(extension("e0"),))
    network = network_of([10, 10], [], [], level=[2, 0], reach=[[0], []], capacities=[10])
    spare = spare_hours(network.needs, network.capacities, network.reach)
    assert spare == (0,)
    plan = exact_plan(ask, replace(network, spare=spare, extensions=(((1, 0),),)))
    assert plan.extensions == ()
    assert plan.attained["heures_prioritaires"] == 0


def test_two_extensions_of_one_post_share_what_it_has_to_spare() -> None:
    ask = replace(ask_of([]), extensions=(extension("e0"), extension("e1")))
    network = network_of([10, 10, 10], [], [], reach=[[0], [], []], capacities=[25])
    network = replace(network, spare=(15,), extensions=(((1, 0),), ((2, 0),)))
    plan = exact_plan(ask, network)
    assert plan.attained["heures"] == 15
    assert sum(own.hours for own in plan.extensions) == 15


def test_no_extension_where_none_is_needed() -> None:
    """Either of two would do: one is taken."""
    ask = replace(ask_of([]), extensions=(extension("e0"), extension("e1")))
    network = network_of([10, 5], [], [], reach=[[0], []], capacities=[25])
    network = replace(network, spare=(15,), extensions=(((1, 0),), ((1, 0),)))
    assert len(exact_plan(ask, network).extensions) == 1


# --- the check --------------------------------------------------------------------------------


def checked(served: Sequence[tuple[int, int]], **rules: object) -> None:
    ask, network = two_places()
    plan = exact_plan(ask, network)
    own = replace(plan.extensions[0], served=tuple(served))
    changed = replace(plan, extensions=(own,))
    ask = replace(ask, call=call(objectif=Fraction(1, 2), **rules))
    verify_on(ask, changed, unmerged(network, changed, 1))


def test_sound_hours_pass() -> None:
    checked([(0, 15)])
    checked([(0, 15)], extensions_sans_poste="demandees")
    checked([(0, 15)], extensions_sans_poste="toutes")


@pytest.mark.parametrize("hours", [14, 16, 21, 31])
def test_hours_that_an_extension_does_not_serve_are_refused(hours: int) -> None:
    with pytest.raises(PlanDisagreementError):
        checked([(0, hours)])


def test_an_extension_that_the_call_does_not_compare_is_refused() -> None:
    with pytest.raises(PlanDisagreementError, match="n’est pas de celles"):
        checked([(0, 15)], extensions_sans_poste="aucune")


def test_hours_taken_from_a_place_served_today_are_refused() -> None:
    ask, network = two_places()
    plan = exact_plan(ask, network)
    # The neighbour's 15 hours are served, but the place had 20 of the post's 30.
    network = replace(network, needs=(20, 15))
    with pytest.raises(PlanDisagreementError, match="prennent des heures"):
        verify_on(ask, plan, unmerged(network, plan, 1))


@pytest.mark.parametrize(("twice", "renamed"), list(product([False, True], repeat=2))[1:])
def test_extensions_repeated_or_unknown_are_refused(*, twice: bool, renamed: bool) -> None:
    ask, network = two_places()
    plan = exact_plan(ask, network)
    own = replace(plan.extensions[0], extension_id="e0" if twice else "e9")
    changed = replace(plan, extensions=(own, own) if twice else (own,))
    if renamed and twice:
        changed = replace(plan, extensions=(replace(own, region="32"),))
    network = replace(network, extensions=network.extensions * 10)
    with pytest.raises(PlanDisagreementError, match="extensions connues"):
        verify_on(ask, changed, unmerged(network, changed, 1))

"""The ranked list under regional floors and ceilings: nested, feasible, and as a naive greedy's."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import naive_plan as naive
import pytest
from builders import seeded
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_plan import asked, call, option, random_network

from coverage.proposals.bound import BILLION, Relaxation
from coverage.proposals.hard_rules import hard_rules
from coverage.proposals.outcome import Proposals
from coverage.proposals.ranking import Race, Wallet, build_contest, rank
from coverage.proposals.replacement import judge
from coverage.wording import THIN

if TYPE_CHECKING:
    from coverage.proposals.model import Ask, PlanNetwork, Ranked

SEEDS = st.integers(0, 10**9)
FLOOR, CEILING = "plancher_regional_etp", "plafond_regional_etp"


def random_ask(seed: int, **rules: Any) -> tuple[Ask, PlanNetwork]:  # noqa: ANN401 - any rule
    rng = seeded(seed)
    network = random_network(rng)
    options = [
        option(
            f"o{k}",
            hundredths=rng.choice((50, 50, 75, 100)),
            state_cents=rng.choice((100, 100, 150)),
            origin="convention" if rng.random() < 0.1 else "generee",
            region=rng.choice(("32", "84", "84")),
        )
        for k in range(6)
    ]
    bounds = {FLOOR: rng.choice((None, 1)), CEILING: rng.choice((None, 1, Fraction(3, 2)))}
    own = {
        "objective": rng.choice((1, 2, 3, None)),
        "budget_eur": rng.choice((2, 4, None)),
        "conserves_d_abord": rng.random() < 0.7,
        **bounds,
    }
    locked = {"o1": "imposé"} if rng.random() < 0.3 else None
    refused = {"o2": "refusé"} if rng.random() < 0.3 else None
    return asked(network, options, call(**(own | rules)), locked=locked, refused=refused), network


def told(ask: Ask, network: PlanNetwork) -> list[tuple[str, tuple[int, ...], bool]]:
    return [(r.option.option_id, r.gains, r.funded) for r in rank(ask, network)]


@given(SEEDS)
def test_the_list_is_that_of_the_naive_greedy(seed: int) -> None:
    ask, network = random_ask(seed)
    assert told(ask, network) == naive.ranked(ask, network)


@given(SEEDS)
def test_what_is_funded_begins_the_list_and_keeps_every_ceiling(seed: int) -> None:
    ask, network = random_ask(seed)
    ranked = rank(ask, network)
    funded = [r for r in ranked if r.funded]
    assert ranked[: len(funded)] == tuple(funded)
    assert not any(r.above_ceiling for r in funded)
    flags = [r.above_ceiling for r in ranked]
    assert flags == sorted(flags)
    chosen = [int(r.option.option_id[1:]) for r in funded]
    ceilings = [rule for rule in hard_rules(ask) if rule.name.startswith("plafond")]
    assert not any(rule.broken_by(chosen) for rule in ceilings)
    # Counts in, counts out: whoever is not refused has a rank.
    assert len(ranked) == len(ask.options) - len(ask.refused or ())


@given(SEEDS)
def test_a_larger_envelope_only_lengthens_the_funded_list(seed: int) -> None:
    funded = []
    for budget in (0, 1, 3, 5, 1000):
        ask, network = random_ask(seed, objective=None, budget_eur=budget)
        funded.append([name for name, _, kept in told(ask, network) if kept])
    assert all(b[: len(a)] == a for a, b in pairwise(funded))


@given(SEEDS)
def test_floors_are_met_while_money_and_posts_last(seed: int) -> None:
    ask, network = random_ask(
        seed, objective=None, budget_eur=None, **{FLOOR: 1, CEILING: Fraction(3, 2)}
    )
    added = dict.fromkeys(("32", "84"), Fraction(0))
    left = {
        region: [
            r.option.etp
            for r in rank(ask, network)
            if not r.funded and r.option.region == region and r.option.origin != "convention"
        ]
        for region in added
    }
    for row in rank(ask, network):
        if row.funded and row.option.origin != "convention":
            added[row.option.region] += row.option.etp
    for region, etp in added.items():
        # Under its floor, no post left would fit its ceiling.
        assert etp >= 1 or all(etp + more > Fraction(3, 2) for more in left[region])


@settings(max_examples=25)
@given(SEEDS)
def test_rules_that_bind_nothing_change_nothing(seed: int) -> None:
    plain, network = random_ask(seed, **{FLOOR: None, CEILING: None})
    loose, _ = random_ask(seed, **{FLOOR: 0, CEILING: 1000})
    assert rank(loose, network) == rank(plain, network)
    assert judge(loose, network, rank(loose, network)) == judge(
        plain, network, rank(plain, network)
    )


@settings(max_examples=25)
@given(SEEDS)
def test_hours_lost_are_those_of_a_list_made_anew(seed: int) -> None:
    ask, network = random_ask(seed)
    ranked = rank(ask, network)
    whole = naive.values(network, [int(r.option.option_id[1:]) for r in ranked if r.funded])
    for row in judge(ask, network, ranked):
        if row.replacement_hours is None:
            continue
        again = naive.ranked(ask, network, without=[row.option.option_id])
        rest = naive.values(network, [int(name[1:]) for name, _, kept in again if kept])
        assert row.replacement_hours == tuple(a - b for a, b in zip(whole, rest, strict=True))


@settings(max_examples=30)
@given(SEEDS, st.integers(0, 2))
def test_no_plan_under_the_ceilings_exceeds_the_bound(seed: int, goal: int) -> None:
    ask, network = random_ask(seed, conserves_d_abord=True, **{FLOOR: None, CEILING: 1})
    ask = replace(ask, locked=None, refused=None)
    rules = hard_rules(ask)
    attained = naive.values(
        network, [int(r.option.option_id[1:]) for r in rank(ask, network) if r.funded]
    )
    bound = Relaxation(build_contest(ask, network), goal, attained)
    spared = [
        None if own.origin == "convention" else bound.without(k)
        for k, own in enumerate(ask.options)
    ]
    for chosen in ([k for k in range(6) if mask >> k & 1] for mask in range(64)):
        if any(rule.broken_by(chosen) for rule in rules):
            continue
        hours = naive.values(network, chosen)
        if all(hours[h] >= attained[h] for h in range(goal)):
            assert hours[goal] * BILLION <= bound.value
            for k, most in enumerate(spared):
                assert k in chosen or most is None or hours[goal] * BILLION <= most


@given(SEEDS)
def test_a_race_that_stops_where_the_wallet_closes_funds_the_same(seed: int) -> None:
    """As draws and replacement costs do, ties never reaching into posts kept out by a ceiling."""
    ask, network = random_ask(seed)
    contest = build_contest(ask, network)
    race, wallet, found = Race.start(contest), Wallet(contest), []
    while (key := race.next_key()) is not None and wallet.pays(key[-1]):
        race.choose(key)
        found.append(ask.options[key[-1]].option_id)
    assert found == [name for name, _, funded in told(ask, network) if funded]


# --- closed forms -------------------------------------------------------------------------------


def three_places(**rules: Any) -> tuple[Ask, PlanNetwork]:  # noqa: ANN401 - any rule
    """Places of 30, 20 and 10 hours, a half-post for each: two in 84, the last in 32."""
    network = replace(
        random_network(seeded(0), options=3),
        needs=(30, 20, 10),
        level=(0,) * 3,
        state=(0,) * 3,
        reach=((),) * 3,
        capacities=(),
        options=((0,), (1,), (2,)),
        hours=(30, 20, 10),
        zone=(0,) * 3,
        zones=("z0",),
        component=(0, 1, 2),
    )
    options = [option("a"), option("b"), option("c", region="32")]
    return asked(network, options, call(**({"objective": 1, "budget_eur": None} | rules))), network


@pytest.mark.parametrize(
    ("rules", "order", "funded"),
    [
        ({}, "abc", "ab"),
        ({CEILING: Fraction(1, 2)}, "acb", "ac"),
        ({FLOOR: Fraction(1, 2)}, "acb", "ac"),
        ({FLOOR: Fraction(1, 2), "objective": Fraction(1, 2)}, "acb", "a"),
        ({CEILING: Fraction(1, 4)}, "abc", ""),
        ({FLOOR: 1}, "abc", "ab"),
    ],
)
def test_order_and_funding(rules: dict[str, Any], order: str, funded: str) -> None:
    ask, network = three_places(**rules)
    ranked = rank(ask, network)
    assert "".join(r.option.option_id for r in ranked) == order
    assert "".join(r.option.option_id for r in ranked if r.funded) == funded


def decided(ask: Ask, ranked: tuple[Ranked, ...]) -> Proposals:
    """Return proposals of which only the list is known."""
    found = object.__new__(Proposals)
    found.__dict__.update(ask=ask, ranked=ranked)
    return found


def test_why_a_post_is_not_funded_is_told() -> None:
    ask, network = three_places(**{CEILING: Fraction(1, 2), "objective": None})
    ranked = rank(ask, network)
    found = decided(ask, ranked)
    assert [found.unfunded(row).replace(THIN, "_") for row in ranked] == [
        "",
        "",
        "ce poste dépasserait le plafond de la région 84 (0,50 ETP)",
    ]
    assert found.closed.replace(THIN, "_") == (
        "la liste s’arrête au rang 3_: chaque poste qui reste dépasserait le plafond de sa région"
    )
    ask, network = three_places(**{CEILING: Fraction(1, 2), "objective": Fraction(1, 2)})
    ranked = rank(ask, network)
    short = decided(ask, ranked)
    assert short.unfunded(ranked[1]) == short.closed
    assert "au rang 2, qui dépasserait l’objectif" in short.closed

"""When no plan keeps the rules: the conflict is minimal, the relaxations the smallest."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

import naive_exact
import pytest
from plan_builders import ask_of, option, random_case

from coverage.proposals.hard_rules import hard_rules
from coverage.proposals.relax import find_conflict, first_plan
from coverage.wording import THIN
from geo.errors import InputErrors

if TYPE_CHECKING:
    from coverage.proposals.model import Ask


def holds(ask: Ask, names: set[str]) -> bool:
    """Whether some plan keeps these rules, whatever it does of the others."""
    plans = naive_exact.subsets(len(ask.options))
    return any(not naive_exact.faults(ask, chosen) & names for chosen in plans)


IMPOSSIBLE = [seed for seed in range(60) if naive_exact.best(*random_case(seed)) is None]


def test_every_rule_measures_what_plans_break() -> None:
    for seed in range(30):
        ask, _ = random_case(seed)
        rules = hard_rules(ask)
        for chosen in naive_exact.subsets(len(ask.options)):
            broken = {rule.name for rule in rules if rule.broken_by(chosen)}
            assert broken == naive_exact.faults(ask, chosen)


@pytest.mark.parametrize("seed", IMPOSSIBLE)
def test_every_proper_subset_of_the_conflict_can_be_kept(seed: int) -> None:
    ask, _ = random_case(seed)
    conflict = find_conflict(ask)
    assert conflict is not None
    names = {rule.name for rule in conflict.rules}
    assert not holds(ask, names)
    for rule in conflict.rules:
        assert holds(ask, names - {rule.name})


@pytest.mark.parametrize("seed", IMPOSSIBLE)
def test_relaxations_are_the_smallest_and_all_of_them(seed: int) -> None:
    ask, _ = random_case(seed)
    conflict = find_conflict(ask)
    assert conflict is not None
    every = {rule.name for rule in hard_rules(ask)}
    sizes = range(1, len(every) + 1)
    fewest = next(
        own
        for own in ([set(c) for c in combinations(sorted(every), n)] for n in sizes)
        if any(holds(ask, every - out) for out in own)
    )
    wanted = [out for out in fewest if holds(ask, every - out)]
    found = [{rule.name for rule in relaxation.rules} for relaxation in conflict.relaxations]
    assert sorted(map(sorted, found)) == sorted(map(sorted, wanted))


@pytest.mark.parametrize("seed", IMPOSSIBLE)
def test_a_rule_loosened_alone_is_loosened_by_its_least_amount(seed: int) -> None:
    ask, _ = random_case(seed)
    conflict = find_conflict(ask)
    assert conflict is not None
    rules = {rule.name: rule for rule in hard_rules(ask)}
    for relaxation in conflict.relaxations:
        if len(relaxation.rules) > 1:
            continue
        name = relaxation.rules[0].name
        gaps = [
            rules[name].broken_by(chosen)
            for chosen in naive_exact.subsets(len(ask.options))
            if naive_exact.faults(ask, chosen) <= {name}
        ]
        assert relaxation.amounts == (min(gaps),)


def test_no_conflict_where_a_plan_exists() -> None:
    assert find_conflict(ask_of([option("a")])) is None
    assert first_plan(ask_of([option("a")], locked=["a"])) == (0,)


def read(ask: Ask) -> tuple[str, str]:
    with pytest.raises(InputErrors) as caught:
        first_plan(ask)
    (fault,) = caught.value.faults
    return fault.message.replace(THIN, "_"), fault.remedy.replace(THIN, "_")


def test_an_envelope_too_small_for_the_kept_posts_is_priced() -> None:
    kept = [option(f"k{n}", origin="convention", state=300_000_000) for n in range(2)]
    message, remedy = read(ask_of(kept, rules={"budget_eur": 5_688_000}))
    assert message == (
        "aucun plan ne respecte ensemble ces règles_: 2 postes d’une année antérieure à conserver "
        "(6_000_000_€ de part de l’État)_; l’enveloppe est de 5_688_000_€"
    )
    assert remedy == (
        "renoncer à 1 poste parmi 2 postes d’une année antérieure_; "
        "ou ajouter 312_000_€ à l’enveloppe"
    )


def test_contradictory_decisions_are_told() -> None:
    message, remedy = read(ask_of([option("a{}")], locked=["a{}"], refused=["a{}"]))
    assert "«\u00a0a{}\u00a0» est refusée" in message
    assert "retirer le verrou de «\u00a0a{}\u00a0»" in remedy
    assert "lever le refus de «\u00a0a{}\u00a0»" in remedy


def test_a_lock_on_an_option_kept_aside_says_which_rule_it_breaks() -> None:
    message, remedy = read(ask_of([option("a")], locked=["a"], aside=["a"]))
    assert "écartée (règle d’essai)" in message
    assert "corriger ce qui écarte" in remedy


def test_floors_that_the_objective_cannot_hold_are_told() -> None:
    options = [option("a", region="32"), option("b", region="84")]
    rules = {"objectif": Fraction(1, 2), "plancher_regional_etp": Fraction(1, 2)}
    message, remedy = read(ask_of(options, rules=rules))
    assert "le plancher de la région 32 est de 0,50 ETP" in message
    assert "l’objectif est de 0,50 ETP supplémentaires" in message
    assert "relever l’objectif de 0,50 ETP" in remedy
    assert "abaisser de 0,50 ETP le plancher de la région 84" in remedy


def test_a_region_without_options_cannot_have_a_floor() -> None:
    ask = ask_of([option("a", region="84")], rules={"plancher_regional_etp": Fraction(1, 2)})
    message, _ = read(ask)
    assert "région 32" in message
    assert "région 84" not in message

"""When no plan satisfies the rules: which of them cannot hold together, and what would do.

Hard rules are rows of whole numbers (`hard_rules`). CP-SAT answers in exact integers, with one
worker, so that the same ask gets the same answer.

- The *minimal conflict* comes from a deletion filter (Chinneck and Dravnieks 1991, "Locating
  minimal infeasible constraint sets in linear programs", ORSA Journal on Computing 3): rules
  that the conflict does not need are taken away one by one; every proper subset of what is left
  can be satisfied.
- The *smallest relaxations* are the smallest sets of rules that, loosened, let the others hold
  (minimum correction sets), each rule by its least amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

from coverage.proposals.hard_rules import amount_of, hard_rules
from coverage.proposals.limits import limits_of
from coverage.wording import THIN
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.proposals.hard_rules import HardRule
    from coverage.proposals.model import Ask

_SHOWN = 10
"""Relaxations listed at most."""


@dataclass(frozen=True)
class Relaxation:
    """Rules to loosen together, each by its least amount (in the rule's measure)."""

    rules: tuple[HardRule, ...]
    amounts: tuple[int, ...]

    @property
    def words(self) -> str:
        """What to do, in French."""
        return f"{THIN}; et ".join(
            amount_of(amount, rule.measure).join(rule.loosened)
            for rule, amount in zip(self.rules, self.amounts, strict=True)
        )


@dataclass(frozen=True)
class Conflict:
    """Why no plan satisfies the rules.

    Attributes
    ----------
    rules
        A minimal conflict: without any one of them, the others can hold together.
    relaxations
        The smallest changes that would let a plan exist, at most ten.
    """

    rules: tuple[HardRule, ...]
    relaxations: tuple[Relaxation, ...]

    def notice(self) -> Notice:
        """Return the conflict and its remedies, as a planner reads them."""
        rules = f"{THIN}; ".join(rule.words for rule in self.rules)
        remedies = f"{THIN}; ou ".join(relaxation.words for relaxation in self.relaxations)
        return Notice(
            "etude.toml",
            0,
            "appel",
            f"aucun plan ne respecte ensemble ces règles{THIN}: {rules}",
            remedies,
        )


def satisfying(ask: Ask, rules: Sequence[HardRule]) -> tuple[int, ...] | None:
    """Return options that satisfy some rules together, None when none can.

    Coordinators that nobody imposes are never among them.
    """
    model, x = _model(ask)
    for rule in rules:
        _add(model, x, rule, 0)
    solver = _solved(model)
    return None if solver is None else tuple(k for k, var in x.items() if solver.value(var))


def find_conflict(ask: Ask) -> Conflict | None:
    """Return why no plan satisfies the rules of an ask, None when one does."""
    rules = hard_rules(ask)
    if satisfying(ask, rules) is not None:
        return None
    return Conflict(_minimal(ask, rules), tuple(_relaxations(ask, rules)))


def first_plan(ask: Ask) -> tuple[int, ...]:
    """Return some plan that satisfies every rule, whatever it serves.

    Raises
    ------
    InputErrors
        When there is none: the minimal conflict, and the smallest relaxations as remedies.
    """
    found = satisfying(ask, hard_rules(ask))
    if found is not None:
        return found
    conflict = find_conflict(ask)
    raise InputErrors([conflict.notice()] if conflict else [], ask.warnings)


def _minimal(ask: Ask, rules: Sequence[HardRule]) -> tuple[HardRule, ...]:
    kept = list(rules)
    for rule in rules:
        others = [other for other in kept if other is not rule]
        if satisfying(ask, others) is None:
            kept = others
    return tuple(kept)


def _relaxations(ask: Ask, rules: Sequence[HardRule]) -> list[Relaxation]:
    """Return the smallest sets of rules to loosen, each rule by its least amount."""
    found: list[Relaxation] = []
    tried: list[tuple[HardRule, ...]] = []
    while len(found) < _SHOWN:
        loose = _smallest(ask, rules, tried)
        if loose is None or (tried and len(loose) > len(tried[0])):
            break
        tried.append(loose)
        found.append(Relaxation(loose, _least_amounts(ask, rules, loose)))
    return found


def _smallest(
    ask: Ask, rules: Sequence[HardRule], tried: Sequence[tuple[HardRule, ...]]
) -> tuple[HardRule, ...] | None:
    """Return the fewest rules to loosen, none of the sets already tried."""
    model, x = _model(ask)
    loose = {rule.name: model.new_bool_var(rule.name) for rule in rules}
    for rule in rules:
        _add(model, x, rule, _most(rule) * loose[rule.name])
    for before in tried:
        model.add(sum(loose[rule.name] for rule in before) < len(before))
    model.minimize(sum(loose.values()))
    solver = _solved(model)
    if solver is None:
        return None
    return tuple(rule for rule in rules if solver.value(loose[rule.name]))


def _least_amounts(
    ask: Ask, rules: Sequence[HardRule], loose: Sequence[HardRule]
) -> tuple[int, ...]:
    """Return by how much to loosen each rule, the first ones as little as can be."""
    known: dict[str, int] = {}
    for target in loose:
        model, x = _model(ask)
        slack = {rule.name: model.new_int_var(0, _most(rule), rule.name) for rule in loose}
        for rule in rules:
            _add(model, x, rule, slack.get(rule.name, 0))
        for name, amount in known.items():
            model.add(slack[name] == amount)
        model.minimize(slack[target.name])
        solver = _solved(model)
        if solver is None:
            raise ArithmeticError(f"{target.name} cannot be loosened, though it could")
        known[target.name] = int(solver.value(slack[target.name]))
    return tuple(known[rule.name] for rule in loose)


def _most(rule: HardRule) -> int:
    """Return how far the rule can ever be broken."""
    worst = () if rule.least else rule.coefficients
    return rule.broken_by(worst)


def _model(ask: Ask) -> tuple[Any, dict[int, Any]]:
    model = cp_model.CpModel()
    outside = limits_of(ask).outside
    return model, {
        k: model.new_bool_var(option.option_id)
        for k, option in enumerate(ask.options)
        if k not in outside
    }


def _add(model: Any, x: Mapping[int, Any], rule: HardRule, slack: Any) -> None:  # noqa: ANN401 - ortools has no types
    total = sum(weight * x[k] for k, weight in rule.coefficients.items() if k in x and weight)
    if rule.least:
        model.add(total + slack >= rule.bound)
    else:
        model.add(total - slack <= rule.bound)


def _solved(model: Any) -> Any:  # noqa: ANN401 - same reason
    """Return the solver of a model that has a solution, None when it has none."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status == cp_model.OPTIMAL:
        return solver
    if status == cp_model.INFEASIBLE:
        return None
    raise ArithmeticError(f"the rules were neither satisfied nor refuted ({status})")

"""The exact plan: the best options by goals in order, each with a proven bound.

The program is that of `coverage.proposals.program`, solved by HiGHS (Huangfu and Hall 2018) on
one thread with fixed options. Its floating-point answers are never trusted: the options taken
are checked against every rule, and what they attain is computed anew in whole hours; an answer
that does not hold is set aside for the last one that does, and the bound shows the difference.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from coverage.proposals.candidate import Candidate, extensions_of
from coverage.proposals.hard_rules import hard_rules
from coverage.proposals.limits import limits_of
from coverage.proposals.model import ExactPlan
from coverage.proposals.program import (
    EVERY_GOAL,
    EXTENSIONS,
    FEWER,
    GOALS,
    HOURS_GOALS,
    ZONES,
    build_program,
    group_options,
)
from coverage.proposals.relax import first_plan
from coverage.proposals.safe_bound import linear_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from coverage.proposals.hard_rules import HardRule
    from coverage.proposals.model import Ask, PlanNetwork
    from coverage.proposals.program import Program

CERTIFIED, QUICK = "certifie", "rapide"

_TOLERANCE = 1e-6
"""Of HiGHS, relative: its bounds are believed within this."""

_PARTS = dict.fromkeys(HOURS_GOALS, 4) | {ZONES: 2}
"""How goals share the time left; 1 for the others. What one does not use goes to the next."""


@dataclass(frozen=True)
class Effort:
    """How long HiGHS may search for each goal.

    Attributes
    ----------
    until
        Clock at which the whole search ends; None in certified mode.
    nodes
        Most nodes of a search; None without limit.
    gap
        Relative gap at which a search stops.
    """

    until: float | None
    nodes: int | None
    gap: float

    def options(self, goals: Sequence[str]) -> Any:  # noqa: ANN401 - the type of scipy's is private
        """Return HiGHS's options for the first of the goals left: its part of the time left."""
        options: dict[str, float] = {"mip_rel_gap": self.gap}
        if self.nodes is not None:
            options["node_limit"] = self.nodes
        if self.until is not None:
            parts = [_PARTS.get(goal, 1) for goal in goals]
            left = max(self.until - time.monotonic(), 0)
            options["time_limit"] = left * parts[0] / sum(parts)
        return options


def exact_plan(
    ask: Ask,
    network: PlanNetwork,
    *,
    seconds: float | None = None,
    nodes: int | None = None,
    gap: float = 0.0,
    order: Sequence[str] | None = None,
    start: Iterable[int] | None = None,
) -> ExactPlan:
    """Return the best plan for the goals in order, each held at what it attains.

    Parameters
    ----------
    seconds
        Time for the whole search (quick mode, not reproducible from a machine to another); by
        default there is no clock (certified mode).
    nodes, gap
        Most nodes, and relative gap, at which the search for each goal stops.
    order
        Goals among `EVERY_GOAL`; zones come after the goals of hours. By default `GOALS`, and the
        fewest extensions where there are some.
    start
        Positions of a known plan (the ranked list): the answer attains no less of the first goal
        where they differ.

    Returns
    -------
    ExactPlan
        `attained` in whole numbers; hours are those newly served. `bounds`: no plan that attains
        the goals before does better (at least as few, for structures and money).

    Raises
    ------
    InputErrors
        When no plan satisfies the rules: the minimal conflict and the smallest relaxations.
    ValueError
        When the order is unknown, or `start` breaks a rule.
    """
    if order is None:
        order = EVERY_GOAL if network.extensions else GOALS
    _check_order(order)
    limits, rules = limits_of(ask), hard_rules(ask)
    best = Candidate(ask, network, first_plan(ask))
    if start is not None:
        best = Candidate(ask, network, tuple(sorted(start)))
        if any(rule.broken_by(best.chosen) for rule in rules):
            raise ValueError("the plan to start from breaks a rule")
    groups = group_options(ask, network, limits)
    program = build_program(ask, network, groups, rules, zones_to_lift(ask, network))
    effort = Effort(None if seconds is None else time.monotonic() + seconds, nodes, gap)
    bounds: dict[str, int] = {}
    fixed: dict[str, int] = {}
    for number, goal in enumerate(order):
        held = [HOURS_GOALS.index(name) for name in order[:number] if name in HOURS_GOALS]
        if goal == ZONES:
            best = _lifting(best, program.zones, held)
        options = partial(effort.options, order[number:])
        best, bounds[goal] = _search(program, best, rules, fixed, goal, held, options)
        fixed[goal] = best.value(goal)
    held = [level for level, name in enumerate(HOURS_GOALS) if name in order]
    extensions = extensions_of(best, held)
    if EXTENSIONS in fixed:
        fixed[EXTENSIONS] = len(extensions)
    today = Candidate(ask, network, ())
    base = {goal: today.value(goal) if goal in HOURS_GOALS else 0 for goal in order}
    return ExactPlan(
        chosen=best.chosen,
        attained={goal: fixed[goal] - base[goal] for goal in order},
        bounds={goal: bounds[goal] - base[goal] for goal in order},
        mode=CERTIFIED if seconds is None else QUICK,
        zones=tuple(sorted(network.zones[zone] for zone in best.lifted)),
        extensions=extensions,
    )


def step_prices(
    ask: Ask, network: PlanNetwork, plan: ExactPlan, *, seconds: float | None = None
) -> dict[str, int]:
    """Return what each goal gives up to those before it: its best alone minus what it attains.

    The best alone is itself a bound when its search is cut short.
    """
    prices = {}
    for goal, attained in plan.attained.items():
        if goal in FEWER:
            continue
        alone = exact_plan(ask, network, seconds=seconds, order=(goal,), start=plan.chosen)
        prices[goal] = max(alone.attained[goal] - attained, 0)
    return prices


def zones_to_lift(ask: Ask, network: PlanNetwork) -> dict[int, int]:
    """Return the zones retenues with a need in the network → whole hours at the threshold."""
    kept = ask.coverage.zones["retenue"]
    threshold = ask.coverage.study.parameters.seuil_reponse
    needs = [0] * len(network.zones)
    for zone, hours in zip(network.zone, network.needs, strict=True):
        needs[zone] += hours
    return {
        zone: ceil(threshold * hours)
        for zone, hours in enumerate(needs)
        if hours and bool(kept[network.zones[zone]])
    }


def _check_order(order: Sequence[str]) -> None:
    if not order or len(set(order)) < len(order) or not set(order) <= set(EVERY_GOAL):
        raise ValueError(f"an order is made of {', '.join(EVERY_GOAL)}, each once at most")
    if ZONES in order and set(order[order.index(ZONES) :]) & set(HOURS_GOALS):
        raise ValueError(f"« {ZONES} » comes after the goals of hours")


def _search(
    program: Program,
    best: Candidate,
    rules: Sequence[HardRule],
    fixed: Mapping[str, int],
    goal: str,
    held: Sequence[int],
    options: Callable[[], Any],
) -> tuple[Candidate, int]:
    """Return the best candidate of one goal and the bound of its value.

    Each bound that what is known already attains saves the search for a better one: every option
    taken, then the linear relaxation in exact integers, then the branch and bound.
    """
    bound = _plain_bound(program, best, goal)
    if best.value(goal) == bound:
        return best, bound
    sign = -1 if goal in FEWER else 1
    matrix, low, high = _rows(program, fixed)
    proven = linear_bound(
        sign * program.goals[goal],
        matrix,
        (low, high),
        (program.lower, program.upper),
        seconds=options().get("time_limit"),
    )
    if proven is not None:
        bound = sign * min(sign * bound, proven)
    if best.value(goal) == bound:
        return best, bound
    answer = milp(
        -sign * program.goals[goal],
        integrality=program.whole.astype(int),
        bounds=Bounds(program.lower, program.upper),
        constraints=LinearConstraint(matrix, low, high),
        options=options(),
    )
    if answer.mip_dual_bound is not None and isfinite(answer.mip_dual_bound):
        bound = sign * min(sign * bound, _rounded(-answer.mip_dual_bound))
    if answer.x is not None:
        lifted = program.lifted(answer.x) if ZONES in (*fixed, goal) else {}
        chosen, extended = program.chosen(answer.x), program.extended(answer.x)
        found = replace(best, chosen=chosen, extended=extended, lifted=lifted)
        better = sign * found.value(goal) > sign * best.value(goal)
        if better and found.holds(rules, fixed, held):
            best = found
    # HiGHS's bound holds within its tolerance only: what is attained is sure.
    return best, sign * max(sign * bound, sign * best.value(goal))


def _rows(
    program: Program, fixed: Mapping[str, int]
) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows of the program, and one (9) for each goal already attained."""
    rows, low, high = [program.matrix], [program.low], [program.high]
    for goal, value in fixed.items():
        rows.append(csr_array(program.goals[goal].reshape(1, -1)))
        low.append(np.array([-np.inf if goal in FEWER else value]))
        high.append(np.array([value if goal in FEWER else np.inf]))
    return csr_array(vstack(rows)), np.concatenate(low), np.concatenate(high)


def _plain_bound(program: Program, best: Candidate, goal: str) -> int:
    """Return a bound that needs no search: all options and extensions, or those imposed only."""
    if goal == ZONES:
        return len(program.zones)
    if goal == EXTENSIONS:
        return 0
    members = [
        k
        for group in program.groups
        for k in (group.members[: group.least] if goal in FEWER else group.members)
    ]
    chosen, extended = tuple(sorted(members)), tuple(range(len(best.network.extensions)))
    return Candidate(best.ask, best.network, chosen, extended).value(goal)


def _lifting(best: Candidate, zones: Mapping[int, int], held: Sequence[int]) -> Candidate:
    """Return a candidate with zones that it surely lifts: the cheapest first, while they hold."""
    cheapest = dict(sorted(zones.items(), key=lambda item: (item[1], item[0])))
    return replace(best, lifted=best.served.liftable(cheapest, held))


def _rounded(bound: float) -> int:
    return floor(bound + _TOLERANCE * max(abs(bound), 1.0))

"""What no plan exceeds: exact bounds by the prices of the linear relaxation.

In the relaxation posts may be shared:

    max  Σ_d x_d                            over the demand nodes of level ≤ g
    s.t. Σ_s x_ds ≤ need_d                  (α_d)
         Σ_d x_ds ≤ capacity_s              (β_s)   posts of today, and those kept
         Σ_d x_dk ≤ hours_k · y_k           (γ_k)
         Σ_k cents_k · y_k ≤ budget         (λ)
         Σ_k etp_k · y_k ≤ objective        (π)
         Σ_k etp_k · y_k ≤ ceiling          (π_r)   over the options of each région
         Σ_d x_d ≥ hours of the plan        (ω_h)   over the nodes of level ≤ h, for each h < g
         y_k ≤ 1                            (μ_k)

Any prices α, λ, π, ω ≥ 0 bound it once the others are completed: a node that goal g counts weighs
w_d = 1 + Σ ω_h over the goals h < g that count it too, β_s and γ_k are the largest w_d − α_d that
they reach, and μ_k = hours_k · γ_k − λ · cents_k − (π + π_r) · etp_k where it is positive. The
prices of HiGHS are rounded to whole billionths and completed exactly, so that a bound holds
whatever the solver's rounding. Regional floors are left out, which only raises it: the list itself
keeps them no longer than a région has posts left.

Once λ, π and ω are set, components of the network share nothing. The bound of the plans without
one post takes new prices α in its component alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from coverage.proposals.limits import additional
from coverage.proposals.phases import KEPT_FIRST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coverage.proposals.gains import Gains
    from coverage.proposals.ranking import Contest

BILLION = 10**9


@dataclass(frozen=True)
class _Part:
    """Some demand nodes, the hours of the supply nodes that are there, and options to choose."""

    nodes: tuple[int, ...]
    given: Mapping[int, int]
    free: tuple[int, ...]

    def without(self, option: int) -> _Part:
        return _Part(self.nodes, self.given, tuple(k for k in self.free if k != option))


class Relaxation:
    """The bound of one goal, in billionths of hours, those of today included.

    Posts that people impose may be left out in it, which only raises the bound.

    Attributes
    ----------
    value
        Of all plans that serve as much as the plan on the goals before.
    """

    def __init__(self, contest: Contest, goal: int, attained: Gains) -> None:
        """Solve the relaxation.

        Parameters
        ----------
        attained
            Hours by goal of the plan; those of the goals before are held.
        """
        self._contest = contest
        network, edges, hours = contest.network, contest.edges, contest.network.hours
        kept = [k for k, phase in enumerate(contest.phase) if phase == KEPT_FIRST]
        whole = _Part(
            nodes=tuple(d for d, level in enumerate(network.level) if level <= goal),
            given=dict(enumerate(network.capacities)) | {edges.first + k: hours[k] for k in kept},
            free=tuple(k for k, p in enumerate(contest.phase) if p not in {None, KEPT_FIRST}),
        )
        limits = _limits(contest, kept)
        program = _program(contest, whole)
        _add_limits(program, limits)
        _add_held(program, attained[:goal])
        prices = program.prices()
        envelope = len(prices) - len(limits) - goal
        tolls, omega = prices[envelope:][: len(limits)], prices[envelope + len(limits) :]
        self._weight = [BILLION + sum(omega[level:]) for level in network.level]
        self._toll = [
            sum(toll * taken[k] for toll, (_, taken) in zip(tolls, limits, strict=True))
            for k in range(len(hours))
        ]
        self._alpha = dict(zip(whole.nodes, prices, strict=False))
        self._parts = self._split(whole)
        self._values = {
            component: self._completed(part, self._alpha) for component, part in self._parts.items()
        }
        self.value = (
            sum(self._values.values())
            + sum(toll * left for toll, (left, _) in zip(tolls, limits, strict=True))
            - sum(price * held for price, held in zip(omega, attained, strict=False))
        )

    def without(self, option: int) -> int:
        """Return the bound of the plans that do not hold an option."""
        component = self._component(self._contest.network.options[option])
        part = self._parts[component].without(option)
        program = _program(self._contest, part)
        program.weigh(
            [self._weight[d] / BILLION for d in part.nodes],
            [self._toll[k] / BILLION for k in part.free],
        )
        alpha = dict(zip(part.nodes, program.prices(), strict=False))
        least = min(self._completed(part, self._alpha), self._completed(part, alpha))
        return self.value - self._values[component] + least

    def _completed(self, part: _Part, alpha: Mapping[int, int]) -> int:
        """Return what prices of demand nodes come to in a part, the others completed."""
        network, edges = self._contest.network, self._contest.edges
        short = {d: max(self._weight[d] - alpha[d], 0) for d in part.nodes}

        def dearest(s: int) -> int:
            return max((short.get(d, 0) for d in edges.near[s]), default=0)

        return (
            sum(network.needs[d] * alpha[d] for d in part.nodes)
            + sum(hours * dearest(s) for s, hours in part.given.items())
            + sum(
                max(network.hours[k] * dearest(edges.first + k) - self._toll[k], 0)
                for k in part.free
            )
        )

    def _split(self, whole: _Part) -> dict[int, _Part]:
        """Return the parts by component; what reaches no demand node is left out."""
        near, first = self._contest.edges.near, self._contest.edges.first
        nodes: dict[int, list[int]] = {}
        given: dict[int, dict[int, int]] = {}
        free: dict[int, list[int]] = {}
        for d in whole.nodes:
            nodes.setdefault(self._component([d]), []).append(d)
        for s, hours in whole.given.items():
            given.setdefault(self._component(near[s]), {})[s] = hours
        for k in whole.free:
            free.setdefault(self._component(near[first + k]), []).append(k)
        return {
            c: _Part(tuple(nodes.get(c, ())), given.get(c, {}), tuple(free.get(c, ())))
            for c in {*nodes, *given, *free}
        }

    def _component(self, nodes: Sequence[int]) -> int:
        return self._contest.network.component[nodes[0]] if nodes else -1


_Limit = tuple[int, "tuple[int, ...]"]
"""What is left of an envelope once kept posts are paid, and what each option takes of it."""


def _limits(contest: Contest, kept: Iterable[int]) -> list[_Limit]:
    limits, options = contest.limits, contest.options
    ceilings = {region: limits.ceilings[region] for region in sorted(limits.ceilings)}
    whole = (limits.budget_cents, limits.objective, *ceilings.values())
    taken = (
        tuple(option.state_cents for option in options),
        tuple(map(limits.weight, options)),
        *(
            tuple(additional(option) if option.region == region else 0 for option in options)
            for region in ceilings
        ),
    )
    return [
        (max(most - sum(each[k] for k in kept), 0), each)
        for most, each in zip(whole, taken, strict=True)
        if most is not None
    ]


@dataclass
class _Program:
    """A linear program: one column by link, then one by free option.

    Attributes
    ----------
    entries
        Row, column and value of each coefficient.
    right
        By row: demand nodes, supply nodes, free options, then envelopes and hours held.
    links
        Row of the demand node and level, by link.
    gain
        By column, to be maximised.
    """

    entries: list[tuple[int, int, float]]
    right: list[int]
    links: list[tuple[int, int]]
    free: tuple[int, ...]
    gain: list[float]

    def weigh(self, weights: Sequence[float], tolls: Sequence[float]) -> None:
        """Set what an hour of each demand node weighs and what each option costs."""
        self.gain = [*(weights[row] for row, _ in self.links), *(-toll for toll in tolls)]

    def prices(self) -> list[int]:
        """Return the price of each row in billionths, as HiGHS finds it; 0 when it finds none."""
        if not self.links:
            return [0] * len(self.right)
        rows, columns, values = zip(*self.entries, strict=True)
        shape = (len(self.right), len(self.gain))
        solve: Any = linprog  # its types refuse the sparse matrices that its documentation asks for
        solved = solve(
            -np.array(self.gain),
            A_ub=coo_array((values, (rows, columns)), shape=shape).tocsr(),
            b_ub=np.array(self.right, dtype=float),
            bounds=[(0, None)] * len(self.links) + [(0, 1)] * len(self.free),
            method="highs",
        )
        # Without a solution any prices do: the bound is only looser.
        found = np.zeros(len(self.right)) if solved.status else -solved.ineqlin.marginals
        whole = np.maximum(np.round(found * BILLION), 0).astype(np.int64)
        prices: list[int] = whole.tolist()
        return prices


def _program(contest: Contest, part: _Part) -> _Program:
    """Return the program of a part, without envelope."""
    first, near, network = contest.edges.first, contest.edges.near, contest.network
    row_of = {d: row for row, d in enumerate(part.nodes)}
    supplies = [*part.given, *(first + k for k in part.free)]
    links: list[tuple[int, int]] = []
    entries: list[tuple[int, int, float]] = []
    for row, s in enumerate(supplies, start=len(part.nodes)):
        for d in near[s]:
            if d in row_of:
                entries += [(row_of[d], len(links), 1.0), (row, len(links), 1.0)]
                links.append((row_of[d], network.level[d]))
    tops = len(part.nodes) + len(part.given)
    for n, k in enumerate(part.free):
        entries.append((tops + n, len(links) + n, -float(network.hours[k])))
    right = [*(network.needs[d] for d in part.nodes), *part.given.values()]
    gain = [1.0] * len(links) + [0.0] * len(part.free)
    return _Program(entries, right + [0] * len(part.free), links, part.free, gain)


def _add_limits(program: _Program, limits: Sequence[_Limit]) -> None:
    for left, taken in limits:
        row, last = len(program.right), len(program.links)
        program.entries += [(row, last + n, float(taken[k])) for n, k in enumerate(program.free)]
        program.right.append(left)


def _add_held(program: _Program, held: Sequence[int]) -> None:
    for goal, hours in enumerate(held):
        row = len(program.right)
        program.entries += [
            (row, n, -1.0) for n, (_, level) in enumerate(program.links) if level <= goal
        ]
        program.right.append(-hours)

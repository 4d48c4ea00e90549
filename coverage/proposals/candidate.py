"""A plan while it is looked for: what it holds and what it attains, in exact integers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from coverage.proposals.attained import with_options
from coverage.proposals.program import EXTENSIONS, FEWER, HOURS_GOALS, STRUCTURES, ZONES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.proposals.attained import Served
    from coverage.proposals.hard_rules import HardRule
    from coverage.proposals.model import Ask, Extension, PlanNetwork


@dataclass(frozen=True)
class Candidate:
    """Options, extensions and the zones that they lift, with what they attain, whole."""

    ask: Ask
    network: PlanNetwork
    chosen: tuple[int, ...]
    extended: tuple[int, ...] = ()
    lifted: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def served(self) -> Served:
        """The network with these options and extensions."""
        return with_options(self.network, self.chosen, self.extended)

    def value(self, goal: str) -> int:
        """Return what is attained of a goal."""
        options = [self.ask.options[k] for k in self.chosen]
        if goal in HOURS_GOALS:
            return self.served.hours[HOURS_GOALS.index(goal)]
        if goal == ZONES:
            return len(self.lifted)
        if goal == EXTENSIONS:
            return len(self.extended)
        if goal == STRUCTURES:
            return len({option.structure_id for option in options})
        return sum(option.state_cents for option in options)

    def holds(
        self, rules: Sequence[HardRule], fixed: Mapping[str, int], held: Sequence[int]
    ) -> bool:
        """Say whether every rule and goal already attained holds, in exact integers."""
        if any(rule.broken_by(self.chosen) for rule in rules):
            return False
        if any(not _at_least(goal, self.value(goal), least) for goal, least in fixed.items()):
            return False
        return not self.lifted or self.served.lifts(self.lifted, held)


def extensions_of(best: Candidate, held: Sequence[int]) -> tuple[Extension, ...]:
    """Return the extensions of a plan with the hours that one flow serves by each, none for 0."""
    served: dict[int, list[tuple[int, int]]] = {}
    if best.extended:
        for (e, s), hours in sorted(best.served.lent(best.lifted, held).items()):
            served.setdefault(e, []).append((s, hours))
    return tuple(
        replace(best.ask.extensions[e], served=tuple(own)) for e, own in sorted(served.items())
    )


def _at_least(goal: str, value: int, least: int) -> bool:
    return value <= least if goal in FEWER else value >= least

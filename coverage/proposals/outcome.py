"""What is decided of an ask, whole: what files and pages tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from coverage.proposals.attained import with_options
from coverage.proposals.hard_rules import amount_of
from coverage.proposals.limits import euros, limits_of
from coverage.proposals.model import HUNDREDTHS
from coverage.proposals.places import Places
from coverage.proposals.program import FEWER, HOURS_GOALS, MONEY, STRUCTURES
from coverage.wording import THIN, decimal, listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.model import Coverage
    from coverage.proposals.budget import Budget
    from coverage.proposals.coordinators import RegionNeed
    from coverage.proposals.draws import Solidity
    from coverage.proposals.model import Ask, ExactPlan, PlanNetwork, Ranked
    from coverage.proposals.verify import Verified


@dataclass(frozen=True)
class Proposals:
    """A ranked list, an exact plan that its check has found right, and what follows from them.

    Attributes
    ----------
    budget, coordinators
        Those of the exact plan.
    listed, planned
        The coverage with the posts that the list funds, and with those of the exact plan.
    substitutes
        Funded post → what the envelope would fund without it, by identifiers.
    solidity
        By option identifier; empty when nothing was drawn.
    draws
        How many were.
    prices
        What each goal gives up to those before it; empty when it was not asked.
    """

    ask: Ask
    network: PlanNetwork
    ranked: tuple[Ranked, ...]
    plan: ExactPlan
    verified: Verified
    budget: Budget
    coordinators: tuple[RegionNeed, ...]
    listed: Coverage
    planned: Coverage
    substitutes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    solidity: Mapping[str, Solidity] = field(default_factory=dict)
    draws: int = 0
    prices: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def position(self) -> dict[str, int]:
        """Option identifier → position in the ask."""
        return {option.option_id: k for k, option in enumerate(self.ask.options)}

    @cached_property
    def funded(self) -> tuple[int, ...]:
        """Positions of the options that the ranked list funds, sorted."""
        found = (self.position[row.option.option_id] for row in self.ranked if row.funded)
        return tuple(sorted(found))

    @cached_property
    def places(self) -> Places:
        """Where each option would work, before and after the posts that the list funds."""
        return Places(self.ask, self.network, self.funded, self.listed)

    @cached_property
    def ranked_attained(self) -> dict[str, int]:
        """What the ranked list attains of the goals that are sums, by name."""
        before = with_options(self.network, ()).hours
        after = with_options(self.network, self.funded).hours
        options = [self.ask.options[k] for k in self.funded]
        gained = (b - a for a, b in zip(before, after, strict=True))
        return {
            **dict(zip(HOURS_GOALS, gained, strict=True)),
            STRUCTURES: len({option.structure_id for option in options}),
            MONEY: sum(option.state_cents for option in options),
        }

    @cached_property
    def closed(self) -> str:
        """Why the funding of the ranked list stops, in French; empty when nothing stops it."""
        last = next((row for row in self.ranked if not row.funded), None)
        if last is None:
            return ""
        if last.above_ceiling:
            return (
                f"la liste s’arrête au rang {last.rank}{THIN}: chaque poste qui reste dépasserait "
                "le plafond de sa région"
            )
        limits = limits_of(self.ask)
        taken = [self.ask.options[k] for k in self.funded]
        money = last.option.state_cents + sum(option.state_cents for option in taken)
        posts = limits.weight(last.option) + sum(map(limits.weight, taken))
        reasons = []
        if limits.budget_cents is not None and money > limits.budget_cents:
            reasons.append(f"l’enveloppe de {euros(limits.budget_cents)}")
        if limits.objective is not None and posts > limits.objective:
            etp = limits.unit == "etp"
            most = Fraction(limits.objective, HUNDREDTHS if etp else 1)
            count = decimal(most, 0 if most.denominator == 1 else 2)
            reasons.append(f"l’objectif de {count} {'ETP nouveaux' if etp else 'postes nouveaux'}")
        return f"la liste s’arrête au rang {last.rank}, qui dépasserait {listing(reasons)}"

    def unfunded(self, row: Ranked) -> str:
        """Return why the list does not fund a post, in French; empty for one that it funds."""
        if row.funded:
            return ""
        if row.above_ceiling:
            most = limits_of(self.ask).ceilings[row.option.region]
            return (
                f"ce poste dépasserait le plafond de la région {row.option.region} "
                f"({amount_of(most, 'etp')})"
            )
        return self.closed

    def gap(self, goal: str) -> int:
        """Return how far the exact plan may be from the best, in the goal's own unit."""
        away = self.plan.bounds[goal] - self.plan.attained[goal]
        return -away if goal in FEWER else away

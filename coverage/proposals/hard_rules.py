"""The hard rules of a plan, one row each over the options, with their words in French.

A row reads `Σ coefficient · x ≤ bound` (or ≥), x = 1 when an option is in the plan, in whole
cents, hundredths of ETP or counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.proposals.limits import additional, euros, limits_of
from coverage.proposals.model import HUNDREDTHS
from coverage.wording import decimal, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coverage.proposals.limits import Limits
    from coverage.proposals.model import Ask

AT_LEAST, AT_MOST = True, False

OPTIONS = "options"
"""Measure of the rules that impose or refuse options one by one."""


@dataclass(frozen=True)
class HardRule:
    """One row: Σ `coefficients`[k] · x_k ≤ `bound`, or ≥ when `least`.

    Attributes
    ----------
    name
        Of the rule, and of the option or région that it speaks of.
    measure
        `eur` (cents), `etp` (hundredths), `postes`, or `options` (a count of options).
    words
        The rule in French, without a capital or a stop.
    loosened
        What loosening it means, in French: the words between which the amount is written.
    """

    name: str
    coefficients: Mapping[int, int]
    bound: int
    least: bool
    measure: str
    words: str
    loosened: tuple[str, ...]

    def broken_by(self, chosen: Iterable[int]) -> int:
        """Return by how much a set of options breaks the rule, 0 when it holds."""
        total = sum(self.coefficients.get(k, 0) for k in chosen)
        return max(self.bound - total if self.least else total - self.bound, 0)


def hard_rules(ask: Ask) -> tuple[HardRule, ...]:
    """Return the hard rules of an ask, those that people decide first."""
    limits = limits_of(ask)
    return (
        *_forbidden(ask, limits),
        *_regional(ask, limits),
        *_imposed(ask, limits),
        *_whole(ask, limits),
    )


def _forbidden(ask: Ask, limits: Limits) -> list[HardRule]:
    broken = {row.option_id: row.message for row in ask.aside}
    rules = []
    for k in sorted(limits.refused | limits.aside):
        own = ask.options[k].option_id
        if k in limits.refused:
            words = f"l’option «\u00a0{own}\u00a0» est refusée{_why(ask.refused, own)}"
            loosened = f"lever le refus de «\u00a0{own}\u00a0»"
            rules.append(_one(f"refus {own}", k, words, loosened, must=False))
        if k in limits.aside:
            words = f"l’option «\u00a0{own}\u00a0» est écartée ({broken[own]})"
            loosened = f"corriger ce qui écarte «\u00a0{own}\u00a0»"
            rules.append(_one(f"ecart {own}", k, words, loosened, must=False))
    return rules


def _imposed(ask: Ask, limits: Limits) -> list[HardRule]:
    rules = []
    for k in sorted(limits.locked):
        own = ask.options[k].option_id
        price = euros(ask.options[k].state_cents)
        words = (
            f"l’option «\u00a0{own}\u00a0» est verrouillée{_why(ask.locked, own)}, "
            f"pour {price} de part de l’État"
        )
        loosened = f"retirer le verrou de «\u00a0{own}\u00a0»"
        rules.append(_one(f"verrou {own}", k, words, loosened, must=True))
    return rules


def _why(reasons: Mapping[str, str] | None, own: str) -> str:
    """Return the reasons of a decision between brackets, empty without any."""
    reason = (reasons or {}).get(own, "")
    return f" ({reason})" if reason else ""


def _one(name: str, k: int, words: str, loosened: str, *, must: bool) -> HardRule:
    return HardRule(name, {k: 1}, int(must), must, OPTIONS, words, (loosened,))


def _regional(ask: Ask, limits: Limits) -> list[HardRule]:
    rules = []
    for least, bounds in ((True, limits.floors), (False, limits.ceilings)):
        noun = "plancher" if least else "plafond"
        for region, bound in sorted(bounds.items()):
            own = {
                k: additional(option)
                for k, option in enumerate(ask.options)
                if option.region == region
            }
            words = f"le {noun} de la région {region} est de {amount_of(bound, 'etp')}"
            verb = "abaisser" if least else "relever"
            loosened = (f"{verb} de ", f" le {noun} de la région {region}")
            rules.append(HardRule(f"{noun} {region}", own, bound, least, "etp", words, loosened))
    return rules


def _whole(ask: Ask, limits: Limits) -> list[HardRule]:
    """Return the rules that bear on all options: posts kept, objective, envelope."""
    rules = []
    if limits.kept:
        count = plural(
            len(limits.kept), "poste d’une année antérieure", "postes d’une année antérieure"
        )
        kept = dict.fromkeys(sorted(limits.kept), 1)
        price = euros(sum(ask.options[k].state_cents for k in kept))
        words = f"{count} à conserver ({price} de part de l’État)"
        loosened = ("renoncer à ", f" parmi {count}")
        rules.append(HardRule("conserves", kept, len(kept), AT_LEAST, OPTIONS, words, loosened))
    if limits.objective is not None:
        weights = {k: limits.weight(option) for k, option in enumerate(ask.options)}
        words = f"l’objectif est de {amount_of(limits.objective, limits.unit)} supplémentaires"
        loosened = ("relever l’objectif de ", "")
        rules.append(
            HardRule("objectif", weights, limits.objective, AT_MOST, limits.unit, words, loosened)
        )
    if limits.budget_cents is not None:
        money = {k: option.state_cents for k, option in enumerate(ask.options)}
        words = f"l’enveloppe est de {euros(limits.budget_cents)}"
        loosened = ("ajouter ", " à l’enveloppe")
        rules.append(
            HardRule("budget", money, limits.budget_cents, AT_MOST, "eur", words, loosened)
        )
    return rules


def amount_of(amount: int, measure: str) -> str:
    """Write an amount of a rule in French: euros, ETP or a count of posts."""
    if measure == "eur":
        return euros(amount)
    if measure == "etp":
        places = 0 if amount % HUNDREDTHS == 0 else 2
        return f"{decimal(_etp(amount), places)} ETP"
    return plural(amount, "poste", "postes")


def _etp(hundredths: int) -> Fraction:
    return Fraction(hundredths, HUNDREDTHS)

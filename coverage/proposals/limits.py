"""What the hard rules of a call allow a plan as a whole: money, posts, régions, what is imposed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from coverage.proposals.model import HUNDREDTHS
from coverage.wording import THIN, decimal, named, plural, whole
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.proposals.model import Ask, Call, Option

CENTS = 100
"""Of a euro."""

KEPT = "convention"
"""Origin of the posts kept from an earlier year, which come first."""

FACILITATOR = "facilitateur"


@dataclass(frozen=True)
class Limits:
    """The hard rules of a plan, options by position in `Ask.options`.

    Attributes
    ----------
    budget_cents
        Most State money of the call, kept posts included; None without a limit.
    objective
        Most additional posts, in hundredths of ETP or in posts (`unit`); None without a limit.
    floors, ceilings
        Least and most additional ETP by région, in hundredths; empty when the rule is off.
    kept, locked
        Options that must be in the plan: from an earlier year, or imposed by people.
    refused, aside
        Options that may not: refused by people, or breaking a rule.
    outside
        Coordinators neither kept nor locked: they are ranked on a list of their own.
    """

    budget_cents: int | None
    objective: int | None
    unit: str
    floors: Mapping[str, int]
    ceilings: Mapping[str, int]
    kept: frozenset[int]
    locked: frozenset[int]
    refused: frozenset[int]
    aside: frozenset[int]
    outside: frozenset[int]

    def weight(self, option: Option) -> int:
        """Return what an option counts against the objective, in its unit; 0 for a kept post."""
        return 0 if option.origin == KEPT else counted(option, self.unit)


def additional(option: Option) -> int:
    """Return the hundredths of ETP that an option adds; 0 for a post kept from before."""
    return 0 if option.origin == KEPT else option.hundredths


def counted(option: Option, unit: str) -> int:
    """Return an option in hundredths of ETP, or in posts (a part of a post is one).

    >>> from types import SimpleNamespace as Some
    >>> counted(Some(hundredths=150), "postes"), counted(Some(hundredths=150), "etp")
    (2, 150)
    """
    return -(-option.hundredths // HUNDREDTHS) if unit == "postes" else option.hundredths


def limits_of(ask: Ask) -> Limits:
    """Return the hard rules of an ask.

    Raises
    ------
    InputErrors
        When people impose or refuse, or a rule keeps aside, an option that does not exist.
    """
    call, options = ask.call, ask.options
    decided = {
        "locked": set(ask.locked or ()),
        "refused": set(ask.refused or ()),
        "aside": {broken.option_id for broken in ask.aside},
    }
    number = {option.option_id: k for k, option in enumerate(options)}
    if lost := sorted(set().union(*decided.values()) - set(number)):
        raise InputErrors([_lost(lost)])
    among = {name: frozenset(number[own] for own in ids) for name, ids in decided.items()}
    kept = frozenset(k for k, option in enumerate(options) if option.origin == KEPT)
    apart = frozenset(k for k, option in enumerate(options) if option.volet != FACILITATOR)
    first = kept if flag_of(call, "conserves_d_abord") else frozenset[int]()
    unit = str(_active(call, "unite_objectif") or "etp")
    regions = ask.coverage.study.regions or tuple(map(str, ask.coverage.regions.index))
    budget, objective = number_of(call, "budget_eur"), number_of(call, "objectif")
    least = number_of(call, "plancher_regional_etp")
    most = number_of(call, "plafond_regional_etp")
    return Limits(
        budget_cents=None if budget is None else floor(budget * CENTS),
        objective=None
        if objective is None
        else floor(objective * (1 if unit == "postes" else HUNDREDTHS)),
        unit=unit,
        floors={} if least is None else dict.fromkeys(regions, ceil(least * HUNDREDTHS)),
        ceilings={} if most is None else dict.fromkeys(regions, floor(most * HUNDREDTHS)),
        kept=first,
        outside=apart - kept - among["locked"],
        **among,
    )


def _lost(ids: list[str]) -> Notice:
    count = plural(
        len(ids),
        "option verrouillée, refusée ou écartée n’existe pas",
        "options verrouillées, refusées ou écartées n’existent pas",
    )
    return Notice(
        "avis",
        0,
        "option_id",
        f"{count} ({named(ids)})",
        "reprendre l’identifiant tel que la liste des propositions l’écrit",
    )


def number_of(call: Call, name: str) -> Fraction | None:
    """Return the number that a rule holds, None when the rule is absent or off."""
    value = _active(call, name)
    return None if value is None else Fraction(value)


def flag_of(call: Call, name: str) -> bool:
    """Return whether a rule that is on or off applies."""
    return bool(_active(call, name))


def _active(call: Call, name: str) -> int | Fraction | str | None:
    rule = call.rules.get(name)
    return rule.value if rule is not None and rule.active else None


def euros(cents: int) -> str:
    """Write an amount in French, its cents only when there are some.

    >>> euros(31200000).replace(THIN, "_"), euros(150).replace(THIN, "_")
    ('312_000_€', '1,50_€')
    """
    units, rest = divmod(cents, CENTS)
    text = decimal(Fraction(cents, CENTS), 2) if rest else whole(units)
    return f"{text}{THIN}€"

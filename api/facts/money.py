"""Money and posts as answers carry them: exact, and as planners read them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from api.facts.values import Amount, amount
from coverage.proposals.limits import CENTS, euros
from coverage.proposals.model import HUNDREDTHS
from coverage.wording import percent
from data.results.tables import fixed

NONE = "sans objet"


@dataclass(frozen=True)
class Money:
    """An amount of euros.

    Attributes
    ----------
    centimes
        Whole cents.
    valeur
        Decimal text of two places.
    texte
        As planners read it, cents only when there are some.
    """

    centimes: int
    valeur: str
    texte: str


@dataclass(frozen=True)
class Share:
    """A part of a cost.

    Attributes
    ----------
    valeur
        Decimal text of six places, rounded down; None when there is no cost.
    """

    valeur: str | None
    texte: str


def money(cents: int) -> Money:
    """Return whole cents as an amount.

    >>> money(-150).valeur, money(4_460_000).valeur
    ('-1.50', '44600.00')
    """
    sign = "-" if cents < 0 else ""
    value = fixed(Fraction(abs(cents), CENTS), 2)
    return Money(cents, f"{sign}{value}", f"{'−' if sign else ''}{euros(abs(cents))}")


def optional_money(cents: int | None) -> Money | None:
    """Return an amount, None for a limit that there is not."""
    return None if cents is None else money(cents)


def share(value: Fraction | None) -> Share:
    """Return a part in figures and words."""
    return Share(None, NONE) if value is None else Share(fixed(value, 6), percent(value))


def etp(hundredths: int) -> Amount:
    """Return hundredths of ETP as an exact number."""
    return amount(Fraction(hundredths, HUNDREDTHS))

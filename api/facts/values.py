"""Exact values with the words planners read: rates, hours that may be unknown, names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.origins.contributions import MICRO
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.wording import CLASS_NAMES, THIN, decimal, percent, whole
from data.results.tables import fixed
from maps.numbers import NO_NEED, UNKNOWN, posts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

NATURE_NAMES = {
    "principal": "périmètre principal",
    "extension_dotee": "extension dotée d’un poste",
    "extension": "extension limitrophe, sans poste dédié",
}
KNOWN_NAMES = {"tous": "connu", "partiel": "connu en partie", "aucun": "inconnu"}
NEED_NAMES = {"identifie": "identifié", "inconnu": "inconnu", "aucun": "aucun besoin identifié"}
STATE_NAMES = {"valide": "validé", "a_confirmer": "à confirmer", "conteste": "contesté"}
FLOW_CLASSES = {"total": CLASSES, "etat": STATE_CLASSES}
"""Classes whose need each flow answers."""


@dataclass(frozen=True)
class Rate:
    """A rate, exact.

    Attributes
    ----------
    valeur
        Decimal text of six places, rounded down; None when there is no rate.
    fraction
        The exact ratio, such as `5/8`.
    texte
        As planners read it.
    absence
        Why there is none: `inconnu`, `sans_objet`; empty when there is one.
    partiel
        Whether it speaks only of the part of the need that is known.
    """

    valeur: str | None
    fraction: str | None
    texte: str
    absence: str
    partiel: bool


@dataclass(frozen=True)
class Amount:
    """An exact number that is not whole, such as ETP.

    Attributes
    ----------
    valeur
        Decimal text of six places, rounded down.
    texte
        Two decimals, as planners read it.
    """

    valeur: str
    fraction: str
    texte: str


def amount(value: Fraction) -> Amount:
    """Return an exact number in figures and words; never « 0 » for what is more."""
    return Amount(fixed(value, 6), ratio_text(value), posts(value))


def rate(
    value: Fraction | None, *, unknown: Collection[str] = (), classes: Iterable[str] = CLASSES
) -> Rate:
    """Return a rate of response in figures and words.

    Parameters
    ----------
    unknown
        Classes whose need is unknown there.
    classes
        Those that the rate speaks of.
    """
    missing = not set(unknown).isdisjoint(classes)
    if value is None:
        reason = "inconnu" if missing else "sans_objet"
        return Rate(None, None, UNKNOWN if missing else NO_NEED, reason, missing)
    text = percent(value) + (" du besoin connu" if missing else "")
    return Rate(fixed(value, 6), ratio_text(value), text, "", missing)


def reading(value: Fraction | None, *, unknown: Collection[str] = ()) -> Rate:
    """Return a ratio of hours that no status rests on, as a number and never as a rate."""
    found = rate(value, unknown=unknown)
    if value is None:
        return found
    known = " du besoin connu" if found.partiel else " de besoin"
    return replace(found, texte=f"{amount(value).texte} h de capacité par heure{known}")


def ratio_text(value: Fraction) -> str:
    """Write an exact ratio as a program reads it.

    >>> from fractions import Fraction
    >>> ratio_text(Fraction(5, 8)), ratio_text(Fraction(1))
    ('5/8', '1/1')
    """
    return f"{value.numerator}/{value.denominator}"


def known_hours(
    hours: int, *, unknown: Collection[str], classes: Iterable[str] = CLASSES
) -> int | None:
    """Return hours, None where none of these classes is known: zero is not said of the unknown.

    Hours may stand where no class is known, such as those of contracts placed by département.
    """
    return None if not hours and set(unknown).issuperset(classes) else int(hours)


def known_text(number: int | None) -> str:
    """Write a whole number, or that it is unknown."""
    return UNKNOWN if number is None else whole(number)


def hours_text(hours: int | None) -> str:
    """Write hours a year, or that they are unknown."""
    return UNKNOWN if hours is None else f"{whole(hours)}{THIN}h"


def exact_text(micro: int) -> str:
    """Write millionths of hours as hours of six decimals, as a program reads them.

    >>> exact_text(12_500_000)
    '12.500000'
    """
    whole_hours, rest = divmod(micro, MICRO)
    return f"{whole_hours}.{rest:06d}"


def tenths_text(tenths: int) -> str:
    """Write tenths of hours, without decimals when they are whole.

    >>> tenths_text(125), tenths_text(120)
    ('12,5', '12')
    """
    return decimal(Fraction(tenths, 10), 1 if tenths % 10 else 0)


def optional_int(value: Any) -> int | None:  # noqa: ANN401 - a cell of a table
    """Return a whole number of a cell, None for what a table marks as missing."""
    return None if pd.isna(value) else int(value)


def optional_text(value: Any) -> str:  # noqa: ANN401 - a cell of a table
    """Return the text of a cell, empty for what a table marks as missing."""
    return value if isinstance(value, str) else ""


def people(value: int) -> int | None:
    """Return inhabitants, None when the territory does not know them."""
    return None if value < 0 else int(value)


def class_names(classes: Iterable[str]) -> list[str]:
    """Return the French names of some classes of buyers."""
    return [CLASS_NAMES[name] for name in classes]


def quoted(text: str) -> str:
    """Return a text between French quotes, unbreakable from them."""
    return f"«\u00a0{text}\u00a0»"

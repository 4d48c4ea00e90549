"""How a map writes rates and counts; the rest of French figures is `coverage.wording`."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from coverage.wording import decimal, whole
from coverage.wording import percent as exact_percent

UNKNOWN = "inconnu"
NO_NEED = "sans objet (aucun besoin)"


percent = lru_cache(maxsize=4096)(exact_percent)
"""`coverage.wording.percent`, remembered: communes share few rates."""


def rate_text(rate: Fraction | None, *, need_known: bool) -> str:
    """Return a rate of response in words: never a figure where there is none.

    Parameters
    ----------
    rate
        None when there is no need to answer, or when it is unknown.
    need_known
        Whether every class that the rate speaks of is known.
    """
    if rate is not None:
        return percent(rate)
    return NO_NEED if need_known else UNKNOWN


def posts(value: Fraction) -> str:
    """Return ETP to the hundredth; never « 0 » for what is more.

    >>> posts(Fraction(3, 2)), posts(Fraction(1, 1000))
    ('1,50', 'moins de 0,01')
    """
    return "moins de 0,01" if 0 < value < Fraction(1, 200) else decimal(value, 2)


def counted(count: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun, unbreakable; singular under two, as French does.

    >>> counted(0, "commune").replace("\u00a0", "_"), counted(2, "commune")[2:]
    ('0_commune', 'communes')
    """
    noun = singular if abs(count) < 2 else plural or singular + "s"  # noqa: PLR2004 - grammar
    return f"{whole(count)}\u00a0{noun}"


def study_title(name: str, year: int) -> str:
    """Return the name of a study with its year, once.

    >>> study_title("Bretagne", 2023), study_title("Bretagne 2023", 2023)
    ('Bretagne, 2023', 'Bretagne 2023')
    """
    return name if str(year) in name else f"{name}, {year}"

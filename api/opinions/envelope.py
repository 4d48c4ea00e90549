"""The envelope notified as someone types it: an amount to the cent, posts to the hundredth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.proposals.limits import CENTS
from coverage.proposals.model import HUNDREDTHS
from data.store.envelopes import Envelope
from data.study.cells import parse_number
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from decimal import Decimal

_MOST_EUR, _MOST_ETP = 10**10, 10**5
_SPACES = str.maketrans("", "", " \u00a0\u202f€")


def read_envelope(amount: str, posts: str, revision: int) -> Envelope:
    """Return the envelope typed; an empty field sets no limit.

    >>> read_envelope("5 400 000,50 €", "", 1)
    Envelope(cents=540000050, hundredths=None, revision=1)

    Raises
    ------
    InputErrors
        Both faults at once.
    """
    faults: list[Notice] = []
    cents = _read(amount, "enveloppe", CENTS, _MOST_EUR, faults)
    hundredths = _read(posts, "plafond_etp", HUNDREDTHS, _MOST_ETP, faults)
    if faults:
        raise InputErrors(faults)
    return Envelope(cents, hundredths, revision)


def _read(text: str, name: str, parts: int, most: int, faults: list[Notice]) -> int | None:
    plain = text.translate(_SPACES)
    if not plain:
        return None
    number: Decimal | None = parse_number(plain)
    if number is None or not 0 <= number <= most or number * parts % 1:
        remedy = f"un nombre de 0 à {most}, deux décimales au plus, ou rien"
        faults.append(Notice("", 0, name, f"« {text.strip()} » n’est pas lu", remedy))
        return None
    return int(number * parts)

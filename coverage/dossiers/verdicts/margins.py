"""By how much a figure must be wrong for a claim to turn: to lack nothing, or to lack something.

One figure moves, the others stand. Each margin is the least step found by bisection: what is left
of a claim moves one way only with productivity, with its need and with what neighbours can spare.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from coverage.dossiers.verdicts.balance import TEN_THOUSANDTHS

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.dossiers.verdicts.balance import Balance

_MOST_PRODUCTIVE = 1_000_000
"""Hours per ETP beyond which no productivity is tried."""

_MOST_MORE = 9 * TEN_THOUSANDTHS
"""Need and spare hours are tried up to ten times what they are."""


def productivity_to_turn(balance: Balance) -> int | None:
    """Return the least hours per ETP at which posts in place leave nothing missing.

    None when none does: a place that nobody reaches or can lend to, or an extension alone holds.
    """
    return _first(_MOST_PRODUCTIVE, lambda hourly: not balance.left(hourly=hourly))


def productivity_in_place(balance: Balance) -> int | None:
    """Return the same of the posts that reach the claim already, neighbours lending nothing."""
    return _first(_MOST_PRODUCTIVE, lambda hourly: not balance.left(hourly=hourly, spare=0))


def need_to_turn(balance: Balance) -> int | None:
    """Return the least change of the claim's need that turns it, in ten-thousandths.

    Less need where hours are missing, more where none is; None when ten times is not enough.
    """
    if balance.left():
        return _first(TEN_THOUSANDTHS, lambda step: not balance.left(need=TEN_THOUSANDTHS - step))
    return _first(_MOST_MORE, lambda step: bool(balance.left(need=TEN_THOUSANDTHS + step)))


def spare_to_turn(balance: Balance) -> int | None:
    """Return the least change of neighbours' spare hours that turns the claim, as above.

    More where hours are missing, less where none is.
    """
    if balance.left():
        return _first(_MOST_MORE, lambda step: not balance.left(spare=TEN_THOUSANDTHS + step))
    return _first(TEN_THOUSANDTHS, lambda step: bool(balance.left(spare=TEN_THOUSANDTHS - step)))


def _first(most: int, turned: Callable[[int], bool]) -> int | None:
    """Return the first step from 1 to `most` at which a claim is turned.

    >>> _first(10, lambda step: step > 3), _first(2, lambda step: step > 3)
    (4, None)
    """
    found = bisect_left(range(1, most + 1), True, key=turned)  # noqa: FBT003 - what is sought
    return found + 1 if found < most else None

"""Break-even productivity: under which hours per ETP a shortage holds (method, section 5).

Multiplying every productivity by m multiplies every fair rate by m. A place of rates r_i and
needs d_i leaves the status when its mean Σ d_i min(1, m r_i) / Σ d_i reaches the threshold.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FINEST = 100_000
"""Largest common denominator kept exact; beyond it, capacities are floored to that fraction."""


def fine_unit(capacities: Iterable[Fraction]) -> int:
    """Return the fraction of an hour in which capacities are whole, so that rates are exact.

    Here ETP are not rounded to the hour. With the usual figures (hundredths of ETP, days of the
    year) the unit is small; shares of population may make it grow past `FINEST`.
    """
    return min(lcm(*(hours.denominator for hours in capacities)), FINEST)


def multiplier_to_reach(
    rates: Sequence[Fraction], needs: Sequence[int], threshold: Fraction
) -> Fraction | None:
    """Return the least m with Σ d_i min(1, m r_i) ≥ threshold × Σ d_i, None when none does.

    Parameters
    ----------
    rates
        Uncapped fair rates at today's productivity.
    needs
        Hours, > 0, of the same nodes.
    threshold
        In ]0, 1].

    Examples
    --------
    >>> multiplier_to_reach([Fraction(7, 8)], [100], Fraction(1))
    Fraction(8, 7)
    >>> multiplier_to_reach([Fraction(0), Fraction(1)], [1, 1], Fraction(1)) is None
    True
    """
    pairs = sorted(zip(rates, needs, strict=True), reverse=True)
    target = threshold * sum(needs)
    saturated = Fraction(0)
    slope = sum((rate * need for rate, need in pairs), Fraction(0))
    # Nodes saturate from the richest to the poorest as m grows; those of rate 0 never do.
    for rate, need in pairs:
        if not rate:
            break
        if saturated + slope / rate >= target:
            return (target - saturated) / slope
        saturated += need
        slope -= rate * need
    return None


def break_even_hours(multipliers: Sequence[Fraction | None], hours_per_etp: int) -> int | None:
    """Return the least whole productivity at which all places leave the status.

    None when one never does. At least today's productivity: capacities are whole hours there,
    which may fall short by less than an hour a node.
    """
    if any(m is None for m in multipliers):
        return None
    worst = max((m for m in multipliers if m is not None), default=Fraction(1))
    return max(ceil(worst * hours_per_etp), hours_per_etp)

"""Amounts to hours, exactly: whole millionths of hours from whole cents (method, section 4).

hours = amount excl. tax × labour share × effort rate / hourly cost × clausable share

spread over the contract's months, the month of notification being the first. Every contract is
rounded once, half up; its years are steps of one rounded running sum, so that they add up to it.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coverage.origins.contributions import MICRO
from coverage.origins.labour import labour_share
from coverage.origins.thresholds import LAW_STARTS, reaches_threshold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.parameters import Parameters

PPM = 1_000_000
"""Rates of contracts are whole millionths."""

PNAD_SHARE = Fraction(3, 10)
"""Share of contracts with a social consideration that the national plan aims at (2022-2025)."""

_LIMIT = 2**63
_KEY = ("donneur_ordre", "cpv", "labour_ppm", "effort_ppm", "obliged")
_CENTS = 100
_MONTHS = 12


def micro_per_cent(
    labour: Fraction, effort: Fraction, hourly_cost_eur: int, clausable: Fraction
) -> Fraction:
    """Return the millionths of hours that one cent of a contract brings.

    >>> micro_per_cent(Fraction(1, 2), Fraction(1, 20), 30, Fraction(1))
    Fraction(25, 3)
    """
    return labour * effort * clausable * MICRO / (hourly_cost_eur * _CENTS)


def scaled(
    cents: NDArray[np.int64], factors: Sequence[Fraction], which: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return amounts times their factors, rounded half up, exactly.

    With a = q·d + r, a·n/d = q·n + r·n/d: no product exceeds 64 bits where 2·n·d + d does not;
    the few amounts of larger factors are computed as Python integers.

    Parameters
    ----------
    cents
        At least 0, shape (rows,).
    factors
        At least 0, each with few rows or many.
    which
        Position of each row's factor.

    Examples
    --------
    >>> scaled(np.array([100, 100]), [Fraction(25, 3), Fraction(1, 8)], np.array([0, 1]))
    array([833,  13])
    """
    if not factors:
        return np.zeros(len(cents), dtype=np.int64)
    small = np.array(
        [2 * f.numerator * f.denominator + f.denominator < _LIMIT for f in factors], dtype=bool
    )
    pairs = [
        (factor.numerator, factor.denominator) if fits else (0, 1)
        for factor, fits in zip(factors, small.tolist(), strict=True)
    ]
    numerators, denominators = np.array(pairs, dtype=np.int64).T
    n, d = numerators[which], denominators[which]
    quotient, rest = np.divmod(cents, d)
    hours: NDArray[np.int64] = quotient * n + (2 * rest * n + d) // (2 * d)
    for row in np.flatnonzero(~small[which]).tolist():
        hours[row] = floor(int(cents[row]) * factors[which[row]] + Fraction(1, 2))
    return hours


def elapsed_months(
    start: NDArray[np.int64], months: NDArray[np.int64], year: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many months of a contract are behind when a year begins, and when it ends.

    Parameters
    ----------
    start
        Month of notification, counted from January of year 0.
    months
        Duration, at least 1.
    """
    begun = year * _MONTHS - start
    return np.clip(begun, 0, months), np.clip(begun + _MONTHS, 0, months)


def part_of(
    total: NDArray[np.int64],
    months: NDArray[np.int64],
    between: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """Return the part of a total that falls between two counts of elapsed months.

    >>> total, months = np.array([100]), np.array([3])
    >>> [int(part_of(total, months, (np.array([k]), np.array([k + 1])))[0]) for k in range(3)]
    [33, 34, 33]
    """
    first, last = between
    return _running(total, months, last) - _running(total, months, first)


def _running(
    total: NDArray[np.int64], months: NDArray[np.int64], elapsed: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return total × elapsed / months, rounded half up, without a product beyond 64 bits."""
    quotient, rest = np.divmod(total, months)
    rounded: NDArray[np.int64] = quotient * elapsed + (2 * rest * elapsed + months) // (2 * months)
    return rounded


def hours_in_year(
    contracts: pl.DataFrame,
    parameters: Parameters,
    year: int,
    shares: dict[str, Fraction],
    scenario: str,
) -> pl.DataFrame:
    """Return the contracts that run in a year, with the hours of that year (`micro`).

    Parameters
    ----------
    contracts
        Schema `coverage.frames.CONTRACTS`.
    shares
        Of contracts in which a clause is realistic, by class.
    scenario
        One of `coverage.parameters.SCENARIOS`.
    """
    running = _in_year(contracts, year)
    marked = running.with_columns(obliged=_obliged(scenario))
    factors, which = _factors(marked, parameters, shares, scenario)
    total = scaled(marked["amount_cents"].to_numpy(), factors, which)
    months = marked["months"].cast(pl.Int64).to_numpy()
    between = (marked["first"].to_numpy(), marked["last"].to_numpy())
    return marked.with_columns(micro=pl.Series(part_of(total, months, between)))


def _in_year(contracts: pl.DataFrame, year: int) -> pl.DataFrame:
    """Return the contracts with a month in the year, and their elapsed months around it."""
    start = contracts.select(
        pl.col("notified").dt.year().cast(pl.Int64) * 12
        + pl.col("notified").dt.month().cast(pl.Int64)
        - 1
    ).to_series()
    months = contracts["months"].cast(pl.Int64)
    first, last = elapsed_months(start.to_numpy(), months.to_numpy(), year)
    return contracts.with_columns(first=pl.Series(first), last=pl.Series(last)).filter(
        pl.col("first") < pl.col("last")
    )


def _obliged(scenario: str) -> pl.Expr:
    """Tell which contracts the law hangs a clause on: none but in its own scenario."""
    if scenario != "loi_2026":
        return pl.lit(value=False)
    return (pl.col("notified") >= LAW_STARTS) & reaches_threshold()


def _factors(
    marked: pl.DataFrame, parameters: Parameters, shares: dict[str, Fraction], scenario: str
) -> tuple[list[Fraction], NDArray[np.int64]]:
    """Return the distinct factors of the contracts, and which is each one's."""
    kinds = marked.select(_KEY).unique().sort(_KEY, nulls_last=True).with_row_index("which")
    which = marked.select(_KEY).join(
        kinds, on=list(_KEY), how="left", nulls_equal=True, maintain_order="left"
    )["which"]
    factors = [
        micro_per_cent(
            _rate(labour, labour_share(cpv, parameters.part_main_oeuvre) or Fraction(0)),
            _rate(effort, parameters.taux_effort),
            parameters.cout_horaire_eur,
            _clausable(shares[class_], scenario, obliged=obliged),
        )
        for class_, cpv, labour, effort, obliged in kinds.select(_KEY).iter_rows()
    ]
    return factors, which.cast(pl.Int64).to_numpy()


def _rate(own_ppm: int | None, of_method: Fraction) -> Fraction:
    return of_method if own_ppm is None else Fraction(own_ppm, PPM)


def _clausable(observed: Fraction, scenario: str, *, obliged: bool) -> Fraction:
    if scenario == "pnad_30":
        return PNAD_SHARE
    return Fraction(1) if obliged else observed

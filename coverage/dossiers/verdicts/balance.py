"""What a claim lacks and what posts in place could lend it, today and under other hypotheses.

At productivity p (hours per ETP, p₀ today) a place asked h hours at fair rate r is served
h × min(1, p r / p₀), and a supply node of c hours loaded at l lends c × max(0, p / p₀ − l): all
rates and loads move by one factor (method, section 5). Hours that undedicated extensions serve
wait for a post, and nobody is asked to lend for them: they are served already.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from coverage.dossiers.claims.claim import LENT
from coverage.dossiers.ground.today import columns_of
from coverage.maxflow import bipartite_max_flow
from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from coverage.dossiers.bench import Bench

MICRO = 1_000_000
"""Hours are compared in whole millionths, so that nothing left is exactly zero."""

TEN_THOUSANDTHS = 10_000
"""Steps of the margins: a hundredth of one per cent."""


@dataclass(frozen=True)
class Asked:
    """Hours of one class that one fair rate serves, in a claim.

    Attributes
    ----------
    column
        Position of the class in `CLASSES`.
    rate
        Of the fair flow, not capped.
    lent
        Whether undedicated extensions alone hold them.
    """

    column: int
    hours: int
    rate: Fraction
    lent: bool


@dataclass(frozen=True)
class Lender:
    """A supply node of a structure that could take the claim in.

    Attributes
    ----------
    columns
        Positions in `CLASSES` of the classes that it serves.
    hours, load, spare_hours
        Its capacity, the part of it at work (above 1 where it lacks hours), and what is left.
    """

    structure_id: str
    columns: frozenset[int]
    hours: int
    load: Fraction
    spare_hours: int


@dataclass(frozen=True)
class Balance:
    """What is missing in a claim and who could lend.

    Attributes
    ----------
    hourly
        Hours per ETP today.
    asked
        All the need of the classes claimed.
    unserved
        Whole hours that no post serves today, by class of `CLASSES`.
    lent_hours
        Hours that undedicated extensions alone serve.
    """

    hourly: int
    asked: tuple[Asked, ...]
    unserved: tuple[int, ...]
    lent_hours: int
    lenders: tuple[Lender, ...]

    @property
    def missing_hours(self) -> int:
        """Hours that wait for a post."""
        return sum(self.unserved) + self.lent_hours

    def absorbed(self, names: Collection[str] | None = None) -> int:
        """Return the unserved hours that some structures (all by default) could serve today.

        Maximum flow of the hours they have to spare on those that no post serves, class by class.
        """
        lenders = [each for each in self.lenders if names is None or each.structure_id in names]
        return _lent(self.unserved, lenders, [each.spare_hours for each in lenders])

    def missing_at(self, hourly: int) -> int:
        """Return the whole hours missing at another productivity, neighbours lending nothing."""
        unserved, lent = self._missing(hourly, TEN_THOUSANDTHS)
        return (sum(unserved) + lent + MICRO // 2) // MICRO

    def left(
        self, *, hourly: int = 0, need: int = TEN_THOUSANDTHS, spare: int = TEN_THOUSANDTHS
    ) -> int:
        """Return what is missing once all lenders have lent, in millionths of hours.

        Parameters
        ----------
        hourly
            Productivity of all posts, today's by default.
        need, spare
            Ten-thousandths of the claim's need, and of what lenders have to spare. Hours served
            today in the claim stay so.
        """
        at = hourly or self.hourly
        unserved, lent = self._missing(at, need)
        given = [
            _spare(each, Fraction(at, self.hourly)) * spare // TEN_THOUSANDTHS
            for each in self.lenders
        ]
        return sum(unserved) + lent - _lent(unserved, self.lenders, given)

    def _missing(self, hourly: int, need: int) -> tuple[list[int], int]:
        """Return the millionths of hours unserved by class, and served by extensions alone."""
        unserved, lent = [0] * len(CLASSES), 0
        for each in self.asked:
            hours = each.hours * MICRO
            asked = hours * need // TEN_THOUSANDTHS
            rate = each.rate
            given = hours * rate.numerator * hourly // (rate.denominator * self.hourly)
            served = min(asked, hours, given)
            unserved[each.column] += asked - served
            lent += served if each.lent else 0
        return unserved, lent


def balance_of(
    units: Sequence[int], scope: Sequence[str], structures: Iterable[str], bench: Bench
) -> Balance:
    """Return the balance of a claim.

    Parameters
    ----------
    units
        Unit rows of the claim.
    structures
        Who could take it in.
    """
    today, decision, table = bench.today, bench.basis.decision, bench.basis.supply.table
    rows, columns = bench.claim_rows(units), columns_of(scope)
    need, served = today.need[rows][:, columns], today.served[rows][:, columns]
    unserved = [0] * len(CLASSES)
    for column, hours in zip(columns, (need - served).sum(axis=0).tolist(), strict=True):
        unserved[column] = hours
    own = [row for name in sorted(set(structures)) for row in _supplies(name, bench)]
    return Balance(
        hourly=bench.coverage.study.parameters.heures_par_etp,
        asked=_asked(rows, columns, bench),
        unserved=tuple(unserved),
        lent_hours=int(served[today.status[rows] == LENT].sum()),
        lenders=tuple(
            Lender(
                structure_id=str(table["structure_id"].iloc[row]),
                columns=frozenset(columns_of(table["scope"].iloc[row])),
                hours=int(decision.supply.table["hours"].iloc[row]),
                load=bench.loads[row],
                spare_hours=bench.spare[row],
            )
            for row in own
        ),
    )


def _supplies(name: str, bench: Bench) -> tuple[int, ...]:
    return bench.work[name].supplies if name in bench.work else ()


def _asked(rows: NDArray[np.int64], columns: Sequence[int], bench: Bench) -> tuple[Asked, ...]:
    """Return the need of some atoms, summed by class, rate and kind of cover."""
    response = bench.basis.decision.total
    nodes = response.nodes.of_atom[rows][:, columns]
    hours = response.nodes.hours[rows][:, columns]
    lent = bench.today.status[rows] == LENT
    sums: dict[tuple[int, int, bool], int] = {}
    for at, place in zip(*(found.tolist() for found in np.nonzero(nodes >= 0)), strict=True):
        key = (columns[place], int(nodes[at, place]), bool(lent[at]))
        sums[key] = sums.get(key, 0) + int(hours[at, place])
    return tuple(
        Asked(column, asked, response.rates[node], held)
        for (column, node, held), asked in sorted(sums.items())
    )


def _spare(lender: Lender, factor: Fraction) -> int:
    """Return what a lender has to spare at another productivity, in millionths of hours."""
    return max(0, int(lender.hours * MICRO * (factor - lender.load)))


def _lent(asked: Sequence[int], lenders: Sequence[Lender], given: Sequence[int]) -> int:
    """Return the most that lenders can give, class by class."""
    short = [column for column, hours in enumerate(asked) if hours]
    return bipartite_max_flow(
        [asked[column] for column in short],
        given,
        [[row for row, each in enumerate(lenders) if column in each.columns] for column in short],
    ).value

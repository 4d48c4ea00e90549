"""Contracts of the example: what the public record would hold of the hours they are to bring.

The needs are drawn first; contracts are then drawn so that the method finds about these hours in
each year: chains of contracts, each renewed when it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.origins.amounts import micro_per_cent
from coverage.origins.contributions import MICRO
from coverage.origins.labour import labour_share
from coverage.parameters import CLASSES, Parameters
from data.example.buyers import buyers_of, holder, towns
from data.example.names import plain_name
from data.example.needs import BY_CONTRACTS, YEARS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from numpy.typing import NDArray

    from data.example.buyers import Buyer
    from geo.territory import Territory

COMMUNE, POSTAL, DEPARTEMENT, REGION = (
    *("Code commune", "Code postal", "Code département", "Code région"),
)
"""Kinds of place, as the official schema spells them."""

_FIRST_MONTH, _LAST_MONTH = (YEARS[0] - 2) * 12, YEARS[-1] * 12 + 11
_STARTS = 24
"""First contracts begin within so many months: all of them run in the study's own year."""

_MONTHS = (12, 18, 24, 24, 36, 36, 48)
_NOT_RENEWED = 0.12
_LOT_HOURS, _MOST_LOTS = 2_000, 12
_ROUNDED_TO_CENTS = 10_000
_AT_POSTAL_CODE, _AT_DEPARTEMENT = 0.07, 0.012
_REGION_EVERY = 1_500
"""A contract in so many is placed by its région alone."""

_LAST_DAY = 28

_WORKS = (
    ("45210000", "Construction de bâtiments", 5),
    ("45454000", "Réhabilitation de bâtiments", 6),
    ("45442100", "Peinture intérieure", 2),
    ("45262522", "Maçonnerie", 2),
    ("45331000", "Chauffage et ventilation", 2),
    ("45233140", "Travaux de voirie", 3),
    ("45112700", "Aménagement paysager", 1),
)
_SERVICES = (
    ("90911200", "Nettoyage de locaux", 4),
    ("77310000", "Entretien d’espaces verts", 3),
    ("79713000", "Gardiennage", 2),
    ("50700000", "Maintenance de bâtiments", 2),
    ("90511000", "Collecte de déchets", 1),
)
_BOUGHT = {
    "etat": (*_WORKS[:5], *_SERVICES[:4]),
    "operateurs_etat": (*_WORKS, *_SERVICES[:4]),
    "hopitaux": (*_WORKS[:5], *_SERVICES),
    "collectivites": (*_WORKS, *_SERVICES),
    "bailleurs": (*_WORKS[:5], *_SERVICES[:2]),
}
"""Class → what it buys: CPV, French name, weight."""


@dataclass(frozen=True, order=True)
class Contract:
    """One contract, before the official schema dresses it.

    Attributes
    ----------
    number
        Identifier by its buyer.
    start
        Month of notification, counted from January of year 0; `day` is its day.
    holder
        SIRET of the company that holds it.
    """

    siret: str
    number: str
    cpv: str
    subject: str
    place_kind: str
    place_code: str
    start: int
    day: int
    months: int
    cents: int
    holder: str


def draw_contracts(
    territory: Territory, hours: NDArray[np.int64], rng: Random
) -> tuple[list[Contract], dict[tuple[str, str], list[Buyer]]]:
    """Return contracts that bring about the hours asked, by buyer, and the buyers.

    Parameters
    ----------
    hours
        Asked of contracts in a year, shape (units, classes).
    """
    buyers = buyers_of(territory, BY_CONTRACTS)
    column = CLASSES.index("collectivites")
    communes = towns(territory, np.flatnonzero(hours[:, column]).tolist())
    spots = _Spots(territory)
    drawn: list[Contract] = []
    numbers: dict[str, int] = {}
    for row, of_class in np.argwhere(hours).tolist():
        class_, asked = CLASSES[of_class], int(hours[row, of_class])
        known = buyers[spots.departement[row], class_]
        own = [communes[row], *known] if class_ == "collectivites" else known
        lots = min(1 + asked // _LOT_HOURS, _MOST_LOTS)
        for _ in range(lots):
            buyer = own[0] if class_ == "collectivites" and lots == 1 else rng.choice(own)
            cpv, bought = _bought(class_, rng)
            for start, months in _chain(rng):
                numbers[buyer.siret] = numbers.get(buyer.siret, 0) + 1
                kind, code, where = spots.draw(row, len(drawn), rng)
                number = f"{start // 12}-{numbers[buyer.siret]:04d}"
                total = asked / lots * months / 12 * rng.lognormvariate(0, 0.12)
                drawn.append(
                    Contract(
                        siret=buyer.siret,
                        number=number,
                        cpv=cpv,
                        subject=f"{bought} – {where}",
                        place_kind=kind,
                        place_code=code,
                        start=start,
                        day=rng.randint(1, _LAST_DAY),
                        months=months,
                        cents=_cents(total, class_, cpv),
                        holder=holder(rng.randrange(1_000_000)),
                    )
                )
    return sorted(drawn), buyers


def _chain(rng: Random) -> Iterator[tuple[int, int]]:
    """Yield the first month and the duration of contracts that follow one another."""
    start = _FIRST_MONTH + rng.randrange(_STARTS)
    while start <= _LAST_MONTH:
        months = rng.choice(_MONTHS)
        yield start, months
        start += months
        if start >= YEARS[1] * 12 and rng.random() < _NOT_RENEWED:
            return


def _bought(class_: str, rng: Random) -> tuple[str, str]:
    choices = _BOUGHT[class_]
    cpv, name, _ = rng.choices(choices, [weight for *_, weight in choices])[0]
    return cpv, name


def _cents(hours: float, class_: str, cpv: str) -> int:
    """Return the amount in which the default method finds these hours, in whole hundreds of €."""
    method = Parameters()
    labour = labour_share(cpv, method.part_main_oeuvre)
    if labour is None:
        raise ValueError(f"CPV « {cpv} » sans part de main-d’œuvre")
    clausable = dict(method.part_marches_clausables)[class_]
    rate = micro_per_cent(labour, method.taux_effort, method.cout_horaire_eur, clausable)
    hundreds = round(hours * MICRO / float(rate) / _ROUNDED_TO_CENTS)
    return max(hundreds, 1) * _ROUNDED_TO_CENTS


class _Spots:
    """How a unit may be told in the record: its own code, or a wider place."""

    def __init__(self, territory: Territory) -> None:
        self.codes = territory.codes
        self.departement: Sequence[str] = territory.units["departement"].tolist()
        self.region: Sequence[str] = territory.units["region"].tolist()
        self._towns: Sequence[str] = territory.units["name"].tolist()
        self._names = territory.names
        self._postal: Mapping[int, str] = {
            row: code
            for code, rows in sorted(territory.members["code_postal"].items(), reverse=True)
            for row in rows.tolist()
        }

    def draw(self, row: int, rank: int, rng: Random) -> tuple[str, str, str]:
        """Return the kind and the code of a place, and how the subject names it."""
        chance = rng.random()
        if rank % _REGION_EVERY == _REGION_EVERY - 1:
            code = self.region[row]
            return REGION, code, f"région {self._names['region'][code]}"
        if chance < _AT_DEPARTEMENT:
            code = self.departement[row]
            return DEPARTEMENT, code, self._names["departement"][code]
        where = plain_name(self._towns[row])
        if chance < _AT_DEPARTEMENT + _AT_POSTAL_CODE and row in self._postal:
            return POSTAL, self._postal[row], where
        return COMMUNE, str(self.codes[row]), where

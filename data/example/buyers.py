"""Buyers of the example: invented, with numbers whose keys are right and that nobody bears.

In the numbers of public bodies the third and fourth digits are a département; 96 is none. No
company has a number that begins with 9999.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.example.names import MARK, of_departement, of_town

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from geo.territory import Territory

MINISTRIES, STATE, NATIONAL, OPERATORS = "1196", "1796", "1396", "1896"
TOWNS, DEPARTEMENTS, HOSPITALS, HOUSING = "2196", "2296", "2696", "2796"
SCHOOLS, COMPANIES = "1996", "9999"
"""First four digits of SIREN, by kind of body."""

_BY_DEPARTEMENT = 10
_FIRST_HOUSING_COMPANY = 1_000
_FIRST_HOLDER = 4_000
_HOLDERS = 400


@dataclass(frozen=True, order=True)
class Buyer:
    """A buyer, and what `acheteurs` says of it.

    Attributes
    ----------
    categorie, donneur_ordre
        Legal category and class; both empty when the SIREN tells the class by itself.
    """

    siret: str
    nom: str
    categorie: str = ""
    donneur_ordre: str = ""

    @property
    def siren(self) -> str:
        """The nine digits of the body."""
        return self.siret[:9]


def keyed(digits: str) -> str:
    """Return digits with the key of Luhn that ends a SIREN or a SIRET.

    >>> keyed("35600000"), keyed("3560000000004")
    ('356000000', '35600000000048')
    """
    doubled = [int(d) * (2 if rank % 2 == 0 else 1) for rank, d in enumerate(reversed(digits))]
    return f"{digits}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def siret(prefix: str, number: int) -> str:
    """Return the SIRET of the first establishment of an invented body.

    >>> siret("1796", 1)
    '17960001000013'
    """
    return keyed(f"{keyed(f'{prefix}{number:04d}')}0001")


def holder(number: int) -> str:
    """Return the SIRET of an invented company that holds contracts."""
    return siret(COMPANIES, _FIRST_HOLDER + number % _HOLDERS)


_MINISTRIES = tuple(Buyer(siret(MINISTRIES, n), f"Ministère n° {n}{MARK}") for n in (1, 2))
_NATIONAL = (
    Buyer(siret(NATIONAL, 1), f"Établissement public national{MARK}"),
    Buyer(siret(COMPANIES, 1), f"Établissement public industriel{MARK}", "4120"),
    Buyer(siret(COMPANIES, 2), f"Société de projet{MARK}", "5599", "operateurs_etat"),
)
_LOCAL = {
    "etat": (STATE, ("Préfecture", "Direction des territoires", "Rectorat"), ""),
    "operateurs_etat": (OPERATORS, ("Université", "Établissement foncier"), ""),
    "hopitaux": (HOSPITALS, ("Centre hospitalier", "Hôpitaux"), "7364"),
    "collectivites": (DEPARTEMENTS, ("Département",), ""),
    "bailleurs": (HOUSING, ("Office public de l’habitat",), "7371"),
}
"""Class → first digits of its buyers' SIREN, their names, their legal category."""


def buyers_of(
    territory: Territory, classes: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], list[Buyer]]:
    """Return the buyers of each (département, class), those of the whole country included.

    Parameters
    ----------
    classes
        Département → classes that buy there. Communes are their own buyers (`towns`).
    """
    found = {}
    for rank, code in enumerate(sorted(classes)):
        of_it = of_departement(code, territory.names["departement"][code])
        company = Buyer(
            siret(COMPANIES, _FIRST_HOUSING_COMPANY + rank), f"Société d’HLM {of_it}{MARK}", "5546"
        )
        beside = {"etat": _MINISTRIES, "operateurs_etat": _NATIONAL, "bailleurs": (company,)}
        for class_ in classes[code]:
            prefix, names, category = _LOCAL[class_]
            found[code, class_] = [
                Buyer(
                    siret(prefix, rank * _BY_DEPARTEMENT + number),
                    f"{name} {of_it}{MARK}",
                    category,
                )
                for number, name in enumerate(names, start=1)
            ] + [*beside.get(class_, ())]
    return found


def towns(territory: Territory, rows: Iterable[int]) -> dict[int, Buyer]:
    """Return the buyer that each commune is, by unit row."""
    names = territory.units["name"].to_numpy(dtype=object)
    return {
        row: Buyer(siret(TOWNS, number), f"Commune {of_town(names[row])}{MARK}")
        for number, row in enumerate(sorted(rows), start=1)
    }


def buyer_rows(buyers: Mapping[tuple[str, str], Sequence[Buyer]]) -> list[tuple[str, ...]]:
    """Return the lines of `acheteurs`: the buyers whose SIREN does not tell their class."""
    every = {buyer for of_class in buyers.values() for buyer in of_class}
    return sorted(
        (buyer.siren, buyer.nom, buyer.categorie, buyer.donneur_ordre)
        for buyer in every
        if buyer.categorie or buyer.donneur_ordre
    )

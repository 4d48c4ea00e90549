"""Labour share of a contract by its CPV family: how much of the amount pays for hours (method, 4).

No official table exists. Shares of works come from the facilitators' guides (maçonnerie 50 %,
peinture intérieure 70 %, charpente métallique 20 %, moyenne 50 % : Maison de l'emploi et de la
formation du Sud 77, « La clause d'insertion »); all the others are assumptions marked as such, to
be replaced by observed figures. Intellectual services are set low on purpose: their hour costs
twice the method's hourly cost, so that their true share would give too many hours.

CPV: règlement (CE) n° 213/2008, annexe I.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Literal

Nature = Literal["travaux", "services", "fournitures"]

GUIDES = "guides des facilitateurs"
TO_DOCUMENT = "hypothèse, à documenter"
NO_HOURS = "sans heure de travail à réserver, à documenter"

CPV_DIGITS = 8


@dataclass(frozen=True)
class Family:
    """One family of the CPV.

    Attributes
    ----------
    prefix
        First digits of its codes; the longest prefix wins.
    share
        Labour share of the amount; None for the parameter `part_main_oeuvre`; 0 where nothing is
        worked on a site, so that no hour can be reserved.
    low, high
        Range that a reader may find for it.
    basis
        Where the share comes from, in French.
    """

    prefix: str
    label: str
    nature: Nature
    share: Fraction | None
    low: Fraction
    high: Fraction
    basis: str

    @property
    def convertible(self) -> bool:
        """Whether its amounts become hours."""
        return self.share is None or self.share > 0


def _family(
    prefix: str, label: str, nature: Nature, low: int, share: int, high: int, basis: str
) -> Family:
    """Return a family from its percentages."""
    part, least, most = (Fraction(value, 100) for value in (share, low, high))
    return Family(prefix, label, nature, part, least, most, basis)


def _works(prefix: str, label: str, low: int, share: int, high: int, basis: str) -> Family:
    return _family(prefix, label, "travaux", low, share, high, basis)


def _services(prefix: str, label: str, low: int, share: int, high: int) -> Family:
    return _family(prefix, label, "services", low, share, high, TO_DOCUMENT)


def _no_hours(prefix: str, label: str, nature: Nature = "fournitures") -> Family:
    return _family(prefix, label, nature, 0, 0, 0, NO_HOURS)


_WORKS = (
    Family("45", "travaux", "travaux", None, Fraction(1, 5), Fraction(7, 10), GUIDES),
    _works("451", "préparation de chantier, terrassement", 20, 30, 40, TO_DOCUMENT),
    _works("4522321", "structures métalliques", 20, 20, 30, GUIDES),
    _works("4523", "canalisations, routes, réseaux", 20, 30, 40, TO_DOCUMENT),
    _works("4524", "ouvrages hydrauliques", 20, 30, 40, TO_DOCUMENT),
    _works("452625", "maçonnerie", 40, 50, 60, GUIDES),
    _works("453", "équipements du bâtiment (électricité, plomberie)", 30, 45, 60, TO_DOCUMENT),
    _works("454", "finitions", 45, 55, 70, TO_DOCUMENT),
    _works("45442", "peinture", 60, 70, 70, GUIDES),
    _works("455", "location de matériel avec conducteur", 20, 30, 50, TO_DOCUMENT),
)

_SERVICES = (
    _services("50", "réparation et entretien", 35, 50, 65),
    _services("51", "installation", 30, 45, 60),
    _services("55", "hôtellerie, restauration", 30, 40, 50),
    _services("60", "transport", 30, 45, 60),
    _services("63", "services annexes du transport, voyages", 20, 30, 45),
    _services("64", "poste et télécommunications", 20, 30, 60),
    _services("65", "distribution d’eau et d’énergie", 20, 20, 30),
    _no_hours("66", "services financiers et assurances", "services"),
    _services("70", "services immobiliers", 20, 20, 40),
    _services("71", "architecture, ingénierie", 20, 30, 50),
    _services("72", "informatique", 20, 30, 50),
    _services("73", "recherche et développement", 20, 30, 50),
    _services("75", "administration, défense, sécurité sociale", 20, 30, 60),
    _services("76", "services pétroliers et gaziers", 20, 20, 30),
    _services("77", "agriculture, forêt, horticulture", 40, 55, 70),
    _services("773", "espaces verts", 50, 65, 70),
    _services("79", "services aux entreprises", 20, 30, 60),
    _services("797", "sécurité, gardiennage", 60, 70, 70),
    _services("80", "enseignement, formation", 40, 50, 70),
    _services("85", "santé, action sociale", 50, 60, 70),
    _services("90", "assainissement, environnement", 30, 40, 60),
    _services("905", "déchets", 25, 40, 50),
    _services("906", "propreté urbaine", 50, 60, 70),
    _family("909", "nettoyage", "services", 60, 70, 70, f"{GUIDES} (exemple), à documenter"),
    _services("92", "culture, sport, loisirs", 30, 40, 60),
    _services("98", "autres services collectifs et personnels", 30, 50, 70),
)

_SUPPLIES = tuple(
    _no_hours(division, "fournitures")
    for division in (
        *("03", "09", "14", "15", "16", "18", "19", "22", "24", "30", "31", "32", "33"),
        *("34", "35", "37", "38", "39", "41", "42", "43", "44", "48"),
    )
)

FAMILIES = (*_WORKS, *_SERVICES, *_SUPPLIES)
"""Every division of the CPV, and the families within that differ from theirs."""

_BY_PREFIX = {family.prefix: family for family in FAMILIES}


@cache
def family_of(cpv: str) -> Family | None:
    """Return the family of a CPV code by its longest known prefix, None when it has none.

    >>> family_of("45442100").label, family_of("45210000").share, family_of("99000000")
    ('peinture', None, None)
    """
    prefixes = (cpv[:digits] for digits in range(len(cpv), 1, -1))
    return next((_BY_PREFIX[prefix] for prefix in prefixes if prefix in _BY_PREFIX), None)


def labour_share(cpv: str, of_works: Fraction) -> Fraction | None:
    """Return the labour share of a CPV code, None when its family is unknown.

    Parameters
    ----------
    of_works
        The parameter `part_main_oeuvre`: of works whose family has no share of its own.

    >>> labour_share("45210000", Fraction(3, 5)), labour_share("90911200", Fraction(3, 5))
    (Fraction(3, 5), Fraction(7, 10))
    """
    family = family_of(cpv)
    if family is None:
        return None
    return of_works if family.share is None else family.share


def read_cpv(text: str) -> str:
    """Return the 8 digits of a CPV code, empty when it is not one.

    The check digit is left out, short codes are completed, and the zero that a spreadsheet took
    from a code of 7 digits is given back.

    >>> read_cpv("45316110-9"), read_cpv("71"), read_cpv("3100000"), read_cpv("NC")
    ('45316110', '71000000', '03100000', '')
    """
    digits = text.strip().split("-")[0].replace(" ", "").removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal() and 2 <= len(digits) <= CPV_DIGITS):  # noqa: PLR2004 - a division
        return ""
    lost_zero = len(digits) == CPV_DIGITS - 1
    return f"0{digits}" if lost_zero else digits.ljust(CPV_DIGITS, "0")

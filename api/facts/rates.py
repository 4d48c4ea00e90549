"""Rates of response explained class by class: which group each need is in, and its sum."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from api.facts.certificates import own_rate
from api.facts.values import FLOW_CLASSES, Rate, class_names, rate
from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.facts.ground import Ground

EXTENSIONS = "extensions_comprises"


@dataclass(frozen=True)
class RateLine:
    """How the need of one class in one place is answered in a fair flow.

    Attributes
    ----------
    lieu
        The commune's code, with the part's number where a drawn border cuts it.
    certificat_id
        Of the group that falls short; empty when this need can be served whole.
    """

    lieu: str
    donneur_ordre: str
    donneur_ordre_nom: str
    heures: int
    taux: Rate
    certificat_id: str


@dataclass(frozen=True)
class Answered:
    """Hours of one class in one place, their exact rate and the certificate that tells it."""

    place: str
    class_: str
    hours: int
    rate: Fraction
    certificate_id: str


def answered(ground: Ground, atoms: Iterable[int], flow: str) -> list[Answered]:
    """Return how each need of some atoms of a commune is answered, by atom then class.

    A group that falls short has a certificate, which holds its rate; any other need is served
    whole.
    """
    rows = list(atoms)
    places = [str(ground.place[row]) for row in rows]
    short = _short(ground, places, flow)
    found = []
    for row, place in zip(rows, places, strict=True):
        for class_ in FLOW_CLASSES[flow]:
            hours = int(ground.hours_of_atom[row, CLASSES.index(class_)])
            if hours:
                name, value = short.get((place, class_), ("", Fraction(1)))
                found.append(Answered(place, class_, hours, value, name))
    return found


def mean(lines: Iterable[Answered]) -> Fraction | None:
    """Return the need-weighted mean rate, None without need."""
    kept = list(lines)
    total = sum(line.hours for line in kept)
    served = sum((line.hours * line.rate for line in kept), Fraction(0))
    return served / total if total else None


def rate_lines(ground: Ground, atoms: Iterable[int], flow: str) -> list[RateLine]:
    """Return the same in words, for a page or an answer."""
    return [
        RateLine(
            lieu=line.place,
            donneur_ordre=line.class_,
            donneur_ordre_nom=class_names([line.class_])[0],
            heures=line.hours,
            taux=rate(line.rate),
            certificat_id=line.certificate_id,
        )
        for line in answered(ground, atoms, flow)
    ]


def _short(
    ground: Ground, places: list[str], flow: str
) -> dict[tuple[str, str], tuple[str, Fraction]]:
    """Return the certificate and the rate of the (place, class) that fall short."""
    wanted = set(places)
    code = places[0].partition("-")[0] if places else ""
    found = {}
    for name in ground.certificates_of(code):
        certificate = ground.coverage.certificates[name]
        if certificate.flow == flow and certificate.kind == EXTENSIONS:
            value = own_rate(certificate)
            for place, class_, _ in certificate.places:
                if place in wanted:
                    found[place, class_] = (name, value)
    return found

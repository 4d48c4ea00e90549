"""The names and figures of a dossier, as a jury reads them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import (
    DOUBTFUL,
    FAILED,
    LIKELY,
    NOT_SHOWN,
    PASSED,
    SHOWN,
    UNKNOWN,
)
from coverage.proposals.limits import euros
from coverage.wording import THIN, decimal, percent, plural, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coverage.dossiers.model import Figure

UNKNOWN_FIGURE = "inconnu"

_LEAST = Fraction(1, 200)

OUTCOME_NAMES = {
    PASSED: "établi",
    DOUBTFUL: "discutable",
    FAILED: "non établi",
    UNKNOWN: "inconnu",
}
TEST_NAMES = {
    "coherence": "Un territoire cohérent",
    "besoin": "Un besoin que rien ne sert",
    "voisins": "Des voisins qui ne peuvent pas répondre",
}
CLAIM_NAMES = {"facilitateur": "zone blanche", "coordinateur": "région à pourvoir"}
"""What the verdict of a volet speaks of."""

VERDICT_NAMES = {SHOWN: "démontrée", LIKELY: "probable", NOT_SHOWN: "non démontrée"}
OBJECTION_NAMES = {
    "extension": "extension d’un voisin",
    "redeploiement": "redéploiement",
    "besoin_estime": "besoin estimé",
    "hypothese": "hypothèse de calcul",
    "hors_zone": "part hors zone blanche",
    "projet": "fin des projets",
    "perimetre_a_confirmer": "périmètre à confirmer",
    "limitrophe": "extension déjà en place",
    "autre_candidature": "autre candidature",
    "besoin_inconnu": "besoin inconnu",
    "region_pourvue": "région déjà pourvue",
}


def figure_text(figure: Figure) -> str:
    """Write the value of a figure with its unit; « inconnu » for what nobody knows, never 0.

    Cents are euros there, ETP are whole or exact ratios of posts (not hundredths).

    >>> from coverage.dossiers.model import Figure
    >>> figure_text(Figure("besoin", 12500, "h", "")).replace(THIN, "_")
    '12_500_h'
    >>> figure_text(Figure("besoin", None, "h", ""))
    'inconnu'
    >>> figure_text(Figure("part", Fraction(19, 50), "part", "")).replace(THIN, "_")
    '38_%'
    """
    value, unit = figure.value, figure.unit
    if value is None:
        return UNKNOWN_FIGURE
    exact = Fraction(value)
    own = _OWN.get(unit)
    if own is not None:
        return own(exact)
    number = whole(int(exact)) if exact.denominator == 1 else _decimals(exact)
    return number if unit == "nombre" else f"{number}{THIN}{unit}"


def _decimals(exact: Fraction) -> str:
    """Write two decimals; never « 0 » for what is more."""
    return "moins de 0,01" if 0 < exact < _LEAST else decimal(exact, 2)


_OWN: Mapping[str, Callable[[Fraction], str]] = {
    "part": percent,
    "EUR": lambda cents: euros(round(cents)),
    "annee": lambda year: str(int(year)),
    "communes": lambda number: plural(int(number), "commune", "communes"),
    "habitants": lambda number: plural(int(number), "habitant", "habitants"),
    "h/ETP": lambda hours: f"{whole(int(hours))}{THIN}h par ETP",
}
"""Units that are not merely written after the number."""

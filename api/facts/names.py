"""Short names: of statuses as the legend says them, of places, of zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.palette import STYLES, Style, mixed, style_rank
from coverage.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.territory import Territory

LEVEL_NAMES = {
    "commune": "commune",
    "epci": "EPCI",
    "ept": "EPT",
    "arrondissement": "arrondissement",
    "departement": "département",
    "region": "région",
}


STATUS_SHORT = {
    "non_couverte": "non couverte",
    "limitrophe": "limitrophe",
    "donnee_manquante": "donnée manquante",
    "capacite_insuffisante": "capacité insuffisante",
    "couverte": "capacité suffisante au mieux",
}
"""Names of statuses in the choices of a list, gravity and need set apart."""


def status_style(status: str, gravity: str = "", *, unknown: bool = False) -> Style:
    """Return how the legend draws and names a status."""
    return STYLES[style_rank(status, gravity, unknown=unknown)]


def pattern_key(style: Style, *, mixte: bool) -> str:
    """Return the key of the pattern of a commune, striped when it is `mixte`."""
    return mixed(style).key if mixte else style.key


def level_name(territory: Territory, level: str, code: str) -> str:
    """Return the name of a territorial code, the code itself when it has none."""
    return territory.names.get(level, {}).get(code, code)


def zone_name(main: str, count: int) -> str:
    """Name a zone by its most populated commune.

    >>> zone_name("Hirson", 3), zone_name("Hirson", 1)
    ('Hirson et 2 autres communes', 'Hirson')
    """
    others = count - 1
    return main if not others else f"{main} et {plural(others, 'autre commune', 'autres communes')}"


def departement_names(territory: Territory, codes: Sequence[str]) -> list[str]:
    """Return some départements by name and code."""
    return [f"{level_name(territory, 'departement', code)} ({code})" for code in codes]

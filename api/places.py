"""Which unit holds a point: the territory's live index, made when first asked."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from geo.errors import UnknownCodeError
from geo.index import LiveIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.territory import Territory


class Places:
    """Units by place; threads may share one.

    Parameters
    ----------
    territory
        Called once, on the first question.
    """

    def __init__(self, territory: Callable[[], Territory]) -> None:
        self._load = territory
        self._lock = Lock()
        self._made: tuple[Territory, LiveIndex] | None = None

    def unit_at(self, lon: float, lat: float) -> dict[str, str]:
        """Return code, name, département and région of the unit that holds a point.

        On a border, the lowest code answers.

        Raises
        ------
        UnknownCodeError
            When no unit drawn on the base map holds it.
        DataUnavailableError
            When the territory cannot be had.
        """
        territory, index = self._ready()
        found = index.covering(lon, lat)
        if not found:
            raise UnknownCodeError(
                f"aucune commune du fond de carte ne contient le point (longitude {lon}, "
                f"latitude {lat}) ; la longitude vient d’abord, en degrés décimaux"
            )
        unit = territory.units.iloc[found[0]]
        return {
            "code": str(territory.codes[found[0]]),
            "nom": str(unit["name"]),
            "departement": str(unit["departement"]),
            "region": str(unit["region"]),
        }

    def _ready(self) -> tuple[Territory, LiveIndex]:
        with self._lock:
            if self._made is None:
                territory = self._load()
                self._made = territory, LiveIndex(enumerate(territory.units.geometry))
            return self._made

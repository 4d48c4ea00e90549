"""Indicators and regional totals of the example: an estimate where no need was collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data.example.needs import SOURCE

if TYPE_CHECKING:
    from random import Random

    from numpy.typing import NDArray

    from geo.territory import Territory

INDICATOR_COLUMNS = ("commune", "indicateur", "valeur", "source")
TOTAL_COLUMNS = ("region", "donneur_ordre", "heures", "annee", "source")

TOTALS = (("94", "etat", 16_000), ("03", "collectivites", 21_000))
"""Région, class and hours a year: Corse and Guyane, where the class was not collected. In Corse
a service tells its own: the share of its commune is not spread."""

_SEEKERS = (0.045, 0.095)
_PRIORITY_TOWN = 8_000
_PRIORITY_SHARE = (0.04, 0.22)
_PRIORITY_CHANCE = 0.7


def total_rows() -> list[tuple[object, ...]]:
    """Return the lines of `totaux_regionaux`."""
    return [(*total, "", SOURCE) for total in sorted(TOTALS)]


def indicator_rows(territory: Territory, rng: Random) -> list[tuple[object, ...]]:
    """Return the lines of `indicateurs`: every commune of the régions of `TOTALS`."""
    regions = sorted({region for region, *_ in TOTALS})
    rows: NDArray[np.int32] = np.sort(
        np.concatenate([territory.resolve("region", region) for region in regions])
    )
    lines: list[tuple[object, ...]] = []
    for row in rows.tolist():
        code, people = str(territory.codes[row]), int(territory.population[row])
        seekers = round(people * rng.uniform(*_SEEKERS))
        lines.append((code, "demandeurs_emploi", seekers, SOURCE))
        if people >= _PRIORITY_TOWN and rng.random() < _PRIORITY_CHANCE:
            living = round(people * rng.uniform(*_PRIORITY_SHARE))
            lines.append((code, "population_qpv", living, SOURCE))
    return lines

"""What the known need of a place rests on: declared, read from contracts, or estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.parameters import CLASSES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

ORIGIN_NAMES = {
    "besoins": "besoin déclaré pour la commune",
    "marches": "marchés situés dans la commune",
    "services_etat": "heures déclarées de services de l’État",
    "large": "heures connues pour un territoire plus large, réparties",
    "grands_projets": "grands projets, répartis sur les communes touchées",
    "composite": "estimation composite (total régional réparti par indicateurs)",
}
"""What hours rest on, the surest first."""

ORIGINS = tuple(ORIGIN_NAMES)

ESTIMATES = ("large", "grands_projets", "composite")
SOFT = tuple(ORIGINS.index(name) for name in ESTIMATES)
"""Hours of which nothing says that they are in this very commune: they rest on an estimate."""


def origin_hours(rows: pd.DataFrame, units: int) -> NDArray[np.int64]:
    """Return the whole hours of each unit by class and origin; they sum to the known need.

    Shape (units, classes, `ORIGINS`).

    Parameters
    ----------
    rows
        Every contribution, as `coverage.trace.Tracer.rows` gives them.
    """
    wide = ~rows["alone"].to_numpy(dtype=bool) & ~rows["origine"].isin(ORIGINS[-2:])
    names = rows["origine"].where(~wide, "large")
    found = np.zeros((units, len(CLASSES), len(ORIGINS)), dtype=np.int64)
    places = tuple(rows[name].to_numpy(dtype=np.int64) for name in ("unit", "class_"))
    rank = names.map(ORIGINS.index).to_numpy(dtype=np.int64)
    np.add.at(found, (*places, rank), rows["hours"].to_numpy())
    return found

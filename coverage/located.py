"""Where in a cut commune its hours are: the share of each atom, by class (method, 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage.origins.contributions import MICRO
from coverage.parameters import CLASSES
from geo.crs import legal_epsg
from geo.planes import image, with_short_edges

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from coverage.model import Atoms
    from coverage.origins.contributions import Place

LOCATED = ("unit", "class_", "place", "micro", "departement")
"""Columns of the hours that are somewhere in their unit."""


def atom_shares(
    located: pd.DataFrame, places: Sequence[Place], hours: NDArray[np.int64], atoms: Atoms
) -> NDArray[np.float64]:
    """Return the share of its unit's hours that each atom takes, shape (atoms, classes).

    Hours without a shape are spread by area. A shape gives its hours to the atoms by the same
    measure that gave them to the commune: the atom that holds a point, length inside for lines,
    area for polygons, in the legal projection; one that meets no atom is spread by area.

    Parameters
    ----------
    located
        Columns `LOCATED`.
    places
        Their shapes.
    hours
        Whole hours, shape (units, classes).
    """
    unit, share = (atoms.table[name].to_numpy() for name in ("unit", "share"))
    shares = np.repeat(share[:, np.newaxis], len(CLASSES), axis=1)
    cut = np.unique(unit[~shapely.is_missing(atoms.shapes)])
    rows = located[located["unit"].isin(cut) & (located["micro"] > 0)]
    for own, class_ in rows[["unit", "class_"]].drop_duplicates().to_numpy().tolist():
        placed = rows[(rows["unit"] == own) & (rows["class_"] == class_)]
        at = slice(*np.searchsorted(unit, [own, own + 1]).tolist())
        whole = int(hours[own, class_]) * MICRO
        shares[at, class_] = _shares(placed, places, atoms.shapes[at], share[at], whole)
    return shares


def _shares(
    placed: pd.DataFrame,
    places: Sequence[Place],
    shapes: NDArray[np.object_],
    share: NDArray[np.float64],
    whole: int,
) -> NDArray[np.float64]:
    """Return the share of each atom of one unit in the hours of one class."""
    epsg = legal_epsg(str(placed["departement"].iloc[0]))
    by_atom = np.zeros(len(share))
    for number, micro in zip(placed["place"].tolist(), placed["micro"].tolist(), strict=True):
        measures = _measures(places[number].shape, shapes, epsg)
        by_atom += micro * (measures / measures.sum() if measures.any() else share)
    # What has no shape; rounding may have kept a little less than what is located.
    by_atom += max(whole - int(placed["micro"].sum()), 0) * share
    shares: NDArray[np.float64] = by_atom / by_atom.sum()
    return shares


def _measures(
    shape: Any,  # noqa: ANN401 - shapely has no types
    atoms: NDArray[np.object_],
    epsg: int,
) -> NDArray[np.float64]:
    """Return how much of a shape is in each atom; a point on their border is in the first."""
    dimension = int(shapely.get_dimensions(shape))
    if dimension == 0:
        held = shapely.intersects(atoms, shape)
        return np.eye(len(atoms))[int(held.argmax())] if held.any() else np.zeros(len(atoms))
    drawn = image(with_short_edges(np.array([shape], dtype=object)), epsg)[0]
    met = shapely.intersection(image(atoms, epsg), drawn)
    measure = shapely.length if dimension == 1 else shapely.area
    found: NDArray[np.float64] = measure(met)
    return found

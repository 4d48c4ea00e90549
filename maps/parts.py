"""What is drawn of the communes: each atom, whole or cut, with its own zone and style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.shapes import is_cut
from maps.statuses import style_rank

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from coverage.model import Coverage


@dataclass(frozen=True)
class ShownAtoms:
    """The atoms of the communes shown, by commune then in their order; shape (atoms,) each.

    Attributes
    ----------
    rows
        In the coverage's atoms.
    commune
        Position in the communes shown.
    zone
        Position in the zones shown, -1 when there is none.
    style
        Rank in `maps.statuses.STYLES`: of its own status, never of its commune's.
    cut
        Whether it is a part of its commune.
    share
        Of its commune's area.
    shown
        Whether its commune shows its situation: it holds most of the need.
    """

    rows: NDArray[np.intp]
    commune: NDArray[np.intp]
    zone: NDArray[np.intp]
    style: NDArray[np.intp]
    cut: NDArray[np.bool_]
    share: NDArray[np.float64]
    shown: NDArray[np.bool_]


def styles_of(frame: pd.DataFrame) -> list[int]:
    """Return the rank in `maps.statuses.STYLES` of each commune or zone."""
    gravites = [value if isinstance(value, str) else "" for value in frame["gravite"]]
    rows = zip(frame["statut"], gravites, frame["classes_inconnues"], strict=True)
    return [style_rank(status, gravite, unknown=bool(unknown)) for status, gravite, unknown in rows]


def shown_atoms(
    coverage: Coverage,
    communes: pd.DataFrame,
    zones: pd.DataFrame,
    *,
    units: NDArray[np.intp],
    zone_of: NDArray[np.intp],
    styles: list[int],
) -> ShownAtoms:
    """Return the atoms of communes.

    The part that a commune shows has the commune's style, gravity included. Another has the
    status of its zone, which holds parts of one status alone, and the zone's gravity, for none
    is decided by part; what is unknown of the need is known by commune.

    Parameters
    ----------
    communes, zones
        Rows shown of the coverage's tables.
    units
        Row in the territory of each commune, increasing.
    zone_of, styles
        Position in `zones` and rank of the style of what each commune shows.
    """
    table = coverage.atoms.table
    unit = table["unit"].to_numpy()
    rows = np.flatnonzero(np.isin(unit, units))
    commune = np.searchsorted(units, unit[rows])
    share = table["share"].to_numpy()[rows]
    held_by = np.full(len(table), -1, dtype=np.intp)
    for position, zone_id in enumerate(zones.index):
        held_by[coverage.zone_atoms[zone_id]] = position
    zone = held_by[rows]
    shown = _shown(commune, share, zone == zone_of[commune])
    style = np.array(styles, dtype=np.intp)[commune]
    own = zones[["statut", "gravite"]].iloc[zone[~shown]]
    unknown = communes["classes_inconnues"].to_numpy(dtype=object)[commune[~shown]]
    style[~shown] = styles_of(own.assign(classes_inconnues=unknown))
    return ShownAtoms(rows, commune, zone, style, is_cut(coverage.atoms)[rows], share, shown)


def _shown(
    commune: NDArray[np.intp], share: NDArray[np.float64], candidate: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return the largest candidate of each commune: need is spread over its parts by area."""
    order = np.lexsort((-share, ~candidate, commune))
    shown = np.zeros(len(commune), dtype=bool)
    shown[order[np.unique(commune[order], return_index=True)[1]]] = True
    return shown & candidate

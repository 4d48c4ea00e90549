"""The one shape of what every origin brings to the need: hours at a place, with their trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from geo.errors import Notice

MICRO = 1_000_000
"""Hours are summed as whole millionths, so that sums do not depend on the order of rows."""

POOL = "|marches"
"""`item` of contracts counted together: one row a place, class, programme and source."""

COLUMNS = {
    "place": "int64",
    "class_": "int64",
    "programme": "object",
    "source": "object",
    "item": "object",
    "count": "int64",
    "micro": "int64",
}
"""Columns of `Contributions.table` and their dtypes."""

ASIDE = ("fichier", "ligne", "objet", "constat", "heures")
"""Columns of what could not be placed, counted or believed; `heures` is NaN when unknown."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where hours are: some units, and how they share.

    Attributes
    ----------
    label
        `niveau:code`, `point:lon,lat`, `projet:id`…: how the trace names it.
    units
        Sorted unit rows, int32, at least one.
    weights
        Of each unit, whole numbers: inhabitants, square millimetres… All zero shares equally.
    known
        Whether a row here makes its class known in the units: true of a commune, false of a
        place so wide that nothing is said of each commune.
    shape
        WGS84 point, lines or polygons that say where in a cut commune the hours are; None for
        its whole area.
    """

    label: str
    units: NDArray[np.int32]
    weights: tuple[int, ...]
    known: bool = True
    shape: Any = None


def aside_table(rows: Iterable[tuple[str, int, str, str, float]] = ()) -> pd.DataFrame:
    """Return a table of what was set aside, empty by default."""
    return pd.DataFrame(list(rows), columns=list(ASIDE))


@dataclass(frozen=True)
class Contributions:
    """What one origin brings to the need of the study's year.

    Attributes
    ----------
    table
        `place` (position in `places`), `class_` (position in `CLASSES`), `programme`, `source`
        (file or label), `item` (what it is: contract, project, service; empty for a pool),
        `count` (things pooled), `micro` (millionths of hours, ≥ 0).
    aside
        Columns `ASIDE`: what could not be placed, counted or believed.
    """

    table: pd.DataFrame
    places: tuple[Place, ...] = ()
    warnings: tuple[Notice, ...] = ()
    aside: pd.DataFrame = field(default_factory=aside_table)


def contribution_table(columns: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Return a table of contributions, empty by default, in the dtypes of `COLUMNS`."""
    given = columns or {name: [] for name in COLUMNS}
    return pd.DataFrame({name: given[name] for name in COLUMNS}).astype(COLUMNS)


def gathered(parts: Sequence[Contributions]) -> Contributions:
    """Return the contributions of several origins as one."""
    tables: list[pd.DataFrame] = []
    places: list[Place] = []
    for part in parts:
        tables.append(part.table.assign(place=part.table["place"] + len(places)))
        places += part.places
    filled = [table for table in tables if len(table)]
    aside = [part.aside for part in parts if len(part.aside)]
    return Contributions(
        table=pd.concat(filled, ignore_index=True) if filled else contribution_table(),
        places=tuple(places),
        warnings=tuple(notice for part in parts for notice in part.warnings),
        aside=pd.concat(aside, ignore_index=True) if aside else aside_table(),
    )

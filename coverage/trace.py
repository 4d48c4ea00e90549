"""Where hours come from: each contribution to each commune, whose sums are the results (method, 4).

A contribution of a place of several communes (a département, a project) reaches each of them by
the weights of the place. Exact hours stand beside counted hours: whole, and adding up to the
commune's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl

from coverage.origins.composite import SOURCE as COMPOSITE
from coverage.origins.contracts import contract_hours, place_labels
from coverage.origins.contributions import MICRO, POOL
from coverage.parameters import CLASSES
from coverage.rounding import largest_remainders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Coverage, Need

COLUMNS = (
    *("commune", "donneur_ordre", "programme", "annee", "origine", "source", "id", "lieu"),
    *("nombre", "heures", "heures_comptees"),
)
"""Columns of the trace, one row a (contribution, commune)."""

ORIGINES = ("besoins", "marches", "grands_projets", "services_etat", "composite")
"""What hours come from, in the order that readers are told."""

_KEY = ["unit", "class_", "programme", "source"]


def trace(coverage: Coverage, units: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """Return every contribution to some communes in the study's year, all of them by default.

    Parameters
    ----------
    units
        Mask of the communes, shape (units,).

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, sorted: `origine` one of `ORIGINES`; `id` of the contract, project or
        service, empty when there is none or several; `lieu` the place as filed
        (`commune:59350`, `departement:59`…); `nombre` of things counted together; `heures`
        exact to the millionth; `heures_comptees` whole, by largest remainder, so that their sum
        by commune and class is the result's.
    """
    rows = Tracer.of(coverage).rows(units)
    return pd.DataFrame(
        {
            "commune": coverage.territory.codes[rows["unit"]],
            "donneur_ordre": np.array(CLASSES, dtype=object)[rows["class_"]],
            "programme": rows["programme"],
            "annee": np.full(len(rows), coverage.study.year),
            "origine": rows["origine"],
            "source": rows["source"],
            "id": rows["item"].where(rows["item"] != POOL, ""),
            "lieu": rows["lieu"],
            "nombre": rows["count"],
            "heures": rows["micro"] / MICRO,
            "heures_comptees": rows["hours"],
        }
    )


@dataclass(frozen=True, eq=False)
class Tracer:
    """The contributions of a coverage laid out by commune, to be asked about some of them.

    Attributes
    ----------
    labels, sizes, starts
        Of each place: as filed, how many communes, where they begin in `unit` and `weight`.
    place, unit, weight
        One entry a (place, commune).
    """

    coverage: Coverage
    labels: NDArray[np.object_]
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]
    place: NDArray[np.int64]
    unit: NDArray[np.int64]
    weight: NDArray[np.int64]

    @classmethod
    def of(cls, coverage: Coverage) -> Tracer:
        """Return the tracer of a coverage."""
        places = coverage.need.contributions.places
        none = np.empty(0, dtype=np.int64)
        sizes = np.array([len(place.units) for place in places], dtype=np.int64)
        return cls(
            coverage=coverage,
            labels=np.array([place.label for place in places] or [""], dtype=object),
            sizes=sizes,
            starts=np.cumsum(sizes) - sizes,
            place=np.repeat(np.arange(len(places)), sizes),
            unit=np.concatenate([none, *(place.units for place in places)]).astype(np.int64),
            weight=np.concatenate([none, *(np.array(p.weights, dtype=np.int64) for p in places)]),
        )

    def rows(self, units: NDArray[np.bool_] | None = None, *, detail: bool = True) -> pd.DataFrame:
        """Return the contributions to some communes as numbers, for those who tell them.

        Parameters
        ----------
        units
            Mask of the communes, shape (units,); all of them by default.
        detail
            Whether contracts placed in one commune have each their row, else one for all.

        Returns
        -------
        DataFrame
            Columns `unit` (unit row), `class_` (position in `CLASSES`), `programme`, `source`,
            `item`, `origine`, `lieu`, `alone` (whether the place is one commune), `count`,
            `micro` (millionths of hours) and `hours` (whole, counted).
        """
        rows = self._by_unit(units)
        rows = rows.assign(origine=_origins(rows))
        if detail:
            rows = _with_contracts(rows, self.coverage)
        rows = rows.sort_values([*_KEY, "lieu", "item"], ignore_index=True)
        return rows.assign(hours=_counted(rows, self.coverage.need))

    def _by_unit(self, units: NDArray[np.bool_] | None) -> pd.DataFrame:
        """Return the contributions unit by unit; those of a wide place by its weights."""
        kept = np.ones(len(self.coverage.territory), bool) if units is None else units
        near = np.zeros(len(self.sizes), dtype=bool)
        near[self.place[kept[self.unit]]] = True
        table = self.coverage.need.contributions.table
        table = table[near[table["place"].to_numpy()]].reset_index(drop=True)
        place = table["place"].to_numpy()
        sizes = self.sizes[place]
        row = np.repeat(np.arange(len(table)), sizes)
        at = np.repeat(self.starts[place] - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(row))
        spread = table.loc[row].reset_index(drop=True)
        spread = spread.assign(
            unit=self.unit[at],
            lieu=self.labels[spread["place"].to_numpy()],
            alone=np.repeat(sizes == 1, sizes),
            micro=largest_remainders(spread["micro"].to_numpy(), self.weight[at], row),
        )
        shown = kept[spread["unit"].to_numpy()]
        return pd.DataFrame(spread[shown].drop(columns="place").reset_index(drop=True))


def _origins(rows: pd.DataFrame) -> NDArray[np.object_]:
    """Tell the origin of each row by its place and by what it is."""
    named = [
        rows["lieu"].str.startswith("projet:"),
        rows["source"] == COMPOSITE,
        rows["item"] == POOL,
        rows["item"] == "",
    ]
    names = [np.array(name, dtype=object) for name in _OF_TESTS]
    found: NDArray[np.object_] = np.select(
        [test.to_numpy(dtype=bool) for test in named],
        names,
        default=np.array("services_etat", dtype=object),
    )
    return found


_OF_TESTS = ("grands_projets", "composite", "marches", "besoins")
"""Origin by the first test of `_origins` that holds; services of the State otherwise."""


def _with_contracts(rows: pd.DataFrame, coverage: Coverage) -> pd.DataFrame:
    """Replace the pools of contracts of one commune by their contracts, one row each."""
    study = coverage.study
    pools = rows[rows["alone"] & rows["item"].eq(POOL)]
    if not len(pools):
        return rows
    # Hours are each contract's own: those of other places need not be computed.
    codes = sorted({label.partition(":")[2] for label in pools["lieu"]})
    near = pl.col("code").is_in(codes) | (pl.col("niveau") == "point")
    hours = contract_hours(study.contracts.filter(near), study.parameters, study.year)
    contracts = pd.DataFrame(
        {
            "lieu": place_labels(hours),
            "class_": hours["donneur_ordre"].to_physical().to_numpy().astype(np.int64),
            "programme": hours["programme"].to_numpy().astype(object),
            "source": hours["source"].to_numpy().astype(object),
            "own": hours["contract_id"].to_numpy().astype(object),
            "own_micro": hours["micro"].to_numpy(),
        }
    )
    key = ["lieu", "class_", "programme", "source"]
    found = pools.reset_index().merge(contracts, on=key, how="inner")
    detail = found.assign(item=found["own"], micro=found["own_micro"], count=1)
    others = rows[~rows.index.isin(found["index"])]
    return pd.concat([others, detail[rows.columns]], ignore_index=True)


def _counted(rows: pd.DataFrame, need: Need) -> NDArray[np.int64]:
    """Share the whole hours of each (unit, class, programme, source) between its rows."""
    parts = need.parts[need.parts["unit"].isin(rows["unit"].unique())]
    parts = parts.assign(class_=parts["donneur_ordre"].map(CLASSES.index).astype(np.int64))
    whole = rows[_KEY].merge(parts[[*_KEY, "hours"]], on=_KEY, how="left")["hours"]
    group = rows.groupby(_KEY, sort=True).ngroup().to_numpy().astype(np.int64)
    totals = whole.fillna(0).to_numpy(dtype=np.int64)
    return largest_remainders(totals, rows["micro"].to_numpy(), group)

"""Need: hours of insertion in the year, by unit and class, known or unknown (method, 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.located import atom_shares
from coverage.model import Need
from coverage.origins.composite import composite_contributions
from coverage.origins.contracts import contract_contributions
from coverage.origins.contributions import MICRO, gathered
from coverage.origins.filed import filed_contributions
from coverage.origins.projects import project_contributions
from coverage.origins.services import service_contributions
from coverage.parameters import CLASSES
from coverage.rounding import largest_remainders, spread
from coverage.sites import find_sites
from coverage.wording import plural
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.model import Atoms, Study
    from coverage.origins.contributions import Contributions, Place
    from geo.territory import Territory

ORIGINS = (
    filed_contributions,
    contract_contributions,
    project_contributions,
    service_contributions,
)
"""What brings hours, each on its own; the composite need comes after, where they leave unknowns."""

_KEYS = ["class_", "programme", "source"]


def build_need(study: Study, territory: Territory) -> Need:
    """Place the needs of the study's year on units, whatever their origin.

    Hours of one commune and class are summed exactly, whatever their sources, then rounded to
    the nearest whole hour and shared between programmes and sources by largest remainder. A
    place of several units (a whole city, a département, a project) is rounded as a whole and
    shared between its units by its weights, so that its hours are kept.

    Raises
    ------
    UnknownCodeError
        When a code is unknown; the study reader has normally refused it before.
    """
    known = _exhaustive(study, territory)
    filed = gathered([origin(study, territory) for origin in ORIGINS])
    known |= _filed(filed, known)
    brought = gathered([filed, composite_contributions(study, territory, known)])
    summed = _by_cell(brought, len(territory))
    parts = _whole_hours(summed, brought.places, len(territory))
    hours = np.zeros(known.shape, dtype=np.int64)
    np.add.at(hours, (parts["unit"].to_numpy(), parts["class_"].to_numpy()), parts["hours"])
    parts.insert(1, "donneur_ordre", np.array(CLASSES, dtype=object)[parts["class_"]])
    return Need(
        contributions=brought,
        parts=parts.drop(columns="class_"),
        hours=hours,
        known=known,
        located=_located(brought, territory),
        sites=find_sites(study, territory),
        rounding_hours=int(hours.sum()) - int(brought.table["micro"].sum()) / MICRO,
        warnings=(*brought.warnings, *_unknown(known | (hours > 0))),
    )


def _filed(brought: Contributions, like: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the (unit, class) for which a row exists, 0 hours included; shape as `like`."""
    places = brought.places
    filed = np.zeros((len(places), like.shape[1]), dtype=bool)
    filed[brought.table["place"], brought.table["class_"]] = True
    filed[[number for number, place in enumerate(places) if not place.known]] = False
    flat = np.concatenate([np.empty(0, dtype=np.int32), *(place.units for place in places)])
    known = np.zeros_like(like)
    np.logical_or.at(known, flat, np.repeat(filed, [len(p.units) for p in places], axis=0))
    return known


def _by_cell(brought: Contributions, units: int) -> pd.DataFrame:
    """Sum the hours by cell: a unit, or a place of several units (numbered after the units)."""
    cell = np.array(
        [
            int(place.units[0]) if len(place.units) == 1 else units + number
            for number, place in enumerate(brought.places)
        ],
        dtype=np.int64,
    )
    table = brought.table.assign(cell=cell[brought.table["place"]])
    keys = ["cell", *_KEYS]
    return table.groupby(keys, sort=True, as_index=False)[["micro"]].sum()


def _whole_hours(summed: pd.DataFrame, places: Sequence[Place], units: int) -> pd.DataFrame:
    """Return whole hours by unit, class, programme and source; rows of 0 hours are left out.

    Each (cell, class) is rounded to the nearest hour.
    """
    group = (summed["cell"] * len(CLASSES) + summed["class_"]).to_numpy()
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    sizes = np.diff(np.append(first, len(group)))
    micro = summed["micro"].to_numpy()
    total = (np.add.reduceat(micro, first) + MICRO // 2) // MICRO if len(first) else micro
    own = summed.assign(rank=np.repeat(np.arange(len(first)), sizes))
    shared = _shared(summed["cell"].to_numpy()[first], total, places, units)
    # Every unit of a cell takes its share of each row of the cell, in their order.
    rows = shared.merge(own, on="rank", how="left").sort_values(["share", *_KEYS], kind="stable")
    hours = largest_remainders(*(rows[name].to_numpy() for name in ("hours", "micro", "share")))
    parts = rows[["unit", *_KEYS]].assign(hours=hours).astype({"unit": np.int32})
    some = parts[parts["hours"] > 0]
    keys = ["unit", *_KEYS]
    return some.groupby(keys, sort=True, as_index=False)[["hours"]].sum()


def _shared(
    cell: NDArray[np.int64], total: NDArray[np.int64], places: Sequence[Place], units: int
) -> pd.DataFrame:
    """Share the whole hours of each (cell, class) between the units of the cell.

    Returns
    -------
    DataFrame
        Columns `rank` (position in `cell`), `unit`, `hours`, `share` (number of the row).
    """
    alone = np.flatnonzero(cell < units)
    frames = [pd.DataFrame({"rank": alone, "unit": cell[alone], "hours": total[alone]})]
    wide = np.flatnonzero(cell >= units).tolist()
    if wide:
        several = [places[number - units] for number in cell[wide].tolist()]
        sizes = [len(place.units) for place in several]
        rank = np.repeat(wide, sizes)
        weights = np.concatenate([np.array(place.weights, dtype=np.int64) for place in several])
        frames.append(
            pd.DataFrame(
                {
                    "rank": rank,
                    "unit": np.concatenate([place.units for place in several]).astype(np.int64),
                    "hours": largest_remainders(total[rank], weights, rank),
                }
            )
        )
    table = pd.concat(frames, ignore_index=True)
    return table.assign(share=np.arange(len(table)))


def _located(brought: Contributions, territory: Territory) -> pd.DataFrame:
    """Return the hours of the places that have a shape, by unit, class and place."""
    shaped = [number for number, place in enumerate(brought.places) if place.shape is not None]
    table = brought.table[brought.table["place"].isin(shaped)]
    summed = table.groupby(["place", "class_"], sort=True, as_index=False)["micro"].sum()
    several = [brought.places[number] for number in summed["place"].tolist()]
    sizes = [len(place.units) for place in several]
    group = np.repeat(np.arange(len(several)), sizes)
    none = np.empty(0, dtype=np.int64)
    unit = np.concatenate([none, *(place.units for place in several)])
    return pd.DataFrame(
        {
            "unit": unit,
            "class_": summed["class_"].to_numpy()[group],
            "place": summed["place"].to_numpy()[group],
            "micro": largest_remainders(
                summed["micro"].to_numpy()[group],
                np.concatenate([none, *(np.array(p.weights, dtype=np.int64) for p in several)]),
                group,
            ),
            "departement": territory.units["departement"].to_numpy(dtype=object)[unit],
        }
    )


def _exhaustive(study: Study, territory: Territory) -> NDArray[np.bool_]:
    """Return where the absence of a row means zero, shape (units, classes)."""
    known = np.zeros((len(territory), len(CLASSES)), dtype=bool)
    table = study.exhaustiveness
    for class_, region, departement in zip(
        table["donneur_ordre"], table["region"], table["departement"], strict=True
    ):
        units: NDArray[np.int32] | slice = slice(None)
        if departement:
            units = territory.resolve("departement", departement)
        elif region:
            units = territory.resolve("region", region)
        known[units, CLASSES.index(class_)] = True
    return known


def _unknown(known: NDArray[np.bool_]) -> list[Notice]:
    blank = int((~known.any(axis=1)).sum())
    if not blank:
        return []
    return [
        Notice(
            "besoins",
            0,
            "commune",
            f"{plural(blank, 'commune n’a', 'communes n’ont')} aucun besoin connu, ce qui n’est "
            "pas zéro",
            "compléter « besoins », ou déclarer dans « exhaustivite » où l’absence vaut zéro",
        )
    ]


def need_by_atom(need: Need, atoms: Atoms) -> NDArray[np.int64]:
    """Spread the hours of each unit over its atoms, shape (atoms, classes).

    Located hours go to the atoms they fall in, the others by area. Whole hours by largest
    remainder per (unit, class), ties to the earlier atom; sums by unit are kept.
    """
    unit = atoms.table["unit"].to_numpy()
    shares = atom_shares(need.located, need.contributions.places, need.hours, atoms)
    columns = [spread(need.hours[unit, k], shares[:, k], unit) for k in range(len(CLASSES))]
    return np.column_stack(columns)

"""Year by year: which year a territory breaks, whether a post still has work (method, 4 and 5).

A post's load: in the fair flow, a group of need D and capacity C that share suppliers has rate
C / D. When C ≥ D, the suppliers of the group can all be kept at D / C of their capacity, and no
lower greatest load exists; when C < D, all of them work fully. It is the same partition read from
the side of the posts (Fujishige 1980), so a load is unique.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.basis import build_basis
from coverage.decision import served_hours
from coverage.model import Years
from coverage.parameters import CLASSES, STATE_COLUMNS
from coverage.response import mean_rates
from coverage.rounding import sums
from coverage.status import KNOWN, STATUTS, known_ranks, shown_atom
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from coverage.basis import Basis
    from coverage.model import Study
    from geo.territory import Territory


def build_years(
    study: Study, territory: Territory, first: Basis, served: NDArray[np.int64]
) -> Years:
    """Decide every year of the study.

    Parameters
    ----------
    first
        The study's own year, already decided.
    served
        Whole hours served in each unit that year: rounded zone by zone, as all its results.
    """
    years = tuple(range(study.year, max(study.last_year, study.year) + 1))
    bases = [first] + [build_basis(replace(study, year=y), territory) for y in years[1:]]
    communes = [_communes(basis, territory) for basis in bases]
    communes[0] = communes[0].assign(servi_h=served)
    structures = [_structures(basis) for basis in bases]
    return Years(
        years=years,
        communes=_stacked(years, communes),
        structures=_stacked(years, structures),
        warnings=_warnings(years),
    )


def _stacked(years: Iterable[int], frames: list[pd.DataFrame]) -> pd.DataFrame:
    dated = [frame.assign(annee=year) for year, frame in zip(years, frames, strict=True)]
    table = pd.concat(dated, ignore_index=True)
    return table[["annee", *(name for name in table.columns if name != "annee")]]


def _communes(basis: Basis, territory: Territory) -> pd.DataFrame:
    decision = basis.decision
    units = len(territory)
    unit = decision.atoms.table["unit"].to_numpy()
    need = sums(decision.need, unit, units)
    atom = shown_atom(decision.atoms, decision.need.sum(axis=1), decision.status)["atom"]
    served = served_hours(decision.rates, np.arange(len(unit)))
    known = np.array(KNOWN, dtype=object)
    return pd.DataFrame(
        {
            "unit": np.arange(units, dtype=np.int32),
            "besoin_h": need.sum(axis=1),
            "besoin_etat_h": need[:, STATE_COLUMNS].sum(axis=1),
            "servi_h": sums(served, unit, units),
            "taux_reponse": mean_rates(decision.total, unit, units).exact,
            "taux_reponse_etat": mean_rates(decision.state, unit, units).exact,
            "besoin_connu": known[known_ranks(basis.need.known, need.sum(axis=1))],
            "classes_inconnues": _unknown_classes(basis.need.known),
            "statut": np.array(STATUTS, dtype=object)[decision.status[atom.to_numpy()]],
        }
    )


def _unknown_classes(known: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return the classes whose need is unknown in each unit."""
    named = (tuple(compress(CLASSES, row)) for row in (~known).tolist())
    return np.fromiter(named, dtype=object, count=len(known))


def _structures(basis: Basis) -> pd.DataFrame:
    """Return the work of each structure with capacity."""
    table = basis.supply.table
    capacity = table["hours"].to_numpy(dtype=np.int64)
    load = [Fraction(0)] * len(table)
    for group in basis.decision.total.groups:
        for supply in group.supplies:
            load[supply] = 1 / max(group.rate, Fraction(1))
    nodes = basis.decision.total.nodes
    reached = [set[int]() for _ in range(len(table))]
    for node, row in enumerate(nodes.reach):
        for supply in row:
            reached[supply].add(node)
    found = []
    rows_of: dict[str, list[int]] = {}
    for place, structure in enumerate(table["structure_id"].tolist()):
        rows_of.setdefault(structure, []).append(place)
    for structure, rows in rows_of.items():
        hours = int(capacity[rows].sum())
        work = sum((int(capacity[row]) * load[row] for row in rows), Fraction(0))
        need = sum(nodes.needs[node] for node in set().union(*(reached[row] for row in rows)))
        charge = work / hours if hours else None
        found.append((structure, hours, need, int(work + Fraction(1, 2)), charge))
    columns = ["structure_id", "capacite_h", "besoin_atteint_h", "travail_h", "charge"]
    return pd.DataFrame(found, columns=columns).astype({"charge": object})


def _warnings(years: tuple[int, ...]) -> tuple[Notice, ...]:
    if len(years) == 1:
        return ()
    return (
        Notice(
            "etude.toml",
            0,
            "etude.derniere_annee",
            f"après {years[0]}, seuls comptent les marchés, projets et besoins déjà connus : un "
            "besoin qui baisse peut seulement n’être pas encore connu",
            "lire la baisse d’une année à l’autre comme un minimum",
        ),
    )


def first_breaks(years: Years, units: int) -> NDArray[np.object_]:
    """Return the first year in which each unit is not sufficiently covered, None if none is."""
    table = years.communes
    broken = table[table["statut"] != "couverte"]
    first = broken.groupby("unit")["annee"].min()
    found = np.full(units, None, dtype=object)
    found[first.index.to_numpy()] = first.to_numpy().astype(object)
    return found


def zone_breaks(
    breaks: NDArray[np.object_], communes: Iterable[tuple[str, ...]], territory: Territory
) -> list[int | None]:
    """Return the first year in which a commune of each zone breaks, None if none does.

    Parameters
    ----------
    breaks
        Of each unit, as `first_breaks` returns them.
    communes
        Codes of each zone.
    """
    by_unit = dict(zip(territory.codes.tolist(), breaks.tolist(), strict=True))
    found = []
    for codes in communes:
        own = [by_unit[code] for code in codes if by_unit[code] is not None]
        found.append(min(own) if own else None)
    return found

"""What remains to be documented: where the need of each class of buyers is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.parameters import CLASSES
from data.results.tables import Table, cell

if TYPE_CHECKING:
    from coverage.model import Coverage

COLUMNS = (
    *("departement", "nom", "donneur_ordre", "communes_inconnues", "population"),
    *("heures_estimees", "communes"),
)
"""Columns of `a_documenter.csv`."""


def unknowns_table(coverage: Coverage) -> Table:
    """Return the table of `a_documenter.csv`: one row a (département, class) unknown somewhere.

    `heures_estimees` are hours counted there though the class is not known (a project, contracts
    placed by département, an estimate); `communes` their codes, for the régions shown.
    """
    territory, need = coverage.territory, coverage.need
    shown = territory.units.index.isin(coverage.communes.index)
    departement = territory.units["departement"].to_numpy(dtype=object)
    rows = []
    for code in sorted(set(departement[shown])):
        own = shown & (departement == code)
        for rank, class_ in enumerate(CLASSES):
            units = np.flatnonzero(own & ~need.known[:, rank])
            if len(units):
                rows.append(
                    (
                        code,
                        territory.names["departement"].get(code, code),
                        class_,
                        len(units),
                        int(territory.population[units].sum()),
                        int(need.hours[units, rank].sum()),
                        tuple(territory.codes[units]),
                    )
                )
    columns = {name: [cell(row[at]) for row in rows] for at, name in enumerate(COLUMNS)}
    return Table(columns, whole=frozenset({"communes_inconnues", "population", "heures_estimees"}))

"""`avant_apres.csv`: what each commune is today, and what it would be with the posts proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.selection import select_regions
from data.results.files import communes_table
from data.results.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.model import Coverage

PLACE = ("commune", "nom", "departement", "region", "population", "besoin_connu", "besoin_h")
TOLD = (
    *("statut", "mixte", "gravite", "taux_reponse", "taux_reponse_etat", "servi_h"),
    *("zone_id", "structures"),
)


def before_after_table(states: Mapping[str, Coverage]) -> Table:
    """Return one row a commune: the columns of `communes.csv` in each state, its name after theirs.

    Parameters
    ----------
    states
        Name of a state → coverage; the first one is today's.
    """
    tables = {name: communes_table(select_regions(own)) for name, own in states.items()}
    first = next(iter(tables.values()))
    columns = {name: first.columns[name] for name in PLACE}
    whole, decimal = first.whole & set(PLACE), first.decimal & set(PLACE)
    for state, table in tables.items():
        columns |= {f"{name}_{state}": table.columns[name] for name in TOLD}
        whole |= {f"{name}_{state}" for name in table.whole & set(TOLD)}
        decimal |= {f"{name}_{state}" for name in table.decimal & set(TOLD)}
    return Table(columns, whole=frozenset(whole), decimal=frozenset(decimal))

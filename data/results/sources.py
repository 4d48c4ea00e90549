"""Result files about where hours come from and how they go through the years."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import polars as pl

from coverage.origins.contracts import observed_clauses
from coverage.origins.contributions import MICRO
from coverage.status import STATUTS
from coverage.trace import trace
from data.results.tables import Table, cell, fixed

if TYPE_CHECKING:
    import pandas as pd

    from coverage.model import Coverage, Study

CENTS = 100
_RATES = ("taux_reponse", "taux_reponse_etat", "charge")


def trace_parquet(coverage: Coverage) -> bytes:
    """Return `besoins.parquet`: the columns of `coverage.trace.COLUMNS`, of the régions shown."""
    units = coverage.territory.units.index.isin(coverage.communes.index)
    buffer = io.BytesIO()
    # No clock nor machine in the file: the same contributions give the same bytes.
    pl.from_pandas(trace(coverage, units)).write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def years_table(coverage: Coverage) -> Table:
    """Return the table of `annees.csv`: one row a (year, commune) of the régions shown."""
    table = coverage.years.communes
    codes = coverage.territory.codes[table["unit"]]
    kept = coverage.territory.units.index.isin(coverage.communes.index)[table["unit"]]
    shown = table[kept].drop(columns=["annee", "unit"])
    columns = {name: _cells(shown[name]) for name in shown.columns}
    return Table(
        {"annee": _cells(table.loc[kept, "annee"]), "commune": codes[kept].tolist(), **columns},
        whole=frozenset({"annee", "besoin_h", "besoin_etat_h", "servi_h"}),
        decimal=frozenset(_RATES[:2]),
    )


def loads_table(coverage: Coverage) -> Table:
    """Return the table of `charges.csv`: one row a (year, structure with capacity)."""
    table = coverage.years.structures
    names = coverage.study.structures["nom"]
    columns = {name: _cells(table[name]) for name in table.columns}
    columns["nom"] = [cell(names.get(structure, "")) for structure in table["structure_id"]]
    order = ("annee", "structure_id", "nom")
    rest = [name for name in columns if name not in order]
    return Table(
        {name: columns[name] for name in (*order, *rest)},
        whole=frozenset({"annee", "capacite_h", "besoin_atteint_h", "travail_h"}),
        decimal=frozenset({"charge"}),
    )


def _cells(column: pd.Series[Any]) -> list[str]:
    if column.name in _RATES:
        return [fixed(value, 6) for value in column.tolist()]
    return [cell(value) for value in column.tolist()]


def aside_table(study: Study) -> Table:
    """Return the table of `marches_ecartes.csv`: the contracts that brought no hours, and why."""
    aside = study.contracts_aside.sort("source", "row", "contract_id", "reason", "found")
    amounts = aside["amount_cents"].to_list()
    return Table(
        {
            "fichier": aside["source"].to_list(),
            "ligne": [str(row or "") for row in aside["row"].to_list()],
            "marche_id": [cell(name) for name in aside["contract_id"].to_list()],
            "raison": aside["reason"].to_list(),
            "trouve": [cell(found) for found in aside["found"].to_list()],
            "montant_eur": ["" if a is None else f"{a // CENTS}.{a % CENTS:02d}" for a in amounts],
        },
        whole=frozenset({"ligne"}),
        decimal=frozenset({"montant_eur"}),
    )


def by_year(coverage: Coverage) -> dict[str, dict[str, Any]]:
    """Return the figures of each year, of the régions shown."""
    table = coverage.years.communes
    shown = coverage.territory.units.index.isin(coverage.communes.index)
    found = {}
    for year, own in table[shown[table["unit"]]].groupby("annee"):
        counts = own["statut"].value_counts()
        found[str(year)] = {
            **{name: int(own[name].sum()) for name in ("besoin_h", "besoin_etat_h", "servi_h")},
            "communes_par_statut": {statut: int(counts.get(statut, 0)) for statut in STATUTS},
        }
    return found


def contract_summary(study: Study) -> dict[str, Any]:
    """Return what became of the contracts filed: counted, set aside by reason, clauses seen.

    Amounts are those that could be read, None where none could.
    """
    cents = pl.col("amount_cents")
    aside = study.contracts_aside.group_by("reason").agg(
        pl.len(), pl.when(cents.count() > 0).then(cents.sum()).alias("cents")
    )
    clauses = observed_clauses(study.contracts, study.parameters, study.year)
    return {
        "retenus": len(study.contracts),
        "ecartes": len(study.contracts_aside),
        "ecartes_par_raison": {
            reason: {"marches": count, "montant_eur": None if sum_ is None else sum_ // CENTS}
            for reason, count, sum_ in aside.sort("reason").iter_rows()
        },
        "clauses_constatees": {
            row["donneur_ordre"]: {
                "marches_en_cours": row["marches"],
                "renseignes": row["renseignes"],
                "avec_clause": row["avec_clause"],
                "heures_si_suivies": (row["micro"] + MICRO // 2) // MICRO,
            }
            for row in clauses.iter_rows(named=True)
        },
    }

"""Job seekers by commune (Dares, catégories A, B, C): one number a commune, the latest year.

The publication crosses sex and age, adds totals, and counts Paris, Lyon and Marseille twice, as
communes and as arrondissements: only the total of each place is kept, and the arrondissements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.indicators.communes import COMMUNE
from data.indicators.placing import indicator_frame, place_values
from data.indicators.public_tables import (
    Format,
    PublicTable,
    listed,
    numbers,
    read_public,
    warning,
)
from data.study.faults import Findings, count
from geo.errors import Notice

if TYPE_CHECKING:
    from pathlib import Path

    from data.indicators.communes import Read
    from geo.territory import Territory

NAME = "demandeurs_emploi"
JOB_SEEKERS = Format(
    "les demandeurs d’emploi par commune (Dares)",
    {
        "date": ("date",),
        "commune": COMMUNE,
        "type": ("type_de_donnees",),
        "categorie": ("categorie",),
        "sexe": ("sexe",),
        "age": ("tranche_d_age",),
        "valeur": ("nombre_de_demandeurs_d_emploi",),
    },
)
_TOTALS = ("total", "ensemble", "tous", "toutes", "tous âges", "hommes et femmes")
_KEPT = {
    "type": ("brutes", "brut", "données brutes"),
    "categorie": ("abc", "a, b, c", "catégories a, b, c", "a,b,c", "catégorie abc"),
    "sexe": _TOTALS,
    "age": _TOTALS,
}
"""Column → the value of the rows that are kept, in lower case."""

_QUARTER = r"^\d{4}-T4$"
_BREAK = 2025
"""From this year the recipients of the RSA are registered by law: figures do not compare."""


def read_job_seekers(path: Path, territory: Territory) -> Read:
    """Return `demandeurs_emploi` by commune for the latest year (average of its last quarter)."""
    table, findings = read_public(path, JOB_SEEKERS)
    if table is None:
        return indicator_frame(), None, findings
    rows, found = _latest(table)
    findings += found
    if rows is None:
        return indicator_frame(), table.entry, findings
    rows, found = _without_totals(rows, territory, table.file)
    findings += found + _unknown_values(rows, table.file)
    repeated = rows.filter(pl.col("commune").is_duplicated())["commune"].unique().sort()
    if len(repeated):
        message = f"{count(len(repeated), 'commune')} avec plusieurs totaux : {listed(repeated)}"
        notice = Notice(table.file, 0, "commune", message, "exportez le jeu complet de la Dares")
        return indicator_frame(), table.entry, findings + Findings((notice,))
    given = rows.filter(pl.col("number").is_not_null())
    placed, found = place_values(
        given["commune"].to_list(),
        given["number"].to_list(),
        territory,
        "count",
        file=table.file,
        what="leur nombre de demandeurs d’emploi",
    )
    source = f"Dares, DEFM {rows['date'][0]}" if len(rows) else ""
    frame = indicator_frame((code, NAME, value, source) for code, value in placed.items())
    return frame, table.entry, findings + found


def _latest(table: PublicTable) -> tuple[pl.DataFrame | None, Findings]:
    """Return the totals of the latest year; a fault when a crossing has no total."""
    frame = table.frame
    for column, kept in _KEPT.items():
        # Few distinct values: only they are folded.
        written = frame[column].unique().sort().to_list()
        chosen = frame.filter(pl.col(column).is_in([v for v in written if v.lower() in kept]))
        if not len(chosen):
            message = f"aucune ligne de total dans « {column} » ; trouvé : {listed(written)}"
            remedy = "exportez le jeu complet de la Dares, sans filtre"
            return None, Findings((Notice(table.file, 0, column, message, remedy),))
        frame = chosen
    dated = frame.filter(pl.col("date").str.contains(_QUARTER))
    if not len(dated):
        message = f"aucun quatrième trimestre ; trouvé : {listed(frame['date'].unique().sort())}"
        notice = Notice(table.file, 0, "date", message, "attendu : « 2024-T4 »")
        return None, Findings((notice,))
    latest = str(dated["date"].max())
    findings = Findings()
    others = len(frame) - int((frame["date"] == latest).sum())
    if others:
        message = f"{count(others, 'ligne')} d’autres dates que {latest}, non employées"
        findings += warning(table.file, "date", message, "rien à faire")
    if int(latest[:4]) >= _BREAK:
        message = "rupture de série en 2025 : les allocataires du RSA sont inscrits d’office"
        findings += warning(table.file, "date", message, "ne comparez pas aux années d’avant")
    rows = dated.filter(pl.col("date") == latest).with_columns(number=numbers("valeur"))
    return rows, findings


def _without_totals(
    rows: pl.DataFrame, territory: Territory, file: str
) -> tuple[pl.DataFrame, Findings]:
    """Return the rows of places: no grand total, no city beside its own arrondissements."""
    findings = Findings()
    total = pl.col("commune").str.to_lowercase().is_in(_TOTALS)
    totals = len(rows.filter(total))
    if totals:
        message = f"{count(totals, 'ligne')} « Total » : cumul, hors de la somme"
        findings += warning(file, "commune", message, "rien à faire")
    places = rows.filter(~total)
    published = set(places["commune"].to_list())
    twice = [
        code
        for code, units in territory.members["commune"].items()
        if len(units) > 1
        and code in published
        and published.issuperset(territory.codes[units].tolist())
    ]
    if twice:
        message = (
            f"{listed(sorted(twice))} : publiés deux fois, en ville entière et par "
            "arrondissement ; les arrondissements sont gardés"
        )
        findings += warning(file, "commune", message, "rien à faire")
    return places.filter(~pl.col("commune").is_in(twice)), findings


def _unknown_values(rows: pl.DataFrame, file: str) -> Findings:
    unknown = int(rows["number"].null_count())
    if not unknown:
        return Findings()
    message = f"{count(unknown, 'commune')} sans nombre : inconnu (secret), ce qui n’est pas zéro"
    return warning(file, "valeur", message, "rien à faire")

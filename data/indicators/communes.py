"""Tables of one row a commune: incomes (Filosofi), rural zoning (ZRR), programmes of the ANCT."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from data.indicators.placing import indicator_frame, place_values
from data.indicators.public_tables import Format, listed, numbers, read_public, warning
from data.study.faults import Findings, count
from geo.errors import Notice

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from coverage.model import InputFile
    from data.indicators.placing import Nature
    from data.indicators.public_tables import PublicTable
    from geo.territory import Territory

COMMUNE = ("code_commune", "codgeo", "code_geographique", "insee_com", "code_insee", "com")
"""Names that publishers give to the code of a commune."""

INCOMES = Format(
    "les revenus par commune (Insee, Filosofi)",
    {
        "commune": COMMUNE,
        "niveau_vie_median_eur": ("niveau_vie_median_eur", "disp_mediane"),
        "part_minima_sociaux_pct": (
            "part_minima_sociaux_pct",
            "disp_dont_part_des_minima_sociaux",
        ),
    },
)
"""Median standard of living and share of minimum benefits in incomes, which is no poverty rate."""

INCOME_MEASURES = Format(
    "les revenus par commune, une ligne par mesure (Insee, Filosofi)",
    {
        "commune": ("geo",),
        "niveau": ("geo_object",),
        "mesure": ("filosofi_measure",),
        "niveau_vie_median_eur": ("obs_value",),
    },
)
"""As Insee publishes them since 2024: every level and measure in one column."""

_MEDIAN = "MED_SL"
_COMMUNES = ("COM", "ARM")

ZRR = Format(
    "les zones de revitalisation rurale par commune (ANCT)",
    {"commune": COMMUNE, "zrr": ("statut_zrr", "zrr_simp", "zonage_zrr")},
)
PROGRAMMES = Format(
    "les programmes de l’ANCT par commune (ACV, PVD, ORT)",
    {"commune": COMMUNE, "acv": ("acv",), "pvd": ("pvd",), "ort": ("ort",)},
)

_ZRR_VALUES = {"c": 1.0, "pc": 1.0, "p": 1.0, "nc": 0.0}
"""Classed, partly classed (one part of the commune at least is), not classed."""

_TRUE = ("true", "vrai", "oui", "1")
_FALSE = ("false", "faux", "non", "0")

Read = tuple["pd.DataFrame", "InputFile | None", Findings]
"""Indicators (`INDICATOR_COLUMNS`), provenance (None when the file cannot be read), findings."""


def read_incomes(path: Path, territory: Territory) -> Read:
    """Return `niveau_vie_median_eur` and `part_minima_sociaux_pct`; a secret value is unknown."""
    names = ("niveau_vie_median_eur", "part_minima_sociaux_pct")
    return _read(path, territory, INCOMES, {name: numbers(name) for name in names}, "rate")


def read_income_measures(path: Path, territory: Territory) -> Read:
    """Return `niveau_vie_median_eur`, read among all the measures and levels of one table."""
    table, findings = read_public(path, INCOME_MEASURES)
    if table is None:
        return indicator_frame(), None, findings
    median = (pl.col("mesure") == _MEDIAN) & pl.col("niveau").is_in(_COMMUNES)
    name = "niveau_vie_median_eur"
    kept = replace(table, frame=table.frame.filter(median))
    frame, found = _indicators(kept, territory, {name: numbers(name)}, "rate")
    return frame, table.entry, findings + found


def read_zrr(path: Path, territory: Territory) -> Read:
    """Return `zrr`: 1 when at least a part of the commune is classed, 0 when none is.

    The zoning is that of its own vintage: the FRR replaced it in July 2024.
    """
    status = pl.col("zrr").str.extract(r"^(\w+)").str.to_lowercase()
    values = {"zrr": status.replace_strict(_ZRR_VALUES, default=None, return_dtype=pl.Float64)}
    frame, entry, findings = _read(path, territory, ZRR, values, "flag")
    if entry is not None:
        message = "zonage ZRR, remplacé par France ruralités revitalisation en juillet 2024"
        findings += warning(entry.name, "", message, "rien à faire : il est daté de son millésime")
    return frame, entry, findings


def read_programmes(path: Path, territory: Territory) -> Read:
    """Return `acv`, `pvd`, `ort`: 1 or 0. Communes that are not listed have no value."""
    flags = {True: _TRUE, False: _FALSE}
    known = {text: float(flag) for flag, texts in flags.items() for text in texts}
    values = {
        name: pl.col(name)
        .str.to_lowercase()
        .replace_strict(known, default=None, return_dtype=pl.Float64)
        for name in ("acv", "pvd", "ort")
    }
    return _read(path, territory, PROGRAMMES, values, "flag")


def _read(
    path: Path,
    territory: Territory,
    wanted: Format,
    values: dict[str, pl.Expr],
    nature: Nature,
) -> Read:
    """Return the indicators of a table; texts that are no value are counted, never read as 0."""
    table, findings = read_public(path, wanted)
    if table is None:
        return indicator_frame(), None, findings
    frame, found = _indicators(table, territory, values, nature)
    return frame, table.entry, findings + found


def _indicators(
    table: PublicTable, territory: Territory, values: dict[str, pl.Expr], nature: Nature
) -> tuple[pd.DataFrame, Findings]:
    findings = Findings()
    rows: list[tuple[str, str, float, str]] = []
    repeated = table.frame["commune"].is_duplicated()
    if repeated.any():
        names = table.frame["commune"].filter(repeated).unique(maintain_order=True).to_list()
        message = f"{count(len(names), 'commune')} sur plusieurs lignes : {listed(names)}"
        notice = Notice(table.file, 0, "commune", message, "gardez une ligne par commune")
        return indicator_frame(), Findings((notice,))
    for name, value in values.items():
        read = table.frame.select("commune", text=pl.col(name), value=value)
        given = read.filter(pl.col("value").is_not_null())
        findings += _without(read.filter(pl.col("value").is_null()), table.file, name)
        placed, found = place_values(
            given["commune"].to_list(),
            given["value"].to_list(),
            territory,
            nature,
            file=table.file,
            what=f"« {name} »",
        )
        findings += found
        rows += [(code, name, each, table.file) for code, each in placed.items()]
    return indicator_frame(rows), findings


def _without(rows: pl.DataFrame, file: str, name: str) -> Findings:
    if not len(rows):
        return Findings()
    texts = sorted(set(rows["text"].to_list()) - {""})
    found = count(len(rows), "commune")
    shown = f" (ou {listed(texts)})" if texts else ""
    message = f"{found} sans valeur de « {name} » : vide{shown}, inconnue, ce qui n’est pas zéro"
    return warning(file, name, message, "rien à faire si l’éditeur la tient secrète")

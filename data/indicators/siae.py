"""Structures of insertion by economic activity: how many there are in each commune.

A point is believed when it falls in the département that its row announces; otherwise the postal
code serves when it is that of one commune only. The rest is counted, and placed nowhere.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coverage.origins.services import units_at
from data.indicators.placing import indicator_frame
from data.indicators.public_tables import Format, listed, numbers, read_public, warning
from data.study.faults import Findings, count
from geo.territory import CODE_POSTAL

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from data.indicators.communes import Read
    from geo.territory import Territory

NAME = "siae"
SIAE = Format(
    "les structures d’insertion (les emplois de l’inclusion)",
    {
        "siret": ("siret",),
        "kind": ("kind", "type"),
        "code_postal": ("code_postal", "post_code"),
        "departement": ("departement", "department"),
        "lon": ("longitude",),
        "lat": ("latitude",),
        "score": ("geocoding_score",),
    },
)
KINDS = ("ACI", "AI", "EI", "EITI", "ETTI")
"""Kinds of SIAE (Code du travail, L5132-4); GEIQ and entreprises adaptées are none of them."""

_POOR_SCORE = 0.6


def read_siae(path: Path, territory: Territory) -> Read:
    """Return `siae`: the number of distinct establishments (SIRET) in each commune."""
    table, findings = read_public(path, SIAE)
    if table is None:
        return indicator_frame(), None, findings
    file = table.file
    rows = table.frame.with_columns(
        *(numbers(name).fill_null(float("nan")) for name in ("lon", "lat", "score"))
    )
    others = rows.filter(~pl.col("kind").is_in(KINDS))
    kinds = listed(others["kind"].unique().sort().to_list())
    what = f"hors de l’insertion par l’activité économique ({kinds})"
    findings += _told(len(others), "structure", what, file, "kind")
    rows = rows.filter(pl.col("kind").is_in(KINDS))
    # Of two rows of one establishment, the better geocoded one says where it is.
    once = rows.sort("siret", -pl.col("score").fill_nan(-1), "lon", "lat")
    once = once.unique("siret", keep="first", maintain_order=True)
    findings += _told(len(rows) - len(once), "ligne", "au SIRET déjà compté", file, "siret")
    units, found = _units(once, territory, file)
    tally = Counter(str(territory.codes[unit]) for unit in units[units >= 0].tolist())
    frame = indicator_frame((code, NAME, float(number), file) for code, number in tally.items())
    return frame, table.entry, findings + found


def _units(
    rows: pl.DataFrame, territory: Territory, file: str
) -> tuple[NDArray[np.int32], Findings]:
    """Return the unit row of each establishment, −1 where there is none to believe."""
    lon, lat, score = (rows[name].to_numpy() for name in ("lon", "lat", "score"))
    at = units_at(lon, lat, territory)
    here = territory.units["departement"].to_numpy(dtype=object)[at]
    agrees = (at >= 0) & (here == rows["departement"].to_numpy())
    by_code = np.array([_alone(code, territory) for code in rows["code_postal"]], dtype=np.int32)
    placed = np.where(agrees, at, by_code).astype(np.int32)
    pointed = np.isfinite(lon)
    counts = (
        (~pointed, "sans coordonnées"),
        (pointed & (score < _POOR_SCORE), "au géocodage douteux (score sous 0,6)"),
        ((at >= 0) & ~agrees, "au point hors du département annoncé, non cru"),
        (pointed & (at < 0), "au point hors de toute commune (mer, étranger)"),
        (~agrees & (placed >= 0), "placée par son code postal, celui d’une seule commune"),
        (placed < 0, "sans lieu certain, comptée nulle part"),
    )
    findings = Findings()
    for mask, what in counts:
        findings += _told(int(mask.sum()), "structure", what, file, "longitude")
    return placed, findings


def _alone(postal_code: str, territory: Territory) -> int:
    units = territory.members.get(CODE_POSTAL, {}).get(postal_code.zfill(5))
    return int(units[0]) if units is not None and len(units) == 1 else -1


def _told(number: int, noun: str, what: str, file: str, column: str) -> Findings:
    if not number:
        return Findings()
    return warning(file, column, f"{what} : {count(number, noun)}", "rien à faire")

"""Unemployment rate by zone d'emploi (Insee), given to each commune of the zone.

The rate is that of the zone: no official rate exists by commune. It is never averaged nor added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.indicators.communes import COMMUNE
from data.indicators.placing import indicator_frame, place_values
from data.indicators.public_tables import (
    Format,
    content_of,
    first_lines,
    header_at,
    listed,
    numbers,
    read_public,
    shown_name,
    warning,
)
from data.study.faults import Findings, count, quoted

if TYPE_CHECKING:
    from pathlib import Path

    from data.indicators.communes import Read
    from geo.territory import Territory

NAME = "taux_chomage_ze_pct"
RATES = Format(
    "le taux de chômage par zone d’emploi (Insee)",
    {"zone": ("ze2020",)},
    others=r"\d{4}_t[1-4]",
)
ZONES = Format(
    "la composition communale des zones d’emploi 2020 (Insee)",
    {"commune": COMMUNE, "zone": ("ze2020",)},
)
SUFFIXES = (".csv", ".xlsx")
_ZONE_DIGITS = 4


def read_zones(path: Path, territory: Territory) -> Read:  # noqa: ARG001 - as every reader
    """Return no indicator: the composition of the zones serves `read_unemployment`."""
    table, findings = read_public(path, ZONES)
    return indicator_frame(), None if table is None else table.entry, findings


def read_unemployment(path: Path, territory: Territory) -> Read:
    """Return `taux_chomage_ze_pct` of the latest quarter, in percent.

    The composition of the zones is looked for beside the file, by its columns.
    """
    table, findings = read_public(path, RATES)
    if table is None:
        return indicator_frame(), None, findings
    composition, found = _composition(path)
    findings += found
    if composition is None:
        return indicator_frame(), table.entry, findings
    quarter, rates = _latest(table.frame)
    zones = composition.with_columns(zone=pl.col("zone").str.zfill(_ZONE_DIGITS))
    joined = zones.join(rates, on="zone", how="left", maintain_order="left")
    findings += _unmatched(joined, rates, table.file)
    given = joined.filter(pl.col("rate").is_not_null())
    placed, found = place_values(
        given["commune"].to_list(),
        given["rate"].to_list(),
        territory,
        "rate",
        file=table.file,
        what="leur taux de chômage",
    )
    source = f"Insee, chômage localisé par zone d’emploi, {quarter}"
    frame = indicator_frame((code, NAME, value, source) for code, value in placed.items())
    return frame, table.entry, findings + found


def _latest(frame: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Return the latest quarter and the rates of its zones (columns `zone`, `rate`)."""
    quarter = max(name for name in frame.columns if name != "zone")
    rates = frame.select(zone=pl.col("zone").str.zfill(_ZONE_DIGITS), rate=numbers(quarter))
    return quarter.replace("_t", "-T"), rates.unique("zone", keep="first", maintain_order=True)


def _composition(path: Path) -> tuple[pl.DataFrame | None, Findings]:
    """Return the communes of the zones from a file of the same folder."""
    for each in sorted(path.parent.iterdir()):
        if each == path or each.suffix.lower() not in SUFFIXES or not _composes(each):
            continue
        table, findings = read_public(each, ZONES)
        return (None if table is None else table.frame.select("commune", "zone")), findings
    message = "la composition des zones d’emploi manque : les taux ne sont pas employés"
    remedy = f"déposez à côté {ZONES.label}"
    return None, warning(shown_name(path), "", message, remedy)


def _composes(path: Path) -> bool:
    content, _ = content_of(path)
    sheets = [] if content is None else first_lines(content, path.suffix.lower())
    return any(header_at(lines, ZONES) is not None for lines in sheets)


def _unmatched(joined: pl.DataFrame, rates: pl.DataFrame, file: str) -> Findings:
    findings = Findings()
    without = joined.filter(pl.col("rate").is_null())
    if len(without):
        zones = without["zone"].unique().sort().to_list()
        message = (
            f"{count(len(without), 'commune')} de {count(len(zones), 'zone')} sans taux publié : "
            f"{listed(zones)} ; leur chômage est inconnu"
        )
        findings += warning(file, "ze2020", message, "rien à faire")
    alone = sorted(set(rates["zone"].to_list()) - set(joined["zone"].to_list()))
    if alone:
        message = f"{count(len(alone), 'zone')} sans commune : {', '.join(map(quoted, alone[:5]))}"
        findings += warning(file, "ze2020", message, "prenez la composition du même millésime")
    return findings

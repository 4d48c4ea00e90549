"""European thresholds of public contracts by date, and the law that hangs a clause on them.

Code de la commande publique, annexe 2 (avis relatif aux seuils de procédure), revised every two
years after the delegated regulations that amend directive 2014/24/UE. Loi n° 2021-1104 du 22 août
2021 (Climat et résilience), article 35: contracts above the thresholds carry social conditions
of performance from 22 August 2026 at the latest.

Central authorities are the State and its establishments but the industrial ones. The class
`operateurs_etat` holds both, so it has the threshold of the others, higher: the prudent reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

LAW_STARTS = date(2026, 8, 22)
"""First day of notification that the scenario `loi_2026` looks at.

The law speaks of the day the consultation starts, which the public record does not hold.
"""


_WORKS = "45"
"""CPV division of works."""


@dataclass(frozen=True)
class Threshold:
    """The thresholds of two years, in euros excluding tax.

    Attributes
    ----------
    start
        First day; they hold until those that follow.
    state_eur, others_eur
        Supplies and services of central authorities, of the other buyers.
    works_eur
        Works, whoever buys.
    source
        The regulation that sets them.
    """

    start: date
    state_eur: int
    others_eur: int
    works_eur: int
    source: str


THRESHOLDS = (
    Threshold(date(2018, 1, 1), 144_000, 221_000, 5_548_000, "règlement délégué (UE) 2017/2365"),
    Threshold(date(2020, 1, 1), 139_000, 214_000, 5_350_000, "règlement délégué (UE) 2019/1828"),
    Threshold(date(2022, 1, 1), 140_000, 215_000, 5_382_000, "règlement délégué (UE) 2021/1952"),
    Threshold(date(2024, 1, 1), 143_000, 221_000, 5_538_000, "règlement délégué (UE) 2023/2495"),
    Threshold(date(2026, 1, 1), 140_000, 216_000, 5_404_000, "règlement délégué (UE) 2025/2152"),
)
"""Sorted by date. Those of 2026 run to the end of 2027, and beyond until others are known."""


def reaches_threshold() -> pl.Expr:
    """Return whether a contract reaches the threshold of its day, buyer and nature.

    Of columns `notified`, `donneur_ordre`, `cpv`, `amount_cents`; false before 2018.
    """
    works = pl.col("cpv").str.starts_with(_WORKS)
    state = pl.col("donneur_ordre") == "etat"
    least_eur = pl.lit(None, dtype=pl.Int64)
    for held in THRESHOLDS:
        services = pl.when(state).then(held.state_eur).otherwise(held.others_eur)
        here = pl.when(works).then(held.works_eur).otherwise(services)
        least_eur = pl.when(pl.col("notified") >= held.start).then(here).otherwise(least_eur)
    return (pl.col("amount_cents") >= least_eur * 100).fill_null(value=False)

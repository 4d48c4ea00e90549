"""Rows of official files to contracts: each once, usable, or set aside with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from coverage.frames import CONTRACTS, CONTRACTS_ASIDE
from data.contracts.fields import FIELDS
from data.contracts.judging import believed_cents, judged
from data.contracts.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.territory import Territory

_KEY = ["buyer", "id"]
_ORDER = ["current", "version", "published"]
_LOT_ROWS = 250_000
_UNNAMED = "\x1f"
"""Begins the identifiers made for contracts that have none: they never merge."""


@dataclass(frozen=True)
class Settled:
    """Every row of a file, once.

    Attributes
    ----------
    contracts, aside
        Schemas `CONTRACTS` and `CONTRACTS_ASIDE`, sorted by content.
    remarks
        Columns `remark`, `count`: places that could not be taken as they stood.
    read
        Rows.
    merged, merged_cents
        Rows merged into another of the same contract, and their believed amounts.
    """

    contracts: pl.DataFrame
    aside: pl.DataFrame
    remarks: pl.DataFrame
    read: int
    merged: int
    merged_cents: int


def settle(
    rows: pl.DataFrame, source: str, territory: Territory, known: Mapping[str, str]
) -> Settled:
    """Return the contracts that rows hold, each once.

    Parameters
    ----------
    rows
        Columns `FIELDS`.
    source
        Name of the file.
    known
        Class of the buyers already known, by SIREN.
    """
    read, once = len(rows), _merged(rows)
    del rows  # a third of the memory at its highest, for millions of rows
    sorted_out = _without_subsequent(judged(once, territory, known))
    contracts = sorted_out.filter(pl.col("reason").is_null())
    aside = sorted_out.filter(pl.col("reason").is_not_null())
    identifier = pl.concat_str(pl.col("siret").fill_null(pl.col("buyer")), "id", ignore_nulls=True)
    return Settled(
        contracts=contracts.select(
            contract_id=identifier,
            source=pl.lit(source),
            acheteur_siret="siret",
            donneur_ordre=pl.col("class_"),
            cpv="cpv8",
            amount_cents="cents",
            notified="notified",
            months=pl.col("months").ceil().cast(pl.Int32),
            niveau="niveau",
            code="code",
            lon=pl.lit(None, dtype=pl.Float64),
            lat=pl.lit(None, dtype=pl.Float64),
            labour_ppm=pl.lit(None, dtype=pl.Int64),
            effort_ppm=pl.lit(None, dtype=pl.Int64),
            programme=pl.lit(""),
            clause="clause",
        )
        .cast(CONTRACTS)
        .sort("contract_id"),
        aside=aside.select(
            source=pl.lit(source),
            row="row",
            contract_id=identifier.fill_null(""),
            reason="reason",
            found=pl.col("found").fill_null(""),
            amount_cents="cents",
        )
        .cast(CONTRACTS_ASIDE)
        .sort("contract_id", "reason", "found", "amount_cents", "row"),
        remarks=contracts.filter(pl.col("remark").is_not_null())
        .group_by("remark")
        .agg(count=pl.len())
        .sort("remark"),
        read=read,
        merged=int((once["lines"] - 1).sum()),
        merged_cents=int(once["rows_cents"].sum()) - int(sorted_out["cents"].sum()),
    )


def _merged(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row a contract, buyers by lots: sorting all rows at once would take the memory."""
    lots = 1 + len(rows) // _LOT_ROWS
    lot = pl.coalesce("siret", "buyer", pl.lit("")).hash() % lots
    return pl.concat([_merged_lot(rows.filter(lot == number)) for number in range(lots)])


def _merged_lot(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row a contract of a buyer: the data that hold, notified when it first was.

    The data flagged as current hold, else those of the last modification, else those published
    last; equal in all that, content decides, so that the order of rows changes nothing. Amount
    and duration are the last readable ones: a modification may say nothing of them.
    """
    unnamed = pl.format(f"{_UNNAMED}{{}}", "row")
    named = rows.with_columns(
        id=pl.when(pl.col("buyer").is_null() | pl.col("id").is_null())
        .then(pl.coalesce(pl.col("id"), pl.lit("")) + unnamed)
        .otherwise("id"),
        buyer=pl.coalesce("siret", "buyer"),
        cents=believed_cents(),
    )
    content = [name for name in FIELDS.names() if name not in (*_KEY, *_ORDER, "row")]
    ordered = named.sort(*_KEY, *_ORDER, *content, pl.col("row") * -1, nulls_last=False)
    first, last = pl.col("version").first(), pl.col("version").last()
    once = ordered.group_by(_KEY, maintain_order=True).agg(
        pl.col("row").last(),
        *(pl.col(name).last() for name in content if name not in ("amount", "months", "notified")),
        amount=pl.col("amount").drop_nulls().last(),
        months=pl.col("months").drop_nulls().last(),
        notified=pl.when(first == last)
        .then(pl.col("notified").last())
        .otherwise(pl.col("notified").first()),
        lines=pl.len().cast(pl.Int64),
        rows_cents=pl.col("cents").sum(),
    )
    own = pl.col("id").str.split(_UNNAMED).list.first()
    return once.with_columns(id=pl.when(own != "").then(own))


def _without_subsequent(rows: pl.DataFrame) -> pl.DataFrame:
    """Set aside the contracts of a framework that is itself among the usable ones.

    A framework's amount holds those of its subsequent contracts. Contracts that name one another
    in a circle have no framework, and stay.
    """
    usable = rows.filter(pl.col("reason").is_null())
    named = usable.filter(pl.col("framework").is_not_null() & (pl.col("framework") != pl.col("id")))
    held = named.join(
        usable.select("siren", framework="id").unique(), on=["siren", "framework"], how="semi"
    )
    parents = {
        (siren, own): (siren, framework)
        for siren, own, framework in held.select("siren", "id", "framework").iter_rows()
    }
    counted = [key for key in parents if _has_root(key, parents)]
    if not counted:
        return rows
    marks = pl.DataFrame(
        [(*key, Reason.SUBSEQUENT.value, parents[key][1]) for key in counted],
        schema=dict.fromkeys(("siren", "id", "why", "which"), pl.String),
        orient="row",
    )
    marked = rows.join(marks, on=["siren", "id"], how="left", maintain_order="left")
    fresh = pl.col("reason").is_null()
    return marked.with_columns(
        reason=pl.when(fresh).then("why").otherwise("reason"),
        found=pl.when(fresh).then("which").otherwise("found"),
    )


def _has_root(key: tuple[str, str], parents: Mapping[tuple[str, str], tuple[str, str]]) -> bool:
    seen = set()
    while key in parents and key not in seen:
        seen.add(key)
        key = parents[key]
    return key not in parents

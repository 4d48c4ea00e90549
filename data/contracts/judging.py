"""What the fields of a contract mean, each distinct value read once, and why it cannot serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from coverage.origins.buyers import SIREN_DIGITS, buyer_class, plain_text
from coverage.origins.labour import family_of, read_cpv
from data.contracts.json_file import CONCESSION
from data.contracts.places import Spot, find_place
from data.contracts.reasons import MOST_EUR, MOST_MONTHS, YEARS, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo.territory import Territory

CLAUSES = ("clause sociale", "marche reserve", "concession reservee")
"""Considerations that reserve hours or the contract itself; a criterion alone does not."""


_CPV = {"cpv8": pl.String, "cpv_reason": pl.String}
_SPOT = {
    "niveau": pl.String,
    "code": pl.String,
    "remark": pl.String,
    "place_reason": pl.String,
}


def believed_cents() -> pl.Expr:
    """Return the amount in cents where it is believed."""
    amount = pl.col("amount")
    within = (amount > 0) & (amount <= MOST_EUR)
    return pl.when(within).then((amount * 100).round(0).cast(pl.Int64, strict=False))


def judged(once: pl.DataFrame, territory: Territory, known: Mapping[str, str]) -> pl.DataFrame:
    """Return the contracts with what their fields mean, and why they cannot serve."""
    asked = once.with_columns(cents=believed_cents())
    asked = _looked_up(asked, ["cpv"], lambda cpv: _family(cpv or ""), _CPV)
    asked = _looked_up(asked, ["social"], lambda social: (_clause(social),), {"clause": pl.Boolean})
    asked = _looked_up(
        asked, ["nature"], lambda nature: (_is_concession(nature or ""),), {"granted": pl.Boolean}
    )
    asked = _looked_up(
        asked,
        ["place_kind", "place_code"],
        lambda kind, code: _spot(find_place(kind or "", code or "", territory)),
        _SPOT,
    )
    asked = asked.with_columns(siren=pl.col("siret").str.head(SIREN_DIGITS))
    asked = _looked_up(
        asked,
        ["siren", "category"],
        lambda siren, label: (buyer_class(siren or "", label or "", known) or None,),
        {"class_": pl.String},
    )
    return asked.with_columns(**_verdict())


def _looked_up(
    frame: pl.DataFrame,
    names: list[str],
    meaning: Callable[..., tuple[object, ...]],
    schema: Mapping[str, type[pl.DataType]],
) -> pl.DataFrame:
    """Return the frame with what each distinct value means, read once."""
    distinct = frame.select(names).unique().sort(names, nulls_last=True)
    found = pl.DataFrame(
        [meaning(*values) for values in distinct.iter_rows()], schema=dict(schema), orient="row"
    )
    return frame.join(
        pl.concat([distinct, found], how="horizontal"),
        on=names,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )


def _family(text: str) -> tuple[str, str | None]:
    """Return the 8 digits of a CPV, and why it brings no hours."""
    cpv = read_cpv(text)
    if not cpv:
        return "", Reason.CPV_UNREADABLE
    family = family_of(cpv)
    if family is None:
        return cpv, Reason.CPV_UNKNOWN
    if family.convertible:
        return cpv, None
    return cpv, Reason.SUPPLIES if family.nature == "fournitures" else Reason.NO_HOURS


def _clause(social: str | None) -> bool | None:
    """Tell whether considerations hold a clause; None when they say nothing."""
    said = plain_text(social or "")
    if any(clause in said for clause in CLAUSES):
        return True
    return False if "consideration" in said or "critere" in said else None


def _is_concession(nature: str) -> bool:
    said = plain_text(nature)
    return CONCESSION in said or "delegation de service" in said


def _spot(found: Spot | Reason) -> tuple[str | None, ...]:
    if isinstance(found, Spot):
        return found.niveau, found.code, found.remark, None
    return None, None, None, found


def _verdict() -> dict[str, pl.Expr]:
    """Return the first reason that holds, and the value that it refuses."""
    amount, months, notified = pl.col("amount"), pl.col("months"), pl.col("notified")
    years = notified.dt.year().is_between(*YEARS)
    place = pl.concat_str("place_kind", "place_code", separator=" ", ignore_nulls=True)
    checks: list[tuple[pl.Expr, str | pl.Expr, str | pl.Expr]] = [
        (pl.col("broken"), Reason.UNREADABLE, pl.lit("")),
        (pl.col("granted"), Reason.CONCESSION, "nature"),
        (pl.col("id").is_null(), Reason.NO_ID, pl.lit("")),
        (amount.is_null(), Reason.AMOUNT_UNREADABLE, "amount_text"),
        (amount <= 0, Reason.AMOUNT_NULL, _figure(amount)),
        (amount > MOST_EUR, Reason.AMOUNT_ABSURD, _figure(amount)),
        (notified.is_null(), Reason.DATE_UNREADABLE, "notified_text"),
        (~years, Reason.DATE_ABSURD, notified.cast(pl.String)),
        (months.is_null(), Reason.MONTHS_UNREADABLE, "months_text"),
        (~months.ceil().is_between(1, MOST_MONTHS), Reason.MONTHS_ABSURD, _figure(months)),
        (pl.col("cpv_reason").is_not_null(), pl.col("cpv_reason"), "cpv"),
        (pl.col("place_reason").is_not_null(), pl.col("place_reason"), place),
        (pl.col("siret").is_null(), Reason.BUYER_UNREADABLE, "buyer"),
        (pl.col("class_").is_null(), Reason.CLASS_UNKNOWN, "siren"),
    ]
    reason = found = pl.lit(None, dtype=pl.String)
    for holds, why, value in reversed(checks):
        sentence = pl.lit(why.value) if isinstance(why, Reason) else why
        reason = pl.when(holds).then(sentence).otherwise(reason)
        found = pl.when(holds).then(value).otherwise(found)
    return {"reason": reason, "found": found}


def _figure(number: pl.Expr) -> pl.Expr:
    """Return a number as text, without decimals when it is whole."""
    whole = number.cast(pl.Int64, strict=False)
    exact = (whole == number) & (number.abs() < MOST_EUR * 10)
    return pl.when(exact).then(whole.cast(pl.String)).otherwise(number.cast(pl.String))

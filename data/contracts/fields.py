"""Columns of official files to typed columns: publishers type and spell the same field many ways.

Every reader works on any dtype: texts are cleaned and cast, what does not cast becomes null and is
told apart from what was never written by its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

RAW = pl.Schema(
    {
        "row": pl.Int64,
        "buyer": pl.String,
        "id": pl.String,
        "amount": pl.String,
        "months": pl.String,
        "notified": pl.String,
        "published": pl.String,
        "cpv": pl.String,
        "place_kind": pl.String,
        "place_code": pl.String,
        "social": pl.String,
        "framework": pl.String,
        "nature": pl.String,
        "category": pl.String,
        "version": pl.Int64,
        "current": pl.Boolean,
        "broken": pl.Boolean,
    }
)
"""Columns of a file of contracts as it stands, whatever their dtypes.

`row` counts from 1; `version` is the number of a modification, 0 for the contract as notified;
`current` marks the data that hold today; `broken` an element that is not an object.
"""

FIELDS = pl.Schema(
    {
        "row": pl.Int64,
        "buyer": pl.String,
        "siret": pl.String,
        "id": pl.String,
        "amount": pl.Float64,
        "amount_text": pl.String,
        "months": pl.Float64,
        "months_text": pl.String,
        "notified": pl.Date,
        "notified_text": pl.String,
        "published": pl.Date,
        "cpv": pl.String,
        "place_kind": pl.String,
        "place_code": pl.String,
        "social": pl.String,
        "framework": pl.String,
        "nature": pl.String,
        "category": pl.String,
        "version": pl.Int64,
        "current": pl.Boolean,
        "broken": pl.Boolean,
    }
)
"""Columns of `typed`: the texts stand only where the value is null."""

_CONTROLS = r"[\x00-\x1f\x7f\u{feff}]"
_SPACES = r"[\s\u{a0}\u{202f}]"
_SIRET_DIGITS, _SIREN_DIGITS = 14, 9
_LOST_ZEROS = 2
_TRUE = ("true", "1", "oui")
_PARIS = "Europe/Paris"


def typed(raw: pl.LazyFrame, schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """Return the columns `FIELDS` of columns `RAW`."""
    buyer = _squeezed(_text("buyer", schema["buyer"]))
    columns = {
        "buyer": buyer,
        "siret": _siret(buyer),
        "amount": _number("amount", schema["amount"]),
        "months": _number("months", schema["months"]),
        "notified": _date("notified", schema["notified"]),
        "published": _date("published", schema["published"]),
        "version": pl.col("version").cast(pl.Int64, strict=False).fill_null(0),
        "current": _flag("current", schema["current"]),
    }
    for name in ("amount", "months", "notified"):
        unread = _text(name, schema[name])
        columns[f"{name}_text"] = pl.when(columns[name].is_null()).then(unread)
    columns |= {
        name: _text(name, schema[name])
        for name, dtype in FIELDS.items()
        if dtype == pl.String and name not in columns
    }
    return raw.with_columns(**columns).select(FIELDS.names())


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column as trimmed texts without control characters; null where empty."""
    column = pl.col(name)
    if dtype.is_float():
        # SIRET and codes that a publisher let become floats have no decimals to lose.
        whole = (column == column.floor()) & (column.abs() < 2**53)
        column = (
            pl.when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    elif isinstance(dtype, pl.List):
        column = column.cast(pl.List(pl.String)).list.join("|")
    elif dtype != pl.String:
        column = column.cast(pl.String, strict=False)
    clean = column.str.replace_all(_CONTROLS, "").str.strip_chars()
    return pl.when(clean != "").then(clean)


def _squeezed(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_SPACES, "").str.strip_suffix(".0")


def _siret(buyer: pl.Expr) -> pl.Expr:
    """Return 14 digits, or the 9 of a SIREN; zeros that a spreadsheet took come back."""
    digits = buyer.str.contains(r"^[0-9]+$")
    length = buyer.str.len_bytes()
    padded = buyer.str.zfill(_SIRET_DIGITS)
    whole = digits & (length >= _SIRET_DIGITS - _LOST_ZEROS) & (length <= _SIRET_DIGITS)
    return pl.when(whole).then(padded).when(digits & (length == _SIREN_DIGITS)).then(buyer)


def _number(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column as finite floats, null where it is not a number."""
    if dtype == pl.String:
        plain = _squeezed(pl.col(name)).str.strip_suffix("€").str.replace(",", ".", literal=True)
        number = plain.cast(pl.Float64, strict=False)
    else:
        number = pl.col(name).cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _flag(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column as booleans; what is not said is false."""
    if dtype == pl.String:
        flag = pl.col(name).str.to_lowercase().is_in(_TRUE)
    else:
        flag = pl.col(name).cast(pl.Boolean, strict=False)
    return flag.fill_null(value=False)


def _date(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column as the dates written, whatever hour or zone follows them."""
    column = pl.col(name)
    if dtype == pl.String:
        day = column.str.strip_chars().str.head(10)
        iso = day.str.to_date("%Y-%m-%d", strict=False)
        return pl.coalesce(iso, day.str.to_date("%d/%m/%Y", strict=False))
    if isinstance(dtype, pl.Datetime):
        return (column.dt.convert_time_zone(_PARIS) if dtype.time_zone else column).dt.date()
    return column if dtype == pl.Date else pl.lit(None, dtype=pl.Date)

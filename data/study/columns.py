"""A column of text cells to a column of values: each distinct text is read once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.study.cells import INNER_SPACE, NUMBER, Refusal, parse_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from data.study.tables import Column

_DTYPES = {
    "whole": "Int64",
    "decimal": "float64",
    "classes": "object",
    "etp": "object",
    "date": "object",
}
_UNSIGNED = f"^(?:{NUMBER.pattern.removeprefix('(-?)')})$"


@dataclass(frozen=True)
class ParsedColumn:
    """Values of a column and the rows refused.

    Attributes
    ----------
    parsed
        On the index of the cells: `str` for texts, `Int64` for whole numbers, `float64` for
        decimals, `object` for ETP (`Fraction`), dates and tuples of classes. Empty cells hold
        the column's default (empty text, NA, NaN, None, all classes); refused cells too.
    empty, refused
        Masks, shape (rows,). An empty cell of a required column is refused.
    refusals
        Position of each refused row → why.
    """

    parsed: pd.Series
    empty: NDArray[np.bool_]
    refused: NDArray[np.bool_]
    refusals: Mapping[int, Refusal]


def parse_column(cells: pd.Series, column: Column) -> ParsedColumn:
    """Return the values of a column of text cells.

    Parameters
    ----------
    cells
        Texts, no missing value.
    """
    codes, uniques = pd.factorize(cells)
    texts = [str(text).strip() for text in np.asarray(uniques, dtype=object)]
    fast = _plain_decimals(texts, column)
    read = [
        _parse_text(text, column) if value is None else value
        for text, value in zip(texts, fast, strict=True)
    ]
    refused = _mask(isinstance(value, Refusal) for value in read)[codes]
    values = typed(
        [_default(column) if isinstance(value, Refusal) else value for value in read], column
    )
    return ParsedColumn(
        parsed=values.take(codes).set_axis(cells.index),
        empty=_mask(not text for text in texts)[codes],
        refused=refused,
        refusals={int(row): read[codes[row]] for row in np.flatnonzero(refused)},
    )


def empty_column(index: pd.Index, column: Column) -> ParsedColumn:
    """Return what a column that the file does not have reads as: defaults, refused if required."""
    everywhere = np.ones(len(index), bool)
    return ParsedColumn(
        parsed=typed([_default(column)] * len(index), column).set_axis(index),
        empty=everywhere,
        refused=everywhere & column.required,
        refusals={},
    )


def typed(values: Sequence[object], column: Column) -> pd.Series:
    """Return values as a series of the dtype of a column."""
    dtype = _DTYPES.get(column.kind, "str")
    if dtype == "object":
        # A plain constructor would read tuples of one length as a second dimension.
        return pd.Series(np.fromiter(values, dtype=object, count=len(values)), dtype="object")
    return pd.Series(list(values), dtype=dtype)


def _mask(flags: Iterable[bool]) -> NDArray[np.bool_]:
    return np.array(list(flags), dtype=bool)


def _parse_text(text: str, column: Column) -> object | Refusal:
    if text:
        value = parse_cell(text, column)
        return float(value) if isinstance(value, Decimal) else value
    if column.required:
        return Refusal(
            "cellule vide, valeur obligatoire", f"écrivez par exemple « {column.example} »"
        )
    return _default(column)


def _default(column: Column) -> object:
    if column.kind == "classes":
        return column.choices
    if column.kind in ("etp", "date"):
        return None
    if column.kind == "whole":
        return pd.NA
    return float("nan") if column.kind == "decimal" else column.default


def _plain_decimals(texts: list[str], column: Column) -> list[float | None]:
    """Return the value of unsigned decimals in range, None where `parse_cell` must look."""
    if column.kind != "decimal":
        return [None] * len(texts)
    cells = pa.array(texts, pa.string())
    plain = pc.if_else(pc.match_substring_regex(cells, _UNSIGNED), cells, None)
    spaceless = pc.replace_substring_regex(plain, INNER_SPACE, "")
    numbers = pc.cast(pc.replace_substring(spaceless, ",", "."), pa.float64())
    # The highest value itself is left to `parse_cell`: a float just above it may read as equal.
    in_range = pc.and_(
        pc.greater_equal(numbers, float(column.low)), pc.less(numbers, float(column.high))
    )
    values: list[float | None] = pc.if_else(in_range, numbers, None).to_pylist()
    return values

"""The order of rows that results depend on: by content, never by where a row stood in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.study.columns import empty_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.study.table_reader import TypedTable
    from data.study.tables import Table


def canonical_frame(typed: TypedTable | None, table: Table) -> pd.DataFrame:
    """Return the frame of a table sorted by its columns in turn, then by `row`.

    The index counts rows from 0. A table that was not read gives an empty frame of the same
    columns and dtypes.
    """
    if typed is None:
        none = pd.RangeIndex(0)
        columns = {column.name: empty_column(none, column).parsed for column in table.columns}
        return pd.DataFrame({"row": pd.Series([], dtype="int64")} | columns)
    frame = typed.frame
    keys = [_ranks(frame[column.name]) for column in table.columns]
    order = np.lexsort([frame["row"].to_numpy(), *reversed(keys)])
    return frame.iloc[order].reset_index(drop=True)


def _ranks(values: pd.Series) -> NDArray[np.intp]:
    """Return the rank of each value among the distinct ones, -1 for a missing value."""
    if len(values) and isinstance(values.iloc[0], tuple):
        values = values.map("|".join)
    return pd.factorize(values, sort=True)[0]

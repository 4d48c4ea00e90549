"""Opinions recorded one by one, beside the table of a study: what a computation reads of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage.frames import OPINION_COLUMNS
from coverage.proposals.decisions import filed_opinions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coverage.proposals.decisions import Opinion

RECORD_ROW = 0
"""`row` of an opinion that stands in no file."""


def with_recorded(filed: pd.DataFrame, recorded: Iterable[Opinion]) -> pd.DataFrame:
    """Return the opinions of a table and those recorded beside it, each once.

    The day tells which opinion of an instance is in force. On one day, the last recorded stands for
    all that the instance said that day of the same object, in the table or before in the record:
    what was recorded and then filed counts once, and a lock is lifted the day it was put.

    Parameters
    ----------
    filed
        Columns `coverage.frames.OPINION_COLUMNS`.
    recorded
        In the order they were recorded.
    """
    last = {(each.target, each.instance, each.day): each for each in recorded}
    if not last:
        return filed
    spoken = [(each.target, each.instance, each.day) for each in filed_opinions(filed)]
    rows = [
        *filed.loc[[key not in last for key in spoken], list(OPINION_COLUMNS)].itertuples(
            index=False, name=None
        ),
        *(
            (RECORD_ROW, *each.target, each.instance, each.day, each.avis, each.reason)
            for each in last.values()
        ),
    ]
    return pd.DataFrame(rows, columns=list(OPINION_COLUMNS))

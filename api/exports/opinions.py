"""Opinions as a file: the table of a study, to be filed in its next version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Response

from api.exports.files import KINDS
from api.exports.naming import content_disposition
from data.results.tables import Table, csv_text
from data.study.proposal_tables import AVIS_DEPOSES

if TYPE_CHECKING:
    import pandas as pd

FILE = f"{AVIS_DEPOSES.name}.csv"
"""The table of a study that holds opinions."""


def opinions_file(opinions: pd.DataFrame) -> bytes:
    """Return opinions as the file of their table: filed in a version, it is read as they are.

    Parameters
    ----------
    opinions
        Columns `coverage.frames.OPINION_COLUMNS`.
    """
    names = [column.name for column in AVIS_DEPOSES.columns]
    table = Table({name: list(map(str, opinions[name])) for name in names})
    return csv_text(table, excel=True).encode()


def sent_file(opinions: pd.DataFrame) -> Response:
    """Return the answer that saves opinions as the file of their table, under its very name."""
    headers = {"Content-Disposition": content_disposition(FILE), "Cache-Control": "no-store"}
    content = opinions_file(opinions)
    return Response(content, media_type=KINDS["csv"].media_type, headers=headers)

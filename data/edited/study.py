"""What the applications of a deposit are read against: the few tables that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.frames import BUYER_COLUMNS
from coverage.model import Study
from coverage.proposals.rules import with_rules
from data.calls.read import read_call
from data.edited.filed import filed_tables
from data.edited.settings import settings_content
from data.study.canonical import canonical_frame
from data.study.settings_file import read_settings
from data.study.sources_tables import ACHETEURS
from data.study.table_reader import read_table
from data.study.tables import BESOINS, EXHAUSTIVITE, PERIMETRES, POSTES, STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from coverage.proposals.model import Call
    from data.edited.filed import Filing
    from data.study.tables import Table
    from geo.territory import Territory


def call_of(files: Mapping[str, bytes], territory: Territory) -> Call:
    """Return the call with the values that the settings of a study give to its rules."""
    return with_rules(read_call(), read_settings(settings_content(files), territory)[0].call)


def named_study(files: Mapping[str, bytes], territory: Territory) -> Study:
    """Return a study whose structures, posts and buyers alone are read: no hour, no perimeter.

    A table with a fault counts as empty: the reading of the whole study tells it.

    Parameters
    ----------
    files
        Path from the study folder → content.
    """
    settings, _ = read_settings(settings_content(files), territory)
    filing = filed_tables(files, STRUCTURES, POSTES, ACHETEURS)
    return Study(
        name=settings.name,
        year=settings.year,
        regions=settings.regions,
        parameters=settings.parameters,
        structures=_frame(filing, STRUCTURES).set_index("structure_id"),
        posts=_frame(filing, POSTES),
        perimeters=canonical_frame(None, PERIMETRES),
        needs=canonical_frame(None, BESOINS),
        exhaustiveness=canonical_frame(None, EXHAUSTIVITE),
        buyers=_frame(filing, ACHETEURS)[list(BUYER_COLUMNS)],
        call=settings.call,
        fictional=settings.fictional,
    )


def _frame(filing: Filing, table: Table) -> pd.DataFrame:
    held = filing.held(table)
    text = None if held is None else held.text
    typed, findings = (None, None) if text is None else read_table(text, table)
    return canonical_frame(None if findings is None or findings.faults else typed, table)

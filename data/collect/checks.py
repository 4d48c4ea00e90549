"""What is checked of tables to be joined: cells, codes, and what several cells or tables tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.study.checks import check_labels, check_periods, check_structures
from data.study.faults import Findings, gather
from data.study.need_checks import check_exhaustivity
from data.study.study_checks import cross_checks, place_tables, reference_checks
from data.study.table_reader import TypedTable, read_table
from data.study.tables import BESOINS, EXHAUSTIVITE, POSTES, STRUCTURES, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.study.place_names import PlaceNames
    from data.study.text_tables import TextTable
    from geo.territory import Territory


def typed_tables(
    texts: Mapping[str, TextTable], names: PlaceNames
) -> tuple[dict[str, TypedTable], Findings]:
    """Return tables read cell by cell, their codes repaired."""
    typed: dict[str, TypedTable] = {}
    findings = Findings()
    for table in TABLES:
        if table.name in texts:
            read, found = read_table(texts[table.name], table)
            findings += found
            if read is not None:
                typed[table.name] = read
    placed, found = place_tables(typed, names)
    return placed, findings + found


def study_faults(tables: Mapping[str, TypedTable], territory: Territory, year: int) -> Findings:
    """Return what forbids to believe the tables of a study, as they are or once joined."""
    return Findings(cross_checks(tables, territory, year).faults)


def received_findings(
    tables: Mapping[str, TypedTable], nameable: Sequence[TypedTable], territory: Territory
) -> Findings:
    """Return what is found in a received workbook.

    Repeated keys are not looked for: `collect.diff` tells them.

    Parameters
    ----------
    nameable
        The structures that the workbook may name: of the study, of all workbooks.
    """
    structures, posts = tables.get(STRUCTURES.name), tables.get(POSTES.name)
    needs, declared = tables.get(BESOINS.name), tables.get(EXHAUSTIVITE.name)
    found: list[Findings] = reference_checks(tables, _together(nameable)) if nameable else []
    if structures is not None:
        found.append(check_structures(structures))
    if posts is not None:
        found += [check_periods(posts), check_labels(posts, "financement")]
    if needs is not None:
        found.append(check_labels(needs, "programme"))
    if declared is not None:
        found.append(Findings(check_exhaustivity(declared, needs, territory).faults))
    return gather(found)


def _together(structures: Sequence[TypedTable]) -> TypedTable:
    return TypedTable(
        STRUCTURES,
        STRUCTURES.name,
        pd.concat([each.frame for each in structures], ignore_index=True),
        pd.concat([each.empty for each in structures], ignore_index=True),
        pd.concat([each.refused for each in structures], ignore_index=True),
    )

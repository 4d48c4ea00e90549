"""What is checked of the tables of a study once their cells are read: codes, then across tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.study.award_tables import CONVENTIONS
from data.study.checks import (
    check_labels,
    check_periods,
    check_references,
    check_structures,
    check_unique,
    check_unique_keys,
)
from data.study.faults import Findings, gather
from data.study.filed_codes import place_codes
from data.study.need_checks import check_exhaustivity, check_needs
from data.study.sources_tables import INDICATEURS, MARCHES, SERVICES, TOTAUX
from data.study.tables import BESOINS, EXHAUSTIVITE, PERIMETRES, POSTES, STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from data.study.place_names import PlaceNames
    from data.study.table_reader import TypedTable
    from geo.territory import Territory

_CODES = (
    (PERIMETRES.name, "code", ""),
    (BESOINS.name, "commune", "commune"),
    (EXHAUSTIVITE.name, "region", "region"),
    (EXHAUSTIVITE.name, "departement", "departement"),
    (INDICATEURS.name, "commune", "commune"),
    (TOTAUX.name, "region", "region"),
)
"""Table, column of codes, their level (empty: each row says its own)."""

_BRING_HOURS = (MARCHES.name, SERVICES.name)
"""Tables whose file is the source of the hours that it brings."""

_ONCE = {
    INDICATEURS.name: ("commune", "indicateur", "source"),
    TOTAUX.name: ("region", "donneur_ordre", "annee", "source"),
}
"""Table → columns that no two rows may share."""


def place_tables(
    tables: Mapping[str, TypedTable], names: PlaceNames
) -> tuple[dict[str, TypedTable], Findings]:
    """Return the tables with their territorial codes checked, repaired, read from names."""
    placed = dict(tables)
    findings = Findings()
    for name, column, niveau in _CODES:
        if name in placed:
            placed[name], found = place_codes(placed[name], column, names, niveau)
            findings += found
    return placed, findings


def cross_checks(
    tables: Mapping[str, TypedTable],
    territory: Territory,
    year: int,
    *,
    origins: Collection[str] = (),
) -> Findings:
    """Return what several cells or tables tell together.

    Parameters
    ----------
    year
        Of the study: needs of other years are not compared.
    origins
        Names of the files of contracts: a declaration of completeness may name them.
    """
    structures, posts = tables.get(STRUCTURES.name), tables.get(POSTES.name)
    needs, exhaustive = tables.get(BESOINS.name), tables.get(EXHAUSTIVITE.name)
    found = []
    if structures is not None:
        found += [check_unique(structures, "structure_id"), check_structures(structures)]
        found += reference_checks(tables, structures)
    if posts is not None:
        found += [check_unique(posts, "poste_id"), check_periods(posts)]
        found.append(check_labels(posts, "financement"))
    if needs is not None:
        found += [check_needs(needs, territory, year), check_labels(needs, "programme")]
    found += [
        check_unique_keys(tables[name], columns)
        for name, columns in _ONCE.items()
        if name in tables
    ]
    if exhaustive is not None:
        sources = {*origins, *(t.file for name, t in tables.items() if name in _BRING_HOURS)}
        found.append(check_exhaustivity(exhaustive, needs, territory, origins=sources))
    return gather(found)


def reference_checks(tables: Mapping[str, TypedTable], structures: TypedTable) -> list[Findings]:
    """Return what is found of the structures that other tables name."""
    owned = (POSTES.name, PERIMETRES.name, SERVICES.name, CONVENTIONS.name)
    return [check_references(tables[name], structures) for name in owned if name in tables]

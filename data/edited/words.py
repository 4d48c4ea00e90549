"""What a change of a row says of itself, in French, on the page of the deposit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.edited.change import differing
from data.store.checks import masked
from data.study.faults import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.edited.rows import FiledRow
    from data.study.tables import Table

_SHOWN = 4
"""Cells told of a row, the first ones filled."""


def changed_words(table: Table, row: FiledRow, cells: Mapping[str, str]) -> str:
    """Tell which cells of a row change, from what to what."""
    new = differing(table, row, cells)
    told = [f"{name} : {_cell(row.cells.get(name, ''))} → {_cell(new[name])}" for name in new]
    told += (
        [f"cellules en trop retirées : {', '.join(map(_cell, row.excess))}"] if row.excess else []
    )
    return masked(f"{table.name} : ligne {row.line} modifiée ({' ; '.join(told)})")


def added_words(table: Table, cells: Mapping[str, str]) -> str:
    """Tell the first cells of a row that is added."""
    return masked(f"{table.name} : ligne ajoutée ({row_words(cells)})")


def removed_words(table: Table, row: FiledRow) -> str:
    """Tell the first cells of a row that is removed."""
    return masked(f"{table.name} : ligne {row.line} retirée ({row_words(row.cells)})")


def settings_words(filed: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Tell which settings change, from what to what; nothing written is said « vide ».

    >>> settings_words({"methode.seuil_reponse": "1"}, {"methode.seuil_reponse": "2/3"})
    'réglages modifiés (seuil_reponse : 1 → 2/3)'
    """
    told = [
        f"{key.rpartition('.')[2]} : {_cell(filed.get(key, ''))} → {_cell(text)}"
        for key, text in new.items()
    ]
    return masked(f"réglages modifiés ({' ; '.join(told)})")


def row_words(cells: Mapping[str, str]) -> str:
    """Return the first filled cells of a row.

    >>> row_words({"poste_id": "", "structure_id": "A", "etp": "0,5"})
    'structure_id : A ; etp : 0,5'
    """
    filled = [f"{name} : {_cell(text)}" for name, text in cells.items() if text.strip()]
    more = " ; …" if len(filled) > _SHOWN else ""
    return " ; ".join(filled[:_SHOWN]) + more


def _cell(text: str) -> str:
    """Return a short text as it is, a long one between quotes and cut."""
    plain = " ".join(text.split())
    short = 24
    if not plain:
        return "vide"
    return plain if len(plain) <= short else quoted(plain)

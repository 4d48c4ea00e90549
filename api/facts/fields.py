"""The fields of a form, as pages show them: those of a row, from the columns of its table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from data.study.cells import parse_cell
from data.workbooks.writer import column_help

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.study.tables import Column, Table
    from geo.errors import Notice

_KEYBOARDS = {"whole": "numeric", "decimal": "decimal", "etp": "decimal", "siret": "numeric"}


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Attributes
    ----------
    name
        By which the form sends it.
    title
        How the file calls it.
    label
        What it holds, in French.
    hints
        How it is written, a sentence each.
    widget
        `texte`, `long`, `liste` or `cases` (boxes).
    choices
        Value and what is shown of it: of a list, of boxes, or what a text is proposed.
    chosen
        Boxes that are ticked.
    empty
        What an empty list says.
    mode
        Keyboard that a telephone shows.
    """

    name: str
    title: str
    label: str
    text: str = ""
    hints: tuple[str, ...] = ()
    faults: tuple[Notice, ...] = ()
    widget: str = "texte"
    choices: tuple[tuple[str, str], ...] = ()
    chosen: tuple[str, ...] = ()
    empty: str = "(vide)"
    required: bool = False
    wide: bool = False
    mode: str = "text"


def row_fields(
    table: Table,
    cells: Mapping[str, str],
    faults: Iterable[Notice],
    proposed: Mapping[str, Sequence[str]],
) -> list[Field]:
    """Return the fields of a row, one a column of the table.

    Parameters
    ----------
    proposed
        Column → identifiers of other tables that it may name.
    """
    told = by_column(faults)
    return [
        _field(
            column,
            cells.get(column.name, ""),
            told.get(column.name, ()),
            proposed.get(column.name, ()),
        )
        for column in table.columns
    ]


def by_column(faults: Iterable[Notice]) -> dict[str, tuple[Notice, ...]]:
    """Return faults by column."""
    told: dict[str, tuple[Notice, ...]] = {}
    for fault in faults:
        told[fault.column] = (*told.get(fault.column, ()), fault)
    return told


def alike(values: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return choices shown as they are written."""
    return tuple((value, value) for value in values)


def _field(column: Column, text: str, faults: tuple[Notice, ...], proposed: Sequence[str]) -> Field:
    _, what, *hints = column_help(column)
    made = Field(
        column.name, column.name, what, text, tuple(hints), faults, required=column.required
    )
    if column.kind == "enum":
        return _list(made, column)
    value = parse_cell(text, column) if text and column.kind == "classes" else ()
    if column.kind == "classes" and isinstance(value, tuple):
        # The description goes on with how to join the values in one cell.
        what = f"{what.partition(',')[0]}."
        said = ("Aucune case cochée : toutes les valeurs.",)
        choices = alike(column.choices)
        return replace(made, label=what, hints=said, widget="cases", choices=choices, chosen=value)
    return replace(
        made,
        widget="long" if "\n" in text else "texte",
        choices=alike(proposed or (column.choices if column.kind == "label" else ())),
        wide=column.kind == "text",
        mode=_KEYBOARDS.get(column.kind, "text"),
    )


def _list(made: Field, column: Column) -> Field:
    """Return the list of the accepted values, and of the one that is not, to be seen."""
    text = made.text.lower() if made.text.lower() in column.choices else made.text
    choices = alike(column.choices)
    if text not in ("", *column.choices):
        choices = ((text, f"{text} (valeur inconnue)"), *choices)
    empty = f"(vide : {column.default})" if column.default else "(vide)"
    return replace(made, text=text, hints=(), widget="liste", choices=choices, empty=empty)

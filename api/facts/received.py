"""What pages say of received workbooks: lines to decide, what becomes of all, the report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from coverage.wording import plural
from data.collect.choices import REFUSED, is_open
from data.collect.items import CONFLICT
from data.collect.report import NOT_COUNTED
from data.results.tables import Table
from data.study.tables import PERIMETRES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from data.collect.apart import Comparison
    from data.collect.choices import Choices, Decision
    from data.collect.items import Item, Option

KIND_NAMES = {
    "added": "ajout",
    "changed": "modification",
    "removed": "retrait",
    CONFLICT: "conflit",
}
"""Kind of an item, as a planner reads it."""

UNDECIDED_NAME = "À décider"
_JOINED = "jointe le (temps universel)"
_SIGNS = {"added": "+", "changed": "~", "removed": "−", CONFLICT: "!"}


@dataclass(frozen=True)
class Answer:
    """One answer to an item: its value in a form, its label, what it changes."""

    value: str
    label: str
    checked: bool
    option: Option | None = None


@dataclass(frozen=True)
class Line:
    """An item as a page shows it.

    Attributes
    ----------
    saved
        Label of the answer that is saved, when the one shown is another.
    """

    item: Item
    sign: str
    kind: str
    answers: tuple[Answer, ...]
    saved: str = ""


@dataclass(frozen=True)
class TableLines:
    """The lines of one table, and how many of them are to be decided."""

    table: str
    lines: tuple[Line, ...]
    undecided: int


def in_order(comparison: Comparison) -> list[Item]:
    """Return the items that there is something to decide of, table by table."""
    ranks = {table.name: rank for rank, table in enumerate(TABLES)}
    return sorted(filter(is_open, comparison.items), key=lambda item: ranks[item.table])


def table_lines(
    shown: Iterable[Item],
    every: Iterable[Item],
    choices: Choices,
    answers: Mapping[str, str] | None = None,
) -> list[TableLines]:
    """Return the lines of a page, by table.

    Parameters
    ----------
    shown, every
        Items of the page, and of all of them.
    answers
        Those that a form sent and that are not saved: shown in the place of those that are.
    """
    left = Counter(item.table for item in every if not choices.answer(item))
    return [
        TableLines(name, tuple(_line(item, choices, answers or {}) for item in items), left[name])
        for name, items in groupby(shown, key=lambda item: item.table)
    ]


def _line(item: Item, choices: Choices, sent: Mapping[str, str]) -> Line:
    saved = choices.answer(item)
    answer = sent.get(item.key, saved)
    answers = [
        Answer(str(rank), option.label, answer == str(rank), option)
        for rank, option in enumerate(item.options, start=1)
    ]
    no = "N’en garder aucune" if item.kind == CONFLICT else "Refuser"
    answers += [Answer(REFUSED, no, answer == REFUSED), Answer("", UNDECIDED_NAME, not answer)]
    labels = {each.value: each.label for each in answers}
    kind = KIND_NAMES[item.kind]
    told = labels[saved] if answer != saved else ""
    return Line(item, _SIGNS[item.kind], kind, tuple(answers), told)


def undecided_books(items: Iterable[Item], choices: Choices) -> list[str]:
    """Return the workbooks of which lines that are no conflict are to be decided."""
    left = [each for each in items if each.kind != CONFLICT and not choices.answer(each)]
    return sorted({book for item in left for book in item.books})


def count_words(items: Iterable[Item], choices: Choices) -> str:
    """Return how many lines have each answer, in French."""
    counted = Counter(
        "oui" if (answer := choices.answer(item)) not in ("", REFUSED) else answer for item in items
    )
    return ", ".join(
        (
            plural(counted["oui"], "ligne acceptée", "lignes acceptées"),
            plural(counted[REFUSED], "refusée", "refusées"),
            f"{counted['']} à décider",
        )
    )


def remarks(comparison: Comparison) -> list[str]:
    """Return what the planner should know that is about no line."""
    joins_perimeters = any(
        item.table == PERIMETRES.name and item.kind != "removed" for item in comparison.items
    )
    return [*comparison.remarks, *([_capital(NOT_COUNTED)] if joins_perimeters else [])]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def report_table(items: Iterable[Item], choices: Choices) -> Table:
    """Return what was decided of every line, those joined first, to answer structures.

    What was decided of a line stays in it when its workbook is withdrawn.

    Parameters
    ----------
    items
        Those that there is something to decide of now.
    """
    joined = {each.key for each in choices.joined if each.kind == CONFLICT}
    rows = [_decided(each) for each in choices.joined]
    rows += [_decided(each) for key, each in choices.decisions.items() if key not in joined]
    rows += [
        (item.table, item.place, KIND_NAMES[item.kind], item.name, UNDECIDED_NAME, "", "", "")
        for item in items
        if item.key not in choices.decisions
    ]
    names = ("table", "lieu", "changement", "ligne", "choix", "par", "le (temps universel)")
    columns = zip(*rows, strict=True) if rows else [()] * len((*names, _JOINED))
    return Table(dict(zip((*names, _JOINED), map(list, columns), strict=True)))


def _decided(made: Decision) -> tuple[str, ...]:
    kind = KIND_NAMES.get(made.kind, made.kind)
    told = (made.table, made.place, kind, made.name, made.label, made.by)
    return (*told, _moment(made.at), _moment(made.joined))


def _moment(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%d/%m/%Y %H:%M}" if iso else ""

"""The boxes of a form as people type them: « 0,5 », « 01/09/2022 », « oui ».

A web form and a workbook hold texts. They are read as a file is, by the same rules, and what
cannot be understood stays as it was typed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.wording import whole
from data.applications.document import Document
from data.applications.form import FORM
from data.applications.form_reading import Filed, form_of
from data.applications.form_writing import exact_decimal
from data.applications.walk import leaves
from data.study.cells import Refusal, parse_cell, parse_number
from data.study.faults import quoted
from data.study.tables import Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coverage.dossiers.form import Form
    from coverage.dossiers.model import Finding
    from coverage.proposals.model import Call
    from data.applications.form import Field

NUMBERS = ("hundredths", "cents", "number")
"""Kinds of boxes that hold a number."""

Spot = tuple[str, int, str]
"""Table or list, number of the item in the list else 0, name of the box."""

_HUNDREDTHS = 100
_ITEM = re.compile(r"([a-z0-9_.]+)\[([1-9][0-9]{0,8})\]\.([a-z_]+)")
_FINE_NUMBER = re.compile(r"(0|[1-9][0-9]*)[.,][0-9]+")
_FLAGS = {"oui": True, "vrai": True, "true": True, "non": False, "faux": False, "false": False}
_CELLS = {
    "siret": Column("siret", "siret", "", ""),
    "date": Column("date", "date", "", ""),
    "identifier": Column("code", "identifier", "", ""),
}
"""Kinds of boxes that the cells of tables hold too."""


def texts_of(form: Form) -> dict[str, str]:
    """Return what the boxes of a form show, by dotted key; what could not be read, as written.

    `read_texts` reads the same form of it.
    """
    return {key: shown_text(value, key) for key, value in leaves(form.values)} | dict(form.unread)


def read_texts(
    texts: Mapping[str, str], call: Call, file: str = ""
) -> tuple[Form, tuple[Finding, ...]]:
    """Return the form that texts typed in its boxes make, and what it lacks.

    Parameters
    ----------
    texts
        Dotted key, items of lists numbered (`budget.cofinanceurs[1].nom`) → what was typed. Items
        that are wholly blank are left out, those after move up. Unknown keys are told and kept.
    file
        What messages call the whole, empty for a page.
    """
    return form_of(filed_texts(texts, file), call)


def filed_texts(
    texts: Mapping[str, str],
    file: str = "",
    places: Mapping[str, tuple[str, int]] | None = None,
    refused: Mapping[str, Refusal] | None = None,
) -> Filed:
    """Return texts typed in boxes as filed.

    Parameters
    ----------
    places
        Key → sheet and line where its text stands.
    refused
        Key → why its text is not to be believed.
    """
    content = _empty(FORM)
    known = {key: spot for key in texts if (spot := spot_of(key))}
    ranks = _ranks(texts, known)
    typed: dict[str, str] = {}
    found: dict[str, tuple[str, int]] = {}
    for key, (table, number, name) in sorted(known.items(), key=lambda item: item[1][1]):
        if number and number not in ranks[table]:
            continue
        rank = ranks[table][number] if number else 0
        final = f"{table}[{rank}].{name}" if rank else key
        value = (refused or {}).get(key) or _value(texts[key], _TABLES[table].keys[name])
        _put(content, table, rank, {name: value})
        typed[final] = texts[key]
        found |= {final: places[key]} if places and key in places else {}
    for key in sorted(texts.keys() - known.keys()):
        content.setdefault(f"{key} (texte)" if key in FORM else key, texts[key])
    lines = {key: row for key, (_, row) in found.items()}
    labels = {key: label for key, (label, _) in found.items()}
    return Filed(Document(file, content, lines, labels), typed, boxes=True)


def spot_of(key: str) -> Spot | None:
    """Return which box of the form a key is, None when it is none.

    >>> spot_of("budget.cofinanceurs[2].nom"), spot_of("budget.cofinanceurs.nom")
    (('budget.cofinanceurs', 2, 'nom'), None)
    """
    item = _ITEM.fullmatch(key)
    table, _, name = key.rpartition(".")
    number = 0
    if item:
        table, number, name = item[1], int(item[2]), item[3]
    field = _TABLES.get(table)
    if field is None or (field.kind == "tables") != bool(number) or name not in field.keys:
        return None
    return None if field.keys[name].keys else (table, number, name)


def shown_text(value: object, key: str) -> str:
    """Return a value of a form as people type it.

    >>> shown_text(50, "demande.etp_facilitateur"), shown_text(True, "groupement.mandataire")
    ('0,5', 'oui')
    """
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, date):
        return f"{value:%d/%m/}{value.year:04}"
    if isinstance(value, Fraction):
        return _number_text(value)
    if isinstance(value, int):
        table, _, name = spot_of(key) or ("", 0, "")
        hundredths = table and _TABLES[table].keys[name].kind in ("hundredths", "cents")
        return _number_text(Fraction(value, _HUNDREDTHS if hundredths else 1))
    return str(value)


def _number_text(number: Fraction) -> str:
    """Return a number as French writes it: 44 600, or 0,5."""
    text = f"{Decimal(exact_decimal(number)):f}"
    before, _, after = text.partition(".")
    return whole(int(before)) + (f",{after}" if after else "")


def _value(text: str, field: Field) -> object:
    """Return what TOML would hold of a text, or why it cannot be read."""
    plain = text.strip()
    if not plain or field.kind in ("text", "choice"):
        return text
    if field.kind in NUMBERS:
        return _number(plain)
    if field.kind == "flag":
        flag = _FLAGS.get(plain.lower())
        return (
            Refusal(f"{quoted(plain)} n’est ni oui ni non", "écrivez « oui » ou « non »")
            if (flag is None)
            else flag
        )
    return parse_cell(plain, _CELLS[field.kind])


def _number(text: str) -> Decimal | Refusal:
    number = parse_number(text)
    if number is None and _FINE_NUMBER.fullmatch(text):
        number = Decimal(text.replace(",", "."))
    if number is not None:
        return number
    remedy = "écrivez par exemple « 0,5 », sans unité"
    return Refusal(f"{quoted(text)} n’est pas un nombre", remedy)


def _ranks(texts: Mapping[str, str], known: Mapping[str, Spot]) -> dict[str, dict[int, int]]:
    """Return by list the rank of each item that is not blank."""
    filled: defaultdict[str, set[int]] = defaultdict(set)
    for key, (table, number, _) in known.items():
        if number and texts[key].strip():
            filled[table].add(number)
    return defaultdict(dict) | {
        table: {number: rank for rank, number in enumerate(sorted(numbers), start=1)}
        for table, numbers in filled.items()
    }


def _put(content: dict[str, Any], table: str, rank: int, box: Mapping[str, object]) -> None:
    """Write a box of a table, or of an item of a list."""
    inside = content
    *around, last = table.split(".")
    for name in around:
        inside = inside[name]
    if not rank:
        inside[last].update(box)
        return
    rows = inside.setdefault(last, [])
    rows += [{}] if rank > len(rows) else []
    rows[rank - 1].update(box)


def _empty(keys: Mapping[str, Field]) -> dict[str, Any]:
    """Return the tables of the form; boxes to fill are there, as on a page, and empty."""
    made: dict[str, Any] = {}
    for name, field in keys.items():
        if field.kind == "table":
            made[name] = _empty(field.keys)
        elif field.expected:
            made[name] = ""
    return made


def _tables(keys: Mapping[str, Field], at: str = "") -> Iterator[tuple[str, Field]]:
    for name, field in keys.items():
        if field.keys:
            yield f"{at}{name}", field
            yield from _tables(field.keys, f"{at}{name}.")


_TABLES = dict(_tables(FORM))

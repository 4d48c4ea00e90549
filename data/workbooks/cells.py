"""Typed cells of a workbook to the texts that the table reader expects, or why they cannot be.

A spreadsheet changes what is typed: codes into numbers or dates, numbers into dates. What it
changed in a way that can be undone without a guess is undone; the rest is refused.
"""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

from data.study.cells import NUMBERS, Refusal, error_value
from data.study.faults import quoted
from data.study.tables import OUI_NON
from data.workbooks.sheets import NO_VALUE

if TYPE_CHECKING:
    from data.study.tables import Column

Value = str | float | bool | dt.date | dt.time | dt.timedelta
"""What the workbook reader gives of a cell; an empty one is an empty text."""

MAX_DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""

_DECIMALS = 12
_CODES = ("code", "identifier", "siret")
_AS_TEXT = "mettez la colonne au format Texte, puis tapez la valeur de nouveau"
UNCOMPUTED = Refusal(
    "formule sans valeur enregistrée",
    "ouvrez le classeur dans le tableur et enregistrez-le, ou collez les valeurs "
    "(copier, collage spécial, valeurs)",
)


def cell_text(value: Value, column: Column) -> str | Refusal:
    """Return the text of a cell of a known column, or why it cannot be believed."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, bool):
        return _boolean(value, column)
    if isinstance(value, int | float):
        return _number(value, column)
    if column.kind == "date":
        return _date(value)
    return _not_a_date(value, column)


def plain_text(value: Value) -> str:
    """Return what a cell shows, for headers and for columns that are not read.

    >>> plain_text(1004.0), plain_text(0.1), plain_text(True)
    ('1004', '0,1', 'VRAI')
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, int | float):
        return number_text(value)
    return f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else str(value)


def failed_text(error: str) -> tuple[str, Refusal]:
    """Return a text and a refusal for a formula that failed; never an empty text."""
    if error == NO_VALUE:
        return "=", UNCOMPUTED
    return error, error_value(error)


def number_text(value: float) -> str:
    """Return a number as the spreadsheet holds it: 15 digits, at most 12 decimals, a comma.

    >>> number_text(35600000000048.0), number_text(0.1 + 0.2), number_text(1785.7142857142858)
    ('35600000000048', '0,3', '1785,71428571429')
    """
    if not math.isfinite(value):
        return str(value)
    if value == int(value):
        return str(int(value))
    exact = round(Decimal(f"{value:.{MAX_DIGITS}g}"), _DECIMALS).normalize()
    return f"{exact or abs(exact):f}".replace(".", ",")


def _boolean(value: bool, column: Column) -> Refusal:  # noqa: FBT001 - a cell's value
    shown = quoted(plain_text(value))
    if column.choices == OUI_NON:
        return Refusal(f"valeur logique {shown}", "écrivez « oui » ou « non »")
    return Refusal(f"valeur logique {shown}", f"écrivez par exemple {quoted(column.example)}")


def _number(value: float, column: Column) -> str | Refusal:
    text = number_text(value)
    if abs(value) >= 10**MAX_DIGITS:
        message = f"nombre de plus de {MAX_DIGITS} chiffres : le tableur en a perdu la fin"
        return Refusal(message, _AS_TEXT)
    if column.kind == "date":
        message = f"nombre {quoted(text)} à la place d’une date"
        return Refusal(message, "mettez la colonne au format Date et vérifiez le jour affiché")
    return text


def _date(value: dt.date | dt.time | dt.timedelta) -> str | Refusal:
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            message = f"date avec une heure : {quoted(f'{value:%d/%m/%Y %H:%M}')}"
            return Refusal(message, "gardez la date seule, sans heure")
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    message = f"heure ou durée {quoted(str(value))} à la place d’une date"
    return Refusal(message, "écrivez la date, par exemple « 01/07/2023 »")


def _not_a_date(value: dt.date | dt.time | dt.timedelta, column: Column) -> Refusal:
    date = isinstance(value, dt.date)
    message = (
        f"{'date' if date else 'heure'} {quoted(plain_text(value))} : le tableur a sans doute "
        f"changé {_filed(column)} en {'date' if date else 'heure'}"
    )
    if column.kind in NUMBERS:
        remedy = "mettez la colonne au format Nombre, puis tapez la valeur de nouveau"
        return Refusal(message, f"{remedy}, avec une virgule")
    return Refusal(message, _AS_TEXT)


def _filed(column: Column) -> str:
    if column.kind in NUMBERS:
        return "le nombre"
    return "le code" if column.kind in _CODES else "le texte"

"""Parsers of one cell: its text, trimmed and not empty, to a value or a reasoned refusal.

They are pure and slow on purpose: `columns` calls them on the distinct texts of a column.
`schemas` says the same rules as patterns; a test proves that both agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.wording import whole
from data.study.faults import proposal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from data.study.tables import Column, Kind

INNER_SPACE = "[ \u00a0\u2007\u2009\u202f]"
"""Pattern of one space inside a number."""

NUMBER = re.compile(
    rf"(-?)(0|[1-9][0-9]{{0,11}}|[1-9][0-9]{{0,2}}(?:{INNER_SPACE}[0-9]{{3}}){{1,3}})"
    r"(?:[.,]([0-9]{1,12}))?"
)
"""A number as spreadsheets write it: spaces between thousands, point or comma, 12 digits."""

NUMBERS = ("whole", "decimal", "etp")
"""Kinds of cells that hold a number."""

YEARS = (1950, 2099)
"""First and last year accepted in a date."""

SPREADSHEET_ERRORS = frozenset(
    (
        *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"),
        *("#N/D", "#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!", "#PROPAGATION!", "#CALCUL!"),
    )
)
"""What a spreadsheet shows, in English or in French, where a formula failed."""

_SCIENTIFIC = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FRENCH_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_FORBIDDEN = re.compile(r"[|\x00-\x1f\x7f]")
_ASCII_LOWER = {ord(upper): ord(upper) + 32 for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_LA_POSTE = "356000000"
_SIRET_DIGITS = 14


@dataclass(frozen=True)
class Refusal:
    """Why a cell is refused and what to do, in French."""

    message: str
    remedy: str


def parse_cell(text: str, column: Column) -> object | Refusal:
    """Return the value of a cell, or why it is refused.

    Parameters
    ----------
    text
        Trimmed, not empty.

    Returns
    -------
    object
        Text for `identifier`, `text`, `label`, `enum`, `siret` and `code`; a tuple of classes in
        the order of the column's choices; int for `whole`; `Decimal` for `decimal`; `Fraction` for
        `etp`; `datetime.date` for `date`.
    """
    if is_spreadsheet_error(text):
        return error_value(text)
    return _PARSERS[column.kind](text, column)


def is_spreadsheet_error(text: str) -> bool:
    """Tell whether a text is what a spreadsheet shows for a formula that failed.

    >>> is_spreadsheet_error("#n/a"), is_spreadsheet_error("# note")
    (True, False)
    """
    return text.startswith("#") and text.upper() in SPREADSHEET_ERRORS


def error_value(text: str) -> Refusal:
    """Return why a failed formula is refused."""
    return Refusal(
        f"erreur de calcul {quoted(text)} laissée par le tableur",
        "corrigez la formule, puis collez les valeurs (copier, collage spécial, valeurs)",
    )


def parse_number(text: str) -> Decimal | None:
    """Return the exact number written, None when it is not one.

    >>> parse_number("12 500,5"), parse_number("1.000,5")
    (Decimal('12500.5'), None)
    """
    match = NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, whole, decimals = match.groups()
    digits = re.sub(INNER_SPACE, "", whole)
    return Decimal(f"{sign}{digits}.{decimals or '0'}")


def siret_is_valid(digits: str) -> bool:
    """Tell whether 14 digits bear a right key.

    The key is Luhn's (INSEE, répertoire SIRENE); establishments of La Poste (SIREN 356000000)
    may instead have a sum of digits that is a multiple of 5.

    >>> siret_is_valid("35600000000048"), siret_is_valid("35600000000049")
    (True, False)
    """
    values = [int(digit) for digit in digits]
    doubled = [value * 2 if rank % 2 == 0 else value for rank, value in enumerate(values)]
    luhn = sum(value - 9 if value > 9 else value for value in doubled)  # noqa: PLR2004 - a digit
    return luhn % 10 == 0 or (digits.startswith(_LA_POSTE) and sum(values) % 5 == 0)


def expected_number(column: Column) -> str:
    """Return what a number column accepts, in French."""
    noun = "nombre entier" if column.kind == "whole" else "nombre"
    if column.kind == "etp":
        return f"{noun} plus grand que {column.low} et au plus {column.high}"
    if column.kind == "whole" and column.name == "annee":
        return f"année de {column.low} à {column.high}"
    return f"{noun} de {whole(column.low)} à {whole(column.high)}"


def _text(text: str, _column: Column) -> str:
    return text


def _label(text: str, _column: Column) -> str:
    return text.lower()


def _identifier(text: str, _column: Column) -> str | Refusal:
    if _FORBIDDEN.search(text):
        return Refusal(
            f"identifiant {quoted(text)} avec une barre verticale, une tabulation ou un retour "
            "à la ligne",
            "remplacez ce caractère, partout où l’identifiant sert",
        )
    return text


def _enum(text: str, column: Column) -> str | Refusal:
    value = text.translate(_ASCII_LOWER)
    if value in column.choices:
        return value
    accepted = ", ".join(column.choices)
    return Refusal(
        f"valeur {quoted(text)} inconnue ; valeurs acceptées : {accepted}",
        proposal(text, column.choices) or "écrivez l’une des valeurs acceptées",
    )


def _classes(text: str, column: Column) -> tuple[str, ...] | Refusal:
    found = set()
    for part in text.split("|"):
        item = part.strip()
        if not item:
            return Refusal(
                f"liste {quoted(text)} avec un élément vide",
                "séparez les valeurs par une seule barre verticale, sans en laisser au bord",
            )
        value = _enum(item, column)
        if isinstance(value, Refusal):
            return value
        found.add(value)
    return tuple(choice for choice in column.choices if choice in found)


def _siret(text: str, _column: Column) -> str | Refusal:
    digits = re.sub(INNER_SPACE, "", text)
    if _SCIENTIFIC.fullmatch(digits):
        return Refusal(
            f"SIRET {quoted(text)} abrégé par le tableur ; 14 chiffres attendus",
            "mettez la colonne au format Texte et saisissez le numéro de nouveau",
        )
    if not re.fullmatch("[0-9]{14}", digits):
        return Refusal(f"SIRET {quoted(text)} ; 14 chiffres attendus", _siret_remedy(digits))
    if not siret_is_valid(digits):
        return Refusal(
            f"SIRET {quoted(text)} dont la clé de contrôle est fausse",
            "vérifiez le numéro, un chiffre est sans doute mal recopié",
        )
    return digits


def _siret_remedy(digits: str) -> str:
    padded = digits.zfill(_SIRET_DIGITS)
    if re.fullmatch("[0-9]{11,13}", digits) and siret_is_valid(padded):
        return f"le tableur a sans doute perdu un zéro : écrivez « {padded} », en texte"
    return "écrivez les 14 chiffres, ou laissez la cellule vide"


def _number(text: str, column: Column) -> Decimal | Refusal:
    number = parse_number(text)
    expected = expected_number(column)
    if number is None:
        return Refusal(
            f"{quoted(text)} ne se lit pas comme un nombre ; attendu : {expected}",
            _number_remedy(text, column),
        )
    below = number < column.low or (column.kind == "etp" and number == column.low)
    if below or number > column.high or (column.low >= 0 and text.startswith("-")):
        return Refusal(
            f"{quoted(text)} hors des valeurs possibles ; attendu : {expected}",
            "corrigez la valeur" if column.required else "corrigez la valeur ou videz la cellule",
        )
    return number


def _number_remedy(text: str, column: Column) -> str:
    if _SCIENTIFIC.fullmatch(text):
        return "le tableur a abrégé le nombre : mettez la colonne au format Nombre, sans exposant"
    if "." in text and "," in text:
        return "n’employez qu’un séparateur, celui des décimales ; « 1.234,5 » s’écrit « 1234,5 »"
    return f"écrivez par exemple « {column.example} », sans unité ni zéro devant"


def _whole(text: str, column: Column) -> int | Refusal:
    number = _number(text, column)
    if isinstance(number, Refusal):
        return number
    if number != int(number):
        return Refusal(
            f"{quoted(text)} n’est pas entier ; attendu : {expected_number(column)}",
            "arrondissez à l’entier",
        )
    return int(number)


def _etp(text: str, column: Column) -> Fraction | Refusal:
    number = _number(text, column)
    return number if isinstance(number, Refusal) else Fraction(number)


def _date(text: str, _column: Column) -> date | Refusal:
    iso, french = _ISO_DATE.fullmatch(text), _FRENCH_DATE.fullmatch(text)
    if iso is not None:
        year, month, day = (int(part) for part in iso.groups())
    elif french is not None:
        day, month, year = (int(part) for part in french.groups())
    else:
        return Refusal(
            f"{quoted(text)} ne se lit pas comme une date",
            "écrivez « 01/07/2023 » ou « 2023-07-01 », l’année sur quatre chiffres",
        )
    first, last = YEARS
    if not first <= year <= last:
        return Refusal(f"année {year} hors de {first} à {last}", "corrigez l’année de la date")
    try:
        return date(year, month, day)
    except ValueError:
        return Refusal(
            f"{quoted(text)} n’existe pas au calendrier",
            "écrivez le jour puis le mois : « 01/07/2023 » est le 1er juillet",
        )


_PARSERS: Mapping[Kind, Callable[[str, Column], object | Refusal]] = {
    "identifier": _identifier,
    "text": _text,
    "label": _label,
    "enum": _enum,
    "classes": _classes,
    "siret": _siret,
    "whole": _whole,
    "decimal": _number,
    "etp": _etp,
    "date": _date,
    "code": _text,
}

"""The form of an application written as TOML, as people read it and as the program reads it back.

The boxes that every application must fill are written even when they are empty, so that a file
says what it lacks.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from textwrap import fill
from typing import TYPE_CHECKING, Any

from data.applications.form import FORM
from data.applications.form_labels import RUBRIQUES
from data.consolidate.toml_text import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from data.applications.form import Field

_HUNDREDTHS = 100
_WIDTH = 96
_HEAD = (
    "# Candidature à l’appel. Les lignes qui commencent par # sont des commentaires ; une case "
    'vide s’écrit "".'
)


def write_form(values: Mapping[str, Any]) -> bytes:
    """Return the file of an application; the same values give the same bytes.

    What `read_form` reads of it is these values.

    Parameters
    ----------
    values
        As `Form.values`. A text in place of another kind of value is written as it is, for the
        reader to tell it. Keys that are not of the form are left out.

    Raises
    ------
    ValueError
        When a number is no decimal one, as 1/3.
    """
    parts = [_HEAD]
    for name, field in FORM.items():
        rubrique = RUBRIQUES[name]
        comment = fill(
            f"{rubrique.title}. {rubrique.text}",
            _WIDTH,
            initial_indent="# ",
            subsequent_indent="# ",
        )
        body = "\n".join(_table((name,), values.get(name, {}), field))
        if body:
            parts.append(f"{comment}{body}")
    # A lone surrogate is no text: nothing could read it back.
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def _table(path: tuple[str, ...], values: Mapping[str, Any], field: Field) -> Iterator[str]:
    """Yield the lines of a table: its own keys, its lists, the tables below."""
    own = _filed(values, field.keys)
    lists = {name: rows for name, rows in own.items() if isinstance(rows, list)}
    plain = {name: value for name, value in own.items() if name not in lists}
    below = {name: each for name, each in field.keys.items() if each.kind == "table"}
    if plain:
        yield f"\n[{'.'.join(path)}]"
        yield from written(plain).splitlines()
    for name, rows in lists.items():
        for row in rows:
            yield f"\n[[{'.'.join((*path, name))}]]"
            yield from written(row).splitlines()
    for name, each in below.items():
        yield from _table((*path, name), values.get(name, {}), each)


def _filed(values: Mapping[str, Any], keys: Mapping[str, Field]) -> dict[str, Any]:
    """Return what is written of a table in the form's order, its own tables apart."""
    filed: dict[str, Any] = {}
    for name, field in keys.items():
        value = values.get(name)
        if field.kind == "table":
            continue
        if field.kind == "tables" and isinstance(value, list | tuple):
            filed[name] = [_filed(row, field.keys) for row in value]
        elif value is not None:
            filed[name] = _plain(value, field)
        elif field.expected and field.kind in ("text", "siret"):
            filed[name] = ""
    return filed


def _plain(value: object, field: Field) -> object:
    """Return a value as TOML holds it."""
    if field.kind in ("hundredths", "cents") and isinstance(value, int):
        return exact_decimal(Fraction(value, _HUNDREDTHS))
    return exact_decimal(value) if isinstance(value, Fraction) else value


def exact_decimal(number: Fraction) -> int | Decimal:
    """Return a number as decimals write it, exactly.

    Raises
    ------
    ValueError
        When no decimals do, as for 1/3.

    Examples
    --------
    >>> exact_decimal(Fraction(7, 8)), exact_decimal(Fraction(3))
    (Decimal('0.875'), 3)
    """
    if number.denominator == 1:
        return int(number)
    places = number.denominator.bit_length()  # enough where the denominator is 2s and 5s alone
    scaled = number * 10**places
    if scaled.denominator != 1:
        raise ValueError(number)
    digits = str(abs(int(scaled))).rstrip("0")
    places -= len(str(abs(int(scaled)))) - len(digits)
    return Decimal((int(scaled < 0), tuple(map(int, digits)), -places))

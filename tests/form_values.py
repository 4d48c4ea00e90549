"""Values of the form of an application drawn at random, as its readers give them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from data.applications.form import FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.applications.form import Field

SIRETS = ("35600000000048", "73282932000074", "99999012000019")
_TURNED = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF)))
_PRINTED = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=_TURNED)
_SIGNS = st.one_of(_PRINTED, st.sampled_from("\n\t\"'\\#=_x0D"))
TEXTS = st.text(_SIGNS, min_size=1).filter(str.strip)
CODES = st.text(_PRINTED, min_size=1, max_size=20).map(lambda text: text.replace("|", "").strip())
KINDS = {
    "text": TEXTS,
    "identifier": CODES.filter(bool),
    "siret": st.sampled_from(SIRETS),
    "date": st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)),
    "flag": st.booleans(),
    "number": st.builds(Fraction, st.decimals(0, 10**9, allow_nan=False, places=4)),
}


def of_field(field: Field) -> st.SearchStrategy[Any]:
    if field.kind == "choice":
        return st.sampled_from(field.choices)
    if field.kind in ("hundredths", "cents"):
        return st.integers(0, field.high * 100)
    if field.kind == "table":
        return of_keys(field.keys)
    if field.kind == "tables":
        return st.lists(of_keys(field.keys).filter(bool), max_size=3).map(tuple)
    return KINDS[field.kind]


def of_keys(keys: Mapping[str, Field]) -> st.SearchStrategy[dict[str, Any]]:
    each = {name: of_field(field) for name, field in keys.items()}
    return st.fixed_dictionaries({}, optional=each).map(
        lambda made: {name: value for name, value in made.items() if value not in ({}, ())}
    )


VALUES = of_keys(FORM)
"""Any form, half-filled or full."""

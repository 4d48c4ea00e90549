"""Regular expressions of cells, in the dialect that JSON Schema and Python share.

They say again, on their own, what `cells` accepts; blanks around a cell are allowed. The one
thing they leave out is the key of a SIRET.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.study.tables import Column

_INNER = r"[ \u00a0\u2007\u2009\u202f]"
_CONTROL = r"|\u0000-\u001f\u007f"
_ZEROS = "(?:[.,]0{1,12})?"
_DECIMALS = "(?:[.,][0-9]{1,12})?"
_GROUP = 3

_LEAP = "(?:19(?:5[26]|[68][048]|[79][26])|20(?:[02468][048]|[13579][26]))"
_YEAR = "(?:19[5-9][0-9]|20[0-9]{2})"


def cell_pattern(column: Column) -> str:
    """Return the pattern of a filled cell; empty when any text goes."""
    if column.kind in ("text", "label", "code"):
        return r"\S" if column.required else ""
    bodies = {
        "identifier": rf"[^{_CONTROL}\s](?:[^{_CONTROL}]*[^{_CONTROL}\s])?",
        "enum": _any_case(column.choices),
        "classes": _joined(_any_case(column.choices)),
        "siret": f"(?:[0-9]{_INNER}*){{13}}[0-9]",
        "date": _dates(),
    }
    body = bodies[column.kind] if column.kind in bodies else _number(column)
    filled = rf"\s*(?:{body})\s*"
    return f"^{filled}$" if column.required else rf"^(?:{filled}|\s*)$"


def _any_case(values: tuple[str, ...]) -> str:
    spelled = (
        "".join(f"[{char}{char.upper()}]" if char.isalpha() else char for char in value)
        for value in values
    )
    return f"(?:{'|'.join(spelled)})"


def _joined(item: str) -> str:
    return rf"{item}(?:\s*\|\s*{item})*"


def _number(column: Column) -> str:
    """Return the pattern of numbers from `low` to `high`; a negative `low` is `-high`."""
    sign = "-?" if column.low < 0 else ""
    low = max(column.low, 0)
    if column.kind == "whole":
        return f"{sign}(?:{_between(low, column.high)}){_ZEROS}"
    nonzero = rf"(?!0{_ZEROS}\s*$)" if column.kind == "etp" else ""
    inside = f"(?:{_between(low, column.high - 1)}){_DECIMALS}"
    return f"{nonzero}{sign}(?:{inside}|(?:{_between(column.high, column.high)}){_ZEROS})"


def _between(low: int, high: int) -> str:
    """Return the pattern of whole numbers from `low` to `high`, with or without thousands.

    >>> re.fullmatch(_between(0, 12_000), "12 000") is not None
    True
    """
    written = []
    for digits in _digit_ranges(low, high):
        plain = [first if first == last else f"[{first}-{last}]" for first, last in digits]
        written.append("".join(plain))
        if len(plain) > _GROUP:
            written.append("".join(_grouped(plain)))
    return re.sub(r"(?:\[0-9\]){2,}", _counted, "|".join(written))


def _counted(repeat: re.Match[str]) -> str:
    return f"[0-9]{{{len(repeat[0]) // len('[0-9]')}}}"


def _grouped(digits: list[str]) -> Iterator[str]:
    for rank, digit in enumerate(digits):
        if rank and (len(digits) - rank) % _GROUP == 0:
            yield _INNER
        yield digit


def _digit_ranges(low: int, high: int) -> Iterator[list[tuple[str, str]]]:
    """Yield sequences of digit ranges whose numbers are, together, those from low to high."""
    start = low
    while start <= high:
        end = min(high, 10 ** len(str(start)) - 1)
        yield from _same_length(str(start), str(end))
        start = end + 1


def _same_length(low: str, high: str) -> Iterator[list[tuple[str, str]]]:
    if not low:
        yield []
        return
    rest = len(low) - 1
    first, last = int(low[0]), int(high[0])
    if first == last:
        yield from ([(low[0], low[0]), *tail] for tail in _same_length(low[1:], high[1:]))
        return
    if int(low[1:] or "0"):
        yield from ([(low[0], low[0]), *tail] for tail in _same_length(low[1:], "9" * rest))
        first += 1
    top = [] if high[1:] == "9" * rest else list(_same_length("0" * rest, high[1:]))
    last -= bool(top)
    if first <= last:
        yield [(str(first), str(last)), *[("0", "9")] * rest]
    yield from ([(high[0], high[0]), *tail] for tail in top)


def _dates() -> str:
    """Return the pattern of the dates that exist, from 1950 to 2099, in both writings."""
    iso, french = [], []
    for days, months, year in (
        ("31", "01 03 05 07 08 10 12", _YEAR),
        ("30", "04 06 09 11", _YEAR),
        ("28", "02", _YEAR),
        ("29", "02", _LEAP),
    ):
        month = f"(?:{'|'.join(months.split())})"
        short = month.replace("0", "0?").replace("10?", "10")
        day = "29" if year == _LEAP else _days(days, "0")
        short_day = "29" if year == _LEAP else _days(days, "0?")
        iso.append(f"{year}-{month}-{day}")
        french.append(f"{short_day}/{short}/{year}")
    return "|".join(iso + french)


def _days(last: str, zero: str) -> str:
    tail = {"28": "2[0-8]", "30": "2[0-9]|30", "31": "2[0-9]|3[01]"}[last]
    return f"(?:{zero}[1-9]|1[0-9]|{tail})"

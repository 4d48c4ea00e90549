"""Values of a form by dotted key, lists numbered from 1: `budget.cofinanceurs[2].nom`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_NUMBER = re.compile(r"\[(\d+)\]")


def plain_key(key: str) -> str:
    """Return a dotted key without the numbers of lists.

    >>> plain_key("budget.cofinanceurs[2].nom")
    'budget.cofinanceurs.nom'
    """
    return _NUMBER.sub("", key)


def item_number(key: str) -> int:
    """Return the number of the item that a key is in, 0 when it is in none."""
    found = _NUMBER.search(key)
    return int(found[1]) if found else 0


def leaves(values: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that is neither a table nor a list of tables, with its dotted key."""
    for name, value in values.items():
        key = f"{at}{name}"
        if isinstance(value, dict):
            yield from leaves(value, f"{key}.")
        elif _is_tables(value):
            for number, row in enumerate(value, start=1):
                yield from leaves(row, f"{key}[{number}].")
        else:
            yield key, value


def mapped(
    values: Mapping[str, Any], change: Callable[[str, Any], Any], at: str = ""
) -> dict[str, Any]:
    """Return tables of the same shape, each value changed, lists as tuples; no empty table.

    Parameters
    ----------
    change
        Of a dotted key and its value; None leaves it out.
    """
    made: dict[str, Any] = {}
    for name, value in values.items():
        key = f"{at}{name}"
        if isinstance(value, dict):
            inner = mapped(value, change, f"{key}.")
            made |= {name: inner} if inner else {}
        elif _is_tables(value):
            made[name] = tuple(
                mapped(row, change, f"{key}[{number}].")
                for number, row in enumerate(value, start=1)
            )
        else:
            new = change(key, value)
            made |= {} if new is None else {name: new}
    return made


def value_at(values: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - of many types
    """Return the value of a dotted key, None when there is none."""
    found: Any = values
    for part in key.split("."):
        name, number = plain_key(part), item_number(part)
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
        if number:
            inside = isinstance(found, list | tuple) and number <= len(found)
            found = found[number - 1] if inside else None
    return found


def _is_tables(value: object) -> bool:
    listed = isinstance(value, list | tuple)
    return listed and bool(value) and all(isinstance(row, dict) for row in value)  # type: ignore[attr-defined]

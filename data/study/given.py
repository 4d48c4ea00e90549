"""What a table of settings gives of declared values, each parsed by its declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from data.study.cells import Refusal
from data.study.faults import Findings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo.errors import Notice

_T = TypeVar("_T")


def given_values(
    table: str,
    values: Mapping[str, object],
    declared: Mapping[str, _T],
    parse: Callable[[object, _T], object | Refusal],
    notice: Callable[[str, str, str], Notice],
) -> tuple[dict[str, Any], Findings]:
    """Return the sound values of a table by name, in the order declared, and the faults of others.

    Parameters
    ----------
    values
        Of the table; names that are not declared are left to the caller.
    notice
        Makes a finding from a dotted key, a message and a remedy.
    """
    sound: dict[str, Any] = {}
    faults = []
    for name, own in declared.items():
        if name not in values:
            continue
        value = parse(values[name], own)
        if isinstance(value, Refusal):
            faults.append(notice(f"{table}.{name}", value.message, value.remedy))
        else:
            sound[name] = value
    return sound, Findings(tuple(faults))

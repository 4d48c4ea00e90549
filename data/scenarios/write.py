"""A scenario as the file that `data.scenarios.read` reads: one set of rules for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.study.tables import FORMAT_VERSION
from data.study.toml_text import toml_key, toml_value

if TYPE_CHECKING:
    from collections.abc import Mapping


def scenario_text(name: str, description: str, tables: Mapping[str, Mapping[str, object]]) -> str:
    """Return the TOML text of a scenario.

    Parameters
    ----------
    tables
        Name of a table (`methode`, `appel`, `options`, `verrous`, `refus`) → key → value, plain:
        numbers, texts, true or false, lists of texts, texts by name. Empty tables are left out.
    """
    described = {"nom": name, **({"description": description} if description else {})}
    lines = [f"format_version = {FORMAT_VERSION}"]
    for table, values in {"scenario": described, **tables}.items():
        if values:
            lines += ["", f"[{table}]"]
            lines += [f"{toml_key(key)} = {toml_value(own)}" for key, own in values.items()]
    return "\n".join(lines) + "\n"

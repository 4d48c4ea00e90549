"""Values as TOML writes them, so that the program reads back what it wrote."""

from __future__ import annotations

import json
import re

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_value(value: object) -> str:
    """Return a value as `etude.toml` writes it: ratios as texts, pairs as a table.

    >>> from fractions import Fraction
    >>> toml_value(True), toml_value(Fraction(2, 3)), toml_value((("etat", 1),))
    ('true', '"2/3"', '{ "etat" = 1 }')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        value = dict(value)
    if isinstance(value, dict):
        pairs = ", ".join(f"{toml_string(name)} = {toml_value(own)}" for name, own in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(toml_value, value))}]"
    return toml_string(str(value))


def toml_key(name: str) -> str:
    """Return a key, bare where TOML lets it be.

    >>> toml_key("budget_eur"), toml_key("zb-94#1")
    ('budget_eur', '"zb-94#1"')
    """
    return name if _BARE.fullmatch(name) else toml_string(name)


def toml_string(text: str) -> str:
    """Return a TOML basic string; JSON writes the same."""
    return json.dumps(text, ensure_ascii=False)

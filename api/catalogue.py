"""The one catalogue of the words that pages and scripts share, in French."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("catalogue.toml")


@cache
def words() -> dict[str, str]:
    """Return every text by its dotted key.

    Raises
    ------
    TypeError
        When the file holds something else than texts.
    """
    return dict(_flat("", tomllib.loads(_FILE.read_text(encoding="utf-8"))))


def text(key: str, **values: object) -> str:
    """Return a text of the catalogue, its `{places}` filled.

    Raises
    ------
    KeyError
        When the key is not in the catalogue: a defect of the program.
    """
    return words()[key].format(**values)


def _flat(prefix: str, table: dict[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            found += _flat(f"{prefix}{name}.", value)
        elif isinstance(value, str):
            found.append((f"{prefix}{name}", value))
        else:
            raise TypeError(f"catalogue.toml : « {prefix}{name} » n’est pas un texte")
    return found

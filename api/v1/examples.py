"""Examples of answers for the description: the worked example of the method, four communes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson

_FILE = Path(__file__).with_name("examples.json")


@cache
def examples() -> dict[str, Any]:
    """Return the example of each kind of answer by its name."""
    found: dict[str, Any] = orjson.loads(_FILE.read_bytes())
    return found


def answer(model: Any, name: str, more: dict[str, Any] | None = None) -> dict[int | str, Any]:  # noqa: ANN401 - a type
    """Return what the description says of an answer: its form and an example.

    Parameters
    ----------
    name
        Of the example.
    more
        What else is said, such as headers.
    """
    content = {"application/json": {"example": examples()[name]}}
    return {200: {**(more or {}), "model": model, "content": content}}

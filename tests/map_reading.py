"""What a map's file holds, read back as its page reads it."""

from __future__ import annotations

import json
import re
from typing import Any

import shapely

from maps.encoding import ALPHABET


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="donnees">(.*?)</script>', page)
    assert found
    content: dict[str, Any] = json.loads(found[1])
    return content


def decoded(text: str) -> list[list[tuple[int, int]]]:
    """Read a shape back, digit after digit, as the format is described."""
    rings: list[list[tuple[int, int]]] = []
    x = y = 0
    for part in text.split(","):
        values: list[int] = []
        value = shift = 0
        for letter in part:
            digit = ALPHABET.index(letter)
            value |= (digit & 31) << shift
            shift += 5
            if not digit & 32:
                values.append((value >> 1) ^ -(value & 1))
                value = shift = 0
        ring = []
        for dx, dy in zip(values[::2], values[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        rings.append(ring)
    return rings


def polygon(text: str) -> Any:  # noqa: ANN401 - shapely publishes no types
    """Return a shape in whole steps: what an odd number of its rings hold."""
    held = shapely.Polygon()
    for ring in decoded(text) if text else []:
        held = held ^ shapely.make_valid(shapely.Polygon(ring))
    return held

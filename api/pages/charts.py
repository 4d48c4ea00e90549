"""Charts that the server draws: bars of parts, each with its own pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Segment:
    """One part of a bar: where it begins and how wide it is, in hundredths of the bar."""

    pattern: str
    x: float
    width: float


def bar(parts: Iterable[tuple[str, int]]) -> list[Segment]:
    """Return the segments of a bar, in the order of its parts; empty when they are all nothing.

    Parameters
    ----------
    parts
        Key of the pattern and size of each part.

    Examples
    --------
    >>> [(s.pattern, s.x, s.width) for s in bar([("a", 1), ("b", 0), ("c", 3)])]
    [('a', 0.0, 25.0), ('c', 25.0, 75.0)]
    """
    kept = [(pattern, size) for pattern, size in parts if size]
    whole = sum(size for _, size in kept)
    segments, before = [], 0
    for pattern, size in kept:
        x, end = round(before / whole * 100, 3), round((before + size) / whole * 100, 3)
        segments.append(Segment(pattern, x, round(end - x, 3)))
        before += size
    return segments

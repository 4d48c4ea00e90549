"""The column beside a static map: its legend, fitted to the height that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maps.dossiers.layers import SWATCH
from maps.dossiers.letters import wrapped
from maps.dossiers.printable import shortened
from maps.dossiers.svg import fitted, fixed

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 204.0
_SIZES = (7.5, 7.0, 6.5, 6.0)
_GAP = 2.0
_MOST_LINES = 2
_SIGNS = 110


def legend(entries: Sequence[tuple[str, str]], height: float) -> str:
    """Return the lines of a legend, in letters as large as the height lets them be."""
    for size in _SIZES:
        lines = [_wrapped(words, size, drawn=bool(drawing)) for drawing, words in entries]
        heights = [
            max(size * 1.15 * len(own), SWATCH[1] if drawing else 0) + _GAP
            for own, (drawing, _) in zip(lines, entries, strict=True)
        ]
        used = sum(heights)
        if used <= height:
            break
    drawings, y = [], 0.0
    for (drawing, _), own, taken in zip(entries, lines, heights, strict=True):
        if drawing:
            drawings.append(f'<g transform="translate(0 {fixed(y)})">{drawing}</g>')
        left = SWATCH[0] + 5 if drawing else 0
        for number, line in enumerate(own):
            baseline = y + size * (0.95 + 1.15 * number)
            drawings.append(fitted(left, baseline, line, size=size))
        y += taken
    return "".join(drawings)


def _wrapped(words: str, size: float, *, drawn: bool) -> list[str]:
    room = WIDTH - (SWATCH[0] + 5 if drawn else 0)
    lines = wrapped(shortened(words, _SIGNS), room, size)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1]}…"]
    return lines

"""How wide words are in the letters of the sheet: a drawing gives them the room they take."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from maps.dossiers.printable import drawn_signs
from maps.dossiers.typeset import queried

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEASURE = b"""#set text(size: 1000pt, font: "Libertinus Serif", kerning: false, ligatures: false)
#context [#metadata(
  json(bytes(sys.inputs.signs)).map(sign => measure(sign).width.pt()),
) <widths>]
"""
_SIZE = 1000.0


def width(words: str, size: float) -> float:
    """Return the width of printable words in points, in letters of a size, no pair tightened."""
    known = _widths()
    return sum(known[sign] for sign in words) * size / _SIZE


def wrapped(words: str, room: float, size: float) -> list[str]:
    """Return words on lines that a room holds; a word wider than the room has a line of its own."""
    lines: list[str] = []
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _widths() -> Mapping[str, float]:
    signs = drawn_signs()
    widths = queried(_MEASURE, {"signs": json.dumps(signs)}, "<widths>")
    return dict(zip(signs, widths, strict=True))

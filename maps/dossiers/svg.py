"""The few pieces of SVG that a static map is written with: fixed decimals, escaped text."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.palette import TILE
from maps.dossiers.letters import width
from maps.dossiers.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from coverage.palette import Style

FONT = "Libertinus Serif, Times New Roman, Liberation Serif, serif"
INK = "#1d2733"
HALO = "#ffffff"
_TENTHS = 10
_PATTERN_SCALE = 0.5
"""Of the screen's patterns: a commune is smaller on paper."""


def path_of(shapes: Iterable[object]) -> str:
    """Return the path data of polygons of the page, in tenths of a point, by relative steps.

    Parameters
    ----------
    shapes
        Polygons and multipolygons; None and what is no surface are left out.
    """
    parts = shapely.get_parts(np.array([s for s in shapes if s is not None], dtype=object))
    surfaces = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    points, ring = shapely.get_coordinates(shapely.get_rings(surfaces), return_index=True)
    tenths = np.round(points * _TENTHS).astype(np.int64)
    ends = np.flatnonzero(np.diff(ring)) + 1
    return "".join(_ring(own) for own in np.split(tenths, ends)) if len(tenths) else ""


def _ring(tenths: NDArray[np.int64]) -> str:
    """Write a closed ring; one too small for the page stays as a point."""
    moves = np.diff(tenths[:-1], axis=0)
    moves = moves[moves.any(axis=1)]
    first = " ".join(map(number, tenths[0].tolist()))
    steps = " ".join(map(number, moves.ravel().tolist()))
    return f"M{first}l{steps or '0 0'}z"


@lru_cache(maxsize=2**14)
def number(tenths: int) -> str:
    """Write a whole number of tenths, without useless signs.

    >>> number(125), number(-3), number(40)
    ('12.5', '-.3', '4')
    """
    sign = "-" if tenths < 0 else ""
    whole, rest = divmod(abs(tenths), _TENTHS)
    text = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"{sign}{text}" if text != "0" else "0"


def fixed(value: float) -> str:
    """Write a length of the page, in points, to the tenth."""
    return number(round(value * _TENTHS))


def text(x: float, y: float, words: str, *, size: float = 7, **attributes: str) -> str:
    """Return a line of text whose words come from people."""
    more = "".join(
        f' {name.replace("_", "-")}="{value}"' for name, value in sorted(attributes.items())
    )
    return (
        f'<text x="{fixed(x)}" y="{fixed(y)}" font-size="{fixed(size)}"{more}>'
        f"{escape(printable(words))}</text>"
    )


def fitted(x: float, y: float, words: str, *, size: float) -> str:
    """Return a line of text as wide as in the letters of the sheet, whatever font is there."""
    room = width(printable(words), size)
    return text(x, y, words, size=size, textLength=fixed(room), lengthAdjust="spacingAndGlyphs")


def label(x: float, y: float, words: str, *, size: float = 7, **attributes: str) -> str:
    """Return a line of text with a halo, to be read over the map."""
    halo = text(
        x,
        y,
        words,
        size=size,
        stroke=HALO,
        stroke_width="2.2",
        stroke_linejoin="round",
        **attributes,
    )
    return halo + text(x, y, words, size=size, **attributes)


def pattern_id(style: Style) -> str:
    """Return the name of a style's pattern in the drawing."""
    return f"m-{style.key}"


def pattern(style: Style) -> str:
    """Return the definition of a style's pattern, from the one description of the palette."""
    strokes = "".join(
        f'<path d="{stroke.path}" stroke="{stroke.colour}" stroke-width="{stroke.width}" '
        'stroke-linecap="square" fill="none"/>'
        for stroke in style.strokes
    )
    return (
        f'<pattern id="{pattern_id(style)}" width="{TILE}" height="{TILE}" '
        f'patternUnits="userSpaceOnUse" patternTransform="scale({_PATTERN_SCALE})">'
        f'<rect width="{TILE}" height="{TILE}" fill="{style.fill}"/>{strokes}</pattern>'
    )

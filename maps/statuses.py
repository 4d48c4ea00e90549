"""How each status is drawn on the page: its pattern for the canvas, its swatch for the legend.

Both come from the one description in `coverage.palette`.
"""

from __future__ import annotations

from markupsafe import Markup

from coverage.palette import HOLE, MIXED_LABEL, STYLES, TILE, Style, mixed, style_rank

__all__ = (
    "HOLE",
    "MIXED_LABEL",
    "STYLES",
    "TILE",
    "Style",
    "mixed",
    "pattern",
    "style_rank",
    "swatch",
)


def pattern(style: Style) -> dict[str, object]:
    """Return what the page needs to draw a style on a canvas."""
    strokes = [[stroke.path, stroke.colour, stroke.width] for stroke in style.strokes]
    return {"fill": style.fill, "strokes": strokes}


def swatch(style: Style, *, prefix: str = "motif") -> Markup:
    """Return the legend's drawing of a style, the same pattern in SVG."""
    paths = "".join(
        f'<path d="{s.path}" stroke="{s.colour}" stroke-width="{s.width}" '
        'stroke-linecap="square" fill="none"/>'
        for s in style.strokes
    )
    identifier = f"{prefix}-{style.key}"
    return Markup(  # noqa: S704 - made of the constants above
        '<svg class="echantillon" width="36" height="20" viewBox="0 0 36 20" aria-hidden="true">'
        f'<defs><pattern id="{identifier}" width="{TILE}" height="{TILE}" '
        f'patternUnits="userSpaceOnUse"><rect width="{TILE}" height="{TILE}" '
        f'fill="{style.fill}"/>{paths}</pattern></defs>'
        f'<rect x=".5" y=".5" width="35" height="19" fill="url(#{identifier})" '
        'stroke="#3a4554"/></svg>'
    )

"""The map of a dossier as one drawing: readable in grey, self-contained, the same every time."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from coverage.wording import THIN, named, plural, whole
from maps.dossiers.blocks import name
from maps.dossiers.frame import HEIGHT, WIDTH
from maps.dossiers.ground import ground_of
from maps.dossiers.layers import (
    Layer,
    borders,
    claim,
    named_structures,
    neighbours,
    statuses,
    zones,
)
from maps.dossiers.legend import WIDTH as LEGEND_WIDTH
from maps.dossiers.legend import legend
from maps.dossiers.letters import wrapped
from maps.dossiers.printable import printable
from maps.dossiers.site_layers import names, projects, services
from maps.dossiers.svg import FONT, INK, fitted, fixed, label, text
from maps.scope import credit_of

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Dossier
    from maps.dossiers.frame import Frame
    from maps.dossiers.ground import Ground

PAGE_WIDTH, PAGE_HEIGHT = 510.0, 290.0
"""Of the whole drawing, in points: the width of an A4 page between its margins."""

_CREDIT_SIZE = 6.0
_GUTTER = PAGE_WIDTH - WIDTH - LEGEND_WIDTH
_NOTHING = "Aucune carte : aucune commune demandée n’a de contour dans le fond de carte."
_WATER = "#f2f6f9"


def static_map(dossier: Dossier, volet: str, bench: Bench) -> str:
    """Return the map of the perimeter that a dossier claims for a volet, as SVG.

    A claim without a contour, or none at all, gives a drawing that says so.
    """
    asked = dossier.claims.get(volet)
    ground = None if asked is None else ground_of(asked, bench)
    said = map_words(dossier, volet, bench)
    if ground is None:
        return _document(said, text(0, 12, _NOTHING, size=9), height=20)
    layers = _layers(ground, dossier, volet)
    definitions = "".join(layer.definitions for layer in layers)
    entries = [entry for layer in sorted(layers, key=_rank) for entry in layer.entries]
    frame = f'x="0" y="0" width="{fixed(WIDTH)}" height="{fixed(HEIGHT)}"'
    drawing = (
        f'<defs><clipPath id="cadre"><rect {frame}/></clipPath>{definitions}</defs>'
        f'<g clip-path="url(#cadre)"><rect {frame} fill="{_WATER}"/>'
        f"{''.join(layer.drawing for layer in layers)}{_bar(ground.frame)}{_north(ground.frame)}"
        f'</g><rect {frame} fill="none" stroke="{INK}" stroke-width=".8"/>'
        f'<g transform="translate({fixed(WIDTH + _GUTTER)} 0)">{legend(entries, HEIGHT)}</g>'
        f"{_credit(ground)}"
    )
    return _document(said, drawing, height=PAGE_HEIGHT)


def map_words(dossier: Dossier, volet: str, bench: Bench) -> str:
    """Say in words what the map shows, for who does not see it."""
    asked = dossier.claims.get(volet)
    if asked is None or not asked.places:
        return _NOTHING
    territory = bench.coverage.territory
    kept = {zone for place in asked.places for zone in place.zone_ids}
    retained = bench.coverage.zones["retenue"]
    count = sum(bool(retained.get(zone, False)) for zone in kept)
    shapes = territory.units.geometry.to_numpy()
    without = sum(shapes[place.unit] is None for place in asked.places)
    filed = bench.coverage.study.structures["nom"]
    others = [name(str(filed.get(each, each))) for each in named_structures(dossier, volet)]
    parts = [
        f"Carte du périmètre demandé, volet {volet}{THIN}: "
        f"{plural(len(asked.places), 'commune', 'communes')}, "
        f"dont {whole(asked.white_communes)} en zone blanche, en tout ou partie",
        f"{plural(count, 'zone retenue le touche', 'zones retenues le touchent')}",
    ]
    if others:
        parts.append(f"structures voisines ou en place{THIN}: {named(others)}")
    if without:
        parts.append(f"{plural(without, 'commune', 'communes')} sans contour, hors de la carte")
    return f"{f'{THIN}; '.join(parts)}. Les mêmes chiffres sont dans les tableaux de la fiche."


def _layers(ground: Ground, dossier: Dossier, volet: str) -> list[Layer]:
    """Return the layers, in the order in which they are drawn."""
    layers = [
        statuses(ground),
        zones(ground),
        borders(ground),
        neighbours(ground, named_structures(dossier, volet)),
        projects(ground),
        claim(ground, len(dossier.claims[volet].places)),
        services(ground),
    ]
    return [*layers, names(ground, [spot for layer in layers for spot in layer.spots])]


def _rank(layer: Layer) -> int:
    """Return the place of a layer in the legend."""
    return layer.rank


def _credit(ground: Ground) -> str:
    words = f"{credit_of(ground.scope)}. Projection légale, EPSG:{ground.frame.epsg}."
    lines = wrapped(printable(words), PAGE_WIDTH, _CREDIT_SIZE)
    return "".join(
        fitted(0, HEIGHT + 9 + 7 * number, line, size=_CREDIT_SIZE)
        for number, line in enumerate(lines)
    )


def _bar(frame: Frame) -> str:
    metres, length = frame.bar()
    words = f"{whole(metres // 1000)} km" if metres >= 1000 else f"{metres} m"  # noqa: PLR2004
    x, y = 8.0, HEIGHT - 8.0
    return (
        f'<path d="M{fixed(x)} {fixed(y - 4)}v4h{fixed(length)}v-4" fill="none" stroke="#fff" '
        'stroke-width="3"/>'
        f'<path d="M{fixed(x)} {fixed(y - 4)}v4h{fixed(length)}v-4" fill="none" '
        f'stroke="{INK}" stroke-width="1"/>'
        f"{label(x + length / 2, y - 2.5, words, text_anchor='middle', fill=INK)}"
    )


def _north(frame: Frame) -> str:
    arrow = (
        f'<path d="M0-11L4 5L0 2L-4 5z" fill="{INK}" stroke="#fff" stroke-width=".8"/>'
        f"{label(0, -12.5, 'N', text_anchor='middle', fill=INK, font_weight='bold')}"
    )
    return (
        f'<g transform="translate({fixed(WIDTH - 14)} 24) rotate({fixed(frame.north_deg)})">'
        f"{arrow}</g>"
    )


def _document(said: str, drawing: str, *, height: float) -> str:
    words = escape(printable(said))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PAGE_WIDTH:g} {height:g}" '
        f'width="{PAGE_WIDTH:g}" height="{height:g}" role="img" lang="fr" font-family="{FONT}" '
        f'fill="{INK}"><title>{words}</title>{drawing}</svg>\n'
    )

"""QGIS styles (QML) of the layers of `etude.gpkg`, from the palette that the map uses.

Written for QGIS 3.16 and later: properties stand both as `Option`, read since 3.20, and as `prop`,
read before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from coverage.palette import (
    CROSSED,
    DOTTED,
    FALLING,
    HOLE,
    LINES_APART,
    LINES_CLOSE,
    LINES_RARE,
    MIXED_LABEL,
    RISING,
    STYLES,
    TILE,
    Stroke,
    Style,
    style_rank,
)
from coverage.wording import STATUS_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_MM_BY_PIXEL = 25.4 / 96
_DIAGONAL = TILE / 2**0.5
PATTERNS: Mapping[str, tuple[tuple[float, float], ...]] = {
    RISING: ((45, _DIAGONAL),),
    FALLING: ((135, _DIAGONAL),),
    CROSSED: ((0, TILE / 2), (90, TILE / 2)),
    LINES_CLOSE: ((0, TILE / 3),),
    LINES_APART: ((0, TILE / 2),),
    LINES_RARE: ((0, TILE),),
}
"""Pattern of the palette made of lines → (angle in degrees, spacing in pixels) of each family."""

_KNOWN = "coalesce(\"classes_inconnues\", '') = ''"
_UNKNOWN = "coalesce(\"classes_inconnues\", '') <> ''"
_MILDEST = "coalesce(\"gravite\", '') NOT IN ('<1/3', '<2/3')"
_NUANCES = {
    "": "",
    "<1/3": "\"gravite\" = '<1/3'",
    "<2/3": "\"gravite\" = '<2/3'",
    "<1": _MILDEST,
    "partiel": _UNKNOWN,
}
_THIN_MM, _THICK_MM = "0.06", "0.5"
_INK = "58,69,84,255"

Rule = tuple[str, str, list[ET.Element]]
"""Filter, label, symbol layers."""


def communes_style() -> str:
    """Return the style of communes: their status, and wide stripes where it is mixed."""
    rules = [(_filter(s), s.label, _filled(s, _THIN_MM)) for s in STYLES]
    for colour in sorted({style.mixed_colour for style in STYLES}):
        alike = " OR ".join(f"({_filter(s)})" for s in STYLES if s.mixed_colour == colour)
        stripes = _hatch(Stroke(FALLING, colour, 3))
        rules.append((f"\"mixte\" = 'oui' AND ({alike})", MIXED_LABEL, stripes))
    return _qml(rules, "fill")


def zones_style() -> str:
    """Return the style of zones: the status, under a thick border."""
    return _qml([(_filter(s), s.label, _filled(s, _THICK_MM)) for s in STYLES], "fill")


def atoms_style() -> str:
    """Return the style of parts of communes: the status alone, gravity being the commune's."""
    rules: list[Rule] = []
    for status, name in STATUS_NAMES.items():
        style = STYLES[style_rank(status)]
        if status != "couverte":
            rules.append((f"\"statut\" = '{status}'", name, _filled(style, _THIN_MM)))
            continue
        partial = STYLES[style_rank(status, unknown=True)]
        rules += [(_filter(s), s.label, _filled(s, _THIN_MM)) for s in (partial, style)]
    return _qml(rules, "fill")


def perimeters_style() -> str:
    """Return the style of perimeters: borders alone, to be laid over communes or zones."""
    valid = "\"etat\" = 'valide'"
    facilitator = f"{valid} AND \"volet\" = 'facilitateur'"
    lines = (
        (
            f"{facilitator} AND \"nature\" <> 'extension'",
            "facilitateur : périmètre principal ou extension dotée d’un poste",
            ("20,80,122,255", "solid"),
        ),
        (
            f"{facilitator} AND \"nature\" = 'extension'",
            "facilitateur : extension limitrophe",
            ("20,80,122,255", "dash"),
        ),
        (
            f"{valid} AND \"volet\" = 'coordinateur'",
            "coordinateur",
            ("122,74,20,255", "dot"),
        ),
        (
            "\"etat\" <> 'valide'",
            "périmètre à confirmer ou contesté",
            ("110,110,110,255", "dash dot"),
        ),
    )
    return _qml([(where, label, [_border(*line)]) for where, label, line in lines], "fill")


def structures_style() -> str:
    """Return the style of structures: one marker."""
    marker = {
        "name": "circle",
        "color": "255,255,255,255",
        "size": "2.4",
        "size_unit": "MM",
        "outline_color": _INK,
        "outline_width": "0.6",
        "outline_width_unit": "MM",
    }
    return _qml([("", "structure", [_layer("SimpleMarker", marker)])], "marker")


def holes_style() -> str:
    """Return the style of the holes of the base map, as the map draws them."""
    return _qml([("", HOLE.label, _filled(HOLE, _THIN_MM))], "fill")


def _filter(style: Style) -> str:
    status = f"\"statut\" = '{style.status}'"
    # What suffices is plain only where every class of need is known.
    nuance = _KNOWN if style.key == "couverte" else _NUANCES[style.nuance]
    return f"{status} AND {nuance}" if nuance else status


def _filled(style: Style, border_mm: str) -> list[ET.Element]:
    ground = {
        "color": _rgba(style.fill),
        "style": "solid",
        "outline_color": _INK,
        "outline_style": "solid",
        "outline_width": border_mm,
        "outline_width_unit": "MM",
    }
    hatches = [layer for stroke in style.strokes for layer in _hatch(stroke)]
    return [_layer("SimpleFill", ground), *hatches]


def _border(colour: str, dashes: str) -> ET.Element:
    properties = {
        "style": "no",
        "outline_color": colour,
        "outline_style": dashes,
        "outline_width": _THICK_MM,
        "outline_width_unit": "MM",
    }
    return _layer("SimpleFill", properties)


def _hatch(stroke: Stroke) -> list[ET.Element]:
    if stroke.path == DOTTED:
        return [_dots(stroke)]
    return [_lines(stroke, angle, spacing) for angle, spacing in PATTERNS[stroke.path]]


def _lines(stroke: Stroke, angle: float, spacing: float) -> ET.Element:
    line = {
        "line_color": _rgba(stroke.colour),
        "line_style": "solid",
        "line_width": _mm(stroke.width),
        "line_width_unit": "MM",
    }
    pattern = {"angle": f"{angle:g}", "distance": _mm(spacing), "distance_unit": "MM"}
    return _layer("LinePatternFill", pattern, _symbol("line", [_layer("SimpleLine", line)]))


def _dots(stroke: Stroke) -> ET.Element:
    """Return dots in staggered rows, two by tile."""
    dot = {
        "name": "square",
        "color": _rgba(stroke.colour),
        "outline_style": "no",
        "size": _mm(stroke.width),
        "size_unit": "MM",
    }
    pattern = {
        "distance_x": _mm(TILE),
        "distance_x_unit": "MM",
        "distance_y": _mm(TILE / 2),
        "distance_y_unit": "MM",
        "displacement_x": _mm(TILE / 2),
        "displacement_x_unit": "MM",
    }
    return _layer("PointPatternFill", pattern, _symbol("marker", [_layer("SimpleMarker", dot)]))


def _layer(kind: str, properties: Mapping[str, str], inner: ET.Element | None = None) -> ET.Element:
    layer = ET.Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options = ET.SubElement(layer, "Option", {"type": "Map"})
    for name, value in properties.items():
        ET.SubElement(options, "Option", {"name": name, "type": "QString", "value": value})
        ET.SubElement(layer, "prop", {"k": name, "v": value})
    if inner is not None:
        layer.append(inner)
    return layer


def _symbol(kind: str, layers: Sequence[ET.Element], name: str = "") -> ET.Element:
    """Return a symbol; those inside a layer are renamed after it, as QGIS does."""
    symbol = ET.Element("symbol", {"type": kind, "name": name, "alpha": "1", "clip_to_extent": "1"})
    for rank, layer in enumerate(layers):
        symbol.append(layer)
        for inner in layer.iter("symbol"):
            inner.set("name", f"@{name}@{rank}")
    return symbol


def _qml(rules: Sequence[Rule], kind: str) -> str:
    root = ET.Element("qgis", {"version": "3.16.0", "styleCategories": "Symbology"})
    renderer = ET.SubElement(root, "renderer-v2", {"type": "RuleRenderer", "symbollevels": "0"})
    listed = ET.SubElement(renderer, "rules", {"key": "regles"})
    symbols = ET.SubElement(renderer, "symbols")
    for rank, (where, label, layers) in enumerate(rules):
        rule = {"key": f"regle-{rank}", "symbol": str(rank), "label": label}
        ET.SubElement(listed, "rule", rule | ({"filter": where} if where else {}))
        symbols.append(_symbol(kind, layers, str(rank)))
    ET.indent(root, " ")
    return _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _mm(pixels: float) -> str:
    return f"{pixels * _MM_BY_PIXEL:.3f}"

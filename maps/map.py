"""The interactive map of a coverage: one HTML file that opens without any network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import folium
import orjson
from folium.template import Template

from coverage.parameters import CLASSES
from coverage.wording import CLASS_NAMES
from geo.version import VERSION
from maps.numbers import study_title
from maps.offline import OfflineMap
from maps.page import FOLDER, SHARED, render_body
from maps.scope import credit_of, scope_of
from maps.shapes import draw, outlined
from maps.statuses import HOLE, STYLES, TILE, mixed, pattern
from maps.tables import commune_columns, part_columns, zone_columns

if TYPE_CHECKING:
    from coverage.model import Coverage
    from maps.drawn import DrawnLine
    from maps.scope import Scope
    from maps.shapes import MapShapes

SCRIPTS = (
    SHARED / "codec.js",
    FOLDER / "popups.js",
    SHARED / "search.js",
    SHARED / "frame.js",
    FOLDER / "map.js",
)


class CoverageLayers(folium.MacroElement):
    """The layers and controls of the page, started once the map stands."""

    _template = Template(
        "{% macro script(this, kwargs) %}ZB.start({{ this._parent.get_name() }});{% endmacro %}"
    )


def build_map(coverage: Coverage) -> str:
    """Return the map of a coverage as one HTML document, the same for the same coverage.

    Communes are drawn one by one when the study is of one to three régions, those that a drawn
    border cuts part by part; zones are drawn otherwise.
    The document holds its scripts, styles and data; its policy forbids it any request.

    Raises
    ------
    DataUnavailableError
        When Leaflet has not been fetched (`make assets`).
    """
    scope = scope_of(coverage)
    shapes = draw(scope)
    body = render_body(scope, shapes, data=_data(scope, shapes), version=VERSION)
    study = coverage.study
    page = OfflineMap(
        title=f"Zones blanches – {study_title(study.name, study.year)}",
        body=body,
        styles=((FOLDER / "map.css").read_text(encoding="utf-8"),),
        scripts=("\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS),),
        label=f"Carte de l’étude {study.name} ; le même contenu figure dans le tableau qui suit",
    )
    page.add_child(CoverageLayers(), name="coverage")  # type: ignore[no-untyped-call] # folium leaves it untyped
    return str(page.get_root().render())


def _data(scope: Scope, shapes: MapShapes) -> str:
    """Return what the page reads, as JSON that cannot close its script tag."""
    study = scope.coverage.study
    names = study.structures["nom"].sort_index()
    structures = {code: row for row, code in enumerate(names.index)}
    zones, sentences = zone_columns(scope)
    communes = commune_columns(scope, structures)
    content: dict[str, Any] = {
        "communes": {**communes, "anchor": shapes.anchors},
        "zones": zones,
        "parts": part_columns(scope),
        "patches": {
            "zone": [patch.zone for patch in shapes.patches],
            "style": [patch.style for patch in shapes.patches],
        },
        "hatched": shapes.hatched,
        "certificates": sentences,
        "structures": names.tolist(),
        "classes": [CLASS_NAMES[name] for name in CLASSES],
        "styles": [
            {
                "key": style.key,
                "status": style.status,
                "label": style.label,
                "short": style.short,
                "plain": pattern(style),
                "mixed": pattern(mixed(style)),
            }
            for style in STYLES
        ],
        "hole": pattern(HOLE),
        "tile": TILE,
        "shapes": {
            "communes": shapes.communes,
            "parts": shapes.parts,
            "patches": [patch.shape for patch in shapes.patches],
            "zones": shapes.zones,
            "context": shapes.context,
            "holes": shapes.holes,
        },
        "anchorOfZone": shapes.zone_anchors,
        "drawn": [{"name": _drawn_name(line), "lines": line.lines} for line in shapes.drawn],
        "departements": outlined(shapes.departements),
        "regions": outlined(shapes.regions),
        "places": [{"name": place.name, "bounds": place.bounds} for place in shapes.places],
        "credit": credit_of(scope),
    }
    return orjson.dumps(content).decode().replace("<", "\\u003c")


def _drawn_name(line: DrawnLine) -> str:
    return f"{line.structure} : {line.nature}, {line.state}"

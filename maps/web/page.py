"""The folium map of the application: its scripts and sheets come from the application itself."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from branca.element import Figure
from markupsafe import Markup

from geo.errors import DataUnavailableError
from maps.bare import ASSETS, BareMap
from maps.page import SHARED

if TYPE_CHECKING:
    from collections.abc import Sequence

STATIC = Path(__file__).parent / "static"

SHEETS = ("leaflet.css", "carte.css")
SCRIPTS = (
    *("leaflet.js", "codec.js", "words.js", "search.js", "mesh.js", "values.js", "look.js"),
    *("areas.js", "painter.js", "outlines.js", "shapes.js", "overlays.js", "labels.js"),
    *("legend.js", "layer.js", "layer_legend.js", "layers.js", "address.js", "sheet.js"),
    *("trial_state.js", "trial_words.js", "trial_form.js", "trial_add.js", "trial_export.js"),
    *("trial_scenarios.js", "trial.js", "map.js"),
)
"""In the order the page loads them."""

DRAWING_SHEETS = ("leaflet.css", "leaflet-geoman.css", "carte.css", "drawing.css")
DRAWING_SCRIPTS = (
    *("leaflet.js", "leaflet-geoman.js", "codec.js", "words.js", "search.js", "mesh.js"),
    *("areas.js", "painter.js", "labels.js", "drawing_outline.js", "drawing_ground.js"),
    *("drawing_vertices.js", "drawing.js"),
)
"""Those of the page where a perimeter is drawn."""

_FETCHED = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet-geoman.js": "leaflet-geoman/dist/leaflet-geoman.min.js",
    "leaflet-geoman.css": "leaflet-geoman/dist/leaflet-geoman.css",
}
"""File as it is served → where `make assets` leaves it."""

_SOURCE_MAP = re.compile(r"(?://# sourceMappingURL=[^\n]*|/\*# sourceMappingURL=.*?\*/)\s*$")
_TAG = re.compile(r"<(script|style)\b")
_SHEET = re.compile(r"<link\b[^>]*>")
_SCRIPT = re.compile(r"<script\b[^>]*></script>")
_IMAGE = re.compile(r"url\(images/[^)]*\)")


def served_files() -> dict[str, bytes]:
    """Return every file that the pages with a map ask for, by name.

    Raises
    ------
    DataUnavailableError
        When Leaflet has not been fetched (`make assets`).
    """
    names = (*SHEETS, *SCRIPTS, *DRAWING_SHEETS, *DRAWING_SCRIPTS)
    return {name: _content(name) for name in dict.fromkeys(names)}


@cache
def files_digest() -> str:
    """Return what names these files in addresses: it changes with any of them."""
    digest = hashlib.sha256()
    for name, content in sorted(served_files().items()):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


class WebMap(BareMap):
    """The map of the application's page.

    Parameters
    ----------
    folder
        Address of the folder of `served_files`.
    label
        What assistive technology says of the map, plain text.
    scripts, sheets
        Names of `served_files`, in the order that the page loads them.
    """

    def __init__(
        self,
        *,
        folder: str,
        label: str,
        scripts: Sequence[str] = SCRIPTS,
        sheets: Sequence[str] = SHEETS,
    ) -> None:
        super().__init__(label=label, zoom_snap=1)
        self.default_js = [(name, f"{folder}/{name}") for name in scripts]
        self.default_css = [(name, f"{folder}/{name}") for name in sheets]
        self._page = Figure()
        # What folium puts in every page: a reset of the body and a size in pixels.
        self._page.header._children.clear()  # noqa: SLF001
        self._page.add_child(self)
        self.render()  # type: ignore[no-untyped-call] # folium leaves it untyped

    def sheets(self, nonce: str) -> Markup:
        """Return the tags of the sheets, for the head of the page."""
        return _locked("\n".join(_SHEET.findall(self._page.header.render())), nonce)

    def scripts(self, nonce: str) -> Markup:
        """Return the tags of the scripts, then the one that makes the map and starts all."""
        tags = _SCRIPT.findall(self._page.header.render())
        made = f"<script>{self._page.script.render()}ZB.start({self.get_name()});</script>"
        return _locked("\n".join((*tags, made)), nonce)

    def html(self) -> Markup:
        """Return the element of the map."""
        return Markup(self._page.html.render())  # noqa: S704 - made of a label escaped before


def _locked(markup: str, nonce: str) -> Markup:
    return Markup(_TAG.sub(rf'<\1 nonce="{nonce}"', markup))  # noqa: S704 - no word of users in it


def _content(name: str) -> bytes:
    if name in _FETCHED:
        text = _SOURCE_MAP.sub("", _fetched(_FETCHED[name]))
        return (_IMAGE.sub("none", text) if name.endswith(".css") else text).encode()
    own = STATIC / name
    return (own if own.is_file() else SHARED / name).read_bytes()


def _fetched(path: str) -> str:
    try:
        return (ASSETS.parent / path).read_text(encoding="utf-8")
    except OSError as error:
        raise DataUnavailableError(
            f"fichier « {path} » introuvable : la carte ne peut pas être montrée "
            "→ lancer make assets"
        ) from error

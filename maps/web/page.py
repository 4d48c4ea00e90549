"""The folium map of the application: its scripts and sheets come from the application itself."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from branca.element import Figure
from markupsafe import Markup

from geo.errors import DataUnavailableError
from maps.bare import ASSETS, BareMap
from maps.page import SHARED

STATIC = Path(__file__).parent / "static"

SHEETS = ("leaflet.css", "carte.css")
SCRIPTS = (
    *("leaflet.js", "codec.js", "words.js", "search.js", "mesh.js", "values.js", "look.js"),
    *("areas.js", "painter.js", "outlines.js", "shapes.js", "overlays.js", "labels.js"),
    *("legend.js", "layer.js", "layer_legend.js", "layers.js", "address.js", "sheet.js"),
    *("trial_state.js", "trial_words.js", "trial_form.js", "trial_add.js", "trial_export.js"),
    *("trial.js", "map.js"),
)
"""In the order the page loads them."""

_TAG = re.compile(r"<(script|style)\b")
_SHEET = re.compile(r"<link\b[^>]*>")
_SCRIPT = re.compile(r"<script\b[^>]*></script>")
_IMAGE = re.compile(r"url\(images/[^)]*\)")


def served_files() -> dict[str, bytes]:
    """Return every file that the page of the map asks for, by name.

    Raises
    ------
    DataUnavailableError
        When Leaflet has not been fetched (`make assets`).
    """
    return {name: _content(name) for name in (*SHEETS, *SCRIPTS)}


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
    """

    def __init__(self, *, folder: str, label: str) -> None:
        super().__init__(label=label, zoom_snap=1)
        self.default_js = [(name, f"{folder}/{name}") for name in SCRIPTS]
        self.default_css = [(name, f"{folder}/{name}") for name in SHEETS]
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
    if name == "leaflet.js":
        return _leaflet(name).partition("//# sourceMappingURL")[0].encode()
    if name == "leaflet.css":
        return _IMAGE.sub("none", _leaflet(name)).encode()
    own = STATIC / name
    return (own if own.is_file() else SHARED / name).read_bytes()


def _leaflet(name: str) -> str:
    try:
        return (ASSETS / "dist" / name).read_text(encoding="utf-8")
    except OSError as error:
        raise DataUnavailableError(
            f"fichier « {name} » de Leaflet introuvable : la carte ne peut pas être montrée "
            "→ lancer make assets"
        ) from error

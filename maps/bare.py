"""A folium map without anything of folium's own hosts: no tiles, no jQuery, no icon font."""

from __future__ import annotations

from html import escape
from pathlib import Path

import folium
from folium.template import Template

ASSETS = Path(__file__).parent / "assets" / "leaflet"
"""Where `make assets` leaves Leaflet 1.9.4."""


class BareMap(folium.Map):
    """A `folium.Map` that asks for nothing by itself.

    Parameters
    ----------
    label
        What assistive technology says of the map, plain text.
    zoom_snap
        Step between two zooms.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own attribute
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own attribute

    _template = Template(
        """
        {% macro html(this, kwargs) %}{{ this.page_html() }}{% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map(
                {{ this.get_name()|tojson }}, {{ this.options|tojavascript }});
        {% endmacro %}
        """
    )

    def __init__(self, *, label: str, zoom_snap: float) -> None:
        super().__init__(
            location=(46.6, 2.4),
            zoom_start=6,
            tiles=None,
            prefer_canvas=True,
            zoom_control=False,
            fade_animation=False,
            max_zoom=15,
            zoom_snap=zoom_snap,
        )
        self.label = label

    def get_name(self) -> str:
        """Return a name that does not change from one run to the next."""
        return "carte"

    def place(self) -> str:
        """Return the element that the map fills."""
        return (
            f'<div class="folium-map" id="{self.get_name()}" role="region" tabindex="0" '
            f'aria-label="{escape(self.label)}"></div>'
        )

    def page_html(self) -> str:
        """Return the HTML of the page: the map alone."""
        return self.place()

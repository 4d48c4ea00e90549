"""A folium map that asks nothing from outside: one file, its scripts inside, locked by its CSP."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape

from branca.element import Element, Figure
from folium.template import Template

from geo.errors import DataUnavailableError
from maps.bare import ASSETS, BareMap

_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)
_IMAGE = re.compile(r"url\(images/[^)]*\)")


class _Code(Element):
    """Code written as it is inside a tag; Jinja never reads it."""

    _template = Template("<{{ this.tag }}>{{ this.code }}</{{ this.tag }}>")

    def __init__(self, tag: str, code: str) -> None:
        super().__init__()
        self.tag = tag
        self.code = code


class OfflinePage(Figure):
    """The document around the map: French, titled, allowed to fetch nothing.

    The policy names the SHA-256 of each script and sheet of the header and of the final script,
    so that a script that would slip into the body could not run.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.heading = title

    def render(self, **kwargs: object) -> str:
        """Return the whole document."""
        for child in self._children.values():
            child.render(**kwargs)
        header = self.header.render(**kwargs)
        script = f"<script>{self.script.render(**kwargs)}</script>"
        return "\n".join(
            (
                '<!DOCTYPE html>\n<html lang="fr">\n<head>',
                '<meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{_policy(header + script)}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                '<meta name="referrer" content="no-referrer">',
                '<link rel="icon" href="data:,">',
                f"<title>{escape(self.heading)}</title>",
                header,
                f"</head>\n<body>\n{self.html.render(**kwargs)}\n{script}\n</body>\n</html>\n",
            )
        )


class OfflineMap(BareMap):
    """A map alone in a document that holds all it needs.

    Parameters
    ----------
    title
        Of the document, plain text.
    body
        HTML of the page, holding `<!-- carte -->` where the map goes.
    styles, scripts
        Own sheets and scripts, inlined after Leaflet's.
    label
        What assistive technology says of the map, plain text.

    Raises
    ------
    DataUnavailableError
        When Leaflet has not been fetched.
    """

    def __init__(
        self,
        *,
        title: str,
        body: str,
        styles: tuple[str, ...] = (),
        scripts: tuple[str, ...] = (),
        label: str,
    ) -> None:
        super().__init__(label=label, zoom_snap=0.25)
        self.body = body
        page = OfflinePage(title)
        page.add_child(self)
        for rank, code in enumerate((_leaflet_css(), *styles)):
            page.header.add_child(_Code("style", code), name=f"style_{rank}")
        for rank, code in enumerate((_leaflet_js(), *scripts)):
            page.header.add_child(_Code("script", code), name=f"script_{rank}")

    def page_html(self) -> str:
        """Return the body with the map in its place."""
        return self.body.replace("<!-- carte -->", self.place(), 1)


def _asset(relative: str) -> str:
    path = ASSETS / relative
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataUnavailableError(
            f"fichier « {relative} » de Leaflet introuvable : la carte ne peut pas être écrite "
            "→ lancer make assets"
        ) from error


def _leaflet_js() -> str:
    licence = _asset("LICENSE").replace("*/", "* /")
    code = _asset("dist/leaflet.js").partition("//# sourceMappingURL")[0]
    return f"/*\n{licence}*/\n{code}"


def _leaflet_css() -> str:
    return _IMAGE.sub("none", _asset("dist/leaflet.css"))


def _policy(markup: str) -> str:
    allowed: dict[str, list[str]] = {"script": [], "style": []}
    for tag, code in _INLINE.findall(markup):
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        allowed[tag].append(f"'sha256-{digest}'")
    return (
        f"default-src 'none'; script-src {' '.join(allowed['script'])}; "
        f"style-src {' '.join(allowed['style'])}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )

"""The one way pages are rendered: escaped, strict about what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2

if TYPE_CHECKING:
    from pathlib import Path


def page_environment(folder: Path) -> jinja2.Environment:
    """Return the environment of the templates of a folder; each caller adds its own filters."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )

"""The one way pages are rendered: escaped, strict about what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2

if TYPE_CHECKING:
    from pathlib import Path


def page_environment(*folders: Path) -> jinja2.Environment:
    """Return the environment of the templates of folders; each caller adds its own filters."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )

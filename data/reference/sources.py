"""The outside sources, declared as data in `data/sources.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geo.territory import Source

HTTP = "http"
"""Kind of a source that its publisher serves as a file."""

CONTOURS = "contours"
"""Use of a source that draws the communes."""

TESTS = "essais"
"""Use of a source that only tests need."""


@dataclass(frozen=True)
class DeclaredSource:
    """One outside source: a package pinned to one file, or a file that its publisher serves.

    Attributes
    ----------
    kind
        `wheel` (Python package, never installed), `npm` or `http`.
    vintage
        Year that the content describes, or how it is kept up to date.
    package, version
        Its identifier at the registry of its kind; empty for `http`.
    sha256
        Digest of the archive, hexadecimal; empty when the publisher replaces the file.
    integrity
        `sha512-` and the digest in base 64, as npm writes it; empty for the other kinds.
    members
        The only files read from the archive; a name may hold `*`.
    sheet
        The only sheet read of a workbook.
    columns
        The only columns or fields read; empty when files are taken whole.
    crs
        Of the geometries; empty when there are none.
    use
        What it serves; `contours` for boundaries, `essais` for what only tests need: fetched on
        demand, never carried by the wheel.
    address
        Where its publisher serves it (`http`).
    file
        Its name in the cache (`http`); the extension says how it is read.
    deposit
        Its path in a study folder; empty when a study takes nothing of it.
    largest_mb
        Size from which what is received cannot be it.
    """

    key: str
    name: str
    kind: str
    publisher: str
    licence: str
    vintage: str
    format: str
    package: str = ""
    version: str = ""
    sha256: str = ""
    members: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sheet: str = ""
    integrity: str = ""
    crs: str = ""
    use: str = ""
    address: str = ""
    file: str = ""
    deposit: str = ""
    largest_mb: int = 0

    @property
    def provenance(self) -> Source:
        """What results print about it."""
        return Source(self.name, self.publisher, self.licence, self.vintage, self.sha256)


@cache
def sources() -> dict[str, DeclaredSource]:
    """Return the declared sources by key."""
    text = Path(__file__).parents[1].joinpath("sources.toml").read_text(encoding="utf-8")
    declared = [_declared(entry) for entry in tomllib.loads(text)["source"]]
    return {source.key: source for source in declared}


def _declared(entry: dict[str, Any]) -> DeclaredSource:
    lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return DeclaredSource(**(entry | lists))

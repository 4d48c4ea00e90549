"""Folders of the program: what it caches, what it carries."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "ZONES_BLANCHES_CACHE"
"""Environment variable that overrides the cache folder."""

_ROOT = Path(__file__).resolve().parent.parent


def cache_dir() -> Path:
    """Return the user's cache folder, which may not exist yet."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("zones-blanches")


def root_dir() -> Path:
    """Return the folder that holds the five rooms."""
    return _ROOT


def assets_dir() -> Path:
    """Return the folder of the browser files, fetched by `make assets`."""
    return _ROOT / "maps" / "assets"


def dev_assets_dir() -> Path:
    """Return the folder of the browser files that only tests use, outside the wheel."""
    return _ROOT / "tests" / "assets"


def reference_dir() -> Path:
    """Return the folder of the small reference files."""
    return _ROOT / "data" / "reference"


def cog_dir() -> Path:
    """Return the folder of the official code tables, fetched by `make assets`."""
    return reference_dir() / "cog"

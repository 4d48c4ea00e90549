"""Fixtures that every test may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from data.reference.territory import load_territory

if TYPE_CHECKING:
    from geo.territory import Territory

# A busy machine is no fault of what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def france() -> Territory:
    """Return the reference territory, from the user's cache (built there once)."""
    return load_territory()

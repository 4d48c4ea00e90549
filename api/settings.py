"""What the server is told when it is made; nothing is read from the environment or at import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo.territory import Territory

DEFAULT_HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Settings:
    """Settings of one server.

    Attributes
    ----------
    folders
        Results folders, as `calculer` writes them.
    territory
        Returns the reference territory; called at most once, on the first question of place.
    hosts
        Names by which the server accepts to be called.
    """

    folders: tuple[Path, ...]
    territory: Callable[[], Territory]
    hosts: tuple[str, ...] = DEFAULT_HOSTS

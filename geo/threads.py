"""Geometry on every processor: shapely works outside Python's lock."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Result = TypeVar("Result")

MAX_WORKERS = 8


def workers() -> int:
    """Return how many threads share a piece of work."""
    return min(os.cpu_count() or 1, MAX_WORKERS)


def in_threads(work: Callable[..., Result], *arguments: Iterable[object]) -> list[Result]:
    """Return `list(map(work, *arguments))`, computed on every processor.

    >>> in_threads(max, [1, 5], [2, 3])
    [2, 5]
    """
    with ThreadPoolExecutor(workers()) as pool:
        return list(pool.map(work, *arguments))

"""Geometry on every processor: shapely works outside Python's lock."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
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

    The work must not call this function itself: threads would wait for one another.

    >>> in_threads(max, [1, 5], [2, 3])
    [2, 5]
    """
    return started(work, *arguments)()


def started(
    work: Callable[..., Result], *arguments: Iterable[object]
) -> Callable[[], list[Result]]:
    """Start `in_threads` and return what waits for its results.

    >>> finish = started(max, [1, 5], [2, 3])
    >>> finish()
    [2, 5]
    """
    results = _pool().map(work, *arguments)
    return lambda: list(results)


@cache
def _pool() -> ThreadPoolExecutor:
    # One pool for the whole process: a new thread prepares its map projections again.
    return ThreadPoolExecutor(workers(), thread_name_prefix="geometry")

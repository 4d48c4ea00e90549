"""Memory that the server frees, given back: the C library keeps apart what each thread frees."""

from __future__ import annotations

import ctypes
from contextlib import suppress

ARENAS = 2
"""Places where freed memory is kept, in all; by default the GNU library makes eight a processor."""

_M_ARENA_MAX = -8  # of <malloc.h>


def share_arenas() -> None:
    """Have threads share the memory that they free; nothing changes where no library has it.

    Answers are made in tens of threads, one after the other: a thread that frees a map would keep
    its memory for itself, and the server would grow for hours.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)

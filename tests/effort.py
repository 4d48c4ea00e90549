"""How hard properties are tried: enough at each change, as much more as is asked for.

`ZONES_BLANCHES_ESSAIS=4 make test` tries four times as many examples, damaged files and places.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIMES = int(os.environ.get("ZONES_BLANCHES_ESSAIS", "1"))


def chosen(every: Sequence[Any], few: int) -> Sequence[Any]:
    """Return the first of some cases, more of them when more is asked for."""
    return every[: tried(few)]


def tried(examples: int) -> int:
    """Return how many examples to try, of a number that is enough at each change."""
    return examples * _TIMES

"""Zones of the naive reference: a walk over shared borders (section 7)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.territory import Territory


def zones_of(territory: Territory, statuses: Mapping[str, str]) -> set[frozenset[str]]:
    """Return the maximal sets of units of one status and one région joined by borders."""
    regions = dict(zip(territory.codes, territory.units["region"], strict=True))
    beside: dict[str, list[str]] = {code: [] for code in territory.codes}
    for left, right in zip(territory.borders["left"], territory.borders["right"], strict=True):
        a, b = territory.codes[left], territory.codes[right]
        if statuses[a] == statuses[b] and regions[a] == regions[b]:
            beside[a].append(b)
            beside[b].append(a)
    zones = set()
    seen: set[str] = set()
    for start in territory.codes:
        if start in seen:
            continue
        zone = {start}
        queue = deque([start])
        while queue:
            for code in beside[queue.popleft()]:
                if code not in zone:
                    zone.add(code)
                    queue.append(code)
        seen |= zone
        zones.add(frozenset(zone))
    return zones

"""The phases of the ranked list, regional floors and ceilings held while posts are chosen.

Posts kept from an earlier year come first, then those that people impose, then those of régions
still under their floor, best gains first until it is met or no post is left there, then the others.
A post that would take its région over its ceiling, once those ranked before it are there, comes
last and is never funded: the room of a région only shrinks, so that it would never fit again.

What is funded is then the beginning of the list, whatever the envelope, and keeps every ceiling.
Floors bind the order alone: an envelope that closes before they are met leaves them unmet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.proposals.limits import additional

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.proposals.limits import Limits
    from coverage.proposals.model import Option

KEPT_FIRST, LOCKED_NEXT, FLOORS_NEXT, OTHERS, CAPPED = range(5)


def first_phase(option: int, limits: Limits) -> int | None:
    """Return the phase of an option before floors and ceilings, None when it is never chosen."""
    if option in limits.refused | limits.aside | limits.outside:
        return None
    if option in limits.kept:
        return KEPT_FIRST
    return LOCKED_NEXT if option in limits.locked else OTHERS


class Phases:
    """The phase of every option, the posts chosen so far being there.

    Attributes
    ----------
    now
        By option; None for those that are never chosen.
    """

    now: list[int | None]
    _options: Sequence[Option]
    _alike: Mapping[str, Sequence[int]]
    _first: Sequence[int | None]
    _room: dict[str, int]
    _short: dict[str, int]

    def __init__(self, options: Sequence[Option], limits: Limits) -> None:
        """Start without any post."""
        self._options = options
        self._first = [first_phase(k, limits) for k in range(len(options))]
        # Hundredths of ETP by région: under the ceiling, and before the floor is met.
        self._room, self._short = dict(limits.ceilings), dict(limits.floors)
        alike: dict[str, list[int]] = {}
        for k, option in enumerate(options):
            if option.region in self._room or option.region in self._short:
                alike.setdefault(option.region, []).append(k)
        self._alike = alike
        self.now = [self._phase(k) for k in range(len(options))]

    def copy(self) -> Phases:
        """Return the same phases, to be changed apart."""
        other = object.__new__(Phases)
        other.__dict__ |= self.__dict__
        other.now = self.now.copy()
        other._room, other._short = self._room.copy(), self._short.copy()
        return other

    def fits(self, option: int) -> bool:
        """Tell whether the ceiling of its région has room for an option."""
        own = self._options[option]
        added = additional(own)
        return not added or added <= self._room.get(own.region, added)

    def add(self, option: int) -> list[int]:
        """Choose an option; return those whose phase changes."""
        own = self._options[option]
        for left in (self._room, self._short):
            if own.region in left:
                left[own.region] -= additional(own)
        changed = []
        for k in self._alike.get(own.region, ()):
            phase = self._phase(k)
            if phase != self.now[k]:
                self.now[k] = phase
                changed.append(k)
        return changed

    def _phase(self, option: int) -> int | None:
        first = self._first[option]
        if first is None or not self.fits(option):
            return None if first is None else CAPPED
        short = self._short.get(self._options[option].region, 0) > 0
        return FLOORS_NEXT if first == OTHERS and short else first

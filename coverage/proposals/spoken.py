"""Options by what an opinion may name, so that none is compared to all of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coverage.proposals.model import Option


class Spoken:
    """Options by what an opinion may name: a page asks of hundreds of opinions at each look."""

    def __init__(self, options: Iterable[Option]) -> None:
        self._all = sorted(options, key=lambda option: option.option_id)
        self._by_name: defaultdict[str, list[Option]] = defaultdict(list)
        self._by_structure: defaultdict[str, list[Option]] = defaultdict(list)
        self._by_zone: defaultdict[str, list[Option]] = defaultdict(list)
        for option in self._all:
            self._by_name[option.option_id].append(option)
            self._by_structure[option.structure_id].append(option)
            for zone in dict.fromkeys(option.zone_ids):
                self._by_zone[zone].append(option)

    def among(self, target: tuple[str, str, str, str]) -> list[Option]:
        """Return options by identifier, those that have all that is named among them.

        Parameters
        ----------
        target
            Option, structure, zone and volet, empty for those that are not named.
        """
        own, structure, zone, _ = target
        if own:
            return self._by_name.get(own, [])
        if structure:
            return self._by_structure.get(structure, [])
        return self._by_zone.get(zone, []) if zone else self._all

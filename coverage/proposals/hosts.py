"""Which structure could carry a post at a place: one there, else a neighbour, else a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.atoms import covered_people, structure_shares
from coverage.proposals.application import COLLECTIVITES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coverage.model import Coverage, Study
    from geo.territory import Territory

NEW = "nouvelle:"
"""How the identifier of a structure that would be new begins."""

_MILLIONTHS = 1_000_000
_MILLIMETRES = 1_000


@dataclass(frozen=True)
class Host:
    """A structure that could carry a post.

    Attributes
    ----------
    emerging
        Whether it carries no post of the volet yet.
    """

    structure_id: str
    name: str
    emerging: bool
    collectivite: bool


@dataclass(frozen=True)
class Hosts:
    """The facilitators' structures in force, and what they reach.

    Attributes
    ----------
    reached
        By unit: (structure, inhabitants covered, millionths of its area).
    borders
        By unit: (neighbour, millimetres of shared border).
    """

    study: Study
    territory: Territory
    reached: Mapping[int, Sequence[tuple[str, int, int]]]
    borders: Mapping[int, Sequence[tuple[int, int]]]

    def facilitator(self, units: Iterable[int]) -> Host:
        """Return who would carry a facilitator of some units of one département.

        The structure that covers most of their inhabitants (then of their area); where none is,
        the one whose perimeter shares most border with them; where none touches, a structure that
        would be new, one by département. Equals go to the lowest identifier.
        """
        own = sorted(units)
        found = self._reaching(own) or self._touching(own)
        return self._existing(found) if found else self._new("departement", own)

    def coordinator(self, units: Iterable[int]) -> Host:
        """Return who would carry the coordinator of a région, where there is none.

        The structure that covers most of its inhabitants; it carries no coordinator there.
        """
        own = sorted(units)
        found = self._reaching(own)
        if not found:
            return self._new("region", own)
        held = self.study.posts
        carried = (held["structure_id"] == found) & (held["volet"] == "coordinateur")
        host = self._existing(found)
        return Host(host.structure_id, host.name, not carried.any(), host.collectivite)

    def _reaching(self, units: Sequence[int]) -> str:
        sums: dict[str, tuple[int, int]] = {}
        for unit in units:
            for structure, people, area in self.reached.get(unit, ()):
                before = sums.get(structure, (0, 0))
                sums[structure] = (before[0] + people, before[1] + area)
        return _best(sums)

    def _touching(self, units: Sequence[int]) -> str:
        inside = set(units)
        sums: dict[str, tuple[int, int]] = {}
        for unit in units:
            for other, length in self.borders.get(unit, ()):
                if other in inside:
                    continue
                for structure, people, _ in self.reached.get(other, ()):
                    before = sums.get(structure, (0, 0))
                    sums[structure] = (before[0] + length, before[1] + people)
        return _best(sums)

    def _existing(self, structure: str) -> Host:
        row = self.study.structures.loc[structure]
        collectivite = str(row["statut_juridique"]) in COLLECTIVITES
        return Host(structure, str(row["nom"]), emerging=False, collectivite=collectivite)

    def _new(self, level: str, units: Sequence[int]) -> Host:
        code = str(self.territory.units[level].iloc[units[0]])
        name = self.territory.names[level].get(code, code)
        return Host(
            f"{NEW}{code}", f"Structure à créer ({name})", emerging=True, collectivite=False
        )


def _best(sums: Mapping[str, tuple[int, int]]) -> str:
    """Return the first key of the largest value, empty when there is none."""
    return min(sums, key=lambda name: (-sums[name][0], -sums[name][1], name), default="")


def find_hosts(coverage: Coverage) -> Hosts:
    """Return the structures in force of a coverage and what they reach."""
    territory = coverage.territory
    links = structure_shares(coverage.atoms)
    people = covered_people(links, territory).tolist()
    area = np.rint(links["share"].to_numpy() * _MILLIONTHS).astype(np.int64).tolist()
    reached: dict[int, list[tuple[str, int, int]]] = {}
    for unit, structure, count, part in zip(
        links["unit"].tolist(), links["structure_id"].tolist(), people, area, strict=True
    ):
        reached.setdefault(unit, []).append((str(structure), count, part))
    borders: dict[int, list[tuple[int, int]]] = {}
    lengths = np.rint(territory.borders["length_m"].to_numpy() * _MILLIMETRES).astype(np.int64)
    sides = (territory.borders[name].tolist() for name in ("left", "right"))
    for left, right, length in zip(*sides, lengths.tolist(), strict=True):
        borders.setdefault(left, []).append((right, length))
        borders.setdefault(right, []).append((left, length))
    return Hosts(coverage.study, territory, reached, borders)

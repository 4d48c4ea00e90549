"""Who could answer in the place of a new post: the structures of a claim and those around it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from coverage.model import NATURES
from geo.crs import geodesic_length_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim

SEAT, COMMUNE = "siege", "commune"
"""What a distance starts from: the seat filed, or the nearest commune held principally."""

_KM = 1000
"""Metres of a kilometre."""


@dataclass(frozen=True)
class Neighbour:
    """A facilitators' structure in reach of a claim.

    Attributes
    ----------
    natures
        Those of its perimeters on the claim, strongest first; empty when it holds none of it.
    touches
        Whether it holds a commune beside the claim.
    applicant
        Whether it is the one that asks.
    etp
        Of its facilitators in force.
    supplies
        Rows of the study's supply nodes that are its own and serve a class claimed.
    capacity_hours, work_hours, load
        Of all its posts in the year: what they can answer, what the fair flow has them do, and
        the ratio (None without capacity).
    spare_hours
        Of `supplies`: left today, undedicated extensions served.
    freed_hours
        Of `supplies`: left if every structure gave up its undedicated extensions.
    reached_hours, extension_hours
        Need that its posts reach, and the part of it held by undedicated extension.
    distance_km, distance_from
        From `SEAT` or `COMMUNE` to the middle of the claim; None and empty when unknown. A
        figure: no rule rests on it.
    """

    structure_id: str
    name: str
    natures: tuple[str, ...]
    touches: bool
    applicant: bool
    etp: Fraction
    supplies: tuple[int, ...]
    capacity_hours: int
    work_hours: int
    load: Fraction | None
    spare_hours: int
    freed_hours: int
    reached_hours: int
    extension_hours: int
    distance_km: int | None
    distance_from: str

    @property
    def extension_share(self) -> Fraction | None:
        """Part of the need that it reaches by undedicated extension; None when it reaches none."""
        if not self.reached_hours:
            return None
        return Fraction(self.extension_hours, self.reached_hours)


def neighbours(
    claim: Claim, scope: Sequence[str], structure_id: str, bench: Bench
) -> tuple[Neighbour, ...]:
    """Return the structures that could answer a claim, by identifier.

    Those that hold some of it or a commune beside it (where there is none, as on an island, those
    of the nearest commune held in its régions), and the applicant if it has posts.

    Parameters
    ----------
    scope
        Classes of buyers claimed: posts that serve none of them lend nothing.
    structure_id
        The applicant.
    """
    held = bench.holdings.natures
    inside = set(claim.units)
    around = {other for unit in inside for other in bench.holdings.beside.get(unit, ())} - inside
    beside = {name for unit in around for name in held.get(unit, ())}
    on_claim: dict[str, set[str]] = {}
    for unit in claim.units:
        for name, natures in held.get(unit, {}).items():
            on_claim.setdefault(name, set()).update(natures)
    middle = claim_middle(claim, bench)
    reached = {*on_claim, *beside} or _nearest(claim, middle, bench)
    if structure_id in bench.work:
        reached.add(structure_id)
    return tuple(
        _neighbour(
            name,
            tuple(sorted(on_claim.get(name, ()), key=NATURES.index)),
            scope,
            bench,
            middle,
            touches=name in beside,
            applicant=name == structure_id,
        )
        for name in sorted(reached)
    )


def _nearest(claim: Claim, middle: NDArray[np.float64] | None, bench: Bench) -> set[str]:
    """Return the structures of the commune nearest to a claim, of those held in its régions."""
    centres, held = bench.holdings.centres, bench.holdings.natures
    units = np.flatnonzero(np.isin(bench.region, claim.regions) & ~np.isnan(centres).any(axis=1))
    placed = [unit for unit in units.tolist() if held.get(unit)]
    if middle is None or not placed:
        return set()
    metres = geodesic_length_m(centres[placed], np.repeat(middle, len(placed), axis=0))
    return set(held[placed[int(np.argmin(metres))]])


def _neighbour(
    name: str,
    natures: tuple[str, ...],
    scope: Sequence[str],
    bench: Bench,
    middle: NDArray[np.float64] | None,
    *,
    touches: bool,
    applicant: bool,
) -> Neighbour:
    work = bench.work[name]
    pairs = zip(work.supplies, work.scopes, strict=True)
    own = [row for row, served in pairs if not set(served).isdisjoint(scope)]
    distance, start = _distance(name, middle, bench)
    return Neighbour(
        structure_id=name,
        name=work.name,
        natures=natures,
        touches=touches,
        applicant=applicant,
        etp=work.etp,
        supplies=tuple(own),
        capacity_hours=work.capacity_hours,
        work_hours=work.work_hours,
        load=work.load,
        spare_hours=sum(bench.spare[row] for row in own),
        freed_hours=sum(bench.freed[row] for row in own),
        reached_hours=work.reached_hours,
        extension_hours=work.extension_hours,
        distance_km=distance,
        distance_from=start,
    )


def claim_middle(claim: Claim, bench: Bench) -> NDArray[np.float64] | None:
    """Return the middle of a claim: the mean of its communes' centroids, by inhabitants.

    Longitude and latitude, shape (1, 2); None when no commune has a contour.
    """
    units = np.array(claim.units, dtype=np.int64)
    centres = bench.holdings.centres[units]
    placed = ~np.isnan(centres).any(axis=1)
    if not placed.any():
        return None
    people = bench.coverage.territory.population[units][placed]
    weights = people if people.any() else np.ones(len(people))
    middle: NDArray[np.float64] = np.average(centres[placed], axis=0, weights=weights)[None, :]
    return middle


def _distance(
    name: str, middle: NDArray[np.float64] | None, bench: Bench
) -> tuple[int | None, str]:
    if middle is None:
        return None, ""
    seat = bench.work[name].seat
    if seat is None:
        units = np.array(bench.holdings.principal.get(name, ()), dtype=np.int64)
        centres = bench.holdings.centres[units]
        starts, told = centres[~np.isnan(centres).any(axis=1)], COMMUNE
    else:
        starts, told = np.array([seat]), SEAT
    if not len(starts):
        return None, ""
    metres = geodesic_length_m(starts, np.repeat(middle, len(starts), axis=0))
    return round(float(metres.min()) / _KM), told

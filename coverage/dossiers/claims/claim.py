"""The claim: what each commune asked for is today, and how much of it is zone blanche."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from coverage.atoms import PRINCIPAL
from coverage.dossiers.ground.today import WHOLE, columns_of
from coverage.dossiers.model import Claim, ClaimPlace
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.proposals.kept import region_of
from coverage.rounding import sums
from coverage.status import STATUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from coverage.dossiers.bench import Bench

LENT = STATUTS.index("limitrophe")


def claim_of(
    volet: str, units: Sequence[int], scope: Sequence[str], structure_id: str, bench: Bench
) -> Claim:
    """Return what a perimeter claimed for a volet is today.

    Parameters
    ----------
    units
        Unit rows, in any order.
    scope
        Classes of buyers that the post would serve: hours and unknowns are theirs alone.
    structure_id
        The applicant.
    """
    today = bench.today
    own = sorted(set(units))
    rows = bench.claim_rows(own)
    white, need = today.white[rows], today.need[rows][:, columns_of(scope)]
    regions = bench.region[own].tolist()
    return Claim(
        volet=volet,
        places=tuple(_places(own, rows, scope, structure_id, bench)),
        white_area=_share(np.maximum(today.area_m2[rows], 0), white),
        white_population=_share(today.people[rows], white),
        white_communes=len(np.unique(today.unit[rows][white])),
        white_hours=int(need[white].sum()),
        regions=tuple(sorted({str(region) for region in regions})),
        outside=_outside(own, regions, structure_id, bench),
    )


def _share(weights: NDArray[np.int64], white: NDArray[np.bool_]) -> Fraction | None:
    whole = int(weights.sum())
    return Fraction(int(weights[white].sum()), whole) if whole else None


def _places(
    units: Sequence[int],
    rows: NDArray[np.int64],
    scope: Sequence[str],
    structure_id: str,
    bench: Bench,
) -> Iterator[ClaimPlace]:
    today, natures = bench.today, bench.holdings.natures
    columns = columns_of(scope)
    unknown = ~bench.basis.need.known[units][:, columns]
    classes = [CLASSES[column] for column in columns]
    shares, zones = _by_status(rows, bench), _zones(rows, bench)
    statuts = today.status[today.shown[units]].tolist()
    for place, (unit, figures) in enumerate(
        zip(units, _figures(units, rows, columns, bench).tolist(), strict=True)
    ):
        need, state, served, lent, white, pending = figures
        held = natures.get(unit, {})
        yield ClaimPlace(
            unit=unit,
            statut=STATUTS[statuts[place]],
            shares=shares[unit],
            white=Fraction(white, WHOLE),
            pending=Fraction(pending, WHOLE),
            holders=tuple(sorted((name, nature) for name in held for nature in held[name])),
            own=not PRINCIPAL.isdisjoint(held.get(structure_id, ())),
            need_hours=need,
            state_hours=state,
            unserved_hours=need - served,
            unknown=tuple(name for name, gap in zip(classes, unknown[place], strict=True) if gap),
            zone_ids=tuple(sorted(zones.get(unit, ()))),
            lent_hours=lent,
        )


def _figures(
    units: Sequence[int], rows: NDArray[np.int64], columns: Sequence[int], bench: Bench
) -> NDArray[np.int64]:
    """Return sums by unit: need, State need, served, lent, area white and pending (millionths)."""
    today = bench.today
    need, served = today.need[rows][:, columns], today.served[rows][:, columns].sum(axis=1)
    state = [at for at, column in enumerate(columns) if CLASSES[column] in STATE_CLASSES]
    part = today.part[rows]
    atoms = np.column_stack(
        (
            need.sum(axis=1),
            need[:, state].sum(axis=1),
            served,
            np.where(today.status[rows] == LENT, served, 0),
            np.where(today.white[rows], part, 0),
            np.where(today.pending[rows], part, 0),
        )
    )
    return sums(atoms, np.searchsorted(units, today.unit[rows]), len(units))


def _by_status(rows: NDArray[np.int64], bench: Bench) -> dict[int, dict[str, Fraction]]:
    """Return the part of each unit's area by status, worst first."""
    today = bench.today
    parts: dict[tuple[int, int], int] = {}
    columns = (today.unit[rows], today.status[rows], today.part[rows])
    for unit, status, part in zip(*(column.tolist() for column in columns), strict=True):
        parts[unit, status] = parts.get((unit, status), 0) + part
    found: dict[int, dict[str, Fraction]] = {}
    for (unit, status), part in sorted(parts.items()):
        found.setdefault(unit, {})[STATUTS[status]] = Fraction(part, WHOLE)
    return found


def _zones(rows: NDArray[np.int64], bench: Bench) -> dict[int, set[str]]:
    """Return the zones of each unit."""
    names = bench.coverage.zones.index
    found: dict[int, set[str]] = {}
    for unit, zone in zip(
        bench.today.unit[rows].tolist(), bench.today.zone[rows].tolist(), strict=True
    ):
        if zone >= 0:
            found.setdefault(unit, set()).add(str(names[zone]))
    return found


def _outside(
    units: Sequence[int], regions: Sequence[str], structure_id: str, bench: Bench
) -> tuple[int, ...]:
    """Return the units outside the applicant's région or outside the régions of the study.

    A structure that covers nothing yet has the région of most inhabitants of its claim.
    """
    home = bench.homes.get(structure_id) or region_of(units, bench.coverage.territory)
    shown = bench.coverage.study.regions
    return tuple(
        unit
        for unit, region in zip(units, regions, strict=True)
        if region != home or (shown and region not in shown)
    )

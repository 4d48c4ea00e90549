"""What each atom is today: ground, people, status, zone, hours asked and served by class.

Hours add up to the published ones: by commune, by zone and by région.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.decision import served_hours
from coverage.means import means_of, ranked
from coverage.parameters import CLASSES
from coverage.response import capped
from coverage.rounding import spread, sums
from coverage.shapes import atom_areas_km2
from coverage.status import STATUTS, shown_atom

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from coverage.basis import Basis
    from coverage.decision import Decision
    from coverage.model import Coverage

SHORT = STATUTS.index("capacite_insuffisante")

WHOLE = 1_000_000
"""Parts of a unit's area are counted in millionths, so that they sum exactly."""

_M2 = 1_000_000
"""Square metres of a square kilometre."""


@dataclass(frozen=True, eq=False)
class Today:
    """The atoms of a study, one row each.

    Attributes
    ----------
    unit
        Unit row.
    bounds
        Where the atoms of each unit begin, shape (units + 1,).
    area_m2, people
        Whole square metres (-1 without contour) and inhabitants.
    part
        Millionths of the unit's area; they sum to `WHOLE` by unit.
    status
        Position in `coverage.status.STATUTS`.
    shown
        By unit, the atom whose status the commune shows.
    zone
        Position in the coverage's zones, -1 when none holds it.
    white, pending
        Whether its zone is retenue, or waits for its need to be known.
    need, served
        Hours asked, and served by the fair flow, by class; shape (atoms, classes).
    """

    unit: NDArray[np.int32]
    bounds: NDArray[np.int64]
    area_m2: NDArray[np.int64]
    people: NDArray[np.int64]
    part: NDArray[np.int64]
    status: NDArray[np.int8]
    shown: NDArray[np.int64]
    zone: NDArray[np.intp]
    white: NDArray[np.bool_]
    pending: NDArray[np.bool_]
    need: NDArray[np.int64]
    served: NDArray[np.int64]


def columns_of(scope: Collection[str]) -> list[int]:
    """Return the columns of some classes in arrays by class, in the order of `CLASSES`.

    >>> columns_of(("hopitaux", "etat"))
    [0, 2]
    """
    return [column for column, class_ in enumerate(CLASSES) if class_ in scope]


def find_today(coverage: Coverage, basis: Basis, zone: NDArray[np.intp]) -> Today:
    """Return what each atom of a coverage is.

    Parameters
    ----------
    zone
        Position in the coverage's zones of each atom's, -1 when none holds it.
    """
    territory, decision, atoms = coverage.territory, basis.decision, basis.atoms
    unit, share = (atoms.table[name].to_numpy() for name in ("unit", "share"))
    areas = atom_areas_km2(atoms, territory) * _M2
    kept, waits = (coverage.zones[name].to_numpy(dtype=bool) for name in ("retenue", "en_attente"))
    return Today(
        unit=unit,
        bounds=np.searchsorted(unit, np.arange(len(territory) + 1)),
        area_m2=np.where(np.isnan(areas), -1, np.rint(areas)).astype(np.int64),
        people=spread(territory.population[unit], share, unit),
        part=spread(np.full(len(unit), WHOLE), share, unit),
        status=decision.status,
        shown=shown_atom(atoms, decision.need.sum(axis=1), decision.status)["atom"].to_numpy(),
        zone=zone,
        white=np.append(kept, False)[zone],
        pending=np.append(waits, False)[zone],
        need=decision.need,
        served=_served(decision, zone),
    )


def _served(decision: Decision, zone: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return the whole hours served by (atom, class): their sums by atom are the published ones.

    The exact hours of a class are rounded down, and the hours that its atom has left go to the
    greatest fractions: none is served more than it asks.
    """
    count = len(zone)
    # Atoms outside the zones shown come last: only hours at their borders may be one apart.
    order = np.lexsort((np.arange(count), np.where(zone < 0, count, zone)))
    published = served_hours(decision.rates, order)
    nodes = decision.total.nodes
    atom, node, hours = nodes.demands
    rates = ranked(capped(decision.total.rates))
    whole, grains = means_of(rates, np.arange(len(atom)), node, hours, len(atom)).answered()
    left = published - sums(whole, atom, count)
    by_size = np.lexsort((-grains, atom))
    first = np.searchsorted(atom, np.arange(count))
    whole[by_size] += np.arange(len(atom)) - first[atom] < left[atom]
    found = np.zeros(nodes.hours.shape, dtype=np.int64)
    column = np.nonzero(nodes.of_atom >= 0)[1]
    found[atom, column] = whole
    return found

"""The land that a static map shows: the pieces of communes in its window, and what they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.dissolve import simplify
from maps.dossiers.frame import Frame, frame_of
from maps.dossiers.svg import path_of
from maps.pieces import array_of, atom_shapes_of, united
from maps.scope import Scope
from maps.tiling import tiled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim

COMMUNES_DRAWN = 1_600
"""In a window; beyond, communes that look alike are drawn as one."""


@dataclass(frozen=True)
class Ground:
    """What is drawn of the land.

    Attributes
    ----------
    claimed
        Units of the claim that are drawn.
    units
        Units in the window, sorted, shape (communes,).
    """

    bench: Bench
    frame: Frame
    claimed: tuple[int, ...]
    units: NDArray[np.intp]

    @cached_property
    def scope(self) -> Scope:
        """The communes of the window and the zones that they touch."""
        coverage, table = self.bench.coverage, self.bench.coverage.atoms.table
        held = self.bench.zone_of_atom[np.isin(table["unit"].to_numpy(), self.units)]
        zones = coverage.zones.iloc[np.unique(held[held >= 0])]
        communes = coverage.communes.loc[coverage.territory.codes[self.units].tolist()]
        zone = zones.index.get_indexer(pd.Index(communes["zone_id"]))
        return Scope(coverage, communes, zones, self.units, zone)

    @cached_property
    def by_commune(self) -> bool:
        """Whether communes are large enough on the page to be told one from another."""
        return len(self.units) <= COMMUNES_DRAWN

    @cached_property
    def pieces(self) -> NDArray[np.object_]:
        """Simplified geometry of the atoms of the scope in WGS84, shape (atoms,).

        None without geometry, and in a wide window where an atom that is alike in all that the
        map shows already holds the union of both.
        """
        atoms, scope = self.scope.atoms, self.scope
        wholes = scope.shapes[np.unique(atoms.commune[atoms.cut])]
        shapes = tiled(atom_shapes_of(scope), atoms.cut, wholes)
        if not self.by_commune:
            shapes = _with_the_first(shapes, self._alike)
        return simplify(shapes, tolerance=self.frame.tolerance_deg)

    @property
    def _alike(self) -> NDArray[np.intp]:
        """A number for atoms that no layer tells apart, shape (atoms,)."""
        atoms = self.scope.atoms
        signature = self.bench.coverage.atoms.table["signature"].to_numpy()[atoms.rows]
        departement = np.unique(self.scope.departements, return_inverse=True)[1][atoms.commune]
        asked = np.isin(self.unit, self.claimed)
        keys = np.column_stack((atoms.style, atoms.zone, signature, departement, asked))
        numbers: NDArray[np.intp] = np.unique(keys, axis=0, return_inverse=True)[1].ravel()
        return numbers

    def path(self, shapes: Iterable[object]) -> str:
        """Return the path data of WGS84 polygons, None left out."""
        known = [shape for shape in shapes if shape is not None]
        return path_of(self.frame.on_page(np.array(known, dtype=object)))

    @cached_property
    def unit(self) -> NDArray[np.intp]:
        """Territory row of each atom, shape (atoms,)."""
        return self.units[self.scope.atoms.commune]

    @cached_property
    def studied(self) -> NDArray[np.bool_]:
        """Whether each atom lies in a région of the study, shape (atoms,)."""
        regions = self.bench.coverage.study.regions
        if not regions:
            return np.ones(len(self.unit), dtype=bool)
        found: NDArray[np.bool_] = np.isin(self.scope.regions, regions)[self.scope.atoms.commune]
        return found

    def of_structure(self, structure_id: str, natures: Collection[str]) -> NDArray[np.bool_]:
        """Return which atoms a structure covers by some natures, shape (atoms,)."""
        signatures = self.bench.coverage.atoms.signatures
        of_atom = self.bench.coverage.atoms.table["signature"].to_numpy()[self.scope.atoms.rows]
        held = [
            number
            for number in np.unique(of_atom).tolist()
            if any((structure_id, nature) in signatures[number] for nature in natures)
        ]
        return np.isin(of_atom, held)

    def joined(self, chosen: NDArray[np.bool_]) -> Any:  # noqa: ANN401 - no types in shapely
        """Return the union of some atoms, None when none of them has a geometry."""
        return united(self.pieces[chosen], np.zeros(int(chosen.sum()), dtype=np.int8)).get(0)

    def joined_by(self, labels: NDArray[Any], chosen: NDArray[np.bool_]) -> dict[Any, Any]:
        """Return the union of the chosen atoms of each label, by sorted label."""
        return united(self.pieces[chosen], labels[chosen])


def ground_of(claim: Claim, bench: Bench) -> Ground | None:
    """Return the land around a claim, None when no commune of it has a contour."""
    territory = bench.coverage.territory
    found = frame_of([place.unit for place in claim.places], territory)
    if found is None:
        return None
    frame, shown = found
    near = territory.units.sindex.query(frame.window, predicate="intersects")
    return Ground(bench, frame, shown, np.unique(np.concatenate((near, shown))).astype(np.intp))


def _with_the_first(shapes: NDArray[np.object_], numbers: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return the union of the shapes of each number at its first place, None at the others."""
    found = np.full(len(shapes), None, dtype=object)
    found[np.unique(numbers, return_index=True)[1]] = array_of(united(shapes, numbers))
    return found

"""What facts are read from: a coverage, and what only its detail tells, worked out once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from api.facts.places import NameIndex, find_commune
from coverage.atoms import atom_codes, commune_of, structure_shares
from coverage.need import need_by_atom
from coverage.perimeters import active_posts
from coverage.selection import select_regions
from coverage.sites import presence
from coverage.status import STATUTS, shown_atom
from coverage.supply import build_supply
from coverage.trace import Tracer
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from coverage.model import Coverage
    from coverage.sites import Presence


@dataclass(frozen=True)
class Ground:
    """A coverage and the tables that its facts need, each made on its first use.

    Attributes
    ----------
    coverage
        Whole: everything filed. What a reader sees is `shown`.
    """

    coverage: Coverage
    _shown: dict[str, Coverage] = field(default_factory=dict, repr=False)
    _lists: dict[tuple[str, ...], list[Any]] = field(default_factory=dict, repr=False)
    _units: dict[str, NDArray[np.bool_]] = field(default_factory=dict, repr=False)

    def once(self, key: tuple[str, ...], make: Callable[[], list[Any]]) -> list[Any]:
        """Return a list that is long to make, made on the first question."""
        if key not in self._lists:
            self._lists[key] = make()
        return self._lists[key]

    def shown(self, region: str = "") -> Coverage:
        """Return the coverage limited to a région, or to all those that the study shows."""
        if region not in self._shown:
            coverage = self.coverage
            if region:
                study = replace(coverage.study, regions=(region,))
                coverage = replace(coverage, study=study)
            self._shown[region] = select_regions(coverage)
        return self._shown[region]

    def shown_units(self, region: str = "") -> NDArray[np.bool_]:
        """Return which units lie in a région, or in those that the study shows."""
        if region not in self._units:
            index = self.coverage.territory.units.index
            self._units[region] = index.isin(self.shown(region).communes.index)
        return self._units[region]

    def shows(self, communes: Sequence[str], region: str = "") -> bool:
        """Tell whether one of some communes is shown; none of them is of no région."""
        if not communes:
            return not region
        units = self.coverage.territory.units.index.get_indexer(list(communes))
        return bool(self.shown_units(region)[units].any())

    def unit(self, code: str) -> int:
        """Return the row of a commune that the study shows.

        Raises
        ------
        UnknownCodeError
            When it is unknown, or outside the régions of the study.
        """
        if code not in self.shown().communes.index:
            own = find_commune(self.coverage.territory, code)
            raise UnknownCodeError(
                f"la commune « {own} » n’est pas des régions que cette étude montre"
                if own == code
                else f"« {code} » n’est plus un code de commune : demander « {own} »"
            )
        return int(self.coverage.territory.units.index.get_loc(code))

    @cached_property
    def unit_of_atom(self) -> NDArray[np.int64]:
        """Row of the commune of each atom."""
        return self.coverage.atoms.table["unit"].to_numpy(dtype=np.int64)

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """Where the atoms of each unit begin, one more entry at the end."""
        return np.searchsorted(self.unit_of_atom, np.arange(len(self.coverage.territory) + 1))

    def atoms_of(self, unit: int) -> range:
        """Return the rows of the atoms of a commune."""
        return range(int(self.bounds[unit]), int(self.bounds[unit + 1]))

    @cached_property
    def place(self) -> NDArray[np.object_]:
        """Name of each atom, as certificates write it."""
        return atom_codes(self.coverage.atoms, self.coverage.territory.codes)

    @cached_property
    def zone_of_atom(self) -> NDArray[np.object_]:
        """Zone id of each atom."""
        found = np.empty(len(self.coverage.atoms.table), dtype=object)
        for zone, rows in self.coverage.zone_atoms.items():
            found[rows] = zone
        return found

    @cached_property
    def status_of_atom(self) -> NDArray[np.int8]:
        """Position in `STATUTS` of each atom's status."""
        statuses = self.coverage.zones["statut"]
        rank = {zone: STATUTS.index(name) for zone, name in statuses.items()}
        return np.array([rank[zone] for zone in self.zone_of_atom], dtype=np.int8)

    @cached_property
    def shown_atoms(self) -> NDArray[np.int64]:
        """Row of the atom whose status each commune shows, by unit."""
        table = shown_atom(self.coverage.atoms, self.hours_of_atom.sum(axis=1), self.status_of_atom)
        return table["atom"].to_numpy(dtype=np.int64)

    @cached_property
    def hours_of_atom(self) -> NDArray[np.int64]:
        """Hours of need by (atom, class)."""
        return need_by_atom(self.coverage.need, self.coverage.atoms)

    @cached_property
    def posts(self) -> pd.DataFrame:
        """Posts in force, by their row in `study.posts` (from 0), with their `days`."""
        study = self.coverage.study
        numbered = replace(study, posts=study.posts.reset_index(drop=True))
        return active_posts(numbered)

    no_etp: ClassVar[Fraction] = Fraction(0)
    no_atom: ClassVar[NDArray[np.int64]] = np.empty(0, dtype=np.int64)

    @cached_property
    def etp(self) -> dict[tuple[str, str], Fraction]:
        """ETP in activity by (structure, volet)."""
        sums: dict[tuple[str, str], Fraction] = {}
        columns = (self.posts[name] for name in ("structure_id", "volet", "etp"))
        for structure, volet, etp in zip(*columns, strict=True):
            sums[structure, volet] = sums.get((structure, volet), self.no_etp) + etp
        return sums

    @cached_property
    def tracer(self) -> Tracer:
        """The contributions to the need, to be asked about a commune."""
        return Tracer.of(self.coverage)

    @cached_property
    def site_names(self) -> dict[tuple[str, str], str]:
        """Names of the services and of the projects in their period, by kind and identifier."""
        sites = self.coverage.need.sites
        found: dict[tuple[str, str], str] = {}
        if sites.services is not None:
            pairs = zip(sites.services["service_id"], sites.services["nom"], strict=True)
            found |= {("service", str(key)): str(name) for key, name in pairs}
        pairs = zip(sites.names["projet_id"], sites.names["nom"], strict=True)
        return found | {("projet", str(key)): str(name) for key, name in pairs}

    @cached_property
    def presence(self) -> Presence:
        """Which services and projects are in which atoms."""
        return presence(self.coverage.need.sites, self.coverage.atoms)

    @cached_property
    def names(self) -> NameIndex:
        """Names of communes, to search."""
        return NameIndex.of(self.coverage.territory)

    @cached_property
    def supply(self) -> pd.DataFrame:
        """Capacity of each structure by scope: `structure_id`, `scope`, `exact`, `hours`."""
        coverage = self.coverage
        links = structure_shares(coverage.atoms)
        known = coverage.need.known
        made = build_supply(coverage.study, coverage.territory, self.posts, links, known)
        return made.table

    @cached_property
    def atoms_by_structure(self) -> dict[str, NDArray[np.int64]]:
        """Structure → sorted rows of the atoms that its perimeters in force hold."""
        signature = self.coverage.atoms.table["signature"].to_numpy()
        found: dict[str, list[NDArray[np.int64]]] = {}
        for number, pairs in enumerate(self.coverage.atoms.signatures):
            rows = np.flatnonzero(signature == number)
            for structure in {structure for structure, _ in pairs}:
                found.setdefault(structure, []).append(rows)
        return {name: np.sort(np.concatenate(rows)) for name, rows in found.items()}

    @cached_property
    def certificates_by_commune(self) -> dict[str, list[str]]:
        """Commune → certificates that hold one of its places, in the order of identifiers."""
        found: dict[str, list[str]] = {}
        for name, certificate in self.coverage.certificates.items():
            for code in dict.fromkeys(commune_of(place) for place, _, _ in certificate.places):
                found.setdefault(code, []).append(name)
        return found

    def certificates_of(self, code: str) -> list[str]:
        """Return the certificates that hold a place of a commune."""
        return self.certificates_by_commune.get(code, [])

    def cover(self, unit: int) -> dict[tuple[str, str], float]:
        """Return the share of a commune that each (structure, nature) in force holds."""
        atoms = self.coverage.atoms
        shares: dict[tuple[str, str], float] = {}
        for row in self.atoms_of(unit):
            for pair in atoms.signatures[int(atoms.table["signature"].iloc[row])]:
                shares[pair] = shares.get(pair, 0.0) + float(atoms.table["share"].iloc[row])
        return shares

    @cached_property
    def filed_by_unit(self) -> pd.DataFrame:
        """Perimeters by codes: columns `unit`, `perimetre` (row in the study's table, from 0)."""
        filed = self.coverage.study.perimeters
        codes = zip(filed["niveau"], filed["code"], strict=True)
        units = [self.coverage.territory.resolve(level, code) for level, code in codes]
        sizes = [len(rows) for rows in units]
        table = pd.DataFrame(
            {
                "unit": np.concatenate([np.empty(0, dtype=np.int32), *units]),
                "perimetre": np.repeat(np.arange(len(filed)), sizes),
            }
        )
        return table.sort_values(["unit", "perimetre"], ignore_index=True)

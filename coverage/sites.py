"""State services and large projects: where they are, and what each atom holds (method, 1 and 7).

They are grounds of their own: a territory that holds a State service not accompanied, or a large
project in its period, has an identified need whatever its hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from coverage.model import Sites
from coverage.origins.projects import project_sites
from coverage.origins.services import service_sites

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Atoms, Study
    from geo.territory import Territory


def find_sites(study: Study, territory: Territory) -> Sites:
    """Place the services and the projects in force in the study's year."""
    names = pd.DataFrame({"projet_id": [], "nom": [], "programme": []}, dtype=object)
    projects = services = None
    if study.services is not None:
        services = service_sites(study, territory)
    if study.projects is not None:
        projects = project_sites(study, territory)
        filed = pd.DataFrame(study.projects[list(names)]).drop_duplicates("projet_id")
        kept = filed[filed["projet_id"].isin(projects["projet_id"])]
        names = kept.sort_values("projet_id", ignore_index=True)
    return Sites(services, projects, names)


@dataclass(frozen=True)
class Presence:
    """Which services and projects are in which atoms.

    Attributes
    ----------
    services_known, projects_known
        Whether some file speaks of them; where none does, nothing is known of their presence.
    service
        Number of the service of each row of `Sites.services`: one whose place is only a city
        has several rows, and is one.
    waiting, doubtful
        Services known not to be accompanied, and those of which it is not known: atom of each
        row of `Sites.services`, int64, -1 for the others.
    project, project_atom
        Position in `Sites.names` of each project and an atom that it touches, without repeats.
    """

    services_known: bool
    projects_known: bool
    service: NDArray[np.int64]
    waiting: NDArray[np.int64]
    doubtful: NDArray[np.int64]
    project: NDArray[np.int64]
    project_atom: NDArray[np.int64]

    def counts(self, zone: NDArray[np.int64], count: int) -> dict[str, list[int | None]]:
        """Return how many services and projects each zone holds; None where it is not known.

        Parameters
        ----------
        zone
            Number by atom, below `count`.
        """
        waiting, doubtful = (
            self._services(atom, zone, count) for atom in (self.waiting, self.doubtful)
        )
        touched = [np.empty(0, dtype=np.int64), *self.projects_of(zone).values()]
        projects: list[int | None] = np.bincount(np.concatenate(touched), minlength=count).tolist()
        none: list[int | None] = [None] * count
        return {
            "services_etat_non_accompagnes": waiting if self.services_known else none,
            "services_etat_a_preciser": doubtful if self.services_known else none,
            "grands_projets": projects if self.projects_known else none,
        }

    def _services(
        self, atom: NDArray[np.int64], zone: NDArray[np.int64], count: int
    ) -> list[int | None]:
        kept = atom >= 0
        pairs = np.unique(np.column_stack((zone[atom[kept]], self.service[kept])), axis=0)
        found: list[int | None] = np.bincount(pairs[:, 0], minlength=count).tolist()
        return found

    def projects_of(self, zone: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
        """Return the zones that each project touches, sorted."""
        return {
            int(project): np.unique(zone[self.project_atom[self.project == project]])
            for project in np.unique(self.project)
        }


def presence(sites: Sites, atoms: Atoms) -> Presence:
    """Find the atoms of services and projects.

    In a cut commune, a service placed by its position is in the atom that holds it, one placed
    by its commune in the largest (the first of equals); a project without a shape is in all.
    """
    unit = atoms.table["unit"].to_numpy()
    none = np.empty(0, dtype=np.int64)
    service, waiting, doubtful, project, project_atom = none, none, none, none, none
    if sites.services is not None:
        places = zip(
            *(sites.services[name].tolist() for name in ("unit", "lon", "lat")), strict=True
        )
        own = np.array(
            [_atom_of(place, lon, lat, atoms=atoms, unit=unit) for place, lon, lat in places],
            dtype=np.int64,
        )
        service = pd.factorize(sites.services["service_id"])[0].astype(np.int64)
        known = sites.services["accompagne"].to_numpy(dtype=object)
        waiting = np.where(known == "non", own, -1).astype(np.int64)
        doubtful = np.where(known == "inconnu", own, -1).astype(np.int64)
    if sites.projects is not None and len(sites.projects):
        number = pd.Index(sites.names["projet_id"]).get_indexer(
            pd.Index(sites.projects["projet_id"])
        )
        pairs = [
            (int(rank), atom)
            for rank, place, shape in zip(
                number, sites.projects["unit"], sites.projects["shape"], strict=True
            )
            for atom in _atoms_touched(int(place), shape, atoms, unit)
        ]
        project, project_atom = np.unique(np.array(pairs, dtype=np.int64), axis=0).T
    return Presence(
        sites.services is not None,
        sites.projects is not None,
        service,
        waiting,
        doubtful,
        project,
        project_atom,
    )


def _range(place: int, unit: NDArray[np.int32]) -> range:
    return range(*np.searchsorted(unit, [place, place + 1]).tolist())


def _atom_of(place: int, lon: float, lat: float, *, atoms: Atoms, unit: NDArray[np.int32]) -> int:
    own = _range(place, unit)
    if len(own) > 1 and not np.isnan(lon):
        for atom in own:
            if shapely.intersects_xy(atoms.shapes[atom], lon, lat):
                return atom
    return own[int(np.argmax(atoms.table["share"].to_numpy()[own.start : own.stop]))]


def _atoms_touched(
    place: int,
    shape: Any,  # noqa: ANN401 - shapely has no types
    atoms: Atoms,
    unit: NDArray[np.int32],
) -> list[int]:
    own = _range(place, unit)
    if len(own) == 1 or shape is None:
        return list(own)
    return [atom for atom in own if shapely.intersects(atoms.shapes[atom], shape)] or list(own)


def names_by_zone(
    sites: Sites, held: Presence, zone: NDArray[np.int64], count: int
) -> list[dict[str, tuple[str, ...]]]:
    """Return the names of the services not accompanied and of the projects of each zone, sorted."""
    services: list[set[str]] = [set() for _ in range(count)]
    projects: list[set[str]] = [set() for _ in range(count)]
    if sites.services is not None:
        for name, atom in zip(sites.services["nom"], held.waiting.tolist(), strict=True):
            if atom >= 0:
                services[int(zone[atom])].add(str(name))
    names = sites.names["nom"].tolist()
    for project, own in held.projects_of(zone).items():
        for number in own.tolist():
            projects[number].add(str(names[project]))
    return [
        {
            "services_etat_noms": tuple(sorted(services[number])),
            "grands_projets_noms": tuple(sorted(projects[number])),
        }
        for number in range(count)
    ]

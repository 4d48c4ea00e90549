"""What is in each commune beside hours: State services, large projects; and its years to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from coverage.model import Sites, Years


@dataclass(frozen=True)
class Present:
    """State services and large projects by unit; None when no file speaks of them.

    Attributes
    ----------
    services
        By unit: (identifier, name, whether it is accompanied) of each service.
    projects
        By unit: (identifier, name) of each project in its period.
    """

    services: Mapping[int, Sequence[tuple[str, str, str]]] | None
    projects: Mapping[int, Sequence[tuple[str, str]]] | None

    def services_in(self, units: Sequence[int], state: str) -> tuple[str, ...] | None:
        """Return the names of the services of some units in one state, one each, sorted."""
        if self.services is None:
            return None
        found = {row[0]: row for unit in units for row in self.services.get(unit, ())}
        return tuple(sorted(name for _, name, own in found.values() if own == state))

    def projects_in(self, units: Sequence[int]) -> tuple[str, ...] | None:
        """Return the names of the projects that touch some units, one each, sorted."""
        if self.projects is None:
            return None
        found = {row for unit in units for row in self.projects.get(unit, ())}
        return tuple(sorted(name for _, name in found))


def find_present(sites: Sites) -> Present:
    """Return the services and projects of a study, by unit."""
    services: dict[int, list[tuple[str, str, str]]] | None = None
    projects: dict[int, list[tuple[str, str]]] | None = None
    if sites.services is not None:
        services = {}
        columns = (sites.services[name] for name in ("unit", "service_id", "nom", "accompagne"))
        for unit, service, name, state in zip(*columns, strict=True):
            services.setdefault(int(unit), []).append((str(service), str(name), str(state)))
    if sites.projects is not None:
        projects = {}
        names = dict(zip(sites.names["projet_id"], sites.names["nom"], strict=True))
        for unit, project in zip(sites.projects["unit"], sites.projects["projet_id"], strict=True):
            projects.setdefault(int(unit), []).append((str(project), str(names[project])))
    return Present(services, projects)


def yearly(years: Years, units: int) -> NDArray[np.int64]:
    """Return need, hours served and whether it is not sufficiently covered, by year and unit.

    Shape (years, 3, units), all classes of buyers together.
    """
    table = years.communes
    columns = (table["besoin_h"], table["servi_h"], table["statut"] != "couverte")
    stacked = np.stack([column.to_numpy().astype(np.int64) for column in columns])
    return stacked.reshape(3, len(years.years), units).transpose(1, 0, 2)

"""What every dossier of a study is judged by, worked out once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coverage.basis import build_basis
from coverage.dossiers.awards.overlaps import find_overlaps
from coverage.dossiers.awards.results import regional_results
from coverage.dossiers.ground.bearing import spoken_of
from coverage.dossiers.ground.held import held_posts
from coverage.dossiers.ground.holdings import find_holdings
from coverage.dossiers.ground.origins import origin_hours
from coverage.dossiers.ground.present import find_present, yearly
from coverage.dossiers.ground.projects import project_ends, project_names
from coverage.dossiers.ground.today import SHORT, find_today
from coverage.dossiers.ground.work import find_work
from coverage.parameters import ETATS
from coverage.proposals.asked import asked_facts
from coverage.proposals.coordinators import not_accompanied, uncovered_departements
from coverage.proposals.kept import main_regions
from coverage.proposals.lending import spare_hours
from coverage.proposals.substitution import funding_lines
from coverage.response import PRINCIPALS
from coverage.trace import Tracer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pandas as pd
    from numpy.typing import NDArray

    from coverage.basis import Basis
    from coverage.dossiers.awards.overlaps import Overlap
    from coverage.dossiers.awards.results import Mean
    from coverage.dossiers.ground.bearing import Spoken
    from coverage.dossiers.ground.held import HeldPost
    from coverage.dossiers.ground.holdings import Holdings
    from coverage.dossiers.ground.present import Present
    from coverage.dossiers.ground.today import Today
    from coverage.dossiers.ground.work import Work
    from coverage.model import Coverage
    from coverage.proposals.application import Application
    from coverage.proposals.asked import AskedFacts
    from coverage.proposals.model import Call
    from coverage.proposals.substitution import FundingLine


MILD = Fraction(2, 3)
"""Threshold of the other reading of « insuffisante »: it turns only the worst shortages."""


@dataclass(frozen=True)
class Bench:
    """A study decided, the call, and all the applications that stand before it.

    Attributes
    ----------
    call
        With the values that the study gives to its rules.
    applications
        All those that can be understood, the one examined included.
    """

    coverage: Coverage
    call: Call
    applications: tuple[Application, ...] = ()

    @cached_property
    def basis(self) -> Basis:
        """The posts, flows and statuses behind the coverage."""
        return build_basis(self.coverage.study, self.coverage.territory)

    @cached_property
    def zone_of_atom(self) -> NDArray[np.intp]:
        """Position in the coverage's zones of each atom's, -1 when none holds it, (atoms,)."""
        held = np.full(len(self.coverage.atoms.table), -1, dtype=np.intp)
        for position, zone in enumerate(self.coverage.zones.index):
            held[self.coverage.zone_atoms[zone]] = position
        return held

    @cached_property
    def today(self) -> Today:
        """What each atom is: ground, people, status, zone, hours asked and served."""
        return find_today(self.coverage, self.basis, self.zone_of_atom)

    @cached_property
    def holdings(self) -> Holdings:
        """Who holds which units, and what touches what."""
        return find_holdings(self.basis, self.coverage.territory)

    @cached_property
    def loads(self) -> tuple[Fraction, ...]:
        """Part of its hours at work today by supply node, above 1 where it lacks hours.

        It is the inverse of its group's rate (see `coverage.years`), so that at another
        productivity m times today's, the load is m times less.
        """
        found = [Fraction(0)] * len(self.basis.supply.table)
        for group in self.basis.decision.total.groups:
            for supply in group.supplies if group.rate else ():
                found[supply] = 1 / group.rate
        return tuple(found)

    @cached_property
    def spare(self) -> tuple[int, ...]:
        """Whole hours to spare by supply node, today's work shared most evenly (`lending`)."""
        hours = self.basis.supply.table["hours"].tolist()
        return tuple(
            int(own * (1 - min(load, Fraction(1))))
            for own, load in zip(hours, self.loads, strict=True)
        )

    @cached_property
    def freed(self) -> tuple[int, ...]:
        """Whole hours to spare by supply node if undedicated extensions were given up."""
        decision = self.basis.decision
        nodes = decision.responses["total", PRINCIPALS].nodes
        return spare_hours(nodes.needs, decision.supply.table["hours"].tolist(), nodes.reach)

    @cached_property
    def work(self) -> Mapping[str, Work]:
        """What each facilitators' structure in force does."""
        return find_work(self.coverage, self.basis)

    @cached_property
    def traced(self) -> pd.DataFrame:
        """Every contribution to every commune, contracts of a commune together (`Tracer.rows`)."""
        return Tracer.of(self.coverage).rows(detail=False)

    @cached_property
    def origins(self) -> NDArray[np.int64]:
        """Hours of each unit by class and by what they rest on (`ground.origins`)."""
        return origin_hours(self.traced, len(self.coverage.territory))

    @cached_property
    def spoken(self) -> Spoken:
        """What certificates say of each commune."""
        return spoken_of(self.coverage.certificates)

    @cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        """Places that two applications ask for, or that a post granted already holds."""
        return find_overlaps(self.coverage, self.applications, self.call)

    @cached_property
    def judged(self) -> AskedFacts:
        """What the rules of the call judge every application by."""
        return asked_facts(self.coverage, self.call)

    @cached_property
    def held(self) -> Mapping[str, tuple[HeldPost, ...]]:
        """The posts in force, by structure."""
        return held_posts(self.coverage.study)

    @cached_property
    def funding(self) -> Mapping[str, tuple[FundingLine, ...]]:
        """What became of the funding of posts since the year before, by structure."""
        found: dict[str, tuple[FundingLine, ...]] = {}
        for line in funding_lines(self.coverage.study):
            found[line.structure_id] = (*found.get(line.structure_id, ()), line)
        return found

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """Main région of the structures that hold places, that of their facilitators first."""
        names = self.coverage.study.structures.index
        return {
            **main_regions(self.coverage, "coordinateur", names),
            **main_regions(self.coverage, "facilitateur", names),
        }

    @cached_property
    def waiting(self) -> tuple[dict[str, int] | None, dict[str, int] | None]:
        """State services not accompanied by région: regional ones, and all."""
        return not_accompanied(self.coverage)

    @cached_property
    def uncovered(self) -> Mapping[str, tuple[str, ...]]:
        """Départements of each région that no principal facilitator perimeter touches."""
        return uncovered_departements(self.coverage)

    @cached_property
    def coordinators(self) -> Mapping[str, tuple[str, ...]]:
        """Structures that have a coordinator's perimeter in force, by région, sorted."""
        links = self.basis.links["coordinateur"]
        regions = self.coverage.territory.units["region"].to_numpy(dtype=object)[links["unit"]]
        found: dict[str, set[str]] = {}
        for region, name in zip(regions.tolist(), links["structure_id"], strict=True):
            found.setdefault(str(region), set()).add(str(name))
        return {region: tuple(sorted(names)) for region, names in sorted(found.items())}

    @cached_property
    def present(self) -> Present:
        """State services and large projects by unit."""
        return find_present(self.coverage.need.sites)

    @cached_property
    def yearly(self) -> NDArray[np.int64]:
        """Need, hours served and shortage by year and unit (`coverage.dossiers.ground.present`)."""
        return yearly(self.coverage.years, len(self.coverage.territory))

    @cached_property
    def region(self) -> NDArray[np.object_]:
        """Région of each unit, shape (units,)."""
        found: NDArray[np.object_] = self.coverage.territory.units["region"].to_numpy(dtype=object)
        return found

    @cached_property
    def believed(self) -> Basis | None:
        """The basis if perimeters of every state covered; None when all those filed do already."""
        study = self.coverage.study
        states = {*study.perimeters["etat"], *study.drawn["etat"]}
        if states.issubset(study.parameters.etats_perimetres):
            return None
        parameters = replace(study.parameters, etats_perimetres=ETATS)
        return build_basis(replace(study, parameters=parameters), self.coverage.territory)

    @cached_property
    def mild(self) -> NDArray[np.bool_]:
        """Atoms whose status is insufficient, and would not be at thresholds of 2/3."""
        decision = self.basis.decision
        low = decision.rates.below(MILD) | decision.state_rates.below(MILD)
        mild: NDArray[np.bool_] = (self.today.status == SHORT) & ~low
        return mild

    @cached_property
    def results(self) -> Mapping[tuple[str, str], Mapping[str, Mean]]:
        """What conventions came to by ETP, by (région, volet) and indicator."""
        return regional_results(self.coverage, self.call)

    @cached_property
    def project_rows(self) -> pd.DataFrame:
        """What large projects bring, of `traced`."""
        return self.traced[self.traced["origine"] == "grands_projets"]

    @cached_property
    def project_ends(self) -> Mapping[str, date]:
        """Last day of each large project that tells one."""
        return project_ends(self.coverage.study)

    @cached_property
    def project_names(self) -> Mapping[str, str]:
        """Names of the large projects."""
        return project_names(self.coverage.study)

    def claim_rows(self, units: Sequence[int]) -> NDArray[np.int64]:
        """Return the atoms of some units, in the order of the units."""
        bounds = self.today.bounds
        none = np.empty(0, dtype=np.int64)
        return np.concatenate([none, *(np.arange(bounds[u], bounds[u + 1]) for u in units)])

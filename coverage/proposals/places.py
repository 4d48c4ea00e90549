"""What is known of the place of each option: its need, its answer, what stands there.

Rates are those of posts in principal perimeters, as gains are counted: hours that only an
undedicated extension holds are unserved. « After » is with every post that the ranked list funds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coverage.atoms import commune_of
from coverage.fairflow import fair_rates
from coverage.parameters import STATE_CLASSES
from coverage.proposals.attained import with_options
from coverage.proposals.hosts import find_hosts
from coverage.trace import ORIGINES, Tracer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from coverage.model import Coverage
    from coverage.proposals.hosts import Hosts
    from coverage.proposals.model import Ask, Option, PlanNetwork

_STATE = frozenset(STATE_CLASSES)


@dataclass(frozen=True)
class Place:
    """The place of an option.

    Attributes
    ----------
    label
        Its communes in a few words.
    need, state, priority
        Whole hours that the classes of the option ask there.
    before, after
        Part of them that dedicated posts serve at best, None without need.
    statuses
        (status, zones) of the zones that the option answers, most zones first.
    state_unknown
        Communes of the perimeter where a State class is unknown.
    services
        Names of State services not accompanied, sorted; None when no file speaks of services.
    projects
        Names of large projects in their period, sorted.
    zone
        The zone of largest deficit among those answered, empty outside zones.
    certificates
        Of that zone, those that speak of the perimeter.
    remaining
        Those of any zone retenue that speak of it once the posts of the list are in force.
    break_even
        Productivity at which that zone would be short no more, None when none is told.
    origins
        (origin, part of the hours), the largest first.
    held
        Part of the inhabitants that the structure of the option covers already, by an extension
        or not.
    held_most
        Whether no other structure covers more of them.
    """

    label: str
    need: int
    state: int
    priority: int
    before: Fraction | None
    after: Fraction | None
    statuses: tuple[tuple[str, int], ...]
    state_unknown: int
    services: tuple[str, ...] | None
    projects: tuple[str, ...]
    zone: str
    certificates: tuple[str, ...]
    remaining: tuple[str, ...]
    break_even: int | None
    origins: tuple[tuple[str, Fraction], ...]
    held: Fraction
    held_most: bool


class Places:
    """The places of an ask, told one by one; those that options share are told once."""

    def __init__(
        self, ask: Ask, network: PlanNetwork, funded: Collection[int], listed: Coverage
    ) -> None:
        """Prepare what places are told from.

        Parameters
        ----------
        funded
            Positions of the options that count in the rates « after ».
        listed
            The coverage with their posts in force.
        """
        self._ask, self._network, self._listed = ask, network, listed
        self._before = _served(network, ())
        self._after = _served(network, funded)
        self._known: dict[tuple[object, ...], Place] = {}

    def of(self, position: int) -> Place:
        """Return the place of an option, by its position."""
        option = self._ask.options[position]
        key = (option.units, option.scope, option.zone_ids, option.structure_id)
        if key not in self._known:
            self._known[key] = self._place(option, self._network.options[position])
        return self._known[key]

    def _place(self, option: Option, nodes: Sequence[int]) -> Place:
        network, zones = self._network, self._ask.coverage.zones
        need = sum(network.needs[d] for d in nodes)
        own = zones.loc[list(option.zone_ids)]
        main = min(option.zone_ids, key=lambda z: (-int(own["deficit_h"][z]), z), default="")
        held, most = self._held(option)
        edge = own["seuil_bascule_h_par_etp"][main] if main else np.nan
        statuses = Counter(map(str, own["statut"])).items()
        return Place(
            label=self._label(option.units),
            need=need,
            state=sum(network.state[d] for d in nodes),
            priority=sum(network.needs[d] for d in nodes if network.level[d] == 0),
            before=_rate(self._before, nodes, need),
            after=_rate(self._after, nodes, need),
            statuses=tuple(sorted(statuses, key=lambda item: (-item[1], item[0]))),
            state_unknown=int(self._blank[list(option.units)].sum()),
            services=self._waiting(option.units),
            projects=self._projects_in(option.units),
            zone=main,
            certificates=_speaking(self._ask.coverage, option.units, [main] if main else []),
            remaining=_speaking(self._listed, option.units, self._left(option.units)),
            break_even=None if edge is None or np.isnan(edge) else int(edge),
            origins=self._origins(option.units),
            held=held,
            held_most=most,
        )

    def _left(self, units: Sequence[int]) -> list[str]:
        """Return the zones retenues that a perimeter still touches with the posts of the list."""
        return sorted({zone for unit in units for zone in self._left_by_unit.get(unit, ())})

    @cached_property
    def _left_by_unit(self) -> dict[int, list[str]]:
        kept = self._listed.zones["retenue"]
        found: dict[int, list[str]] = {}
        for zone, units in self._listed.zone_units.items():
            for unit in units.tolist() if kept[zone] else ():
                found.setdefault(unit, []).append(zone)
        return found

    @cached_property
    def _blank(self) -> NDArray[np.bool_]:
        """Whether a State class is unknown in each unit."""
        communes = self._ask.coverage.communes["classes_inconnues"]
        return np.array([not _STATE.isdisjoint(row) for row in communes], dtype=bool)

    def _label(self, units: Sequence[int]) -> str:
        """Name some communes: the one with most inhabitants, how many, and the départements."""
        territory = self._ask.coverage.territory
        if not units:
            return ""
        table = territory.units.iloc[list(units)]
        largest = table.index[int(np.argmax(table["population"].to_numpy()))]
        names = territory.names["departement"]
        around = [names.get(code, code) for code in sorted(set(table["departement"])) if code]
        where = f" ({', '.join(around)})" if around else ""
        name = str(table["name"][largest])
        return f"{name}{where}" if len(units) == 1 else f"{len(units)} communes dont {name}{where}"

    def _waiting(self, units: Sequence[int]) -> tuple[str, ...] | None:
        services = self._ask.coverage.need.sites.services
        if services is None:
            return None
        names = self._waiting_by_unit
        return tuple(sorted({name for unit in units for name in names.get(unit, ())}))

    @cached_property
    def _waiting_by_unit(self) -> dict[int, list[str]]:
        services = self._ask.coverage.need.sites.services
        return {} if services is None else _names(services[services["accompagne"] == "non"], "nom")

    def _projects_in(self, units: Sequence[int]) -> tuple[str, ...]:
        by_unit = self._projects_by_unit
        return tuple(sorted({name for unit in units for name in by_unit.get(unit, ())}))

    @cached_property
    def _projects_by_unit(self) -> dict[int, list[str]]:
        sites = self._ask.coverage.need.sites
        if sites.projects is None:
            return {}
        names = dict(zip(sites.names["projet_id"], sites.names["nom"], strict=True))
        return _names(sites.projects.assign(nom=sites.projects["projet_id"].map(names)), "nom")

    def _origins(self, units: Sequence[int]) -> tuple[tuple[str, Fraction], ...]:
        sums: Counter[str] = Counter()
        for unit in units:
            sums.update(self._origin_hours.get(unit, {}))
        whole = sums.total()
        order = sorted(sums, key=lambda name: (-sums[name], ORIGINES.index(name)))
        return tuple((name, Fraction(sums[name], whole)) for name in order if sums[name])

    @cached_property
    def _origin_hours(self) -> dict[int, dict[str, int]]:
        """Whole hours by unit and origin."""
        rows = Tracer.of(self._ask.coverage).rows(detail=False)
        found: dict[int, dict[str, int]] = {}
        for unit, origin, hours in zip(
            *(rows[name].tolist() for name in ("unit", "origine", "hours")), strict=True
        ):
            own = found.setdefault(unit, {})
            own[origin] = own.get(origin, 0) + hours
        return found

    def _held(self, option: Option) -> tuple[Fraction, bool]:
        people = self._ask.coverage.territory.population
        whole = sum(max(int(people[unit]), 0) for unit in option.units)
        covered: Counter[str] = Counter()
        for unit in option.units:
            for structure, count, _ in self._hosts.reached.get(unit, ()):
                covered[structure] += max(count, 0)
        own = covered[option.structure_id]
        share = Fraction(min(own, whole), whole) if whole else Fraction(0)
        return share, own == max(covered.values(), default=0)

    @cached_property
    def _hosts(self) -> Hosts:
        return find_hosts(self._ask.coverage)


def _speaking(coverage: Coverage, units: Sequence[int], zones: Iterable[str]) -> tuple[str, ...]:
    """Return the certificates of some zones that speak of some units, in the zones' order."""
    codes = set(coverage.territory.codes[list(units)])
    names = dict.fromkeys(
        str(name) for zone in zones for name in coverage.zones["certificats"][zone]
    )
    return tuple(
        name
        for name in names
        if any(commune_of(place) in codes for place, *_ in coverage.certificates[name].places)
    )


def _names(table: pd.DataFrame, column: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for unit, name in zip(table["unit"].tolist(), table[column].tolist(), strict=True):
        found.setdefault(int(unit), []).append(str(name))
    return found


def _served(network: PlanNetwork, chosen: Collection[int]) -> list[Fraction]:
    """Return the hours of each node that some options and the posts in place serve, fairly."""
    served = with_options(network, chosen)
    rates = fair_rates(network.needs, served.capacities, served.edges)
    return [need * min(rate, Fraction(1)) for need, rate in zip(network.needs, rates, strict=True)]


def _rate(served: Sequence[Fraction], nodes: Sequence[int], need: int) -> Fraction | None:
    return sum((served[d] for d in nodes), Fraction(0)) / need if need else None

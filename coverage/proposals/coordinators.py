"""Coordinators, on a list of their own: régions without one, ranked by what waits for one.

The measures are those of the method, in order: facilitators to animate, regional buyers not
accompanied, départements uncovered; then the code of the région. A région already provided is
not on the list; a coordinator kept from an earlier year is a renewal, not a creation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from coverage.atoms import PRINCIPAL
from coverage.proposals.limits import FACILITATOR, KEPT
from coverage.wording import THIN, decimal, named, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coverage.model import Coverage
    from coverage.proposals.model import Ask, Option

REGIONAL_TYPES = ("dreets", "dreal", "drac", "draaf", "ars", "rectorat")
"""Types of State services whose seat is that of a région or an académie."""


@dataclass(frozen=True)
class RegionNeed:
    """What a région without a coordinator has for one to do.

    Attributes
    ----------
    rank
        From 1.
    facilitators
        ETP of facilitators in force and of the posts of the plan.
    buyers
        Regional buyers not accompanied; None when no file speaks of State services.
    services
        All State services not accompanied in the région, the regional ones included.
    uncovered
        Départements that no principal facilitator perimeter touches, sorted.
    options
        Identifiers of the coordinator posts that can be funded there, sorted.
    to_committee
        Those of structures that carry no coordinator yet: `à soumettre au comité national`.
    """

    rank: int
    region: str
    name: str
    facilitators: Fraction
    buyers: int | None
    services: int | None
    uncovered: tuple[str, ...]
    options: tuple[str, ...]
    to_committee: tuple[str, ...]

    @property
    def words(self) -> str:
        """The reasons, in a French sentence."""
        reasons = [f"{decimal(self.facilitators, 2)} ETP de facilitateurs à animer"]
        if self.buyers is None:
            reasons.append("acheteurs régionaux non connus")
        else:
            one, many = "acheteur régional", "acheteurs régionaux"
            verb = "non accompagné" if self.buyers < 2 else "non accompagnés"  # noqa: PLR2004 - French: 0 and 1
            reasons.append(f"{plural(self.buyers, one, many)} de l’État {verb}")
        count = plural(len(self.uncovered), "département", "départements")
        places = f" ({named(self.uncovered)})" if self.uncovered else ""
        reasons.append(f"{count} sans facilitateur{places}")
        return f"{self.name}, sans coordinateur{THIN}: {', '.join(reasons)}."


def rank_coordinators(ask: Ask, chosen: Iterable[int] = ()) -> tuple[RegionNeed, ...]:
    """Return the régions without a coordinator, the one that most needs it first.

    Parameters
    ----------
    chosen
        Posts of the plan, by position: new facilitators are to be animated too, and a
        coordinator among them provides its région.
    """
    coverage = ask.coverage
    taken = [ask.options[k] for k in chosen]
    provided = {option.region for option in taken if option.volet != FACILITATOR}
    new: dict[str, Fraction] = {}
    for option in taken:
        if option.origin != KEPT:
            new[option.region] = new.get(option.region, Fraction(0)) + option.etp
    buyers, services = not_accompanied(coverage)
    bare = uncovered_departements(coverage)
    offers = _offers(ask)
    found = []
    columns = (coverage.regions[name] for name in ("nom", "coordinateurs_etp", "facilitateurs_etp"))
    for region, name, had, facilitators in zip(coverage.regions.index, *columns, strict=True):
        shown = not coverage.study.regions or region in coverage.study.regions
        if not shown or had or region in provided:
            continue
        own = offers.get(region, [])
        need = RegionNeed(
            rank=0,
            region=str(region),
            name=str(name),
            facilitators=facilitators + new.get(region, Fraction(0)),
            buyers=None if buyers is None else buyers.get(region, 0),
            services=None if services is None else services.get(region, 0),
            uncovered=bare.get(region, ()),
            options=tuple(option.option_id for option in own),
            to_committee=tuple(option.option_id for option in own if option.emerging),
        )
        found.append(need)
    found.sort(key=_order)
    return tuple(replace(need, rank=rank) for rank, need in enumerate(found, start=1))


def _order(need: RegionNeed) -> tuple[object, ...]:
    return (-need.facilitators, -(need.buyers or 0), -len(need.uncovered), need.region)


def _offers(ask: Ask) -> dict[str, list[Option]]:
    """Return the coordinator posts that can be funded in each région, by identifier."""
    out = {row.option_id for row in ask.aside} | set(ask.refused or ())
    found: dict[str, list[Option]] = {}
    for option in sorted(ask.options, key=lambda option: option.option_id):
        if option.volet != FACILITATOR and option.option_id not in out:
            found.setdefault(option.region, []).append(option)
    return found


def not_accompanied(coverage: Coverage) -> tuple[dict[str, int] | None, dict[str, int] | None]:
    """Return the State services not accompanied of each région: regional ones, and all.

    A service that has several rows (placed by a whole city) is one.
    """
    services = coverage.need.sites.services
    if services is None:
        return None, None
    waiting = services[services["accompagne"] == "non"].drop_duplicates("service_id")
    regions = coverage.territory.units["region"].to_numpy(dtype=object)
    buyers: dict[str, int] = {}
    every: dict[str, int] = {}
    for unit, kind in zip(waiting["unit"].tolist(), waiting["type"].tolist(), strict=True):
        region = str(regions[unit])
        every[region] = every.get(region, 0) + 1
        buyers[region] = buyers.get(region, 0) + (kind in REGIONAL_TYPES)
    return buyers, every


def uncovered_departements(coverage: Coverage) -> dict[str, tuple[str, ...]]:
    """Return the départements of each région that no principal perimeter touches, sorted."""
    atoms = coverage.atoms
    held = np.array([any(n in PRINCIPAL for _, n in row) for row in atoms.signatures], dtype=bool)
    unit = atoms.table["unit"].to_numpy()
    touched = set(unit[held[atoms.table["signature"].to_numpy()]].tolist())
    places = coverage.territory.units[["region", "departement"]]
    every: dict[tuple[str, str], bool] = {}
    for row, key in enumerate(places.itertuples(index=False, name=None)):
        every[key] = every.get(key, False) or row in touched
    found: dict[str, tuple[str, ...]] = {}
    for (region, departement), reached in sorted(every.items()):
        if departement and not reached:
            found[region] = (*found.get(region, ()), departement)
    return found

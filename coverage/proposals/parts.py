"""The needs that a post could answer, cut to the size of a structure: by département, by EPCI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.rounding import largest_remainder
from coverage.sites import presence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from coverage.model import Coverage
    from geo.territory import Territory

STATUSES = ("non_couverte", "limitrophe", "capacite_insuffisante")
"""Statuses of the zones blanches."""

LARGEST_ETP = 3
"""A part of a département that misses more is cut by groups of EPCI."""


@dataclass(frozen=True)
class Part:
    """Units of one département that one post, or some, could answer.

    Attributes
    ----------
    units
        Sorted unit rows.
    hours
        Missing hours a year; 0 where the ground is not a matter of hours.
    projects
        Large projects that it is about, sorted.
    """

    region: str
    departement: str
    units: tuple[int, ...]
    hours: int
    zone_ids: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


def shown_regions(coverage: Coverage) -> frozenset[str]:
    """Return the régions that posts are proposed in: those of the study, or all."""
    return frozenset(coverage.study.regions) or frozenset(map(str, coverage.regions.index))


def zone_parts(coverage: Coverage) -> list[Part]:
    """Return the missing hours of the zones retenues, cut, sorted by région, place and zone.

    A zone is first cut by département, each part with its own hours (all the need of a zone held
    only by extension); a part that misses more than 3 ETP is cut again, by groups of EPCI that
    touch. Parts without hours are left out: no post would serve anything there.
    """
    zones = coverage.zones
    kept = zones[zones["retenue"].to_numpy(dtype=bool) & zones["statut"].isin(STATUSES)]
    shown = shown_regions(coverage)
    of_unit = coverage.territory.units["departement"].to_numpy(dtype=object)
    limit = LARGEST_ETP * coverage.study.parameters.heures_par_etp
    found: list[Part] = []
    names = ("region", "statut", "sous_totaux")
    for zone, *facts in zip(kept.index, *(kept[name] for name in names), strict=True):
        region, statut, subtotals = facts
        if region not in shown:
            continue
        units, whole = coverage.zone_units[zone], statut == "limitrophe"
        for departement, sums in subtotals["departement"].items():
            hours = sums["besoin_h" if whole else "deficit_h"]
            own = units[of_unit[units] == ("" if departement == "sans" else departement)]
            part = Part(region, departement, tuple(own.tolist()), hours, (zone,))
            found += [part] if hours <= limit else _by_epci(part, coverage, limit, whole=whole)
    return sorted((part for part in found if part.hours), key=_order)


def _order(part: Part) -> tuple[object, ...]:
    return part.region, part.departement, part.units, part.zone_ids, part.projects


def _by_epci(part: Part, coverage: Coverage, limit: int, *, whole: bool) -> Iterator[Part]:
    """Yield a part cut by groups of EPCI that touch, of at most `limit` hours each.

    An EPCI that misses more alone is a group of its own. The hours of the part are shared between
    EPCI as the missing hours of their communes are.
    """
    communes = coverage.communes.iloc[list(part.units)]
    missing = communes["besoin_h"] - (0 if whole else communes["servi_h"])
    # A commune that a border cuts counts with the zone that it is shown in.
    own = missing.where(communes["zone_id"].isin(part.zone_ids), 0)
    holder = _holders(part.units, coverage.territory)
    units: dict[str, list[int]] = {}
    weights: dict[str, int] = {}
    for unit, weight in zip(part.units, own.tolist(), strict=True):
        units.setdefault(holder[unit], []).append(unit)
        weights[holder[unit]] = weights.get(holder[unit], 0) + int(weight)
    names = sorted(units)
    hours = dict(
        zip(names, largest_remainder(part.hours, [weights[name] for name in names]), strict=True)
    )
    for group in _groups(hours, _touching(holder, coverage.territory), limit):
        rows = tuple(sorted(unit for name in group for unit in units[name]))
        total = sum(hours[name] for name in group)
        yield Part(part.region, part.departement, rows, total, part.zone_ids)


def _holders(units: Iterable[int], territory: Territory) -> dict[int, str]:
    """Return the EPT or the EPCI of units, their own code where there is neither."""
    ept, epci = (territory.units[level].to_numpy(dtype=object) for level in ("ept", "epci"))
    return {unit: str(ept[unit] or epci[unit] or territory.codes[unit]) for unit in units}


def _touching(holder: Mapping[int, str], territory: Territory) -> dict[str, set[str]]:
    touching: dict[str, set[str]] = {}
    for left, right in zip(
        territory.borders["left"].tolist(), territory.borders["right"].tolist(), strict=True
    ):
        if left in holder and right in holder and holder[left] != holder[right]:
            touching.setdefault(holder[left], set()).add(holder[right])
            touching.setdefault(holder[right], set()).add(holder[left])
    return touching


def _groups(
    hours: Mapping[str, int], touching: Mapping[str, set[str]], limit: int
) -> Iterator[list[str]]:
    """Yield groups of names that touch, grown from the lowest while their hours keep to a limit.

    >>> list(_groups({"a": 2, "b": 9, "c": 2}, {"a": {"b", "c"}}, 5))
    [['a', 'c'], ['b']]
    """
    free = sorted(hours)
    while free:
        group, total = [free[0]], hours[free.pop(0)]
        while True:
            near = {name for own in group for name in touching.get(own, ())}
            fits = [name for name in free if name in near and total + hours[name] <= limit]
            if not fits:
                break
            group.append(fits[0])
            total += hours[fits[0]]
            free.remove(fits[0])
        yield group


def joined(parts: Sequence[Part], limit: int) -> Iterator[Part]:
    """Yield parts of one département and host joined in order while their hours keep to a limit."""
    group: list[Part] = []
    for part in parts:
        if group and sum(each.hours for each in group) + part.hours > limit:
            yield _union(group)
            group = []
        group.append(part)
    if group:
        yield _union(group)


def _union(parts: Sequence[Part]) -> Part:
    first = parts[0]
    return Part(
        first.region,
        first.departement,
        tuple(sorted({unit for part in parts for unit in part.units})),
        sum(part.hours for part in parts),
        tuple(sorted({zone for part in parts for zone in part.zone_ids})),
    )


def service_parts(coverage: Coverage) -> list[Part]:
    """Return the units of State services not accompanied outside zones retenues."""
    atoms = presence(coverage.need.sites, coverage.atoms).waiting
    return _outside(coverage, {(): atoms[atoms >= 0]})


def project_parts(coverage: Coverage) -> list[Part]:
    """Return the units that each project touches outside zones retenues."""
    held = presence(coverage.need.sites, coverage.atoms)
    names = coverage.need.sites.names["projet_id"].tolist()
    touched: dict[tuple[str, ...], NDArray[np.int64]] = {
        (str(name),): held.project_atom[held.project == rank] for rank, name in enumerate(names)
    }
    return _outside(coverage, touched)


def _outside(
    coverage: Coverage, atoms_of: Mapping[tuple[str, ...], NDArray[np.int64]]
) -> list[Part]:
    """Return the units of atoms outside zones retenues, by subject and département."""
    retained = coverage.zones["retenue"]
    inside = {
        int(atom)
        for zone, rows in coverage.zone_atoms.items()
        if retained[zone]
        for atom in rows.tolist()
    }
    unit = coverage.atoms.table["unit"].to_numpy()
    departement, region = (
        coverage.territory.units[level].to_numpy(dtype=object)
        for level in ("departement", "region")
    )
    shown = shown_regions(coverage)
    found: dict[tuple[tuple[str, ...], str, str], set[int]] = {}
    for projects, atoms in atoms_of.items():
        for row in {int(unit[atom]) for atom in atoms.tolist() if atom not in inside}:
            if region[row] in shown:
                key = (projects, str(region[row]), str(departement[row]))
                found.setdefault(key, set()).add(row)
    parts = [
        Part(code, place, tuple(sorted(rows)), 0, projects=projects)
        for (projects, code, place), rows in found.items()
    ]
    return sorted(parts, key=_order)

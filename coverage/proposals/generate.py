"""Options made by the program: half-posts for what is missing, on the three grounds.

Zones retenues get as many half-posts as they miss; a State service not accompanied or a large
project outside them, one half-post by département (and project); a région that needs a coordinator
and has none, one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from coverage.parameters import CLASSES
from coverage.proposals.hosts import find_hosts
from coverage.proposals.model import HUNDREDTHS, Option
from coverage.proposals.parts import (
    LARGEST_ETP,
    Part,
    joined,
    project_parts,
    service_parts,
    shown_regions,
    zone_parts,
)
from coverage.proposals.rules import CENTS, ratio, region_facts, state_cap
from coverage.wording import decimal, plural
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.model import Coverage
    from coverage.proposals.hosts import Host, Hosts
    from coverage.proposals.model import Call


MOST = 1_500
"""Most options made on the ground of zones blanches: the first of each place, then those that
would serve most hours."""

HALF = HUNDREDTHS // 2
COORDINATOR = HUNDREDTHS
"""A coordinator is asked as a whole post."""


@dataclass(frozen=True)
class _Terms:
    """What options of one kind have in common."""

    ground: str
    size: int
    coverage: Coverage
    call: Call


_GROUND_CODES = {"zone_blanche": "zb", "services_etat": "se", "grand_projet": "gp"}


def generated_options(
    coverage: Coverage, call: Call, *, most: int = MOST
) -> tuple[list[Option], list[Notice]]:
    """Return the options that the program makes, sorted by identifier, and what it left out.

    Identifiers are `zb`, `se` or `gp`, région, département, then the lowest commune (or the
    project) and the number of the half-post: `zb-32-59-59606#2`; `co-32` for a coordinator. They
    do not depend on what happens elsewhere.
    """
    hosts = find_hosts(coverage)
    least = ratio(call, "etp_minimum") or 0
    size = max(HALF, ceil(least * HUNDREDTHS))
    zones, left = _zone_options(coverage, call, hosts, size, most)
    others = [
        _option(part, hosts.facilitator(part.units), name, _Terms(ground, size, coverage, call))
        for ground, parts in (
            ("services_etat", service_parts(coverage)),
            ("grand_projet", project_parts(coverage)),
        )
        for part, name in zip(parts, _names(parts, ground, coverage), strict=True)
    ]
    options = [*zones, *others, *_coordinators(coverage, call, hosts)]
    return sorted(options, key=lambda option: option.option_id), _told(left, most, size)


def cost_cents(coverage: Coverage, hundredths: int) -> int:
    """Return what some ETP cost in a whole year, by the method's cost of one."""
    return coverage.study.parameters.cout_etp_eur * CENTS * hundredths // HUNDREDTHS


def _zone_options(
    coverage: Coverage, call: Call, hosts: Hosts, size: int, most: int
) -> tuple[list[Option], list[tuple[Option, int]]]:
    """Return the half-posts of zones retenues, and those left out with the hours of each."""
    terms = _Terms("zone_blanche", size, coverage, call)
    hourly = coverage.study.parameters.heures_par_etp
    post_hours = Fraction(hourly * size, HUNDREDTHS)
    placed = _placed(coverage, hosts, post_hours, LARGEST_ETP * hourly)
    ranked: list[tuple[bool, Fraction, Option]] = []
    names = _names([part for part, _ in placed], "zone_blanche", coverage)
    for (part, host), name in zip(placed, names, strict=True):
        for rank in range(ceil(part.hours / post_hours)):
            served = min(post_hours, part.hours - rank * post_hours)
            option = _option(part, host, f"{name}#{rank + 1}", terms)
            ranked.append((rank > 0, -served, option))
    ranked.sort(key=lambda each: (*each[:2], each[2].option_id))
    left = [(option, int(-served)) for _, served, option in ranked[most:]]
    return [option for *_, option in ranked[:most]], left


def _placed(
    coverage: Coverage, hosts: Hosts, post_hours: Fraction, limit: int
) -> list[tuple[Part, Host]]:
    """Return the parts of zones with who would carry them, small ones joined, in order.

    Those that miss less than a half-post are joined with the others of their département that the
    same structure would carry.
    """
    placed: list[tuple[Part, Host]] = []
    scattered: dict[tuple[str, str, str], tuple[Host, list[Part]]] = {}
    for part in zone_parts(coverage):
        host = hosts.facilitator(part.units)
        if part.hours >= post_hours:
            placed.append((part, host))
            continue
        key = (part.region, part.departement, host.structure_id)
        scattered.setdefault(key, (host, []))[1].append(part)
    for host, parts in scattered.values():
        placed += [(part, host) for part in joined(parts, limit)]
    return sorted(placed, key=lambda each: (each[0].region, each[0].departement, each[0].units))


def _names(parts: Sequence[Part], ground: str, coverage: Coverage) -> list[str]:
    """Return a name for each part; those of one place are told apart by a letter, in order."""
    codes = coverage.territory.codes
    seen: Counter[str] = Counter()
    names = []
    for part in parts:
        place = part.projects[0] if part.projects else codes[part.units[0]]
        name = "-".join((_GROUND_CODES[ground], part.region, part.departement, place))
        names.append(name if not seen[name] else f"{name}{_letter(seen[name])}")
        seen[name] += 1
    return names


def _letter(number: int) -> str:
    """Return the letters of the second part of a place, of the third and so on.

    >>> _letter(1), _letter(25), _letter(26)
    ('b', 'z', 'aa')
    """
    before, rest = divmod(number, 26)
    return (_letter(before - 1) if before else "") + chr(ord("a") + rest)


def _option(
    part: Part, host: Host, option_id: str, terms: _Terms, volet: str = "facilitateur"
) -> Option:
    cost = cost_cents(terms.coverage, terms.size)
    cap = state_cap(terms.call, collectivite=host.collectivite)
    return Option(
        option_id=option_id,
        structure_id=host.structure_id,
        structure_name=host.name,
        emerging=host.emerging,
        collectivite=host.collectivite,
        volet=volet,
        hundredths=terms.size,
        scope=CLASSES,
        units=part.units,
        ground=terms.ground,
        zone_ids=part.zone_ids,
        region=part.region,
        origin="generee",
        cost_cents=cost,
        state_cents=int(cap * cost),
        projects=part.projects,
    )


def _coordinators(coverage: Coverage, call: Call, hosts: Hosts) -> Iterator[Option]:
    facts = region_facts(coverage)
    region = coverage.territory.units["region"].to_numpy(dtype=object)
    for code in sorted((facts.needing & shown_regions(coverage)) - facts.provided):
        units = np.flatnonzero(region == code)
        host = hosts.coordinator(units.tolist())
        zones = coverage.zones
        kept = zones[zones["retenue"].to_numpy(dtype=bool) & (zones["region"] == code)]
        ids = tuple(map(str, kept.index))
        ground = "zone_blanche" if ids else _other_ground(coverage, code)
        part = Part(code, "", (), 0, ids)
        terms = _Terms(ground, COORDINATOR, coverage, call)
        yield _option(part, host, f"co-{code}", terms, "coordinateur")


def _other_ground(coverage: Coverage, region: str) -> str:
    """Return why a région without a zone retenue needs a coordinator."""
    if any(part.region == region for part in service_parts(coverage)):
        return "services_etat"
    return "grand_projet"


def _told(left: Sequence[tuple[Option, int]], most: int, size: int) -> list[Notice]:
    if not left:
        return []
    count = plural(len(left), "proposition calculée laissée", "propositions calculées laissées")
    etp = decimal(Fraction(len(left) * size, HUNDREDTHS), 1)
    hours = plural(sum(hours for _, hours in left), "heure", "heures")
    return [
        Notice(
            "",
            0,
            "",
            f"{count} de côté ({etp} ETP, {hours}) : au plus {most} sont comparées, la première de "
            "chaque lieu puis celles qui serviraient le plus d’heures",
            "étudier moins de régions à la fois pour les comparer toutes",
        )
    ]

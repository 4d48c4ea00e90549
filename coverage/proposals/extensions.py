"""Extensions without a post: units that a structure in place would take, with hours to spare.

They cost neither ETP nor money, and join places to posts that are there: hours served are then no
longer submodular in what is chosen, so that the exact plan alone weighs them (method, section 8).
Some are asked, by an application of 0 ETP that files a perimeter; others are made, if the call says
so: for each part of a zone retenue, of the structure there, or next to it, that has hours to spare
and does not hold it whole already.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.atoms import PRINCIPAL
from coverage.parameters import CLASSES
from coverage.proposals.hosts import find_hosts
from coverage.proposals.kept import region_of
from coverage.proposals.lending import spare_hours
from coverage.proposals.model import Extension
from coverage.proposals.network import existing_posts, plan_network
from coverage.proposals.parts import zone_parts
from coverage.wording import named, plural
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from coverage.model import Coverage
    from coverage.proposals.application import Application
    from coverage.proposals.hosts import Hosts
    from coverage.proposals.model import Ask

RULE = "extensions_sans_poste"
ASKED, EVERY = "demandees", "toutes"


def with_extensions(ask: Ask, applications: Sequence[Application] = ()) -> Ask:
    """Return an ask with the extensions that its call compares, and what is said of the others."""
    reading = _reading(ask)
    asked = list(_asked(applications, ask.coverage))
    if reading not in {ASKED, EVERY}:
        return replace(ask, warnings=(*ask.warnings, *_refused(asked)))
    made = list(_made(ask)) if reading == EVERY else []
    found = tuple(sorted([*asked, *made], key=lambda own: own.extension_id))
    told = _posts_missing(asked, ask.coverage, applications)
    return replace(ask, extensions=found, warnings=(*ask.warnings, *told))


def _reading(ask: Ask) -> str:
    rule = ask.call.rules.get(RULE)
    return str(rule.value) if rule is not None and rule.active else ""


def _asked(applications: Sequence[Application], coverage: Coverage) -> Iterator[Extension]:
    for application in applications:
        own = application.enlarged
        if own is not None:
            yield Extension(
                extension_id=f"ext-{application.application_id}",
                structure_id=application.structure_id,
                structure_name=application.structure_name,
                scope=own.scope,
                units=own.units,
                zone_ids=_zones_of(own.units, coverage),
                region=region_of(own.units, coverage.territory),
                origin="candidature",
            )


def _zones_of(units: Sequence[int], coverage: Coverage) -> tuple[str, ...]:
    """Return the zones retenues that some units touch."""
    rows = np.array(units, dtype=np.int64)
    kept = coverage.zones.index[coverage.zones["retenue"].to_numpy(dtype=bool)]
    return tuple(
        sorted(str(zone) for zone in kept if np.isin(coverage.zone_units[zone], rows).any())
    )


def _made(ask: Ask) -> Iterator[Extension]:
    """Yield, for each part of a zone retenue, the extension of who would come at no cost.

    Identifiers are `ext`, the zone, the département and the lowest commune: they do not depend on
    what happens elsewhere.
    """
    coverage = ask.coverage
    hosts, lenders, held = find_hosts(coverage), _lenders(ask), _held(coverage)
    for part in zone_parts(coverage):
        free = {name for name in lenders if not held.get(name, frozenset()).issuperset(part.units)}
        host = _around(hosts, part.units, free).facilitator(part.units)
        if not host.emerging:
            commune = coverage.territory.codes[part.units[0]]
            yield Extension(
                extension_id=f"ext-{part.zone_ids[0]}-{part.departement}-{commune}",
                structure_id=host.structure_id,
                structure_name=host.name,
                scope=CLASSES,
                units=part.units,
                zone_ids=part.zone_ids,
                region=part.region,
                origin="generee",
            )


def _lenders(ask: Ask) -> set[str]:
    """Return the structures whose posts have hours to spare today."""
    today = plan_network(replace(ask, options=()))
    spare = spare_hours(today.needs, today.capacities, today.reach)
    owners = existing_posts(ask.coverage)["structure_id"].tolist()
    return {str(owner) for owner, hours in zip(owners, spare, strict=True) if hours}


def _held(coverage: Coverage) -> dict[str, set[int]]:
    """Return the units that lie whole in the principal perimeter of each structure."""
    table = coverage.atoms.table
    units = table["unit"].tolist()
    atoms = Counter(units)
    inside: Counter[tuple[str, int]] = Counter()
    for unit, row in zip(units, table["signature"].tolist(), strict=True):
        signature = coverage.atoms.signatures[row]
        inside.update((name, unit) for name, nature in signature if nature in PRINCIPAL)
    held: dict[str, set[int]] = {}
    for (name, unit), count in inside.items():
        if count == atoms[unit]:
            held.setdefault(name, set()).add(unit)
    return held


def _around(hosts: Hosts, units: Sequence[int], names: Collection[str]) -> Hosts:
    """Return what some structures alone reach, of some units and of those that touch them."""
    near = {*units, *(other for unit in units for other, _ in hosts.borders.get(unit, ()))}
    return replace(
        hosts,
        reached={
            unit: [row for row in hosts.reached.get(unit, ()) if row[0] in names] for unit in near
        },
    )


def _refused(asked: Sequence[Extension]) -> list[Notice]:
    if not asked:
        return []
    count = plural(len(asked), "extension sans poste demandée", "extensions sans poste demandées")
    names = named([own.extension_id for own in asked])
    message = f"{count} ({names}) que le plan ne compare pas"
    remedy = f'écrire {RULE} = "{ASKED}" dans [appel] pour les comparer'
    return [Notice("candidatures", 0, "demande.etp_facilitateur", message, remedy)]


def _posts_missing(
    asked: Sequence[Extension], coverage: Coverage, applications: Sequence[Application]
) -> Iterator[Notice]:
    """Say which extensions no post in force would serve: they are compared, and bring nothing."""
    owners = set(existing_posts(coverage)["structure_id"]) if asked else set()
    file_of = {f"ext-{each.application_id}": each.file for each in applications}
    for own in asked:
        if own.structure_id not in owners:
            message = (
                f"extension sans poste demandée par « {own.structure_id} », qui n’a aucun poste de "
                "facilitateur en vigueur : elle ne sert aucune heure"
            )
            remedy = "demander des ETP, ou déclarer le poste et son périmètre dans l’étude"
            yield Notice(file_of[own.extension_id], 0, "perimetre.facilitateur", message, remedy)

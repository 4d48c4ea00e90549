"""What applications ask, as options of a plan, and the rules that each option breaks.

Plans and dossiers judge an application by these same functions: they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.perimeters import active_posts
from coverage.proposals.application import COLLECTIVITES, piece_breaches, total_breaches
from coverage.proposals.kept import region_of
from coverage.proposals.model import Option
from coverage.proposals.rules import balance_breach, option_breaches, region_facts
from coverage.proposals.substitution import funding_falls
from coverage.sites import presence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coverage.model import Coverage, Study
    from coverage.proposals.application import Application, Asked, Breach
    from coverage.proposals.model import Call
    from coverage.proposals.rules import RegionFacts
    from coverage.proposals.substitution import Fall

_VOLET_CODES = {"facilitateur": "f", "coordinateur": "c"}


@dataclass(frozen=True)
class AskedFacts:
    """What all applications of a study are judged by, worked out once.

    Attributes
    ----------
    carried
        (structure, volet) of the posts in force.
    falls
        Funding that falls, by structure.
    waiting
        Unit rows where a State service is known not to be accompanied.
    """

    regions: RegionFacts
    carried: frozenset[tuple[str, str]]
    falls: Mapping[str, tuple[Fall, ...]]
    waiting: frozenset[int]

    def volets_of(self, structure_id: str) -> frozenset[str]:
        """Return the volets of which a structure carries posts."""
        return frozenset(volet for own, volet in self.carried if own == structure_id)


def asked_facts(coverage: Coverage, call: Call) -> AskedFacts:
    """Return what the applications of a study are judged by."""
    held = presence(coverage.need.sites, coverage.atoms)
    of_atom = coverage.atoms.table["unit"].to_numpy()
    return AskedFacts(
        regions=region_facts(coverage),
        carried=_carried(coverage.study),
        falls=funding_falls(coverage.study, call),
        waiting=frozenset(of_atom[held.waiting[held.waiting >= 0]].tolist()),
    )


def _carried(study: Study) -> frozenset[tuple[str, str]]:
    """Return the (structure, volet) of the posts in force."""
    posts = active_posts(study)
    pairs = zip(posts["structure_id"], posts["volet"], strict=True)
    return frozenset((str(structure), str(volet)) for structure, volet in pairs)


def asked_options(
    applications: Sequence[Application], coverage: Coverage, facts: AskedFacts
) -> Iterator[tuple[Application, Asked, Option]]:
    """Yield the option of each volet of each application: all the ETP asked, as asked."""
    for application in sorted(applications, key=lambda each: each.application_id):
        for asked in application.asked:
            emerging = asked.volet not in facts.volets_of(application.structure_id)
            yield application, asked, _option(application, asked, coverage, emerging=emerging)


def _option(
    application: Application, asked: Asked, coverage: Coverage, *, emerging: bool
) -> Option:
    coordinator = asked.volet == "coordinateur"
    return Option(
        option_id=f"cand-{application.application_id}-{_VOLET_CODES[asked.volet]}",
        structure_id=application.structure_id,
        structure_name=application.structure_name,
        emerging=emerging,
        collectivite=application.statut in COLLECTIVITES,
        volet=asked.volet,
        hundredths=asked.hundredths,
        scope=asked.scope,
        units=() if coordinator else asked.units,
        ground=asked.ground,
        zone_ids=_zones_of(asked, coverage),
        region=region_of(asked.units, coverage.territory),
        origin="candidature",
        cost_cents=asked.cost_cents,
        state_cents=asked.state_cents,
        funding=asked.funding,
        projects=_projects_of(asked, coverage) if asked.ground == "grand_projet" else (),
    )


def _zones_of(asked: Asked, coverage: Coverage) -> tuple[str, ...]:
    """Return the zones retenues that a perimeter touches."""
    claimed = np.zeros(len(coverage.territory), dtype=bool)
    claimed[list(asked.units)] = True
    kept = coverage.zones.index[coverage.zones["retenue"].to_numpy(dtype=bool)]
    return tuple(sorted(str(zone) for zone in kept if claimed[coverage.zone_units[zone]].any()))


def _projects_of(asked: Asked, coverage: Coverage) -> tuple[str, ...]:
    projects = coverage.need.sites.projects
    if projects is None:
        return ()
    touched = projects.loc[projects["unit"].isin(asked.units), "projet_id"]
    return tuple(sorted(set(map(str, touched))))


def asked_breaches(
    application: Application, asked: Asked, option: Option, call: Call, facts: AskedFacts
) -> Iterator[Breach]:
    """Yield the rules that one volet of an application breaks: they set its option aside."""
    yield from option_breaches(option, call, facts.regions)
    if asked.cost_declared:
        yield from balance_breach(option, call)
    yield from total_breaches(application.totals, call)
    carried = facts.volets_of(application.structure_id)
    yield from piece_breaches(application, asked.volet, call, carried=carried)
    for fall in facts.falls.get(application.structure_id, ()):
        yield fall.breach()


def ground_lacking(asked: Asked, option: Option, facts: AskedFacts) -> str:
    """Return what the study lacks of the ground that is asked for, empty when it bears it out."""
    return {
        "zone_blanche": "" if option.zone_ids else "aucune zone blanche retenue",
        "services_etat": ""
        if not facts.waiting.isdisjoint(asked.units)
        else "aucun service de l’État connu comme non accompagné",
        "grand_projet": "" if option.projects else "aucun grand projet en cours",
    }[option.ground]

"""What a plan is asked of: options kept, asked and made, judged by the rules of the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.perimeters import active_posts
from coverage.proposals.application import paper_breaches
from coverage.proposals.decisions import (
    decisions_of,
    known_decisions,
    opinion_notices,
    opinions_said,
)
from coverage.proposals.generate import generated_options
from coverage.proposals.kept import kept_options, region_of
from coverage.proposals.model import Ask, Broken, Option
from coverage.proposals.rules import (
    COLLECTIVITES,
    balance_breach,
    option_breaches,
    region_facts,
)
from coverage.proposals.substitution import funding_falls, funding_notices
from coverage.sites import presence
from coverage.wording import named
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coverage.model import Coverage
    from coverage.proposals.application import Application, Asked
    from coverage.proposals.decisions import Decisions
    from coverage.proposals.model import Call
    from coverage.proposals.substitution import Fall

_VOLET_CODES = {"facilitateur": "f", "coordinateur": "c"}


def build_ask(
    coverage: Coverage,
    call: Call,
    applications: Sequence[Application] = (),
    decisions: Decisions | None = None,
    *,
    generated: bool = True,
) -> Ask:
    """Return every option of a plan, those that break a rule told with what they break.

    Parameters
    ----------
    call
        With the values that the study gives to its rules.
    decisions
        More than the opinions of the study say.
    generated
        Whether posts that nobody asks for are options too.
    """
    kept, in_kept = kept_options(coverage, call)
    asked = {option.option_id: (a, option) for a, option in _asked(applications, coverage)}
    made, in_made = generated_options(coverage, call) if generated else ([], [])
    options = tuple(
        sorted(
            [*kept, *(option for _, option in asked.values()), *made],
            key=lambda option: option.option_id,
        )
    )
    falls = funding_falls(coverage.study, call)
    aside = tuple(_broken(options, asked, call, coverage, falls))
    said = opinions_said(coverage.study.opinions, options)
    people, in_decisions = known_decisions(
        decisions_of(said, decisions), {option.option_id for option in options}
    )
    warnings = (
        *in_kept,
        *in_made,
        *_grounds(asked, coverage),
        *_single_project(options, call),
        *funding_notices(coverage.study, call, options),
        *opinion_notices(said),
        *in_decisions,
        *_decided(people, aside),
    )
    return Ask(
        coverage=coverage,
        call=call,
        options=options,
        aside=aside,
        locked=dict(sorted(people.locked.items())),
        refused=dict(sorted(people.refused.items())),
        warnings=warnings,
    )


def _asked(
    applications: Sequence[Application], coverage: Coverage
) -> Iterator[tuple[Application, Option]]:
    """Yield the option of each volet of each application: all the ETP asked, as asked."""
    posts = active_posts(coverage.study)
    carried = set(zip(posts["structure_id"], posts["volet"], strict=True))
    for application in sorted(applications, key=lambda each: each.application_id):
        for asked in application.asked:
            emerging = (application.structure_id, asked.volet) not in carried
            yield application, _option(application, asked, coverage, emerging=emerging)


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
    units = np.array(asked.units, dtype=np.int64)
    kept = coverage.zones.index[coverage.zones["retenue"].to_numpy(dtype=bool)]
    return tuple(
        sorted(str(zone) for zone in kept if np.isin(coverage.zone_units[zone], units).any())
    )


def _projects_of(asked: Asked, coverage: Coverage) -> tuple[str, ...]:
    projects = coverage.need.sites.projects
    if projects is None:
        return ()
    touched = projects.loc[projects["unit"].isin(asked.units), "projet_id"]
    return tuple(sorted(set(map(str, touched))))


def _broken(
    options: Sequence[Option],
    asked: Mapping[str, tuple[Application, Option]],
    call: Call,
    coverage: Coverage,
    falls: Mapping[str, Sequence[Fall]],
) -> Iterator[Broken]:
    facts = region_facts(coverage)
    for option in options:
        breaches = list(option_breaches(option, call, facts))
        if option.option_id in asked:
            application, _ = asked[option.option_id]
            papers = paper_breaches(application, option.volet, call, emerging=option.emerging)
            own = next(each for each in application.asked if each.volet == option.volet)
            balance = balance_breach(option, call) if own.cost_declared else ()
            lower = [fall.breach() for fall in falls.get(option.structure_id, ())]
            breaches += [*balance, *papers, *lower]
        for breach in breaches:
            yield Broken(option.option_id, *breach)


def _grounds(
    asked: Mapping[str, tuple[Application, Option]], coverage: Coverage
) -> Iterator[Notice]:
    """Say which grounds the study does not bear out."""
    held = presence(coverage.need.sites, coverage.atoms)
    of_atom = coverage.atoms.table["unit"].to_numpy()
    waiting = set(of_atom[held.waiting[held.waiting >= 0]].tolist())
    for application, option in asked.values():
        own = next(each for each in application.asked if each.volet == option.volet)
        lacking = {
            "zone_blanche": not option.zone_ids and "aucune zone blanche retenue",
            "services_etat": waiting.isdisjoint(own.units)
            and "aucun service de l’État connu comme non accompagné",
            "grand_projet": not option.projects and "aucun grand projet en cours",
        }[option.ground]
        if lacking:
            message = f"motif « {option.ground} » : {lacking} dans le périmètre proposé"
            remedy = "vérifier le motif et le périmètre, ou documenter ce besoin dans l’étude"
            yield Notice(application.file, 0, "demande.motif_etp", message, remedy)


def _single_project(options: Sequence[Option], call: Call) -> Iterator[Notice]:
    """Say which posts would serve one project only."""
    if not call.rules["sans_specialisation"].active:
        return
    alone = [option.option_id for option in options if len(option.projects) == 1]
    if alone:
        message = f"options qui ne serviraient qu’un seul grand projet : {named(alone)}"
        remedy = "leur donner un périmètre plus large, qui demeure après la fin du projet"
        yield Notice("", 0, "", message, remedy)


def _decided(people: Decisions, aside: Sequence[Broken]) -> Iterator[Notice]:
    """Say which decisions contradict one another, or impose what may not be chosen."""
    for name in sorted(people.locked.keys() & people.refused.keys()):
        message = (
            f"option « {name} » à la fois verrouillée ({people.locked[name]}) et refusée "
            f"({people.refused[name]})"
        )
        yield Notice("", 0, "", message, "garder une seule des deux décisions")
    for name in sorted(people.locked.keys() & {broken.option_id for broken in aside}):
        message = (
            f"option « {name} » verrouillée ({people.locked[name]}) alors qu’elle enfreint une "
            "règle de l’appel"
        )
        yield Notice("", 0, "", message, "lever le verrou, la règle, ou corriger le dossier")

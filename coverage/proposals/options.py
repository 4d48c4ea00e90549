"""What a plan is asked of: options kept, asked and made, judged by the rules of the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.proposals.asked import asked_breaches, asked_facts, asked_options, ground_lacking
from coverage.proposals.decisions import (
    decisions_of,
    known_decisions,
    opinion_notices,
    opinions_said,
)
from coverage.proposals.generate import generated_options
from coverage.proposals.kept import kept_options
from coverage.proposals.model import Ask, Broken, Option
from coverage.proposals.rules import option_breaches
from coverage.proposals.substitution import funding_notices
from coverage.wording import named
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coverage.model import Coverage
    from coverage.proposals.application import Application, Asked
    from coverage.proposals.asked import AskedFacts
    from coverage.proposals.decisions import Decisions
    from coverage.proposals.model import Call

    AskedOption = tuple[Application, Asked, Option]


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
    facts = asked_facts(coverage, call)
    asked = {each[-1].option_id: each for each in asked_options(applications, coverage, facts)}
    made, in_made = generated_options(coverage, call) if generated else ([], [])
    options = tuple(
        sorted(
            [*kept, *(option for *_, option in asked.values()), *made],
            key=lambda option: option.option_id,
        )
    )
    aside = tuple(_broken(options, asked, call, facts))
    said = opinions_said(coverage.study.opinions, options)
    people, in_decisions = known_decisions(
        decisions_of(said, decisions), {option.option_id for option in options}
    )
    warnings = (
        *in_kept,
        *in_made,
        *_grounds(asked, facts),
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


def _broken(
    options: Sequence[Option], asked: Mapping[str, AskedOption], call: Call, facts: AskedFacts
) -> Iterator[Broken]:
    for option in options:
        if option.option_id in asked:
            breaches = asked_breaches(*asked[option.option_id], call, facts)
        else:
            breaches = option_breaches(option, call, facts.regions)
        for breach in breaches:
            yield Broken(option.option_id, *breach)


def _grounds(asked: Mapping[str, AskedOption], facts: AskedFacts) -> Iterator[Notice]:
    """Say which grounds the study does not bear out."""
    for application, own, option in asked.values():
        if lacking := ground_lacking(own, option, facts):
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

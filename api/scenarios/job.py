"""Comparisons of scenarios as jobs of the register: asked by anyone, kept, seen by all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from api.jobs.opening import has_study, page_of, study_of_job
from api.jobs.work import Done, Kind
from api.scenarios.comparing import STAGES, Pair, compare_pair
from api.scenarios.kept import kept_scenarios
from geo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import State

    from api.scenarios.kept import KeptScenarios, Saved
    from data.store.job_states import Job

NAME = "comparaison"
"""Kind of these jobs."""

STUDY = "etude"
"""What an address calls the study itself, among scenarios."""

YES = "oui"


def comparison_kind(state: State) -> Kind:
    """Return how a server compares two scenarios."""

    def work(job: Job, on_step: Callable[[str], None]) -> Done:
        from api.proposing import Search  # noqa: PLC0415 - slow to import, useless until asked

        kept = kept_scenarios(state.register.store, study_of_job(state, job))
        pair = _pair_of(kept, job.parameters)
        search = Search(seconds=state.settings.plan_seconds)
        return Done(compare_pair(kept, pair, search, on_step))

    def address(job: Job) -> str:
        page = page_of(state, job, "scenarios/comparaison")
        return f"{page}?{urlencode(asked_of(job.parameters))}" if page else ""

    return Kind(
        NAME,
        "Comparaison de scénarios",
        STAGES,
        work,
        address,
        lambda job: has_study(state, job),
    )


def parameters_of(kept: KeptScenarios, pair: Pair) -> dict[str, Any]:
    """Return what names a comparison for any server: one more revision, and it is another."""
    frozen = kept.study.frozen
    named: dict[str, Any] = (
        {}
        if frozen is None
        else {
            "inscrite": frozen.slug,
            "version": frozen.number,
        }
    )
    return {
        **named,
        "a": _named(pair.first),
        "b": _named(pair.second),
        "propositions": pair.proposes,
        "programme": VERSION,
        # Applications and opinions count for what is proposed alone.
        "marque": kept.study.mark() if pair.proposes else "",
    }


def asked_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return what the address of a comparison says."""
    sides = {name: str(parameters[name][0]) if parameters[name] else STUDY for name in "ab"}
    return sides | ({"propositions": YES} if parameters["propositions"] else {})


def _named(saved: Saved | None) -> list[int]:
    return [] if saved is None else [saved.number, saved.revision]


def _pair_of(kept: KeptScenarios, parameters: Mapping[str, Any]) -> Pair:
    first, second = (kept.one(*parameters[name]) if parameters[name] else None for name in "ab")
    return Pair(first, second, parameters["propositions"], parameters["marque"])

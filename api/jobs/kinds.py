"""The kinds of long computations, made from what the server has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.changes.job import changes_kind
from api.jobs.kept_proposals import KeptProposals
from api.jobs.opening import has_study, opening_kind, page_of, study_of_job
from api.jobs.work import Kind
from api.packages.job import package_kind
from api.proposed import NAME, STAGES, Proposed, proposals_of
from api.scenarios.job import comparison_kind

if TYPE_CHECKING:
    from starlette.datastructures import State

    from api.background import Computation
    from api.studies import OpenStudy


def kinds(state: State) -> tuple[Kind, ...]:
    """Return the kinds of jobs of a server that has a register."""
    return (
        opening_kind(state),
        _proposals_kind(state),
        comparison_kind(state),
        package_kind(state),
        changes_kind(state),
    )


def proposing(state: State, study: OpenStudy) -> Computation[Proposed]:
    """Return the computation of the proposals of a study: of the register, or of memory alone."""
    if not hasattr(state, "jobs"):
        return proposals_of(study, state.plan_line, state.settings.plan_seconds)
    return _kept(state, study)


def _kept(state: State, study: OpenStudy) -> KeptProposals:
    seconds = state.settings.plan_seconds
    return study.once(NAME, lambda: KeptProposals(study, state.jobs, state.plan_line, seconds))


def _proposals_kind(state: State) -> Kind:
    return Kind(
        NAME,
        "Propositions",
        STAGES,
        lambda job, on_step: _kept(state, study_of_job(state, job)).done(job, on_step),
        lambda job: page_of(state, job, "propositions"),
        lambda job: has_study(state, job),
    )

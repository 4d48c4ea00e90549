"""What every route may ask for: the study of its address, its région, the answers kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.answers import Cache
from api.background import Computation
from api.facts.computing import STATE_NAMES
from api.jobs.kinds import proposing
from api.jobs.queue import Jobs
from api.proposed import Proposed
from api.scenarios.kept import KeptScenarios, kept_scenarios
from api.studies import OpenStudy, Studies
from coverage.wording import THIN
from data.store.job_states import Job
from geo.errors import NotReadyError, UnknownCodeError


def studies_of(request: Request) -> Studies:
    """Return the studies served."""
    studies: Studies = request.app.state.studies
    return studies


def cache_of(request: Request) -> Cache:
    """Return the answers kept."""
    cache: Cache = request.app.state.cache
    return cache


def study_of(
    studies: Annotated[Studies, Depends(studies_of)],
    etude: Annotated[str, Path(description="nom de l’étude dans les adresses")],
) -> OpenStudy:
    """Return the study of the address."""
    return studies.find(etude)


def region_of(
    study: Annotated[OpenStudy, Depends(study_of)],
    region: Annotated[str, Query(description="code d’une région de l’étude ; toutes si vide")] = "",
) -> str:
    """Return the région asked for, empty for all that the study shows.

    Raises
    ------
    UnknownCodeError
        When the study does not show it.
    """
    coverage = study.coverage
    shown = coverage.study.regions or tuple(coverage.territory.members["region"])
    if region and region not in shown:
        raise UnknownCodeError(
            f"la région « {region} » n’est pas de cette étude ; régions : "
            f"{', '.join(sorted(shown))}"
        )
    return region


def proposing_of(
    request: Request, study: Annotated[OpenStudy, Depends(study_of)]
) -> Computation[Proposed]:
    """Return the computation of the proposals of the study."""
    return proposing(request.app.state, study)


def proposed_of(
    proposing: Annotated[Computation[Proposed], Depends(proposing_of)],
    etude: Annotated[str, Path(description="nom de l’étude dans les adresses")],
) -> Proposed:
    """Return the proposals of the study.

    Raises
    ------
    NotReadyError
        When they are not there, with where their computation stands and what to do.
    """
    made = proposing.result
    if made is None:
        now = STATE_NAMES[proposing.progress.state]
        raise NotReadyError(
            f"les propositions de l’étude « {etude} » ne sont pas prêtes (calcul{THIN}: {now}) "
            f"→ demander le calcul (POST …/propositions/calcul), ou en attendre la fin"
        )
    return made


def kept_of(request: Request, study: Annotated[OpenStudy, Depends(study_of)]) -> KeptScenarios:
    """Return the scenarios that the register keeps of the study.

    Raises
    ------
    MissingError
        When the study is not served from the register.
    """
    register = getattr(request.app.state, "register", None)
    return kept_scenarios(None if register is None else register.store, study)


def jobs_of(request: Request) -> Jobs:
    """Return the jobs of the register."""
    jobs: Jobs = request.app.state.jobs
    return jobs


def job_of(
    jobs: Annotated[Jobs, Depends(jobs_of)],
    numero: Annotated[int, Path(ge=1, le=2**31 - 1, description="numéro du calcul")],
) -> Job:
    """Return the job of the address."""
    return jobs.job(numero)


def study_names(request: Request) -> dict[str, str]:
    """Return the name of each study of the register by its slug."""
    return {each.study.slug: each.study.name for each in request.app.state.register.entries()}


StudiesServed = Annotated[Studies, Depends(studies_of)]
AnswerCache = Annotated[Cache, Depends(cache_of)]
StudyAsked = Annotated[OpenStudy, Depends(study_of)]
RegionAsked = Annotated[str, Depends(region_of)]
ProposingAsked = Annotated[Computation[Proposed], Depends(proposing_of)]
ProposedAsked = Annotated[Proposed, Depends(proposed_of)]
KeptAsked = Annotated[KeptScenarios, Depends(kept_of)]
JobsAsked = Annotated[Jobs, Depends(jobs_of)]
JobAsked = Annotated[Job, Depends(job_of)]
StudyNames = Annotated[dict[str, str], Depends(study_names)]

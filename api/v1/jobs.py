"""Long computations of the register: the last asked for, each followed and stopped."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from api.access.guards import judge
from api.access.identity import actor
from api.access.roles import Action
from api.answers import send_once
from api.dependencies import JobAsked, JobsAsked, StudyNames  # noqa: TC001 - FastAPI reads them
from api.facts.jobs import FollowedFacts, JobFacts, followed_facts, job_facts
from api.jobs.following import KEEP_ALIVE_SECONDS, followed
from api.jobs.opening import regions_of_job

router = APIRouter(prefix="/api/v1/calculs", tags=["calculs"])
one = APIRouter(prefix="/api/v1/calculs/{numero}", tags=["calculs"])

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Événements « etat », chacun portant l’avancement en JSON.",
        "content": {"text/event-stream": {}},
    }
}


@router.get(
    "",
    summary="Les 100 derniers calculs demandés, le dernier d’abord",
    responses={200: {"model": list[JobFacts]}},
)
def jobs_asked(request: Request, jobs: JobsAsked, names: StudyNames) -> Response:
    """List the last computations."""
    found = [job_facts(jobs, job, names) for job in jobs.lately()]
    return send_once(request, orjson.dumps(found))


@one.get(
    "",
    summary="Un calcul, et où il en est",
    responses={200: {"model": FollowedFacts}},
)
def one_job(request: Request, jobs: JobsAsked, job: JobAsked, names: StudyNames) -> Response:
    """Say where a computation stands."""
    return send_once(request, orjson.dumps(followed_facts(jobs, job, names)))


@one.get(
    "/evenements",
    summary="Où en est un calcul, à chaque changement, jusqu’à sa fin",
    responses=_EVENTS,
    response_class=StreamingResponse,
)
async def events(jobs: JobsAsked, job: JobAsked) -> StreamingResponse:
    """Tell where a computation stands at each change, to its end."""
    return followed(jobs.watch(job.job_id, KEEP_ALIVE_SECONDS))


@one.post(
    "/arret",
    summary="Arrêter un calcul",
    description=(
        "Aussitôt pour qui le suit ; le serveur qui le fait s’arrête à son étape suivante. Déjà "
        "fini, rien ne change."
    ),
    responses={200: {"model": FollowedFacts}},
)
def stop(request: Request, jobs: JobsAsked, job: JobAsked, names: StudyNames) -> Response:
    """Give up a computation."""
    judge(Action.CALCULER, regions_of_job(request.app.state, job))
    jobs.cancel(actor(), job.job_id)
    return send_once(request, orjson.dumps(followed_facts(jobs, jobs.job(job.job_id), names)))

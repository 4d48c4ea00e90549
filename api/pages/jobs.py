"""Long computations of the register: all of them, and one that is followed to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request

from api.access.guards import judge
from api.access.identity import actor
from api.access.roles import Action
from api.dependencies import JobAsked, JobsAsked, StudyNames  # noqa: TC001 - FastAPI reads them
from api.facts.computing import progress_facts
from api.facts.jobs import duration_text, job_facts
from api.jobs.following import KEEP_ALIVE_SECONDS, REFRESH_SECONDS, followed
from api.jobs.opening import regions_of_job
from api.pages.register import led_to
from api.rendering import page

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

router = APIRouter(prefix="/calculs", include_in_schema=False)
one = APIRouter(prefix="/calculs/{numero}", include_in_schema=False)


@router.get("", response_model=None)
def jobs_page(jobs: JobsAsked, names: StudyNames) -> HTMLResponse:
    """List the last computations."""
    lines = [job_facts(jobs, job, names) for job in jobs.lately()]
    return page(
        "calculs.html",
        here="calculs",
        title="Calculs",
        posts=True,
        lines=lines,
        duration=duration_text,
        under_way=[line.numero for line in lines if line.etat in ("en_attente", "en_cours")],
    )


@one.get("", response_model=None)
def job_page(
    jobs: JobsAsked, job: JobAsked, names: StudyNames, *, suite: bool = False
) -> HTMLResponse | RedirectResponse:
    """Show where a computation stands; lead to what it gave when one waits for it (`suite`)."""
    progress = jobs.progress(job.job_id)
    facts = job_facts(jobs, jobs.job(job.job_id), names)
    if suite and not progress.under_way and facts.resultat is not None:
        return led_to(facts.resultat)
    return page(
        "calcul.html",
        here="calculs",
        title=f"{facts.calcul_nom} : {facts.etude or 'calcul'}",
        posts=True,
        job=facts,
        progress=progress_facts(progress),
        under_way=progress.under_way,
        events=jobs.events(job.job_id),
        doable=jobs.kind(job.kind) is not None,
        duration=duration_text,
        refresh=REFRESH_SECONDS,
        suite=suite,
    )


@one.get("/evenements", response_model=None)
async def events(jobs: JobsAsked, job: JobAsked) -> StreamingResponse:
    """Tell where a computation stands at each change, to its end."""
    return followed(jobs.watch(job.job_id, KEEP_ALIVE_SECONDS))


@one.post("/arret", response_model=None)
def stop(request: Request, jobs: JobsAsked, job: JobAsked) -> RedirectResponse:
    """Give up a computation."""
    judge(Action.CALCULER, regions_of_job(request.app.state, job))
    jobs.cancel(actor(), job.job_id)
    return led_to(f"/calculs/{job.job_id}")


@one.post("/calcul", response_model=None)
def again(request: Request, jobs: JobsAsked, job: JobAsked) -> RedirectResponse:
    """Ask for the same computation anew."""
    judge(Action.CALCULER, regions_of_job(request.app.state, job))
    asked = jobs.ask(actor(), job.kind, job.parameters, version_id=job.version_id)
    return led_to(f"/calculs/{asked.job_id}?suite=1")

"""The national package of a frozen version: asked, followed, handed over with its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.access.identity import actor
from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    JobsAsked,
    RegionAsked,
    StudyAsked,
)
from api.exports.files import KINDS
from api.exports.naming import content_disposition
from api.packages.job import FACTS_FILE, NAME, parameters_of
from api.pages.register import led_to
from api.rendering import address, page
from data.store.errors import MissingError

if TYPE_CHECKING:
    from data.store.job_states import Job

router = APIRouter(prefix="/etudes/{etude}/paquet", include_in_schema=False)


@router.get("")
def package(study: StudyAsked, region: RegionAsked, jobs: JobsAsked) -> HTMLResponse:
    """Show the package of a version, or how to have one."""
    asked = parameters_of(study)
    done = jobs.last_done(NAME, asked)
    last = jobs.last(NAME, asked) if done is None else None
    return page(
        "paquet.html",
        here="dossiers",
        title="Paquet national",
        posts=True,
        study=study,
        region=region,
        kept=None if done is None else _facts(jobs, done),
        last=None if last is None else last.job_id,
        faults=() if last is None else jobs.progress(last.job_id).faults,
    )


@router.post("/calcul")
def make(study: StudyAsked, region: RegionAsked, jobs: JobsAsked) -> Response:
    """Ask for the package, and follow it; one that is there is shown at once."""
    asked = parameters_of(study)
    if study.frozen is None or jobs.last_done(NAME, asked) is not None:
        return led_to(address(study, NAME, region))
    job = jobs.ask(actor(), NAME, asked, version_id=study.frozen.version_id)
    return led_to(f"/calculs/{job.job_id}?suite=1")


@router.get("/exports/{nom}")
def file(study: StudyAsked, jobs: JobsAsked, nom: str) -> Response:
    """Send the package under the name that its digest gives it.

    Raises
    ------
    MissingError
        When that package is not the one of the version as it is known now.
    """
    done = jobs.last_done(NAME, parameters_of(study))
    if done is None or nom != _facts(jobs, done)["nom"]:
        raise MissingError(
            f"le paquet « {nom[:80]} » n’est pas celui de cette version, ou un avis a été donné "
            "depuis → le demander sur la page « Paquet national »"
        )
    headers = {"Content-Disposition": content_disposition(nom)}
    content = jobs.files(done.job_id, nom)[nom]
    return Response(content, media_type=KINDS["zip"].media_type, headers=headers)


def _facts(jobs: JobsAsked, done: Job) -> dict[str, Any]:
    """Return the name, the digest and the size of a package, which is not read for them."""
    found: dict[str, Any] = orjson.loads(jobs.files(done.job_id, FACTS_FILE)[FACTS_FILE])
    return found

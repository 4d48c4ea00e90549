"""The national package of a frozen version: asked, followed, handed over with its digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from api.packages.job import DIGEST_FILE, NAME, parameters_of
from api.pages.register import led_to
from api.rendering import address, page
from data.store.errors import MissingError

if TYPE_CHECKING:
    from api.studies import OpenStudy

router = APIRouter(prefix="/etudes/{etude}/paquet", include_in_schema=False)


@dataclass(frozen=True)
class _Kept:
    """A package that the register keeps.

    Attributes
    ----------
    digest
        Of the list of its digests.
    """

    name: str
    digest: str
    content: bytes


@router.get("")
def package(study: StudyAsked, region: RegionAsked, jobs: JobsAsked) -> HTMLResponse:
    """Show the package of a version, or how to have one."""
    asked = parameters_of(study)
    kept, last = _kept(jobs, study), jobs.last(NAME, asked)
    waiting = last is not None and kept is None
    return page(
        "paquet.html",
        here="dossiers",
        title="Paquet national",
        posts=True,
        study=study,
        region=region,
        kept=kept,
        last=last.job_id if last is not None and waiting else None,
        faults=jobs.progress(last.job_id).faults if last is not None and waiting else (),
    )


@router.post("/calcul")
def make(study: StudyAsked, region: RegionAsked, jobs: JobsAsked) -> Response:
    """Ask for the package, and follow it; one that is there is shown at once."""
    if study.frozen is None or _kept(jobs, study) is not None:
        return led_to(address(study, NAME, region))
    job = jobs.ask(actor(), NAME, parameters_of(study), version_id=study.frozen.version_id)
    return led_to(f"/calculs/{job.job_id}?suite=1")


@router.get("/exports/{nom}")
def file(study: StudyAsked, jobs: JobsAsked, nom: str) -> Response:
    """Send the package under the name that its digest gives it.

    Raises
    ------
    MissingError
        When that package is not the one of the version as it is known now.
    """
    kept = _kept(jobs, study)
    if kept is None or nom != kept.name:
        raise MissingError(
            f"le paquet « {nom[:80]} » n’est pas celui de cette version, ou un avis a été donné "
            "depuis → le demander sur la page « Paquet national »"
        )
    headers = {"Content-Disposition": content_disposition(kept.name)}
    return Response(kept.content, media_type=KINDS["zip"].media_type, headers=headers)


def _kept(jobs: JobsAsked, study: OpenStudy) -> _Kept | None:
    done = jobs.last_done(NAME, parameters_of(study))
    if done is None:
        return None
    files = dict(jobs.files(done.job_id))
    digest = files.pop(DIGEST_FILE).decode()
    [(name, content)] = files.items()
    return _Kept(name, digest, content)

"""What changed class since another version, and why: chosen, followed, read, taken away."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from api.access.identity import actor
from api.changes.job import LINES, NAME, parameters_of
from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    JobsAsked,
    RegionAsked,
    StudyAsked,
)
from api.exports.files import KINDS
from api.exports.naming import content_disposition
from api.facts.places import fold
from api.pages.register import RegisterAsked, led_to
from api.rendering import address, page
from data.results.readme import ABOUT_CHANGES
from data.store.errors import MissingError
from geo.errors import NotReadyError

if TYPE_CHECKING:
    from api.register import Register
    from api.studies import OpenStudy

router = APIRouter(prefix="/etudes/{etude}/changements", include_in_schema=False)

MOST = 200
"""Changes shown at once; the tables have them all."""

_CHOOSE = "version d’avant inconnue → la choisir dans la liste de la page « Changements »"

Since = Annotated[str, Query(max_length=120)]


@router.get("")
def changes(
    study: StudyAsked,
    region: RegionAsked,
    jobs: JobsAsked,
    register: RegisterAsked,
    depuis: Since = "",
    q: Annotated[str, Query(max_length=80)] = "",
) -> HTMLResponse:
    """Show what changed since a version, or ask for it."""
    shown: dict[str, Any] = {"lines": None, "last": None, "faults": ()}
    if depuis and study.frozen is not None:
        asked = parameters_of(study, *_version(register, depuis))
        done, last = jobs.last_done(NAME, asked), jobs.last(NAME, asked)
        if done is not None:
            shown |= _lines(orjson.loads(jobs.files(done.job_id, LINES)[LINES]), q)
            shown["files"] = list(ABOUT_CHANGES.items())
        elif last is not None:
            shown |= {"last": last.job_id, "faults": jobs.progress(last.job_id).faults}
    return page(
        "changements.html",
        here="communes",
        title="Changements de classe",
        posts=True,
        study=study,
        region=region,
        depuis=depuis,
        q=q,
        versions=_versions(register, study),
        **shown,
    )


@router.post("/calcul")
def compute(
    study: StudyAsked,
    region: RegionAsked,
    jobs: JobsAsked,
    register: RegisterAsked,
    depuis: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Ask what changed since a version, and follow it; what is known is shown at once."""
    if study.frozen is None:
        return led_to(address(study, NAME, region))
    asked = parameters_of(study, *_version(register, depuis))
    if jobs.last_done(NAME, asked) is not None:
        return led_to(address(study, NAME, region, depuis=depuis))
    job = jobs.ask(actor(), NAME, asked, version_id=study.frozen.version_id)
    return led_to(f"/calculs/{job.job_id}?suite=1")


@router.get("/{nom}")
def file(
    study: StudyAsked, jobs: JobsAsked, register: RegisterAsked, nom: str, depuis: Since = ""
) -> Response:
    """Send a table of what changed.

    Raises
    ------
    NotReadyError
        When nobody asked for it.
    MissingError
        When there is no such version, or no such table.
    """
    done = jobs.last_done(NAME, parameters_of(study, *_version(register, depuis)))
    if done is None:
        raise NotReadyError(
            "ces changements ne sont pas calculés → les demander sur la page « Changements »"
        )
    if nom not in ABOUT_CHANGES:
        raise MissingError(f"les changements n’ont pas de fichier « {nom[:80]} »")
    return Response(
        jobs.files(done.job_id, nom)[nom],
        media_type=KINDS[nom.rpartition(".")[2]].media_type,
        headers={"Content-Disposition": content_disposition(f"{study.slug}-{nom}")},
    )


def _version(register: Register, text: str) -> tuple[str, int]:
    """Return the study of the register and the number that an address names, `slug:number`."""
    slug, _, number = text.rpartition(":")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):  # noqa: PLR2004 - digits of a row's number
        raise MissingError(_CHOOSE)
    return slug, register.version(slug, int(number)).number


def _versions(register: Register, study: OpenStudy) -> list[tuple[str, str]]:
    """Return the versions to compare with: its own former ones first, then those of other studies.

    Parameters
    ----------
    study
        A frozen version; nothing is compared with a folder.
    """
    frozen = study.frozen
    if frozen is None:
        return []
    entries = sorted(register.entries(), key=lambda each: each.study.slug != frozen.slug)
    return [
        (f"{each.study.slug}:{own.number}", f"{each.study.name}, version {own.number}")
        for each in entries
        for own in reversed(each.versions)
        if (each.study.slug, own.number) != (frozen.slug, frozen.number)
    ]


def _lines(every: list[dict[str, Any]], query: str) -> dict[str, Any]:
    """Return what is shown of the changes: those of a place when one is named, counted in all."""
    wanted = fold(query)
    chosen = [each for each in every if not wanted or wanted in fold(each["phrase"])]
    return {
        "lines": chosen[:MOST],
        "total": len(chosen),
        "most": MOST,
        "causes": Counter(
            each["cause"] for each in every if each["objet"] == "commune"
        ).most_common(),
    }

"""The register: its studies and versions, and what is done with a version."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.guards import judge
from api.access.identity import actor as actor  # noqa: PLC0414 - the pages of the register share it
from api.access.roles import Action
from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    JobsAsked,
    StudiesServed,
)
from api.facts.deposits import waiting_facts
from api.jobs.opening import OPENING
from api.register import Entry, Register
from api.rendering import page
from coverage.wording import plural
from data.uploads.limits import megabytes

if TYPE_CHECKING:
    from api.studies import Studies

router = APIRouter(prefix="/registre", include_in_schema=False)
of_study = APIRouter(prefix="/registre/{inscrite}", include_in_schema=False)


def register_of(request: Request) -> Register:
    """Return the register."""
    register: Register = request.app.state.register
    return register


def entry_of(register: Annotated[Register, Depends(register_of)], inscrite: str) -> Entry:
    """Return the study of the register that the address names."""
    return register.entry(inscrite)


RegisterAsked = Annotated[Register, Depends(register_of)]
EntryAsked = Annotated[Entry, Depends(entry_of)]


def regions_of(entry: Entry) -> tuple[str, ...]:
    """Return the région that a study of the register bears on, none for the country."""
    return (entry.study.region,) if entry.study.region else ()


def led_to(address: str) -> RedirectResponse:
    """Return what leads a browser to a page after a form."""
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def form_page(template: str, title: str, **content: Any) -> HTMLResponse:  # noqa: ANN401 - what each template asks for
    """Return a page of the register that holds forms."""
    return page(template, here="registre", title=title, posts=True, **content)


@router.get("", response_model=None)
def register_page(register: RegisterAsked, studies: StudiesServed) -> HTMLResponse:
    """List the studies."""
    served = {each.frozen.slug: each for each in studies if each.frozen is not None}
    entries = register.entries()
    last = {each.study.slug: each.last for each in entries}
    return page(
        "registre.html",
        here="registre",
        title="Registre",
        entries=entries,
        waiting=[waiting_facts(each, last) for each in register.deposits.of(actor())],
        served=served,
    )


@of_study.get("", response_model=None)
def versions_page(
    register: RegisterAsked, entry: EntryAsked, studies: StudiesServed
) -> HTMLResponse:
    """Show the versions of a study, the last first."""
    versions = list(reversed(entry.versions))
    sizes = {each.version_id: register.sizes(each.version_id) for each in versions}
    return form_page(
        "registre_etude.html",
        entry.study.name,
        entry=entry,
        versions=versions,
        numbers={each.version_id: each.number for each in versions},
        files={
            name: [(path, size_text(size)) for path, size in found] for name, found in sizes.items()
        },
        totals={name: size_text(sum(size for _, size in found)) for name, found in sizes.items()},
        served=_served(studies, entry.study.slug),
    )


@of_study.post("/versions/{numero}/service", response_model=None)
def serve(
    register: RegisterAsked, entry: EntryAsked, numero: int, jobs: JobsAsked
) -> RedirectResponse:
    """Ask for a version to be shown among the studies, and lead to where it is followed."""
    judge(Action.FIGER, regions_of(entry))
    slug = entry.study.slug
    version = register.version(slug, numero)
    named = {"inscrite": slug, "version": numero}
    job = jobs.ask(actor(), OPENING, named, version_id=version.version_id)
    return led_to(f"/calculs/{job.job_id}?suite=1")


@of_study.post("/versions/{numero}/reprise", response_model=None)
def restore(
    register: RegisterAsked, entry: EntryAsked, numero: int, note: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Freeze the files of a version as the next one."""
    judge(Action.FIGER, regions_of(entry))
    register.restore(actor(), entry.study.slug, numero, note)
    return led_to(f"/registre/{entry.study.slug}")


@of_study.get("/versions/{numero}/etude.zip", response_model=None)
def archive(register: RegisterAsked, entry: EntryAsked, numero: int) -> Response:
    """Send the files of a version."""
    # The files as deposited may hold what no page shows: whoever may freeze them may have them.
    judge(Action.FIGER, regions_of(entry))
    slug = entry.study.slug
    headers = {
        "Content-Disposition": f'attachment; filename="{slug}-v{numero}.zip"',
        "Cache-Control": "private, no-store",
    }
    packed = register.archive(slug, numero)
    return Response(packed, media_type="application/zip", headers=headers)


def size_text(number: int) -> str:
    """Write a size in French.

    >>> size_text(0), size_text(1), size_text(50_000_000)
    ('0 octet', '1 octet', '50 Mo')
    """
    short = 10_000
    return plural(number, "octet", "octets") if number < short else megabytes(number)


def _served(studies: Studies, slug: str) -> tuple[int, str] | None:
    """Return the number of the version shown of a study, and its slug there."""
    for each in studies:
        if each.frozen is not None and each.frozen.slug == slug:
            return each.frozen.number, each.slug
    return None

"""Deposits: a file received, its reading followed, its faults shown, its version frozen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.access.guards import judge
from api.access.roles import Action
from api.deposits.applications import drafts_under_way
from api.deposits.freezing import RESERVED, Asked, regions_of_files
from api.deposits.rebasing import overtaken_by
from api.facts.computing import progress_facts
from api.jobs.following import KEEP_ALIVE_SECONDS, REFRESH_SECONDS, followed
from api.pages.register import (
    EntryAsked,
    RegisterAsked,
    actor,
    form_page,
    led_to,
    regions_of,
    register_of,
)
from api.register import PREPARED
from api.studies import free_slug
from coverage.wording import whole
from data.uploads.limits import UploadLimits, megabytes
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

    from api.deposits.deposit import Deposit

router = APIRouter(prefix="/registre", include_in_schema=False)
of_study = APIRouter(prefix="/registre/{inscrite}", include_in_schema=False)

FIELD = "fichier"

SOON = timedelta(days=7)
"""How long before its end a deposit says that it is coming."""

_HELD = {
    "nom": "Nom",
    "annee": "Année",
    "structures": "Structures",
    "postes": "Postes",
    "perimetres": "Périmètres par codes",
    "perimetres_dessines": "Périmètres dessinés",
    "besoins": "Besoins",
    "candidatures": "Candidatures",
    "scenarios": "Scénarios",
}
"""What the summary of a deposit holds, as a planner reads it."""


@router.get("/deposer", response_model=None)
def new_study_form() -> HTMLResponse:
    """Ask for the files of a new study."""
    return _form(None)


@of_study.get("/deposer", response_model=None)
def next_version_form(entry: EntryAsked) -> HTMLResponse:
    """Ask for the files of the next version of a study."""
    return _form(entry)


@router.post("/depots", response_model=None)
async def deposit_study(request: Request) -> RedirectResponse:
    """Receive the files of a new study."""
    return await _received(request, "")


@of_study.post("/depots", response_model=None)
async def deposit_version(request: Request, entry: EntryAsked) -> RedirectResponse:
    """Receive the files of the next version of a study."""
    judge(Action.DEPOSER, regions_of(entry))
    return await _received(request, entry.study.slug)


@of_study.post("/depots/modifications", response_model=None)
def prepare(register: RegisterAsked, entry: EntryAsked) -> RedirectResponse:
    """Go on changing the last version of a study, or begin."""
    judge(Action.DEPOSER, regions_of(entry))
    deposit = register.prepare(actor(), entry.study.slug)
    return led_to(f"/registre/depots/{deposit.key}")


@router.get("/depots/{depot}", response_model=None)
def report_page(register: RegisterAsked, depot: str) -> HTMLResponse:
    """Show where a deposit stands, then what was found in it."""
    deposit = register.deposits.find(depot, actor())
    if deposit.frozen is not None:
        slug, version = deposit.frozen
        decided = register.received.decided(deposit).revision > 0
        return form_page(
            "depot_fige.html",
            "Version figée",
            slug=slug,
            frozen=version,
            decisions=f"/registre/depots/{depot}/classeurs/decisions.csv" if decided else "",
        )
    progress, report, brought = deposit.checking.progress, deposit.checking.result, deposit.brought
    given = brought.accepted.files
    summary = {} if report is None else report.summary
    taken = {each.study.slug for each in register.entries()} | RESERVED
    return form_page(
        "depot_rapport.html",
        _title(deposit),
        deposit=deposit,
        overtaken_by=overtaken_by(register, deposit),
        soon=deposit.until - register.store.clock() < SOON,
        brought=brought,
        progress=progress_facts(progress),
        under_way=progress.under_way,
        refresh=REFRESH_SECONDS,
        report=report,
        summary=[(_HELD[key], _said(key, summary[key])) for key in _HELD if key in summary],
        given=sorted(path for path, content in given.items() if content),
        kept=sorted(set(brought.files) - set(given)),
        removed=sorted(set(brought.beside) & {path for path in given if not given[path]}),
        replaced=sorted(
            (set(brought.beside) - set(brought.files) | set(given) & set(brought.beside))
            - {path for path in given if not given[path]}
        ),
        slug=free_slug(str(summary.get("nom", "")), taken=taken),
        drafts=drafts_under_way(register.store, deposit),
    )


@router.post("/depots/{depot}/arret", response_model=None)
def stop(register: RegisterAsked, depot: str) -> RedirectResponse:
    """Stop the reading of a deposit."""
    return _again(register.deposits.find(depot, actor()), go_on=False)


@router.post("/depots/{depot}/controle", response_model=None)
def check_again(register: RegisterAsked, depot: str) -> RedirectResponse:
    """Have a deposit read again, after a stop."""
    return _again(register.deposits.find(depot, actor()), go_on=True)


@router.get("/depots/{depot}/evenements", response_model=None)
async def events(register: RegisterAsked, depot: str) -> StreamingResponse:
    """Tell where the reading of a deposit stands at each change, to its end."""
    deposit = register.deposits.find(depot, actor())
    return followed(deposit.checking.watch(KEEP_ALIVE_SECONDS))


@router.post("/versions", response_model=None)
def freeze(
    register: RegisterAsked,
    depot: Annotated[str, Form()],
    note: Annotated[str, Form()] = "",
    identifiant: Annotated[str, Form()] = "",
    nom: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Save a deposit without fault as a version."""
    deposit = register.deposits.find(depot, actor())
    if deposit.frozen is None:
        if overtaken_by(register, deposit) is not None:
            return led_to(f"/registre/depots/{depot}/reprise")
        brought = deposit.brought
        if brought.slug:
            judge(Action.FIGER, regions_of(register.entry(brought.slug)))
        judge(Action.FIGER, regions_of_files(brought.files))
    slug, _ = register.freeze(deposit, Asked(note, identifiant, nom))
    return led_to(f"/registre/{slug}")


def _form(entry: EntryAsked | None) -> HTMLResponse:
    title = "Déposer une étude" if entry is None else f"Déposer une version : {entry.study.name}"
    limit = megabytes(UploadLimits().upload_bytes)
    return form_page("depot.html", title, entry=entry, field=FIELD, limit=limit)


async def _received(request: Request, slug: str) -> RedirectResponse:
    """Accept what a form brings.

    Raises
    ------
    InputErrors
        When it brings no file.
    """
    async with request.form() as form:
        file = form.get(FIELD)
        if not isinstance(file, UploadFile) or not file.filename:
            remedy = "choisir un fichier, puis déposer"
            raise InputErrors([Notice("", 0, "", "aucun fichier n’est joint", remedy)])
        name, content = file.filename, await file.read()
    register = register_of(request)
    deposit = await run_in_threadpool(register.take, actor(), slug, name, content)
    return led_to(f"/registre/depots/{deposit.key}")


def _said(key: str, value: object) -> str:
    """Write what the summary of a deposit says: numbers as read, a year without spaces."""
    return whole(value) if isinstance(value, int) and key != "annee" else str(value)


def _title(deposit: Deposit) -> str:
    brought = deposit.brought
    if brought.name == PREPARED:
        return f"Modifications de « {brought.slug} »"
    return f"Dépôt de « {brought.name} »"


def _again(deposit: Deposit, *, go_on: bool) -> RedirectResponse:
    if go_on:
        deposit.checking.start()
    else:
        deposit.stop()
    return led_to(f"/registre/depots/{deposit.key}")

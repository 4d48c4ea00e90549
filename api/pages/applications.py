"""The applications of a deposit: listed, begun by hand or from a workbook."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.deposits.applications import Applications
from api.exports.files import KINDS
from api.facts.applications import application_lines
from api.facts.places import fold
from api.pages.register import RegisterAsked, form_page, led_to
from api.pages.table_rows import allowed_desk
from api.pages.tables import Desk  # noqa: TC001 - FastAPI reads it at run time
from coverage.dossiers.form import Form as Filled
from data.applications.form_texts import texts_of
from data.applications.form_workbook import form_workbook
from data.applications.received import MOST_BYTES, received_form
from data.store.errors import MissingError, TakenError
from data.uploads.limits import megabytes
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

router = APIRouter(prefix="/registre/depots/{depot}", include_in_schema=False)

FIELD = "classeur"


def applications_of(
    register: RegisterAsked, desk: Annotated[Desk, Depends(allowed_desk)]
) -> Applications:
    """Return the applications of one's own deposit, to whom may change its study."""
    return Applications(register.store, desk.deposit, desk.seen, desk.files, register.territory)


ApplicationsAsked = Annotated[Applications, Depends(applications_of)]


@router.get("/candidatures", response_model=None)
def list_page(asked: ApplicationsAsked) -> HTMLResponse:
    """List the applications, and offer to begin one."""
    return _listed(asked)


@router.post("/candidatures", response_model=None)
def begin(
    asked: ApplicationsAsked,
    nom: Annotated[str, Form()] = "",
    structure: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Begin an application, with what the study knows of a structure."""
    try:
        opened = asked.begin(nom, texts_of(Filled(asked.known_of(structure))))
    except (InputErrors, MissingError, TakenError) as refused:
        return _listed(asked, {"nom": nom, "structure": structure}, notices_of(refused))
    return led_to(address_of(asked, opened.name))


@router.get("/classeur-candidature", response_model=None)
def workbook(asked: ApplicationsAsked, structure: str = "") -> Response:
    """Send the workbook of the form, with what the study knows of a structure."""
    content = form_workbook(Filled(asked.known_of(structure)))
    return sent_workbook(content, f"candidature-{structure}" if structure else "candidature")


@router.post("/classeur-candidature", response_model=None)
async def receive(request: Request, asked: ApplicationsAsked) -> HTMLResponse | RedirectResponse:
    """Begin an application from a workbook that was filled."""
    async with request.form() as form:
        file, name = form.get(FIELD), str(form.get("nom", ""))
        sent = isinstance(file, UploadFile) and bool(file.filename)
        title = str(file.filename) if isinstance(file, UploadFile) else ""
        content = await file.read() if isinstance(file, UploadFile) else b""
    return await run_in_threadpool(_received, asked, name, title if sent else "", content)


def sent_workbook(content: bytes, name: str) -> Response:
    """Return a workbook as a file to keep."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.xlsx"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=KINDS["xlsx"].media_type, headers=headers)


def address_of(asked: Applications, name: str) -> str:
    """Return the address of the page of an application."""
    return f"/registre/depots/{asked.deposit.key}/candidatures/{quote(name, safe='')}"


def notices_of(error: Exception) -> Sequence[Notice]:
    """Return what an error says, one finding a line."""
    if isinstance(error, InputErrors):
        return error.faults
    message, _, remedy = str(error).partition(" → ")
    return [Notice("", 0, "", message, remedy)]


def _received(
    asked: Applications, name: str, title: str, content: bytes
) -> HTMLResponse | RedirectResponse:
    typed = {"nom_classeur": name}
    if not title:
        remedy = "choisir un classeur .xlsx, puis l’envoyer"
        return _listed(asked, typed, [Notice("", 0, "", "aucun fichier n’est joint", remedy)])
    try:
        texts, told = received_form(title, content)
        opened = asked.begin(name or title.rpartition(".")[0], texts, told)
    except (InputErrors, TakenError) as refused:
        return _listed(asked, typed, notices_of(refused))
    return led_to(address_of(asked, opened.name))


def _listed(
    asked: Applications,
    typed: Mapping[str, str] | None = None,
    refused: Sequence[Notice] = (),
) -> HTMLResponse:
    """Return the page, with what was typed and why it is refused."""
    structures = sorted(asked.structures.items(), key=lambda each: (fold(each[1]), each[0]))
    return form_page(
        "candidatures.html",
        "Candidatures",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        asked=asked,
        lines=application_lines(asked),
        structures=structures,
        typed=typed or {},
        refused=refused,
        field=FIELD,
        limit=megabytes(MOST_BYTES),
    )

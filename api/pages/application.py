"""One application of a deposit: what is left of it; put in the deposit, renamed, removed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Form

from api.dependencies import StudiesServed  # noqa: TC001 - FastAPI reads it at run time
from api.deposits.application_files import put as write_file
from api.deposits.application_files import remove as remove_file
from api.deposits.application_files import rename as rename_file
from api.deposits.applications import Applications, Opened
from api.dossiers.drafts import Judged, judged
from api.facts.application_form import box_id
from api.facts.applications import gravest_first, rubriques
from api.pages.applications import ApplicationsAsked, address_of, notices_of, sent_workbook
from api.pages.register import form_page, led_to
from coverage.dossiers.model import CONFORM, INCOMPLETE, LEVEL_NAMES
from data.applications.drafted import known
from data.applications.form_labels import RUBRIQUES, name_of
from data.applications.form_notices import finding
from data.applications.form_workbook import form_workbook
from data.store.errors import StaleError, TakenError
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi.responses import HTMLResponse, RedirectResponse, Response

    from geo.errors import Notice

router = APIRouter(prefix="/registre/depots/{depot}/candidatures/{nom}", include_in_schema=False)

_CHANGED = (
    "Entre-temps, cette candidature a changé, dans un autre onglet sans doute. Rien n’est fait : "
    "vérifier ce qui est montré, puis recommencer."
)


def opened_of(asked: ApplicationsAsked, nom: str) -> Opened:
    """Return the application of the address."""
    return asked.find(nom)


OpenedAsked = Annotated[Opened, Depends(opened_of)]


@router.get("", response_model=None)
def overview(
    asked: ApplicationsAsked, opened: OpenedAsked, studies: StudiesServed, fait: int = -1
) -> HTMLResponse:
    """Show what is filled, what is left, and what can be done."""
    return _overview(asked, opened, studies, done=fait == asked.deposit.revision)


@router.post("/depot", response_model=None)
def put(
    asked: ApplicationsAsked,
    opened: OpenedAsked,
    studies: StudiesServed,
    vu: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Write the draft in the deposit, if the reader of plans accepts it."""
    if (vu, source) != (opened.mark, opened.source):
        return _overview(asked, opened, studies, stale=_CHANGED)
    try:
        changed = write_file(asked, opened)
    except StaleError:
        return _overview(asked, opened, studies, stale=_CHANGED)
    except InputErrors as refused:
        return _overview(asked, opened, studies, refused=refused.faults)
    done = f"?fait={asked.deposit.revision}" if changed else ""
    return led_to(f"{address_of(asked, opened.name)}{done}")


@router.get("/nom", response_model=None)
def name_form(asked: ApplicationsAsked, opened: OpenedAsked) -> HTMLResponse:
    """Ask for another name."""
    return _asking("candidature_nom.html", "Renommer", asked, opened, typed=opened.name)


@router.post("/nom", response_model=None)
def rename(
    asked: ApplicationsAsked,
    opened: OpenedAsked,
    nouveau: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Give another name."""
    title = "Renommer"
    try:
        _check_seen(opened, source)
        name = rename_file(asked, opened, nouveau)
    except (InputErrors, TakenError, StaleError) as refused:
        told = notices_of(refused)
        return _asking("candidature_nom.html", title, asked, opened, told, typed=nouveau)
    return led_to(address_of(asked, name))


@router.get("/retrait", response_model=None)
def removal_form(asked: ApplicationsAsked, opened: OpenedAsked) -> HTMLResponse:
    """Ask whether the application is to be removed."""
    return _asking("candidature_retrait.html", "Retirer", asked, opened)


@router.post("/retrait", response_model=None)
def remove(
    asked: ApplicationsAsked,
    opened: OpenedAsked,
    quoi: Annotated[str, Form()] = "",
    vu: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Throw the draft away, or the application with it."""
    try:
        _check_seen(opened, source, vu)
        if quoi == "brouillon":
            asked.discard(opened)
        else:
            remove_file(asked, opened)
    except StaleError as refused:
        told = notices_of(refused)
        return _asking("candidature_retrait.html", "Retirer", asked, opened, told)
    kept = quoi == "brouillon" and opened.content
    home = f"/registre/depots/{asked.deposit.key}/candidatures"
    return led_to(address_of(asked, opened.name) if kept else home)


@router.get("/classeur", response_model=None)
def workbook(asked: ApplicationsAsked, opened: OpenedAsked) -> Response:
    """Send the application as a workbook to fill."""
    return sent_workbook(form_workbook(asked.form_of(opened)[0]), opened.name)


def _check_seen(opened: Opened, source: str, mark: str | None = None) -> None:
    """Refuse to act on an application that changed since its page was made.

    Raises
    ------
    StaleError
        When it did.
    """
    if source != opened.source or (mark is not None and mark != opened.mark):
        raise StaleError(_CHANGED, opened.drafted, {})


def _overview(
    asked: Applications,
    opened: Opened,
    studies: StudiesServed,
    *,
    refused: Sequence[Notice] = (),
    stale: str = "",
    done: bool = False,
) -> HTMLResponse:
    found = judged(asked, opened, studies)
    left = [each for each in gravest_first(found.findings) if each.level != CONFORM]
    return form_page(
        "candidature.html",
        f"Candidature {opened.name}",
        status=_status(refused=bool(refused), stale=bool(stale)),
        asked=asked,
        opened=opened,
        rubriques=rubriques(opened.texts, found.findings),
        findings=left,
        conform=[each for each in found.findings if each.level == CONFORM],
        odd=sorted(set(opened.texts) - set(known(opened.texts))),
        told=gravest_first(() if opened.drafted is None else opened.drafted.told),
        refused=gravest_first(finding(INCOMPLETE, each, "") for each in refused),
        stale=stale,
        done=asked.deposit.changes[-1] if done and asked.deposit.changes else "",
        **finding_words(found, asked, opened),
    )


def _asking(
    template: str,
    what: str,
    asked: Applications,
    opened: Opened,
    refused: Sequence[Notice] = (),
    **content: Any,  # noqa: ANN401 - what each template asks for
) -> HTMLResponse:
    return form_page(
        template,
        f"{what} la candidature {opened.name}",
        status=_status(refused=bool(refused), stale=False),
        asked=asked,
        opened=opened,
        refused=refused,
        own=address_of(asked, opened.name),
        **content,
    )


def finding_words(found: Judged, asked: Applications, opened: Opened) -> dict[str, Any]:
    """Return what the templates that show findings ask for."""
    return {
        "own": address_of(asked, opened.name),
        "judged": found,
        "levels": LEVEL_NAMES,
        "name_of": name_of,
        "box_id": box_id,
        "titles": {table: each.title for table, each in RUBRIQUES.items()},
    }


def _status(*, refused: bool, stale: bool) -> HTTPStatus:
    if stale:
        return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK

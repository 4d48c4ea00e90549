"""What is done to a deposit that waits: undone, taken over to the last version, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.access.roles import Action
from api.deposits.rebasing import MINE, THEIRS, rebase, rebase_of
from api.facts.deposits import conflict_facts
from api.pages.deposit_asked import deposit_for
from api.pages.register import (
    RegisterAsked,
    actor,
    form_page,
    led_to,
    register_of,
)
from api.register import packed

if TYPE_CHECKING:
    from api.deposits.deposit import Deposit
    from api.register import Register

router = APIRouter(prefix="/registre/depots/{depot}", include_in_schema=False)

SEEN, NUMBER, CHOICE = "vu", "numero", "fichier:"
"""Fields: the revision and the version that were shown; of a file, followed by its path."""

_DIGITS = 10

SeenAsked = Annotated[int, Form(alias=SEEN)]


@router.post("/annulation", response_model=None)
def undo(register: RegisterAsked, depot: str, seen: SeenAsked) -> RedirectResponse:
    """Undo the last change of a deposit."""
    deposit = register.deposits.find(depot, actor())
    deposit.undo(seen)
    return _back(deposit)


@router.post("/retablissement", response_model=None)
def redo(register: RegisterAsked, depot: str, seen: SeenAsked) -> RedirectResponse:
    """Do again the change of a deposit that was undone last."""
    deposit = register.deposits.find(depot, actor())
    deposit.redo(seen)
    return _back(deposit)


@router.get("/reprise", response_model=None)
def rebase_form(register: RegisterAsked, depot: str) -> HTMLResponse | RedirectResponse:
    """Show what comes of a deposit over the last version, and ask what cannot be told."""
    deposit = _own(register, depot)
    found = rebase_of(register, deposit)
    if found is None:
        return _back(deposit)
    return form_page(
        "depot_reprise.html",
        f"Reprendre sur la version {found.last.number}",
        deposit=deposit,
        last=found.last,
        merged=found.merged,
        conflicts=[conflict_facts(each) for each in found.merged.conflicts],
        fields={"seen": SEEN, "number": NUMBER, "choice": CHOICE, "mine": MINE, "theirs": THEIRS},
    )


@router.post("/reprise", response_model=None)
async def take_over(request: Request, depot: str) -> RedirectResponse:
    """Lay a deposit over the last version of its study."""
    async with request.form() as form:
        told = {name: value for name, value in form.items() if isinstance(value, str)}
    chosen = {
        name.removeprefix(CHOICE): value for name, value in told.items() if name.startswith(CHOICE)
    }
    number, seen = (_number(told.get(name, "")) for name in (NUMBER, SEEN))
    register = register_of(request)

    def done() -> Deposit:
        deposit = _own(register, depot)
        rebase(register, deposit, number, seen, chosen)
        return deposit

    return _back(await run_in_threadpool(done))


@router.get("/fichiers.zip", response_model=None)
def files(register: RegisterAsked, depot: str) -> Response:
    """Send what someone deposited, without the files of the version that it follows."""
    deposit = register.deposits.find(depot, actor())
    headers = {
        "Content-Disposition": 'attachment; filename="depot.zip"',
        "Cache-Control": "private, no-store",
    }
    given = deposit.brought.accepted.files
    archive = packed({path: content for path, content in given.items() if content})
    return Response(archive, media_type="application/zip", headers=headers)


@router.get("/abandon", response_model=None)
def drop_form(register: RegisterAsked, depot: str) -> HTMLResponse | RedirectResponse:
    """Say what dropping a deposit loses, and ask whether to."""
    deposit = register.deposits.find(depot, actor())
    if deposit.frozen is not None:
        return _back(deposit)
    return form_page("depot_abandon.html", "Abandonner ce dépôt", deposit=deposit)


@router.post("/abandon", response_model=None)
def drop(register: RegisterAsked, depot: str) -> RedirectResponse:
    """Throw a deposit away."""
    deposit = register.deposits.find(depot, actor())
    register.deposits.drop(deposit)
    return led_to("/registre")


def _own(register: Register, key: str) -> Deposit:
    """Return a deposit whose owner may see the files of its study as they were deposited."""
    return deposit_for(register, key, Action.FIGER)


def _back(deposit: Deposit) -> RedirectResponse:
    return led_to(f"/registre/depots/{deposit.key}")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else 0

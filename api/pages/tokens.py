"""Keys of a shared server: listed, made and revoked by the national level."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request

from api.access.identity import IDENTITY
from api.access.roles import NATIONAL, PLANNER, READER, ROLE_NAMES
from api.pages.register import actor, led_to
from api.rendering import page
from api.security import NAMES_ITSELF
from data.paths import cog_dir
from data.reference.code_tables import read_tables
from data.store.engine import Store
from data.store.errors import StaleError
from data.store.tokens import VALID, check_last, end_of, issue_token, revoke, tokens
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi.responses import HTMLResponse, RedirectResponse

    from data.store.tokens import Token

ADDRESS = "/jetons"

router = APIRouter(prefix=ADDRESS, include_in_schema=False)

_MEANINGS = {
    READER: "voit, exporte et essaie ; ne change rien",
    PLANNER: "agit sur les études de sa seule région",
    NATIONAL: "agit partout, et administre les jetons",
}
_BLANK = {"libelle": "", "role": PLANNER, "region": "", "expire": ""}
_SHORT_LIFE = timedelta(days=90)
_MOST = 2**31 - 1
"""Largest number that every database takes for one."""

_FIELDS = {"libellé": "libelle", "rôle": "role", "région": "region", "expiration": "expire"}
"""Field of the form that a fault of the register speaks of."""


def _store(request: Request) -> Store:
    store: Store = request.app.state.access.store
    return store


StoreAsked = Annotated[Store, Depends(_store)]


@router.get("", response_model=None)
def tokens_page(store: StoreAsked) -> HTMLResponse:
    """List the keys, and ask for what a new one opens."""
    soon = store.clock().date() + _SHORT_LIFE
    return _listed(store, _BLANK | {"expire": soon.isoformat()})


@router.post("", response_model=None)
def create(
    store: StoreAsked,
    libelle: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    region: Annotated[str, Form()] = "",
    expire: Annotated[str, Form()] = "",
    dernier: Annotated[int, Form()] = 0,
) -> HTMLResponse:
    """Make a key and show it, once; or say what is wrong with what was asked.

    `dernier` is the last key that the page listed: the same form sent twice makes one key.
    """
    asked = {"libelle": libelle, "role": role, "region": region, "expire": expire}
    try:
        with store.write(actor()) as write:
            check_last(write.session, dernier)
            text = issue_token(write, libelle, role, region, _end(expire))
    except InputErrors as errors:
        faults = {_FIELDS[each.column]: f"{each.message} → {each.remedy}" for each in errors.faults}
        return _listed(store, asked, faults, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except StaleError as stale:
        return _listed(store, asked, told=str(stale), status=HTTPStatus.CONFLICT)
    return _private(page("jeton_cree.html", here="jetons", title="Jeton créé", text=text))


@router.post("/{numero}/revocation", response_model=None)
def end(store: StoreAsked, numero: Annotated[int, Path(le=_MOST)]) -> RedirectResponse:
    """Revoke a key; its sessions end at once."""
    with store.write(actor()) as write:
        revoke(write, numero)
    return led_to(ADDRESS)


def _listed(
    store: Store,
    asked: Mapping[str, str],
    faults: Mapping[str, str] | None = None,
    *,
    told: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    with store.read() as session:
        found = tokens(session)
    now = store.clock()
    valid = [each for each in found if each.state(now) == VALID]
    ended = [each for each in found if each.state(now) != VALID]
    identity = IDENTITY.get()
    content: dict[str, Any] = {
        "valid": list(reversed(valid)),
        "ended": list(reversed(ended)),
        "now": now,
        "own": identity.token.token_id if identity is not None else 0,
        "alone": _only(valid, NATIONAL),
        "last": found[-1].token_id if found else 0,
        "roles": ROLE_NAMES,
        "meanings": _MEANINGS,
        "region_names": _regions(),
        "asked": asked,
        "faults": faults or {},
        "told": told,
        "today": now.date().isoformat(),
    }
    return _private(page("jetons.html", here="jetons", title="Jetons", status=status, **content))


def _only(valid: Sequence[Token], role: str) -> int:
    """Return the number of the only key of a role, 0 when there are several or none."""
    found = [each.token_id for each in valid if each.role == role]
    return found[0] if len(found) == 1 else 0


def _end(text: str) -> datetime | None:
    try:
        return end_of(date.fromisoformat(text))
    except ValueError:
        return None


@cache
def _regions() -> Mapping[str, str]:
    return read_tables(cog_dir()).names["region"]


def _private(response: HTMLResponse) -> HTMLResponse:
    response.headers.update(NAMES_ITSELF)
    response.headers["Cache-Control"] = "private, no-store"
    return response

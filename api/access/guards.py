"""What a request must prove before its route runs: a right, and that a form is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from api.access.addresses import SAFE, action_of, is_free
from api.access.errors import NotAllowedError
from api.access.identity import FORM_FIELD, IDENTITY, same
from api.access.roles import ACTION_NAMES, ROLE_NAMES, Action, Scope, may, scope_of
from api.limits import MOST_FIELDS
from coverage.wording import THIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable

    from fastapi import APIRouter

    from api.studies import OpenStudy, Studies

JUDGED_WITHIN = ("/registre", "/calculs", "/api/v1/calculs")
"""Addresses whose routes call `judge`: what they bear on is in a form, a file or the register."""

_JSON = "application/json"


async def check_form(request: Request) -> AsyncIterator[None]:
    """Refuse what a page of another site could make a browser send; let go of its files at last.

    A form carries the token of its session. JSON needs none: a browser sends it elsewhere only
    with that site's leave, and says where from.

    Raises
    ------
    NotAllowedError
        When the proof is missing, or is another session's.
    """
    try:
        await _check_form(request)
        yield
    finally:
        await request.close()


async def _check_form(request: Request) -> None:
    identity = IDENTITY.get()
    if request.method in SAFE or identity is None or not identity.form_token:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _JSON:
        origin = request.headers.get("origin", "").partition("://")[2].lower()
        proved = bool(origin) and origin == request.headers.get("host", "").lower()
    else:
        form = await request.form(max_fields=MOST_FIELDS)
        proved = same(form.get(FORM_FIELD), identity.form_token)
    if not proved:
        raise NotAllowedError(
            "ce formulaire n’est pas celui de la session en cours → revenir à la page, la "
            "recharger, puis recommencer"
        )


def check_right(request: Request) -> None:
    """Refuse what the key shown does not give.

    Raises
    ------
    NotAllowedError
        With the role, what was asked and who may do it.
    UnknownCodeError, InputErrors
        When the study of the address is not served, or cannot be read.
    """
    template = request.scope["route"].path
    if is_free(template):
        return
    identity = IDENTITY.get()
    if identity is None:
        raise NotAllowedError("personne ne demande cela → se connecter")
    action = action_of(request.method, template)
    own = scope_of(identity.token.role, action) is Scope.OWN
    if own and template.startswith(JUDGED_WITHIN):
        return
    judge(action, _regions(request) if own else ())


def judge(action: Action, regions: Collection[str]) -> None:
    """Refuse what the key shown does not give of some régions.

    Raises
    ------
    NotAllowedError
        With the role, what was asked and who may do it; never when no key is asked for.
    """
    identity = IDENTITY.get()
    if identity is None:
        return
    role, region = identity.token.role, identity.token.region
    if not may(role, action, region, regions):
        raise NotAllowedError(_refusal(role, action, region))


GUARDS = (Depends(check_right), Depends(check_form))
"""Dependencies of every router whose addresses are not free."""


def check_addresses(routers: Iterable[APIRouter]) -> None:
    """Check that every address that needs a key is in the table of what addresses ask for.

    Raises
    ------
    LookupError
        When one writes and is not.
    """
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and not is_free(route.path):
                for method in route.methods or ():
                    action_of(method, route.path)


def _regions(request: Request) -> tuple[str, ...]:
    """Return every région of the study of the address, none when it has no study."""
    slug = request.path_params.get("etude")
    if slug is None:
        return ()
    studies: Studies = request.app.state.studies
    return regions_of(studies.find(slug))


def regions_of(study: OpenStudy) -> tuple[str, ...]:
    """Return the régions that a study bears on: all of them when it names none."""
    coverage = study.coverage
    return coverage.study.regions or tuple(coverage.territory.members["region"])


def _refusal(role: str, action: Action, region: str) -> str:
    if scope_of(role, action) is Scope.OWN:
        whose = f"une étude de votre seule région (code{THIN}{region})"
        return f"{ACTION_NAMES[action]}{THIN}: votre jeton ne le permet que sur {whose}"
    return (
        f"{ACTION_NAMES[action]}{THIN}: votre rôle ({ROLE_NAMES.get(role, role)}) ne le permet pas "
        "→ demander un autre jeton à qui les délivre"
    )

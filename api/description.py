"""The OpenAPI description: what FastAPI finds of the routes, and every refusal they may answer."""

from __future__ import annotations

import inspect
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.errors import MEDIA_TYPE, Problem, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from fastapi import APIRouter, FastAPI

_ABOUT = """\
Couverture du territoire par les facilitateurs de la clause sociale d’insertion : études, communes,
zones, structures, certificats, propositions, dossiers, essais et exports.

Les codes sont du texte (« 01004 »). Les taux vont de 0 à 1 et plus, arrondis vers le bas ; une
valeur inconnue est `null`, jamais 0. Les longues listes viennent par pages (`page`, `limite`), leur
nombre d’entrées dans `X-Total-Count` et les pages voisines dans `Link`. Une réponse porte un
`ETag` : redemandée avec `If-None-Match`, elle coûte un 304. Les refus sont des documents
`application/problem+json` (RFC 9457), en français."""

_ANYWHERE = (400, 421, 429, 500, 503)
_OF_POSTS = (403, 408, 413, 415)
_OF_KEYS = (401, 403)
"""Refusals of a server that asks for keys."""

_KEY = "jeton"
_FREE = ("/sante",)
_ASKED = "409"
"""Refusal that a route says of itself: it shows what a computation has yet to make."""

_EXTRAS: dict[int, dict[str, Any]] = {
    422: {"erreurs": ["« lon » : au plus 180"]},
    500: {"identifiant": "4f0c2a9be1d37a60"},
}
_SCHEMA = {
    "title": "Probleme",
    "description": "Un refus et son remède (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "toujours « about:blank »"},
        "title": {"type": "string", "description": "nom du refus"},
        "status": {"type": "integer", "description": "code HTTP"},
        "detail": {"type": "string", "description": "ce qui s’est passé, et le remède"},
        "erreurs": {
            "type": "array",
            "items": {"type": "string"},
            "description": "toutes les fautes de la demande, chacune avec sa place",
        },
        "identifiant": {
            "type": "string",
            "description": "à citer pour signaler une erreur imprévue",
        },
    },
}


def describe(app: FastAPI, routers: Iterable[APIRouter], *, keyed: bool = False) -> None:
    """Make `app` describe itself whole, once, when it is first asked.

    Parameters
    ----------
    routers
        Of the API. Docstrings are for who reads the program: only what a route says of itself
        on purpose (`summary`, `description`), in French, is kept.
    keyed
        Whether the server asks for keys.
    """
    ours = {
        route.operation_id or route.unique_id
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        and route.description == inspect.cleandoc(route.endpoint.__doc__ or "")
    }

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = description(app, ours, keyed=keyed)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to extend it


def description(
    app: FastAPI, undescribed: Collection[str], *, keyed: bool = False
) -> dict[str, Any]:
    """Return the OpenAPI description of an application.

    Parameters
    ----------
    undescribed
        Operations that have no description of their own, by identifier.
    keyed
        Whether the server asks for keys.
    """
    found = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Probleme"] = _SCHEMA
    used: set[int] = set()
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            used |= _document(method, operation, keyed=keyed and path not in _FREE)
            if operation["operationId"] in undescribed:
                del operation["description"]
    components["responses"] = {f"Refus{status}": _refusal(status) for status in sorted(used)}
    if keyed:
        components["securitySchemes"] = {
            _KEY: {"type": "http", "scheme": "bearer", "description": "Jeton, « zb_… »."}
        }
    return found


def _document(method: str, operation: dict[str, Any], *, keyed: bool) -> set[int]:
    """Add to an operation the refusals that it may answer; return their statuses."""
    statuses = set(_ANYWHERE)
    if keyed:
        statuses.update(_OF_KEYS)
        operation["security"] = [{_KEY: []}]
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    if "path" in places:
        statuses.add(404)
    if places or "requestBody" in operation:
        statuses.add(422)
    if method == "post":
        statuses.update(_OF_POSTS)
    responses = operation["responses"]
    statuses |= {int(status) for status in responses if status == _ASKED}
    for response in responses.values():
        if response.get("description") == "Successful Response":
            response["description"] = "Réussite."
    if method == "get":
        responses.setdefault("304", {"description": "Inchangé : la réponse connue vaut encore."})
    for status in sorted(statuses):
        responses[str(status)] = {"$ref": f"#/components/responses/Refus{status}"}
    return statuses


def _refusal(status: int) -> dict[str, Any]:
    words = words_of(status)
    example = Problem(status, words.detail, _EXTRAS.get(status, {})).content()
    made: dict[str, Any] = {
        "description": f"{words.title}. {words.detail}",
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Probleme"},
                "example": example,
            }
        },
    }
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        made["headers"] = {
            "Retry-After": {
                "description": "secondes à attendre",
                "schema": {"type": "integer"},
            }
        }
    return made

"""Errors as HTTP says them: one table; problem documents (RFC 9457), pages for browsers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from api.access.errors import NotAllowedError
from api.rendering import page
from data.store.errors import (
    BusyError,
    DamagedError,
    MissingError,
    RegisterError,
    StaleError,
    TakenError,
)
from geo.errors import (
    CrsError,
    DataUnavailableError,
    InputErrors,
    NotReadyError,
    OutputError,
    UnknownCodeError,
    ZonesBlanchesError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("zones_blanches.erreurs")

MEDIA_TYPE = "application/problem+json"

STATUSES: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (UnknownCodeError, HTTPStatus.NOT_FOUND),
    (InputErrors, HTTPStatus.UNPROCESSABLE_ENTITY),
    (CrsError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (DataUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (OutputError, HTTPStatus.CONFLICT),
    (NotReadyError, HTTPStatus.CONFLICT),
    (NotAllowedError, HTTPStatus.FORBIDDEN),
    (MissingError, HTTPStatus.NOT_FOUND),
    (TakenError, HTTPStatus.CONFLICT),
    (StaleError, HTTPStatus.CONFLICT),
    (DamagedError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (RegisterError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ZonesBlanchesError, HTTPStatus.BAD_REQUEST),
)
"""Status of each error of the program, the first that matches."""


@dataclass(frozen=True)
class Words:
    """What a status is called, and what is said when nothing more precise is known."""

    title: str
    detail: str


WORDS = {
    400: Words("Demande refusée", "La demande ne peut pas être satisfaite."),
    401: Words(
        "Identité demandée",
        "Se connecter (page « /connexion »), ou joindre un jeton : « Authorization: Bearer zb_… ». "
        "Un jeton inconnu, expiré ou révoqué n’ouvre rien.",
    ),
    403: Words(
        "Demande refusée",
        "Cette demande vient d’un autre site. Recommencer depuis une page de l’application.",
    ),
    404: Words(
        "Introuvable",
        "Rien ne se trouve à cette adresse. La page d’accueil liste les études servies.",
    ),
    405: Words("Méthode non acceptée", "Cette adresse ne se demande pas ainsi."),
    408: Words("Demande trop lente", "La demande n’est pas arrivée en entier à temps."),
    409: Words(
        "Impossible en l’état",
        "Ce qui est demandé attend un calcul qui n’est pas terminé, n’a pas pu être écrit, ou a "
        "changé entre-temps.",
    ),
    413: Words(
        "Demande trop grande",
        "Le corps de la demande dépasse la taille acceptée. Y mettre moins de modifications ; un "
        "dépôt pèse 50 Mo au plus.",
    ),
    415: Words(
        "Format non accepté",
        "Le corps de la demande doit être du JSON, annoncé par « Content-Type: application/json ».",
    ),
    421: Words(
        "Nom de serveur inconnu",
        "Ce serveur ne répond pas à ce nom. L’appeler par l’adresse affichée à son démarrage.",
    ),
    422: Words("Demande invalide", "Une valeur de la demande ne convient pas."),
    429: Words(
        "Demandes trop rapprochées",
        "Trop de demandes en peu de temps. Attendre un instant, puis recommencer.",
    ),
    500: Words("Erreur interne", "Une erreur imprévue est survenue."),
    503: Words(
        "Service indisponible",
        "Le serveur est occupé par d’autres calculs. Attendre un instant, puis recommencer.",
    ),
}
"""Every status that the application answers beside success."""

_CAUSES = {
    "missing": "valeur manquante",
    "extra_forbidden": "nom inconnu",
    "json_invalid": "JSON mal formé",
    "float_parsing": "nombre attendu, avec un point décimal",
    "float_type": "nombre attendu",
    "int_parsing": "nombre entier attendu",
    "int_type": "nombre entier attendu",
    "int_from_float": "nombre entier attendu",
    "bool_parsing": "« oui » ou « non » attendu",
    "string_type": "texte attendu",
    "list_type": "liste attendue",
    "finite_number": "nombre fini attendu",
    "greater_than_equal": "au moins {ge}",
    "less_than_equal": "au plus {le}",
    "too_long": "au plus {max_length} éléments",
    "string_too_long": "au plus {max_length} caractères",
    "string_too_short": "au moins {min_length} caractère",
    "string_pattern_mismatch": "texte d’une autre forme attendu",
    "literal_error": "valeur hors de {expected}",
    "enum": "valeur hors de {expected}",
    "union_tag_invalid": "valeur hors de {expected_tags}",
    "union_tag_not_found": "« action » manque",
    "model_attributes_type": "objet attendu",
    "model_type": "objet attendu",
    "dict_type": "objet attendu",
}


@dataclass(frozen=True)
class Problem:
    """A problem document (RFC 9457).

    Attributes
    ----------
    detail
        What happened and the remedy, in French.
    extra
        Other members of the document.
    headers
        Of the answer.
    """

    status: int
    detail: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Short name of the status, in French."""
        return words_of(self.status).title

    def content(self) -> dict[str, Any]:
        """Return the document."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }


def words_of(status: int) -> Words:
    """Return what is said of a status, of a refusal in general when it is not in the table."""
    return WORDS.get(status, WORDS[400])


def problem_of(error: Exception, *, identifier: str) -> Problem:
    """Return what is said of an error; of an unforeseen one, an identifier and nothing else.

    Parameters
    ----------
    identifier
        Of the request.
    """
    if isinstance(error, RequestValidationError):
        if all(item["loc"][0] == "path" for item in error.errors()):
            return Problem(404, WORDS[404].detail)
        faults = list(dict.fromkeys(_fault(item) for item in error.errors()))
        return Problem(422, " ; ".join(faults), {"erreurs": faults})
    if isinstance(error, InputErrors):
        faults = [str(fault) for fault in error.faults]
        return Problem(422, " ; ".join(faults), {"erreurs": faults})
    if isinstance(error, HTTPException):
        status = error.status_code
        return Problem(status, words_of(status).detail, headers=error.headers or {})
    for kind, status in STATUSES:
        if isinstance(error, kind):
            return Problem(int(status), str(error))
    log.error("erreur imprévue", exc_info=error, extra={"fields": {"id": identifier}})
    detail = f"{WORDS[500].detail} Pour la signaler, citer « {identifier} »."
    return Problem(500, detail, {"identifiant": identifier})


def answer(scope: Scope, error: Exception) -> Response:
    """Return what is answered to an error: a page to a browser outside `/api`, else JSON."""
    problem = problem_of(error, identifier=scope.get("state", {}).get("request_id", ""))
    accepted = Headers(scope=scope).get("accept", "")
    if "text/html" in accepted and not scope["path"].startswith("/api/"):
        try:
            return _page(problem)
        except Exception:
            # The page itself may be what is broken: the words still go out.
            log.exception("page d’erreur impossible")
    return JSONResponse(
        problem.content(),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(problem.headers),
    )


def _page(problem: Problem) -> Response:
    response = page(
        "erreur.html", here="", title=problem.title, status=problem.status, problem=problem
    )
    response.headers.update(problem.headers)
    return response


def install_handlers(app: FastAPI) -> None:
    """Answer every foreseen error of the routes of `app`."""

    async def handle(request: Request, error: Exception) -> Response:
        return answer(request.scope, error)

    for kind in (RequestValidationError, HTTPException, ZonesBlanchesError):
        app.add_exception_handler(kind, handle)


class Unforeseen:
    """ASGI middleware that answers the errors of the middlewares inside it, and unforeseen ones."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an error after the answer has begun breaks it off."""
        begun = False

        async def send_watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            await answer(scope, error)(scope, receive, send)


def _fault(item: Mapping[str, Any]) -> str:
    """Say in French what is wrong with a value, and where it stands.

    >>> _fault({"loc": ("body", "modifications", 2, "etp", "poste"), "type": "int_parsing"})
    'modification 3, « poste » : nombre entier attendu'
    >>> _fault({"loc": ("body", 12), "type": "json_invalid"})
    'corps de la demande : JSON mal formé'
    >>> _fault({"loc": ("query", "lon"), "type": "less_than_equal", "ctx": {"le": 180}})
    '« lon » : au plus 180'
    """
    place = item["loc"][1:]
    rank = next((part + 1 for part in place if isinstance(part, int)), None)
    names = [part for part in place if isinstance(part, str)]
    where = [f"modification {rank}"] if rank and names[:1] == ["modifications"] else []
    if not where or len(names) > 1:
        where.append(f"« {names[-1]} »" if names else "corps de la demande")
    values = {name: _french(value) for name, value in item.get("ctx", {}).items()}
    cause = _CAUSES.get(item["type"], "valeur refusée").format_map(values)
    return f"{', '.join(where)} : {cause}"


def _french(value: object) -> str:
    return str(value).replace(" or ", " ou ").replace("'", "")

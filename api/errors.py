"""Errors as HTTP says them: one table, and RFC 9457 problem documents in French."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.security import HEADERS
from geo.errors import (
    CrsError,
    DataUnavailableError,
    InputErrors,
    OutputError,
    UnknownCodeError,
    ZonesBlanchesError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

STATUSES: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (UnknownCodeError, HTTPStatus.NOT_FOUND),
    (InputErrors, HTTPStatus.UNPROCESSABLE_ENTITY),
    (CrsError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (DataUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (OutputError, HTTPStatus.CONFLICT),
    (ZonesBlanchesError, HTTPStatus.BAD_REQUEST),
)
"""Status of each error of the program, the first that matches."""

TITLES = {
    400: "Demande refusée",
    404: "Introuvable",
    405: "Méthode non acceptée",
    409: "Écriture impossible",
    422: "Demande invalide",
    500: "Erreur interne",
    503: "Donnée indisponible",
}

_CAUSES = {
    "missing": "valeur manquante",
    "float_parsing": "nombre attendu, avec un point décimal",
    "int_parsing": "nombre entier attendu",
    "finite_number": "nombre fini attendu",
    "greater_than_equal": "au moins {ge}",
    "less_than_equal": "au plus {le}",
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
    """

    status: int
    detail: str
    extra: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Short name of the status, in French."""
        return TITLES.get(self.status, TITLES[400])

    def content(self) -> dict[str, Any]:
        """Return the document."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }


def problem_of(error: Exception) -> Problem:
    """Return what is said of an error; of an unforeseen one, an identifier and nothing else."""
    if isinstance(error, RequestValidationError):
        faults = [_fault(item) for item in error.errors()]
        return Problem(422, " ; ".join(faults), {"erreurs": faults})
    if isinstance(error, HTTPException):
        return Problem(error.status_code, _http_detail(error.status_code), {})
    for kind, status in STATUSES:
        if isinstance(error, kind):
            return Problem(int(status), str(error), {})
    identifier = secrets.token_hex(8)
    log.error("Erreur %s", identifier, exc_info=error)
    detail = f"Une erreur imprévue est survenue ; pour la signaler, citer « {identifier} »."
    return Problem(500, detail, {"identifiant": identifier})


def install_handlers(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""
    for kind in (RequestValidationError, HTTPException, ZonesBlanchesError, Exception):
        app.add_exception_handler(kind, _answer)


async def _answer(_request: Request, error: Exception) -> JSONResponse:
    problem = problem_of(error)
    own = error.headers if isinstance(error, HTTPException) else None
    # An unforeseen error is answered outside the middleware that adds these headers.
    return JSONResponse(
        problem.content(),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**HEADERS, **(own or {})},
    )


def _fault(item: Mapping[str, Any]) -> str:
    name = str(item["loc"][-1])
    cause = _CAUSES.get(item["type"], "valeur refusée").format(**item.get("ctx", {}))
    return f"« {name} » : {cause}"


def _http_detail(status: int) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "Rien ne se trouve à cette adresse ; la page d’accueil liste les résultats servis."
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return "Cette adresse ne se lit que par GET."
    return "La demande ne peut pas être satisfaite."

"""Open an address of the web, and say in French why a publisher's server did not answer."""

from __future__ import annotations

import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPResponse

_SCHEMES = ("http", "https")
_PASSING = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_MOVED = (
    "le fichier n’est plus à cette adresse (réponse {code}) ; l’éditeur l’a déplacé : cherchez le "
    "nouveau sur son site, et donnez son adresse par la variable d’environnement de la source"
)


class TransferError(DataUnavailableError):
    """A transfer that failed; `passing` tells whether another try may succeed."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        self.passing = passing
        super().__init__(message)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirections to web addresses only."""

    def redirect_request(  # type: ignore[no-untyped-def]
        self,
        req,  # noqa: ANN001
        fp,  # noqa: ANN001
        code,  # noqa: ANN001
        msg,  # noqa: ANN001
        headers,  # noqa: ANN001
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse what leads out of the web."""
        try:
            require_web(newurl)
        except TransferError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def require_web(address: str) -> None:
    """Refuse an address that is not one of the web.

    Raises
    ------
    TransferError
        When its scheme is neither http nor https, or it names no host.
    """
    parts = urlsplit(address)
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname:
        raise TransferError(
            f"adresse refusée : « {address} » ; une adresse http:// ou https:// est attendue"
        )


def open_address(address: str, headers: Mapping[str, str], timeout_s: float) -> HTTPResponse:
    """Send a request and return the answer, its body not yet read.

    Neither files nor FTP can be reached from here, even by a redirection.

    Raises
    ------
    HTTPError
        For any status that brings no content.
    TransferError
        When the server cannot be reached, is silent, or redirects out of the web.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - checked above
    try:
        response: HTTPResponse = opener.open(request, timeout=timeout_s)
    except HTTPError:
        raise
    except (OSError, HTTPException) as error:
        raise _unreachable(address, error, timeout_s) from error
    return response


def _unreachable(address: str, error: Exception, timeout_s: float) -> TransferError:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return _silent(timeout_s)
    host = urlsplit(address).hostname
    return TransferError(
        f"serveur « {host} » injoignable ({cause}) ; vérifiez le réseau et le mandataire, puis "
        "relancez",
        passing=True,
    )


def _silent(timeout_s: float) -> TransferError:
    return TransferError(
        f"le serveur n’a rien envoyé pendant {timeout_s:.0f} secondes ; relancez plus tard, le "
        "transfert reprendra où il s’est arrêté",
        passing=True,
    )


def refusal(code: int) -> TransferError:
    """Return what an answer that brings nothing means, from its status code."""
    if code in _GONE:
        return TransferError(_MOVED.format(code=code))
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransferError(
            f"le serveur de l’éditeur est en panne (réponse {code}) ; relancez plus tard",
            passing=True,
        )
    if HTTPStatus.MULTIPLE_CHOICES <= code < HTTPStatus.BAD_REQUEST:
        return TransferError(f"redirection refusée (réponse {code}), hors du web ou sans fin")
    return TransferError(
        f"le serveur refuse la demande (réponse {code}) ; vérifiez l’adresse et le mandataire",
        passing=code in _PASSING,
    )

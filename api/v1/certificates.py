"""Certificates of a study."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    AnswerCache,
    StudyAsked,
)
from api.facts.certificates import CertificateFacts, certificate_facts
from api.v1.examples import answer
from api.v1.lists import key_of, send_one

router = APIRouter(prefix="/api/v1/etudes/{etude}/certificats", tags=["certificats"])


@router.get(
    "/{certificat_id}", summary="Un certificat", responses=answer(CertificateFacts, "certificat")
)
def certificate(
    request: Request, study: StudyAsked, certificat_id: str, cache: AnswerCache
) -> Response:
    """Give a certificate whole, to be re-added by hand."""
    return send_one(
        request,
        cache,
        lambda: certificate_facts(study.ground, certificat_id),
        key=key_of("certificat", study, certificat_id),
    )

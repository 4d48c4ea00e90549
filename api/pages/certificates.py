"""A certificate whole: every place and every structure of its sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.facts.certificates import certificate_facts
from api.rendering import page

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)


@router.get("/certificats/{certificat_id}", response_model=None)
def certificate(study: StudyAsked, region: RegionAsked, certificat_id: str) -> HTMLResponse:
    """Show what a certificate proves, line by line."""
    return page(
        "certificat.html",
        here="zones",
        title=f"Certificat {certificat_id}",
        study=study,
        region=region,
        shown=study.ground.shown().communes.index,
        certificate=certificate_facts(study.ground, certificat_id),
    )

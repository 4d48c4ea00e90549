"""After the award: conventions, what is to be watched, results, payments, overlaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.dossiers.asked import DeskAsked  # noqa: TC001 - same
from api.facts.followup import followup_facts
from api.rendering import page

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)


@router.get("/suivi", response_model=None)
def followup(study: StudyAsked, region: RegionAsked, desk: DeskAsked) -> HTMLResponse:
    """Show the follow-up of the conventions of a study, or say where they would come from."""
    return page(
        "conventions.html",
        here="suivi",
        title="Suivi des conventions",
        study=study,
        region=region,
        followup=followup_facts(study, desk.followup, region),
    )

"""The report of a study or of one of its régions: one page, made to be printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.facts.selection import ZoneQuery, chosen_zones
from api.facts.zones import zone_line
from api.pages.overview import overview_content
from api.rendering import page
from data.results.provenance import attribution

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)


@router.get("/rapport", response_model=None)
def report(study: StudyAsked, region: RegionAsked) -> HTMLResponse:
    """Show the overview, every zone kept and every zone to document."""
    ground = study.ground
    lists = {
        kept: [
            zone_line(ground, str(zone), row)
            for zone, row in chosen_zones(ground, ZoneQuery(retenue=kept), region)
            .to_dict("index")
            .items()
        ]
        for kept in ("oui", "a_documenter")
    }
    return page(
        "rapport.html",
        here="rapport",
        title="Rapport",
        study=study,
        region=region,
        attribution_line=attribution(study.coverage.territory),
        **(
            overview_content(study, region)
            | {"kept": lists["oui"], "waiting": lists["a_documenter"]}
        ),
    )

"""Zones of a study."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    AnswerCache,
    RegionAsked,
    StudyAsked,
)
from api.facts.selection import ZonesAsked, chosen_zones
from api.facts.zones import ZoneFacts, ZoneLine, zone_facts, zone_line
from api.paging import PageAsked  # noqa: TC001 - same
from api.v1.examples import answer
from api.v1.lists import PAGED, key_of, send_one, send_page

router = APIRouter(prefix="/api/v1/etudes/{etude}/zones", tags=["zones"])


@router.get("", summary="Les zones d’une étude", responses=answer(list[ZoneLine], "zones", PAGED))
def zones(
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    query: ZonesAsked,
    paging: PageAsked,
    cache: AnswerCache,
) -> Response:
    """List zones, filtered and ordered as on the page."""
    chosen = chosen_zones(study.ground, query, region)
    rows = range(len(chosen))

    def make(page: range) -> list[ZoneLine]:
        own = chosen.iloc[list(page)].to_dict("index")
        return [zone_line(study.ground, str(zone), row) for zone, row in own.items()]

    key = key_of("zones", study, region, query)
    return send_page(request, cache, paging, rows, make, key=key)


@router.get("/{zone_id}", summary="Une zone", responses=answer(ZoneFacts, "zone"))
def zone(request: Request, study: StudyAsked, zone_id: str, cache: AnswerCache) -> Response:
    """Give everything of a zone."""
    return send_one(
        request,
        cache,
        lambda: zone_facts(study.ground, zone_id),
        key=key_of("zone", study, zone_id),
    )

"""Régions of a study."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    AnswerCache,
    RegionAsked,
    StudyAsked,
)
from api.facts.overview import RegionLine, region_lines
from api.v1.examples import answer
from api.v1.lists import key_of, send_one

router = APIRouter(prefix="/api/v1/etudes/{etude}/regions", tags=["régions"])


@router.get("", summary="Les régions d’une étude", responses=answer(list[RegionLine], "regions"))
def regions(
    request: Request, study: StudyAsked, region: RegionAsked, cache: AnswerCache
) -> Response:
    """List the régions that a study shows, by name."""
    return send_one(
        request,
        cache,
        lambda: region_lines(study.ground, region),
        key=key_of("regions", study, region),
    )

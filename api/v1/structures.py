"""Structures of a study."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    AnswerCache,
    RegionAsked,
    StudyAsked,
)
from api.facts.selection import StructuresAsked  # noqa: TC001 - same
from api.facts.structures import (
    StructureFacts,
    StructureLine,
    structure_facts,
    structure_lines,
)
from api.paging import PageAsked  # noqa: TC001 - same
from api.v1.examples import answer
from api.v1.lists import PAGED, key_of, send_one, send_page

router = APIRouter(prefix="/api/v1/etudes/{etude}/structures", tags=["structures"])


@router.get(
    "",
    summary="Les structures d’une étude",
    responses=answer(list[StructureLine], "structures", PAGED),
)
def structures(
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    query: StructuresAsked,
    paging: PageAsked,
    cache: AnswerCache,
) -> Response:
    """List structures, filtered and ordered as on the page."""
    rows = structure_lines(study.ground, query, region)
    key = key_of("structures", study, region, query)
    return send_page(request, cache, paging, rows, list, key=key)


@router.get(
    "/{structure_id:path}", summary="Une structure", responses=answer(StructureFacts, "structure")
)
def structure(
    request: Request, study: StudyAsked, structure_id: str, cache: AnswerCache
) -> Response:
    """Give the posts, the perimeters and the reach of a structure."""
    return send_one(
        request,
        cache,
        lambda: structure_facts(study.ground, structure_id),
        key=key_of("structure", study, structure_id),
    )

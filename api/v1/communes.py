"""Communes of a study."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    AnswerCache,
    RegionAsked,
    StudyAsked,
)
from api.facts.communes import CommuneFacts, CommuneLine, commune_facts, commune_line
from api.facts.contributions import Contribution, contribution_lines
from api.facts.selection import CommunesAsked, chosen_communes
from api.facts.years import YearLine, year_lines
from api.paging import PageAsked  # noqa: TC001 - same
from api.v1.examples import answer
from api.v1.lists import PAGED, key_of, send_one, send_page

router = APIRouter(prefix="/api/v1/etudes/{etude}/communes", tags=["communes"])


@router.get(
    "",
    summary="Les communes d’une étude",
    responses=answer(list[CommuneLine], "communes", PAGED),
)
def communes(
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    query: CommunesAsked,
    paging: PageAsked,
    cache: AnswerCache,
) -> Response:
    """List communes, filtered and ordered as on the page.

    A search takes names, codes and old codes; Paris, Lyon and Marseille give their
    arrondissements.
    """
    chosen = chosen_communes(study.ground, query, region)
    rows = range(len(chosen))

    def make(page: range) -> list[CommuneLine]:
        own = chosen.iloc[list(page)].to_dict("index")
        return [commune_line(code, row) for code, row in own.items()]

    key = key_of("communes", study, region, query)
    return send_page(request, cache, paging, rows, make, key=key)


@router.get("/{code}", summary="Une commune", responses=answer(CommuneFacts, "commune"))
def commune(request: Request, study: StudyAsked, code: str, cache: AnswerCache) -> Response:
    """Give everything that decides the status of a commune."""
    return send_one(
        request,
        cache,
        lambda: commune_facts(study.ground, code),
        key=key_of("commune", study, code),
    )


@router.get(
    "/{code}/besoins",
    summary="D’où viennent les heures d’une commune",
    responses={200: PAGED | {"model": list[Contribution]}},
)
def needs(
    request: Request, study: StudyAsked, code: str, paging: PageAsked, cache: AnswerCache
) -> Response:
    """List every contribution to the need of a commune, class by class, the largest first."""
    unit = study.ground.unit(code)
    rows = contribution_lines(study.ground, unit)
    return send_page(request, cache, paging, rows, list, key=key_of("besoins", study, code))


@router.get(
    "/{code}/annees",
    summary="Une commune, année par année",
    responses={200: {"model": list[YearLine]}},
)
def years(request: Request, study: StudyAsked, code: str, cache: AnswerCache) -> Response:
    """List the years of the study: need, response and status of a commune."""
    ground = study.ground
    return send_one(
        request,
        cache,
        lambda: year_lines(ground, ground.unit(code)),
        key=key_of("annees", study, code),
    )

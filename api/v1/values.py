"""Figures of the map, apart from its shapes: communes, zones, parts, what a what-if may change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.answers import send
from api.dependencies import AnswerCache, RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads it
from maps.scope import scope_of
from maps.web.editable import editable
from maps.web.parts import map_parts
from maps.web.values import map_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.answers import Cache
    from api.studies import OpenStudy
    from maps.scope import Scope

router = APIRouter(prefix="/api/v1/etudes/{etude}", tags=["carte"])

_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {}}}}


@router.get(
    "/valeurs",
    summary="Chiffres des communes et des zones, en colonnes",
    response_class=Response,
    responses=_JSON,
)
def values(
    request: Request, study: StudyAsked, region: RegionAsked, cache: AnswerCache
) -> Response:
    """Return what the map shows of each commune; rates are rounded down to six decimals."""
    return _answer(request, "valeurs", study, region, cache, map_values)


@router.get(
    "/parties",
    summary="Parties des communes coupées, périmètres dessinés",
    response_class=Response,
    responses=_JSON,
)
def parts(request: Request, study: StudyAsked, region: RegionAsked, cache: AnswerCache) -> Response:
    """Return the shapes that drawn perimeters cut, and their situation."""
    return _answer(request, "parties", study, region, cache, map_parts)


@router.get(
    "/essais/donnees",
    summary="Ce qu’un essai peut changer : postes, périmètres, paramètres",
    response_class=Response,
    responses=_JSON,
)
def trial_data(request: Request, study: StudyAsked, cache: AnswerCache) -> Response:
    """Return posts and perimeters by their rows in the study, and parameters with their bounds."""
    return _answer(request, "essais/donnees", study, "", cache, editable)


def _answer(
    request: Request,
    name: str,
    study: OpenStudy,
    region: str,
    cache: Cache,
    make: Callable[[Scope], dict[str, Any]],
) -> Response:
    def body() -> bytes:
        return orjson.dumps(make(_scope(study, region)))

    return send(request, cache.get((name, study.slug, study.version, region), body))


def _scope(study: OpenStudy, region: str) -> Scope:
    """Return what is shown: the région asked for, else all that the study shows."""
    coverage = study.coverage
    if region:
        coverage = replace(coverage, study=replace(coverage.study, regions=(region,)))
    return scope_of(coverage)

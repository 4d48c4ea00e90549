"""Layers of the map, and the lists of what two of them draw: State services, large projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from api.answers import send
from api.dependencies import AnswerCache, RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads it
from api.facts.placed_projects import PlacedProject, ProjectQuery, chosen_projects
from api.facts.placed_services import PlacedService, ServiceQuery, chosen_services
from api.facts.selection import Text  # noqa: TC001 - same
from api.layers import find_layer
from api.paging import PageAsked  # noqa: TC001 - same
from api.v1.lists import PAGED, key_of, send_page
from maps.web.layers import layer_content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.answers import Cache
    from api.paging import Paging

router = APIRouter(prefix="/api/v1/etudes/{etude}", tags=["couches"])

Accompanied = Literal["", "oui", "non", "inconnu"]
Programme = Literal[
    "", "npnru", "grand_paris_express", "canal_seine_nord", "jop", "bassin_minier", "autre"
]
_LAST_YEAR = 9999

LayerName = Annotated[
    str, Path(max_length=40, description="nom de la couche", examples=["services", "projets"])
]


def service_query(
    accompagne: Annotated[Accompanied, Query(description="accompagnement du service")] = "",
    q: Text = "",
) -> ServiceQuery:
    """Read what is asked of the list of services."""
    return ServiceQuery(accompagne, q)


def project_query(
    programme: Annotated[Programme, Query(description="programme du projet")] = "",
    annee: Annotated[
        int, Query(ge=0, le=_LAST_YEAR, description="projets en cours cette année-là ; 0 : tous")
    ] = 0,
    q: Text = "",
) -> ProjectQuery:
    """Read what is asked of the list of projects."""
    return ProjectQuery(programme, annee, q)


def _listed(model: Any, what: str) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401 - a type
    """Return what the description says of a list that may be unknown."""
    said = f"{what} ; `null`, sans `X-Total-Count`, quand aucun fichier n’en parle : inconnus"
    return {200: {**PAGED, "model": model, "description": said}}


@router.get(
    "/services",
    summary="Les services de l’État, placés ou non",
    responses=_listed(list[PlacedService] | None, "services, non accompagnés d’abord"),
)
def services(
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    query: Annotated[ServiceQuery, Depends(service_query)],
    paging: PageAsked,
    cache: AnswerCache,
) -> Response:
    """List State services: who is accompanied, by whom, and where each stands on the map."""
    rows = chosen_services(study.ground, query, region)
    return _page(request, cache, paging, rows, key_of("services", study, region, query))


@router.get(
    "/projets",
    summary="Les grands projets, de toute période",
    responses=_listed(list[PlacedProject] | None, "projets, par nom"),
)
def projects(
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    query: Annotated[ProjectQuery, Depends(project_query)],
    paging: PageAsked,
    cache: AnswerCache,
) -> Response:
    """List large projects: programme, period, hours, and the communes that each touches."""
    rows = chosen_projects(study.ground, query, region)
    return _page(request, cache, paging, rows, key_of("projets", study, region, query))


@router.get(
    "/couches/{nom}",
    summary="Une couche de la carte, en colonnes",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}},
)
def layer(
    request: Request, study: StudyAsked, nom: LayerName, region: RegionAsked, cache: AnswerCache
) -> Response:
    """Return all that the map draws of a layer, and what is filed but not drawn, with reasons."""
    found = find_layer(study, nom)

    def body() -> bytes:
        return orjson.dumps(layer_content(found.make(study, region)))

    key = key_of("couche", study, nom, region, found.version(study))
    return send(request, cache.get(key, body))


def _page(
    request: Request,
    cache: Cache,
    paging: Paging,
    rows: Sequence[Any] | None,
    key: tuple[str, ...],
) -> Response:
    if rows is None:
        return send(request, cache.get(key, lambda: orjson.dumps(None)))
    return send_page(request, cache, paging, rows, list, key=key)

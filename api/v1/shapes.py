"""Shapes of the map: the whole country, once, immutable under the digest of its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.answers import IMMUTABLE, send
from api.dependencies import AnswerCache, StudiesServed  # noqa: TC001 - FastAPI reads it
from geo.errors import UnknownCodeError, ZonesBlanchesError
from maps.web.mesh import mesh_digest, mesh_json

if TYPE_CHECKING:
    from api.answers import Cache, Packed
    from api.studies import OpenStudy, Studies
    from geo.territory import Territory

router = APIRouter(prefix="/api/v1", tags=["carte"])

Digest = Annotated[
    str,
    Path(
        pattern="^[0-9a-f]{24}$",
        description="empreinte du fond de carte, donnée par la page de la carte d’une étude",
        examples=["6c3ef4e446edb53fe539cd4b"],
    ),
]


@router.get(
    "/fonds/{empreinte}/france.json",
    summary="Fond de carte : contours partagés de toutes les communes",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}},
)
def mesh(
    request: Request, empreinte: Digest, studies: StudiesServed, cache: AnswerCache
) -> Response:
    """Return the mesh of the territory that has this digest."""
    packed = packed_mesh(empreinte, studies, cache)
    return send(request, packed, cache_control=IMMUTABLE)


def packed_mesh(digest: str, studies: Studies, cache: Cache) -> Packed:
    """Return the mesh that has this digest, ready to be sent."""
    territory = _territory(digest, studies)
    return cache.get(("fond", digest), lambda: mesh_json(territory))


def study_digest(study: OpenStudy) -> str:
    """Return the digest of the mesh of a study."""
    return study.once("mesh_digest", lambda: mesh_digest(study.coverage.territory))


def _territory(digest: str, studies: Studies) -> Territory:
    for study in studies:
        try:
            if study_digest(study) == digest:
                return study.coverage.territory
        except ZonesBlanchesError:
            # A study that cannot be read says so on its own pages.
            continue
    raise UnknownCodeError(
        f"aucun fond de carte « {digest} » ici : le référentiel a changé, recharger la page"
    )

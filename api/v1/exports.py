"""Exports under the API."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.dependencies import StudyAsked  # noqa: TC001 - FastAPI reads it at run time
from api.exports.files import ABOUT, KINDS
from api.exports.routes import export_router

_PREFIX = "/api/v1/etudes/{etude}/exports"

router = APIRouter(tags=["Exports"])
files_router = export_router(_PREFIX, in_schema=True)


class ExportLine(BaseModel):
    """Un export et son adresse."""

    nom: str = Field(examples=["zones.geojson"])
    contenu: str = Field(description="ce que contient le fichier", examples=["zones : contours"])
    type: str = Field(description="type MIME", examples=["application/geo+json"])
    adresse: str = Field(examples=["/api/v1/etudes/essai/exports/zones.geojson"])


@router.get(_PREFIX, summary="Liste des exports d’une étude")
def exports(study: StudyAsked) -> list[ExportLine]:
    """List the files that may be exported."""
    return [
        ExportLine(
            nom=name,
            contenu=about,
            type=KINDS[name.rpartition(".")[2]].media_type,
            adresse=f"{_PREFIX.format(etude=study.slug)}/{name}",
        )
        for name, about in ABOUT.items()
    ]

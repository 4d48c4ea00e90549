"""Whether the server answers."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.dependencies import StudiesServed  # noqa: TC001 - FastAPI reads it at run time
from geo.version import VERSION

router = APIRouter(tags=["Service"])


class Health(BaseModel):
    """État du serveur."""

    etat: str = Field(description="« ok » quand le serveur répond", examples=["ok"])
    version: str = Field(description="version du programme", examples=["0.1.0"])
    etudes: int = Field(description="nombre d’études servies", examples=[1])


@router.get("/sante", summary="Le serveur répond")
def health(studies: StudiesServed) -> Health:
    """Say that the server is up, and how many studies it shows."""
    return Health(etat="ok", version=VERSION, etudes=len(studies))

"""What routes about dossiers ask for: those of the study of the address, one of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from api.dependencies import StudyAsked  # noqa: TC001 - FastAPI reads it at run time
from api.dossiers.kept import Desk, desk_of
from coverage.dossiers.model import Dossier


def desk_asked(study: StudyAsked) -> Desk:
    """Return the applications of the study."""
    return desk_of(study)


DeskAsked = Annotated[Desk, Depends(desk_asked)]


def dossier_asked(
    desk: DeskAsked,
    candidature: Annotated[
        str, Path(max_length=255, description="nom du fichier de la candidature, sans extension")
    ],
) -> Dossier:
    """Return the dossier of an application of the study.

    Raises
    ------
    UnknownCodeError
        When there is no such application.
    """
    return desk.dossier(candidature)


DossierAsked = Annotated[Dossier, Depends(dossier_asked)]

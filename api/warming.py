"""What the first visitor of a study would wait for, made while the browser opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.v1.shapes import packed_mesh, study_digest
from api.v1.trials import outcome

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.studies import Studies


def warm(app: FastAPI) -> None:
    """Prepare the shapes of the map and the first what-if of every study.

    Raises
    ------
    InputErrors, DataUnavailableError
        When a study cannot be read; the server reads them all before it starts.
    """
    studies: Studies = app.state.studies
    for study in studies:
        packed_mesh(study_digest(study), studies, app.state.cache)
        outcome(study, "", [])

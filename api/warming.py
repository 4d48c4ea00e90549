"""What was under way when the server stopped, and what the first visitor would wait for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from api.dossiers.kept import desk_of
from api.jobs.kinds import proposing
from api.v1.shapes import packed_mesh, study_digest
from api.v1.trials import outcome
from geo.errors import ZonesBlanchesError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.studies import Studies


def warm(app: FastAPI) -> None:
    """Prepare the map, the first what-if and the dossiers of every study; begin jobs anew.

    A version of the register that can no longer be computed is passed over: its pages say why.
    """
    state = app.state
    if hasattr(state, "jobs"):
        state.jobs.resume()
    studies: Studies = state.studies
    for study in studies:
        with suppress(ZonesBlanchesError):
            packed_mesh(study_digest(study), studies, state.cache)
            outcome(study, "", [])
            # What the register has of its proposals is taken up in its own turn.
            _ = proposing(state, study).result
    for study in studies:
        with suppress(ZonesBlanchesError):
            desk_of(study).every()

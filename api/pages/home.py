"""The home page: the studies served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request

from api.dependencies import StudiesServed  # noqa: TC001 - FastAPI reads it at run time
from api.facts.overview import Figures, figures
from api.rendering import page
from geo.errors import InputErrors, ZonesBlanchesError

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

    from api.studies import OpenStudy

router = APIRouter(include_in_schema=False)

FAULTS_SHOWN = 20


@dataclass(frozen=True)
class Card:
    """A study on the home page: its figures, why it cannot be read, or what is computed."""

    slug: str
    title: str
    fictional: bool
    figures: Figures | None
    regions: list[str]
    faults: list[str]
    more_faults: int
    coming: str = ""


@router.get("/", response_model=None)
def home(request: Request, studies: StudiesServed) -> HTMLResponse:
    """List the studies."""
    cards = [_card(study) for study in studies]
    kept = request.app.state.settings.database is not None
    return page("accueil.html", here="etudes", title="Études", cards=cards, kept=kept)


def _card(study: OpenStudy) -> Card:
    if study.frozen is not None and not study.computed:
        # Shown again after a restart: the list does not wait for it.
        coming = f"version {study.frozen.number} du registre"
        return Card(study.slug, study.slug, False, None, [], [], 0, coming)  # noqa: FBT003 - same
    try:
        coverage = study.coverage
    except ZonesBlanchesError as error:
        faults = [str(f) for f in error.faults] if isinstance(error, InputErrors) else [str(error)]
        more = max(0, len(faults) - FAULTS_SHOWN)
        return Card(study.slug, study.slug, False, None, [], faults[:FAULTS_SHOWN], more)  # noqa: FBT003 - a study unread says nothing
    names = coverage.territory.names["region"]
    return Card(
        slug=study.slug,
        title=study.title,
        fictional=coverage.study.fictional,
        figures=figures(study.ground),
        regions=[names.get(code, code) for code in coverage.study.regions],
        faults=[],
        more_faults=0,
    )

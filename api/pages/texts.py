"""Pages of words: the method, the help, the accessibility statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.dependencies import StudiesServed  # noqa: TC001 - FastAPI reads it at run time
from api.facts.sources import parameter_facts_of
from api.rendering import page
from coverage.palette import STYLES
from coverage.parameters import Parameters

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)


@router.get("/methode", response_model=None)
def method() -> HTMLResponse:
    """Explain how the program decides."""
    return page(
        "methode.html",
        here="methode",
        title="Méthode",
        styles=STYLES,
        parameters=parameter_facts_of(Parameters()),
    )


@router.get("/aide", response_model=None)
def help_page(studies: StudiesServed) -> HTMLResponse:
    """Help with the first five minutes."""
    first = next((study.slug for study in studies), "")
    return page("aide.html", here="aide", title="Aide", first=first)


@router.get("/accessibilite", response_model=None)
def accessibility() -> HTMLResponse:
    """State how far the application is accessible."""
    return page("accessibilite.html", here="accessibilite", title="Accessibilité")

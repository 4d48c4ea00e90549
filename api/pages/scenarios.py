"""Saved scenarios: the list, one with its revisions, and what happens when two save at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError as Malformed
from starlette.datastructures import FormData

from api.access.identity import actor
from api.dependencies import KeptAsked, RegionAsked, StudyAsked, kept_of
from api.facts.scenarios import conflict_facts, scenario_facts, scenario_line
from api.rendering import address, page
from api.scenarios.content import Content
from api.scenarios.forms import number_in, text_in
from api.scenarios.kept import WHY_NONE, saved_of
from api.scenarios.overlay import file_text
from api.studies import free_slug
from data.store.errors import MissingError, StaleError
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.scenarios.kept import KeptScenarios, Saved
    from api.studies import OpenStudy

router = APIRouter(prefix="/etudes/{etude}/scenarios", include_in_schema=False)
of_one = APIRouter(prefix="/etudes/{etude}/scenarios/{numero}", include_in_schema=False)

HERE = "scenarios"

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
RevisionAsked = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


async def form_of(request: Request) -> FormData:
    """Return what a form brings."""
    return await request.form()


FormAsked = Annotated[FormData, Depends(form_of)]


@router.get("", response_model=None)
def scenarios(request: Request, study: StudyAsked, region: RegionAsked) -> HTMLResponse:
    """List the scenarios, or say why the study keeps none."""
    try:
        kept = kept_of(request, study)
    except MissingError:
        return form_page("scenarios.html", "Scénarios", study, region, why_none=WHY_NONE)
    lines = [scenario_line(saved, kept) for saved in kept.all()]
    return form_page(
        "scenarios.html",
        "Scénarios",
        study,
        region,
        lines=[line for line in lines if not line.archive],
        archived=[line for line in lines if line.archive],
        shown=kept.version,
        why_none="",
        asked=None,
    )


@router.post("/enregistrement", response_model=None)
def choose(kept: KeptAsked, region: RegionAsked, form: FormAsked) -> Response:
    """Save a content that someone else's crossed: over theirs once seen, or under another name.

    Raises
    ------
    InputErrors
        When the content is not what the page of the conflict gave.
    """
    try:
        content = Content.model_validate_json(text_in(form, "contenu"))
    except Malformed:
        remedy = "revenir au scénario, puis recommencer"
        raise InputErrors([Notice("", 0, "", "contenu illisible", remedy)]) from None
    name, seen = text_in(form, "nom"), number_in(form, "vue")
    return settled(
        kept, region, content, lambda: kept.save(actor(), name, kept.made(content, {}), seen)
    )


@of_one.get("", response_model=None)
def scenario(
    kept: KeptAsked,
    study: StudyAsked,
    region: RegionAsked,
    numero: Number,
    revision: RevisionAsked = None,
) -> HTMLResponse:
    """Show what a scenario changes, and its revisions."""
    last = kept.one(numero)
    saved = last if revision is None else kept.one(numero, revision)
    return form_page(
        "scenario.html",
        f"Scénario : {saved.name}",
        study,
        region,
        facts=scenario_facts(saved, kept),
        last=last.revision,
        history=[scenario_line(each, kept) for each in kept.history(saved.name)],
        shown=kept.version,
        fileable=not saved.content.modifications,
    )


@of_one.post("/reprise", response_model=None)
def restore(kept: KeptAsked, region: RegionAsked, numero: Number, form: FormAsked) -> Response:
    """Save an earlier revision again."""
    earlier = kept.one(numero, number_in(form, "revision") or 0)
    seen = number_in(form, "vue") or 0
    return settled(
        kept,
        region,
        earlier.content,
        lambda: kept.restore(actor(), earlier, seen),
    )


@of_one.post("/archive", response_model=None)
def archive(kept: KeptAsked, region: RegionAsked, numero: Number, form: FormAsked) -> Response:
    """Put a scenario aside, or take it back: a revision more, nothing is lost."""
    seen = kept.one(numero, number_in(form, "vue") or 0)
    content = kept.made(seen.content, {"archive": text_in(form, "archive") == "oui"})
    return settled(
        kept, region, content, lambda: kept.save(actor(), seen.name, content, seen.revision)
    )


@of_one.get("/scenario.toml", response_model=None)
def file(kept: KeptAsked, numero: Number, revision: RevisionAsked = None) -> Response:
    """Send the file of a scenario that a file can hold.

    Raises
    ------
    MissingError
        When it has modifications.
    """
    saved = kept.one(numero, revision)
    if saved.content.modifications:
        raise MissingError(
            "un fichier de scénario ne contient pas les modifications d’un essai → les ôter du "
            "scénario, ou déposer l’étude ainsi modifiée"
        )
    name = quote(f"{free_slug(saved.name, taken=set())}.toml")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(
        file_text(saved.name, saved.content), media_type="application/toml", headers=headers
    )


def settled(
    kept: KeptScenarios, region: str, mine: Content, write: Callable[[], Saved]
) -> HTMLResponse | RedirectResponse:
    """Return to the scenario once it is written, or show both contents of a conflict."""
    try:
        saved = write()
    except StaleError as error:
        return _conflict(kept, region, mine, error)
    return RedirectResponse(
        address(kept.study, f"scenarios/{saved.number}", region), status_code=303
    )


def _conflict(kept: KeptScenarios, region: str, mine: Content, error: StaleError) -> HTMLResponse:
    theirs = saved_of(error.theirs)
    return form_page(
        "scenario_conflit.html",
        f"Scénario enregistré entre-temps : {theirs.name}",
        kept.study,
        region,
        status=409,
        message=str(error),
        facts=conflict_facts(theirs, mine, kept),
        content=mine.model_dump_json(),
    )


def form_page(
    template: str,
    title: str,
    study: OpenStudy,
    region: str,
    status: int = 200,
    **content: Any,  # noqa: ANN401 - what each template asks for
) -> HTMLResponse:
    """Return a page of scenarios that holds forms."""
    return page(
        template,
        here=HERE,
        title=title,
        posts=True,
        study=study,
        region=region,
        status=status,
        **content,
    )

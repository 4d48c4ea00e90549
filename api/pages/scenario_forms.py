"""Forms that write scenarios: a new one, another revision, a decision on one option."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response  # noqa: TC002 - FastAPI reads them

from api.access.identity import actor
from api.dependencies import KeptAsked, RegionAsked, StudyAsked  # noqa: TC001 - same
from api.facts.scenarios import LostLine
from api.pages.scenarios import (
    FormAsked,
    Number,
    form_page,
    settled,
)
from api.scenarios.fields import parameter_fields, rule_fields
from api.scenarios.forms import Typed, number_in, revision_in, text_in, typed_in, typed_of
from api.scenarios.located import Located
from api.scenarios.words import modification_words
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.scenarios.kept import KeptScenarios, Saved
    from geo.errors import Notice

router = APIRouter(prefix="/etudes/{etude}/scenarios", include_in_schema=False)
of_one = APIRouter(prefix="/etudes/{etude}/scenarios/{numero}", include_in_schema=False)

BLANKS = 2
"""Empty lines that the form offers for decisions."""

LOCK, REFUSE, LIFT = "verrou", "refus", "lever"
DECISION_FIELDS = ("option", "sort", "motif", "choix", "nom")
OptionAsked = Annotated[str, Query(max_length=200)]


@router.get("/nouveau", response_model=None)
def new_form(kept: KeptAsked, region: RegionAsked) -> HTMLResponse:
    """Ask for a new scenario."""
    return _form(kept, region, Typed())


@router.post("/nouveau", response_model=None)
def create(kept: KeptAsked, region: RegionAsked, form: FormAsked) -> Response:
    """Save a new scenario."""
    return _written(kept, region, typed_in(form))


@of_one.get("/modifier", response_model=None)
def edit_form(kept: KeptAsked, region: RegionAsked, numero: Number) -> HTMLResponse:
    """Ask for the next revision of a scenario."""
    saved = kept.one(numero)
    return _form(kept, region, typed_of(saved.name, saved.content), saved)


@of_one.post("/modifier", response_model=None)
def edit(kept: KeptAsked, region: RegionAsked, numero: Number, form: FormAsked) -> Response:
    """Save the next revision of a scenario."""
    seen = kept.one(numero, number_in(form, "vue") or 0)
    return _written(kept, region, replace(typed_in(form), name=seen.name), seen)


@router.get("/decision", response_model=None)
def decision_form(
    kept: KeptAsked, study: StudyAsked, region: RegionAsked, option: OptionAsked = ""
) -> HTMLResponse:
    """Ask what a scenario decides of an option."""
    blank = dict.fromkeys(DECISION_FIELDS, "")
    return _decision(kept, study, region, {**blank, "option": option})


@router.post("/decision", response_model=None)
def decide(kept: KeptAsked, study: StudyAsked, region: RegionAsked, form: FormAsked) -> Response:
    """Save what a scenario decides of an option."""
    typed = {name: text_in(form, name) for name in DECISION_FIELDS}
    chosen = revision_in(form, "choix")
    seen = None if chosen is None else kept.one(*chosen)
    name = typed["nom"] if seen is None else seen.name
    option, reason = typed["option"], typed["motif"]
    decided = {
        key: {
            **{own: why for own, why in _held(seen, key).items() if own != option},
            **({option: reason} if typed["sort"] == sort else {}),
        }
        for key, sort in (("verrous", LOCK), ("refus", REFUSE))
    }
    try:
        content = kept.made(None if seen is None else seen.content, decided)
        seen_revision = None if seen is None else seen.revision
        return settled(
            kept, region, content, lambda: kept.save(actor(), name, content, seen_revision)
        )
    except InputErrors as error:
        return _decision(kept, study, region, typed, error.faults)


def _held(seen: Saved | None, key: str) -> dict[str, str]:
    return {} if seen is None else dict(getattr(seen.content, key))


def _written(kept: KeptScenarios, region: str, typed: Typed, seen: Saved | None = None) -> Response:
    located = Located((), ()) if seen is None else kept.located(seen.content)
    try:
        content = kept.made(None if seen is None else seen.content, typed.changes(located))
        revision = None if seen is None else seen.revision
        return settled(
            kept, region, content, lambda: kept.save(actor(), typed.name, content, revision)
        )
    except InputErrors as error:
        return _form(kept, region, typed, seen, error.faults)


def _form(
    kept: KeptScenarios,
    region: str,
    typed: Typed,
    saved: Saved | None = None,
    faults: Sequence[Notice] = (),
) -> HTMLResponse:
    """Return the form, as it is first shown or with what is wrong with what was typed."""
    coverage = kept.study.coverage
    located = Located((), ()) if saved is None else kept.located(saved.content)
    made = [LostLine(modification_words(each, coverage), "") for each in located.found]
    made += [
        LostLine(modification_words(each.kept, coverage), each.reason) for each in located.lost
    ]
    return form_page(
        "scenario_modifier.html",
        "Nouveau scénario" if saved is None else f"Modifier le scénario : {saved.name}",
        kept.study,
        region,
        status=422 if faults else 200,
        saved=saved,
        typed=typed,
        faults=faults,
        modifications=made,
        parameters=parameter_fields(typed.parameters, coverage.study),
        rules=rule_fields(typed.rules, coverage.study),
        blank=[("", "")] * BLANKS,
    )


def _decision(
    kept: KeptScenarios,
    study: StudyAsked,
    region: str,
    typed: dict[str, str],
    faults: Sequence[Notice] = (),
) -> HTMLResponse:
    return form_page(
        "scenario_decision.html",
        "Verrouiller ou refuser un poste dans un scénario",
        study,
        region,
        status=422 if faults else 200,
        typed=typed,
        faults=faults,
        scenarios=[each for each in kept.all() if not each.content.archive],
    )

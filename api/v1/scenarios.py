"""Scenarios that the register keeps of a study: list, read, save, restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access.identity import actor
from api.answers import send_once
from api.dependencies import KeptAsked  # noqa: TC001 - FastAPI reads it at run time
from api.errors import MEDIA_TYPE, Problem
from api.facts.scenarios import (
    ScenarioFacts,
    ScenarioLine,
    conflict_facts,
    scenario_facts,
    scenario_line,
)
from api.paging import PageAsked  # noqa: TC001 - same
from api.scenarios.content import Content, Name, Reasons, Short, Values  # noqa: TC001 - same
from api.scenarios.kept import saved_of
from api.trials.asked import MOST, Modification
from api.v1.examples import answer
from api.v1.lists import PAGED
from data.store.errors import StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.scenarios.kept import KeptScenarios, Saved

router = APIRouter(prefix="/api/v1/etudes/{etude}/scenarios", tags=["scénarios"])

_STALE: dict[int | str, dict[str, Any]] = {409: {}}
_KEPT = "Des études servies depuis le registre seulement. "

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="numéro du scénario", examples=[1])]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Saving(BaseModel):
    """Ce qu’on enregistre ; ce qui n’est pas donné reste comme dans la révision vue."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "nom": "Moitié de l’enveloppe",
                "revision": None,
                "modifications": [{"action": "etp", "poste": 0, "etp": "1.5"}],
                "appel": {"budget_eur": 2_700_000},
            }
        },
    )

    nom: Name
    revision: Revision | None = Field(
        None, description="celle qui a été lue avant de changer ; rien pour un scénario nouveau"
    )
    description: Short | None = None
    modifications: list[Modification] | None = Field(
        None, max_length=MOST, description="toute la liste, comme pour un essai"
    )
    methode: Values | None = None
    appel: Values | None = None
    generees: bool | None = None
    verrous: Reasons | None = None
    refus: Reasons | None = None
    archive: bool | None = None


class Restoring(BaseModel):
    """La révision à rétablir, et la dernière vue."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"revision": 1, "vue": 3}}
    )

    revision: Revision
    vue: Revision


@router.get(
    "",
    summary="Les scénarios de l’étude, à leur dernière révision",
    description=_KEPT + "Les scénarios archivés y sont, marqués.",
    responses=answer(list[ScenarioLine], "scenarios", PAGED),
)
def scenarios(request: Request, kept: KeptAsked, paging: PageAsked) -> Response:
    """List the scenarios of a study."""
    rows = kept.all()
    lines = [scenario_line(row, kept) for row in paging.cut(rows)]
    headers = {"X-Total-Count": str(len(rows)), "Link": paging.links(request, len(rows))}
    return send_once(request, orjson.dumps(lines), headers=headers)


@router.get(
    "/{numero}",
    summary="Un scénario : ce qu’il change, et ce que la version servie n’a plus",
    description=_KEPT,
    responses=answer(ScenarioFacts, "scenario"),
)
def scenario(
    request: Request,
    kept: KeptAsked,
    numero: Number,
    revision: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="la dernière si absente")
    ] = None,
) -> Response:
    """Return a scenario whole."""
    return _sent(request, kept, kept.one(numero, revision))


@router.post(
    "",
    summary="Enregistrer un scénario, ou sa révision suivante",
    description=(
        _KEPT + "Si quelqu’un l’a enregistré depuis la révision vue, ou si le nom est pris : 409, "
        "rien n’est écrit, et le document porte les deux contenus (`enregistre`, `propose`)."
    ),
    responses={**answer(ScenarioFacts, "scenario"), **_STALE},
)
def save(request: Request, kept: KeptAsked, asked: Saving) -> Response:
    """Save a scenario as its next revision."""
    seen = kept.named(asked.nom, asked.revision) if asked.revision else None
    before = None if seen is None else seen.content
    changes = {
        name: value
        for name, value in asked.model_dump(exclude={"nom", "revision", "modifications"}).items()
        if value is not None
    }
    if asked.modifications is not None:
        changes["modifications"] = kept.tried(before, asked.modifications)
    content = kept.made(before, changes)

    def write() -> Saved:
        return kept.save(actor(), asked.nom, content, asked.revision)

    return _written(request, kept, content, write)


@router.post(
    "/{numero}/reprise",
    summary="Rétablir une révision : elle devient la suivante",
    description=_KEPT + "Rien n’est effacé.",
    responses={**answer(ScenarioFacts, "scenario"), **_STALE},
)
def restore(request: Request, kept: KeptAsked, numero: Number, asked: Restoring) -> Response:
    """Save an earlier revision again."""
    earlier = kept.one(numero, asked.revision)

    def write() -> Saved:
        return kept.restore(actor(), earlier, asked.vue)

    return _written(request, kept, earlier.content, write)


def _written(
    request: Request, kept: KeptScenarios, mine: Content, write: Callable[[], Saved]
) -> Response:
    """Return what was saved, or both contents when someone saved meanwhile."""
    try:
        return _sent(request, kept, write())
    except StaleError as error:
        facts = conflict_facts(saved_of(error.theirs), mine, kept)
        extra = orjson.loads(orjson.dumps(facts, default=_plain))
        problem = Problem(409, str(error), extra).content()
        return JSONResponse(problem, 409, media_type=MEDIA_TYPE)


def _sent(request: Request, kept: KeptScenarios, saved: Saved) -> Response:
    return send_once(request, orjson.dumps(scenario_facts(saved, kept), default=_plain))


def _plain(value: BaseModel) -> Any:  # noqa: ANN401 - JSON
    return value.model_dump(mode="json")

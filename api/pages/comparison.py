"""Two scenarios side by side: choosing them, their figures, the map of what differs, the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.identity import actor
from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    JobsAsked,
    KeptAsked,
    RegionAsked,
    StudyAsked,
)
from api.exports.files import KINDS
from api.exports.naming import content_disposition
from api.pages.register import led_to
from api.pages.scenarios import FormAsked, form_page
from api.rendering import address
from api.scenarios.comparing import COMMUNES, FACTS, MAP, PAGE, POSTS, TABLE, Pair
from api.scenarios.forms import text_in
from api.scenarios.job import NAME, STUDY, YES, asked_of, parameters_of
from api.security import carried_policy
from data.store.errors import MissingError
from geo.errors import NotReadyError

if TYPE_CHECKING:
    from api.scenarios.kept import KeptScenarios

router = APIRouter(prefix="/etudes/{etude}/scenarios/comparaison", include_in_schema=False)

FILES = {
    TABLE: "les chiffres côte à côte (CSV pour Excel)",
    COMMUNES: "une ligne par commune (CSV pour Excel)",
    POSTS: "une ligne par poste proposé (CSV pour Excel)",
    PAGE: "la page, à lire sans réseau (HTML)",
    MAP: "la carte, à ouvrir sans réseau (HTML)",
}


@dataclass(frozen=True)
class Asked:
    """What an address asks to compare."""

    a: str
    b: str
    propositions: bool


def asked(
    a: Annotated[str, Query(max_length=12)] = "",
    b: Annotated[str, Query(max_length=12)] = "",
    propositions: Annotated[str, Query(max_length=3)] = "",
) -> Asked:
    """Return what the address asks to compare."""
    return Asked(a, b, propositions == YES)


ComparedAsked = Annotated[Asked, Depends(asked)]


@router.get("", response_model=None)
def comparison(
    kept: KeptAsked, study: StudyAsked, region: RegionAsked, jobs: JobsAsked, sides: ComparedAsked
) -> HTMLResponse | RedirectResponse:
    """Show a comparison, or ask for one."""
    shown: dict[str, Any] = {"facts": None, "asked": None, "last": None, "faults": ()}
    if sides.a and sides.b:
        parameters = parameters_of(kept, _pair(kept, sides))
        done, last = jobs.last_done(NAME, parameters), jobs.last(NAME, parameters)
        shown["asked"] = sides
        if done is not None:
            files = jobs.files(done.job_id)
            shown["facts"] = orjson.loads(files[FACTS])
            shown["files"] = [(name, about) for name, about in FILES.items() if name in files]
        elif last is not None:
            shown["last"] = last.job_id
            shown["faults"] = jobs.progress(last.job_id).faults
    return form_page(
        "comparaison.html",
        "Comparer deux scénarios",
        study,
        region,
        sides=[
            {"numero": each.number, "nom": each.name}
            for each in kept.all()
            if not each.content.archive or str(each.number) in (sides.a, sides.b)
        ],
        named=_named(sides),
        **shown,
    )


@router.post("/calcul", response_model=None)
def compute(kept: KeptAsked, region: RegionAsked, jobs: JobsAsked, form: FormAsked) -> Response:
    """Ask for a comparison, and follow it; one that is done is shown at once."""
    sides = Asked(text_in(form, "a"), text_in(form, "b"), text_in(form, "propositions") == YES)
    parameters = parameters_of(kept, _pair(kept, sides))
    if jobs.last_done(NAME, parameters) is not None:
        return led_to(address(kept.study, "scenarios/comparaison", region, **asked_of(parameters)))
    frozen = kept.study.frozen
    version_id = None if frozen is None else frozen.version_id
    job = jobs.ask(actor(), NAME, parameters, version_id=version_id)
    return led_to(f"/calculs/{job.job_id}?suite=1")


@router.get("/carte", response_model=None)
def change_map(kept: KeptAsked, jobs: JobsAsked, sides: ComparedAsked) -> Response:
    """Show the map: a document of its own, under the policy that it carries."""
    body = _files(kept, jobs, sides)[MAP]
    return HTMLResponse(body, headers=carried_policy(body))


@router.get("/{nom}", response_model=None)
def file(kept: KeptAsked, jobs: JobsAsked, sides: ComparedAsked, nom: str) -> Response:
    """Send a file of a comparison.

    Raises
    ------
    MissingError
        When a comparison has no such file.
    """
    files = _files(kept, jobs, sides)
    if nom not in FILES or nom not in files:
        raise MissingError(f"une comparaison n’a pas de fichier « {nom[:80]} »")
    return Response(
        files[nom],
        media_type=KINDS[nom.rpartition(".")[2]].media_type,
        headers={"Content-Disposition": content_disposition(f"{kept.study.slug}-{nom}")},
    )


def _files(kept: KeptScenarios, jobs: JobsAsked, sides: Asked) -> dict[str, bytes]:
    done = jobs.last_done(NAME, parameters_of(kept, _pair(kept, sides)))
    if done is None:
        raise NotReadyError(
            "cette comparaison n’est pas calculée, ou un scénario a changé depuis → la demander "
            "sur la page « Scénarios »"
        )
    return jobs.files(done.job_id)


def _pair(kept: KeptScenarios, sides: Asked) -> Pair:
    first, second = (
        None if name == STUDY else kept.one(_number(name)) for name in (sides.a, sides.b)
    )
    return Pair.of(first, second, asked=sides.propositions)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise MissingError("scénario à comparer inconnu → le choisir sur la page « Scénarios »")
    return int(text)


def _named(sides: Asked) -> dict[str, str]:
    """Return what the addresses of the same comparison say."""
    found = {"a": sides.a, "b": sides.b}
    return found | ({"propositions": YES} if sides.propositions else {})

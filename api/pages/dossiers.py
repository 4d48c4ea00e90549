"""The dossiers of a study: the queue of applications, the review of each, its files."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.dossiers.asked import DeskAsked, DossierAsked  # noqa: TC001 - same
from api.dossiers.files import MAPS, file_names
from api.exports.dossiers import file_router
from api.facts.dossiers import (
    LEVEL_CHOICES,
    VERDICT_CHOICES,
    DossierQuery,
    DossiersAsked,
    chosen_dossiers,
    dossier_line,
    opinions_on,
)
from api.facts.proposals import VOLET_NAMES
from api.facts.values import NATURE_NAMES
from api.opinions.voices import VoicesAsked  # noqa: TC001 - FastAPI reads it at run time
from api.pages.listing import listing
from api.paging import PageAsked  # noqa: TC001 - same
from api.rendering import page
from coverage.dossiers.model import LEVEL_NAMES, LEVELS
from coverage.wording import CLASS_NAMES
from data.results.dossier_values import dossier_facts
from data.results.readme import ABOUT_DOSSIER

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

    from data.results.dossier_lines import DossierFacts, FindingLine

_PREFIX = "/etudes/{etude}"

router = APIRouter(prefix=_PREFIX, include_in_schema=False)
of_one = APIRouter(prefix=f"{_PREFIX}/dossiers/{{candidature}}", include_in_schema=False)
files_router = file_router(_PREFIX, in_schema=False)


@router.get("/dossiers", response_model=None)
def dossiers(
    study: StudyAsked,
    region: RegionAsked,
    query: DossiersAsked,
    paging: PageAsked,
    desk: DeskAsked,
    voices: VoicesAsked,
) -> HTMLResponse:
    """List the applications, or say where they would come from."""
    chosen = chosen_dossiers(desk.every(), query, region)
    shown = paging.cut(chosen)
    table = listing(
        f"/etudes/{study.slug}/dossiers",
        query,
        region,
        paging,
        order="",
        total=len(chosen),
        entries=[dossier_line(each) for each in shown],
    )
    lines = voices.lines()
    said = {each.case.application_id: opinions_on(each, lines) for each in shown}
    return page(
        "dossiers.html",
        here="dossiers",
        title="Dossiers",
        study=study,
        region=region,
        query=query,
        table=table,
        total=len(desk.cases),
        said=said,
        names={"niveau": LEVEL_CHOICES, "verdict": VERDICT_CHOICES, "volet": VOLET_NAMES},
    )


@of_one.get("", response_model=None)
def dossier(
    study: StudyAsked,
    region: RegionAsked,
    paging: PageAsked,
    desk: DeskAsked,
    dossier: DossierAsked,
    voices: VoicesAsked,
) -> HTMLResponse:
    """Show one application examined."""
    from maps.dossiers.diagnosis import diagnosis  # noqa: PLC0415 - slow to import

    facts = dossier_facts(dossier, desk.bench)
    places = [
        (each.volet, place)
        for each in facts.volets
        if each.revendication is not None
        for place in each.revendication.lieux
    ]
    table = listing(
        f"/etudes/{study.slug}/dossiers/{facts.candidature}",
        DossierQuery(),
        region,
        paging,
        order="",
        total=len(places),
        entries=paging.cut(places),
    )
    return page(
        "dossier.html",
        here="dossiers",
        title=f"Dossier {facts.candidature}",
        study=study,
        region=region,
        dossier=facts,
        line=dossier_line(dossier),
        levels=_by_level(facts),
        level_names=LEVEL_CHOICES,
        class_names=CLASS_NAMES,
        table=table,
        maps=MAPS,
        files=[(name, ABOUT_DOSSIER[name]) for name in file_names(dossier)],
        draft=diagnosis(dossier, desk.bench),
        said=opinions_on(dossier, voices.lines()),
        natures=NATURE_NAMES,
        structures=study.coverage.study.structures.index,
        shown=study.ground.shown().communes.index,
        zones=study.ground.shown().zones.index,
    )


def _by_level(facts: DossierFacts) -> list[tuple[str, str, list[FindingLine]]]:
    """Return level, name and findings of each level that has some, the gravest first."""
    found = groupby(
        sorted(facts.constats, key=lambda each: -LEVELS.index(each.niveau)),
        key=lambda each: each.niveau,
    )
    return [(level, LEVEL_NAMES[level], list(lines)) for level, lines in found]

"""Dossiers of a study: the queue of applications, each examined whole, its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    AnswerCache,
    RegionAsked,
    StudyAsked,
)
from api.dossiers.asked import DeskAsked, DossierAsked  # noqa: TC001 - same
from api.exports.dossiers import file_router
from api.facts.dossiers import DossierLine, DossiersAsked, chosen_dossiers, dossier_line
from api.paging import PageAsked  # noqa: TC001 - same
from api.v1.examples import answer
from api.v1.lists import PAGED, key_of, send_one, send_page
from data.results.dossier_lines import DossierFacts
from data.results.dossier_values import dossier_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.dossiers.model import Dossier

_PREFIX = "/api/v1/etudes/{etude}"
_NOTICE = "Proposition calculée, sans valeur de décision."

router = APIRouter(prefix=f"{_PREFIX}/dossiers", tags=["dossiers"])
of_one = APIRouter(prefix=f"{_PREFIX}/dossiers/{{candidature}}", tags=["dossiers"])
files_router = file_router(_PREFIX, in_schema=True)


@router.get(
    "",
    summary="La file des dossiers : une entrée par candidature de l’étude",
    description=(
        "Niveau du plus grave constat, ETP et zone blanche de chaque volet, objection la plus "
        f"forte. Vide quand l’étude n’a aucune candidature. {_NOTICE}"
    ),
    responses=answer(list[DossierLine], "dossiers", PAGED),
)
def dossiers(
    *,
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    query: DossiersAsked,
    paging: PageAsked,
    desk: DeskAsked,
    cache: AnswerCache,
) -> Response:
    """List the applications, filtered and ordered as on the page."""
    rows = chosen_dossiers(desk.every(), query, region)

    def make(page: Sequence[Dossier]) -> list[DossierLine]:
        return [dossier_line(each) for each in page]

    key = key_of("dossiers", study, desk.mark, region, query)
    return send_page(request, cache, paging, rows, make, key=key)


@of_one.get(
    "",
    summary="Un dossier : constats, communes demandées, épreuves, objections, proportion",
    description=(
        "Le contenu de dossier.json, sans sa provenance ; rien du formulaire que ses constats ne "
        f"disent, aucune donnée de personne. {_NOTICE}"
    ),
    responses=answer(DossierFacts, "dossier"),
)
def dossier(
    request: Request, study: StudyAsked, desk: DeskAsked, dossier: DossierAsked, cache: AnswerCache
) -> Response:
    """Give everything of an application examined."""
    return send_one(
        request,
        cache,
        lambda: dossier_facts(dossier, desk.bench),
        key=key_of("dossier", study, desk.mark, dossier.case.application_id),
    )

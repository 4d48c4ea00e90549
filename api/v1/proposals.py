"""Proposals of a study: their computation, the ranked posts, the plan, its money, coordinators."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.answers import send_once
from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    AnswerCache,
    ProposedAsked,
    ProposingAsked,
    RegionAsked,
    StudyAsked,
)
from api.facts.budget import BudgetFacts, budget_facts
from api.facts.computing import ProgressFacts, progress_facts
from api.facts.coordinators import CoordinatorFacts, coordinator_facts
from api.facts.plan import (
    AsideFacts,
    PlanFacts,
    aside_facts,
    plan_facts,
)
from api.facts.proposal import ProposalFacts, proposal_facts
from api.facts.proposals import (
    ProposalLine,
    ProposalsQueried,
    chosen_proposals,
    proposal_line,
)
from api.paging import PageAsked  # noqa: TC001 - same
from api.v1.examples import answer
from api.v1.lists import PAGED, key_of, send_one, send_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.background import Progress

router = APIRouter(prefix="/api/v1/etudes/{etude}", tags=["propositions"])

_NOTICE = "Proposition calculée, sans valeur de décision. "
_WAIT = "Avant la fin du calcul, 409 : le document dit où il en est."
_NOT_READY: dict[int | str, dict[str, Any]] = {409: {}}


@router.get(
    "/propositions/calcul",
    summary="Où en est le calcul des propositions",
    description="Une phrase par étape ; en cas d’échec, toutes les raisons.",
    responses=answer(ProgressFacts, "calcul"),
)
def progress(request: Request, proposing: ProposingAsked) -> Response:
    """Say where the computation stands."""
    return _said(request, proposing.progress)


@router.post(
    "/propositions/calcul",
    summary="Demander le calcul des propositions",
    description=(
        "Une étude à la fois, sans rien bloquer d’autre. Déjà demandé ou terminé, rien ne change ; "
        "arrêté ou échoué, il recommence et relit les candidatures du dossier. Terminé, "
        "« nouveau=1 » le refait ; le résultat d’avant reste montré jusqu’à la fin."
    ),
    status_code=HTTPStatus.ACCEPTED,
    responses={202: {**answer(ProgressFacts, "calcul")[200], "description": "Demandé."}},
)
def start(
    request: Request,
    proposing: ProposingAsked,
    *,
    nouveau: Annotated[bool, Query(description="refaire un calcul terminé")] = False,
) -> Response:
    """Ask for the computation."""
    return _said(request, proposing.start(anew=nouveau), HTTPStatus.ACCEPTED)


@router.post(
    "/propositions/arret",
    summary="Arrêter le calcul des propositions",
    description="En attente, aussitôt ; en cours, à la prochaine étape.",
    responses=answer(ProgressFacts, "calcul"),
)
def cancel(request: Request, proposing: ProposingAsked) -> Response:
    """Ask the computation to stop."""
    return _said(request, proposing.cancel())


@router.get(
    "/propositions",
    summary="Les postes classés, dans l’ordre de la liste ou dans celui demandé",
    description=_NOTICE + _WAIT,
    responses={**answer(list[ProposalLine], "propositions", PAGED), **_NOT_READY},
)
def proposals(
    *,
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    query: ProposalsQueried,
    paging: PageAsked,
    proposed: ProposedAsked,
    cache: AnswerCache,
) -> Response:
    """List the ranked posts, filtered and ordered as on the page."""
    rows = chosen_proposals(proposed, study.ground, query, region)

    def make(page: Sequence[str]) -> list[ProposalLine]:
        return [proposal_line(proposed, name) for name in page]

    key = key_of("propositions", study, proposed.tag, region, query)
    return send_page(request, cache, paging, rows, make, key=key)


@router.get(
    "/propositions/ecartees",
    summary="Les options qui ne sont pas classées : règle, constat, remède",
    description="Une option peut enfreindre plusieurs règles : une entrée pour chacune. " + _WAIT,
    responses={**answer(list[AsideFacts], "ecartees", PAGED), **_NOT_READY},
)
def aside(
    *,
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    paging: PageAsked,
    proposed: ProposedAsked,
    cache: AnswerCache,
) -> Response:
    """List what is not ranked, and why."""
    rows = aside_facts(proposed, region)
    key = key_of("ecartees", study, proposed.tag, region)
    return send_page(request, cache, paging, rows, list, key=key)


@router.get(
    "/propositions/{option_id}",
    summary="Un poste classé : justification, gains, preuves, argent, règles, périmètre",
    description=_NOTICE + _WAIT,
    responses={**answer(ProposalFacts, "proposition"), **_NOT_READY},
)
def proposal(
    request: Request,
    study: StudyAsked,
    option_id: str,
    proposed: ProposedAsked,
    cache: AnswerCache,
) -> Response:
    """Give everything of one ranked post."""
    return send_one(
        request,
        cache,
        lambda: proposal_facts(proposed, study.ground, option_id),
        key=key_of("proposition", study, proposed.tag, option_id),
    )


@router.get(
    "/plan",
    summary="Le plan exact : objectifs, bornes, écarts, comptes, avant et après",
    description=_NOTICE + _WAIT,
    responses={**answer(PlanFacts, "plan"), **_NOT_READY},
)
def plan(
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    proposed: ProposedAsked,
    cache: AnswerCache,
) -> Response:
    """Give proposals at a glance; « before and after » is that of the région asked for."""
    return send_one(
        request,
        cache,
        lambda: plan_facts(proposed, region),
        key=key_of("plan", study, proposed.tag, region),
    )


@router.get(
    "/budget",
    summary="L’argent du plan exact : enveloppe, années, régions, postes",
    description=(
        "Montants exacts, en centimes et en texte. L’enveloppe et les ETP sont ceux de tout le "
        f"plan ; années, régions et postes, ceux de la région demandée. {_WAIT}"
    ),
    responses={**answer(BudgetFacts, "budget"), **_NOT_READY},
)
def budget(
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    proposed: ProposedAsked,
    cache: AnswerCache,
) -> Response:
    """Give the money of the plan against the envelope."""
    return send_one(
        request,
        cache,
        lambda: budget_facts(proposed, region),
        key=key_of("budget", study, proposed.tag, region),
    )


@router.get(
    "/coordinateurs",
    summary="Les régions sans coordinateur, la plus en besoin d’abord",
    description=_NOTICE + _WAIT,
    responses={**answer(list[CoordinatorFacts], "coordinateurs", PAGED), **_NOT_READY},
)
def coordinators(
    *,
    request: Request,
    study: StudyAsked,
    region: RegionAsked,
    paging: PageAsked,
    proposed: ProposedAsked,
    cache: AnswerCache,
) -> Response:
    """List the régions without a coordinator."""
    rows = coordinator_facts(proposed, region)
    key = key_of("coordinateurs", study, proposed.tag, region)
    return send_page(request, cache, paging, rows, list, key=key)


def _said(request: Request, progress: Progress, status: int = 200) -> Response:
    response = send_once(request, orjson.dumps(progress_facts(progress)))
    response.status_code = status
    return response

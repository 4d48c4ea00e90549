"""Proposals of a study: asking for them, the ranked list, each post, money, coordinators, maps."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    AnswerCache,
    ProposedAsked,
    ProposingAsked,
    RegionAsked,
    StudyAsked,
)
from api.exports.proposals import ABOUT
from api.exports.serving import prepared
from api.facts.budget import budget_facts
from api.facts.computing import progress_facts
from api.facts.coordinators import coordinator_facts
from api.facts.money import Money, money
from api.facts.plan import aside_facts, before_after, plan_facts
from api.facts.proposal import proposal_facts
from api.facts.proposals import (
    CLASS_NAMES,
    ORIGIN_NAMES,
    VOLET_NAMES,
    ProposalsQueried,
    chosen_proposals,
    proposal_line,
)
from api.pages.listing import listing
from api.paging import PageAsked  # noqa: TC001 - FastAPI reads it at run time
from api.rendering import STUDY_MENU, address, page
from api.security import NAMES_ITSELF
from coverage.proposals.justification import GROUND_NAMES
from maps.proposals.before_after import build_before_after

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from api.background import Background
    from api.facts.budget import PostBudget
    from api.proposed import Proposed
    from api.studies import OpenStudy

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)

TITLES = {
    "propositions": "Propositions",
    "budget": "Budget",
    "coordinateurs": "Coordinateurs",
    "avant-apres": "Avant et après",
}
ASIDE_SHOWN = 50
KEEP_ALIVE_SECONDS = 15
REFRESH_SECONDS = 3
"""Between two looks of a browser without scripts."""

_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


@router.get("/propositions", response_model=None)
def proposals(
    study: StudyAsked,
    region: RegionAsked,
    query: ProposalsQueried,
    paging: PageAsked,
    proposing: ProposingAsked,
) -> HTMLResponse:
    """List the ranked posts, or say how to have them."""
    made = proposing.result
    if made is None:
        return _waiting(study, region, proposing, "propositions")
    chosen = chosen_proposals(made, study.ground, query, region)
    table = listing(
        f"/etudes/{study.slug}/propositions",
        query,
        region,
        paging,
        order="rang",
        total=len(chosen),
        entries=[proposal_line(made, name) for name in paging.cut(chosen)],
    )
    aside = aside_facts(made, region)
    plan = plan_facts(made, region)
    return _ready(
        study,
        region,
        "propositions",
        plan=plan,
        rules=plan.regles,
        query=query,
        table=table,
        filtered=any(vars(query).values()) or bool(region),
        aside=aside[:ASIDE_SHOWN],
        more_aside=max(0, len(aside) - ASIDE_SHOWN),
        files=list(ABOUT.items()),
        names={
            "volet": VOLET_NAMES,
            "motif": GROUND_NAMES,
            "classe": CLASS_NAMES,
            "origine": ORIGIN_NAMES,
        },
    )


@router.post("/propositions/calcul", response_model=None)
def start(study: StudyAsked, region: RegionAsked, proposing: ProposingAsked) -> RedirectResponse:
    """Ask for the computation, and show where it stands."""
    proposing.start()
    return _back(study, region)


@router.post("/propositions/arret", response_model=None)
def cancel(study: StudyAsked, region: RegionAsked, proposing: ProposingAsked) -> RedirectResponse:
    """Ask the computation to stop, and show where it stands."""
    proposing.cancel()
    return _back(study, region)


@router.get("/propositions/evenements", response_model=None)
async def events(study: StudyAsked, proposing: ProposingAsked) -> StreamingResponse:
    """Tell where the computation stands at each change, to its end."""
    del study
    return StreamingResponse(
        _events(proposing),
        media_type="text/event-stream",
        # Proxies that would gather the stream are told not to.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.get("/propositions/{option_id}", response_model=None)
def proposal(
    study: StudyAsked, region: RegionAsked, option_id: str, proposing: ProposingAsked
) -> HTMLResponse:
    """Show one ranked post."""
    made = proposing.result
    if made is None:
        return _waiting(study, region, proposing, "propositions")
    facts = proposal_facts(made, study.ground, option_id)
    return page(
        "proposition.html",
        here="propositions",
        title=f"Rang {facts.rang} : {facts.structure}",
        study=study,
        region=region,
        post=facts,
        rules=facts.regles,
        structures=study.coverage.study.structures.index,
        shown=study.ground.shown().communes.index,
        zones=study.ground.shown().zones.index,
        certificates=study.coverage.certificates,
    )


@router.get("/budget", response_model=None)
def budget(study: StudyAsked, region: RegionAsked, proposing: ProposingAsked) -> HTMLResponse:
    """Show the money of the plan against the envelope."""
    made = proposing.result
    if made is None:
        return _waiting(study, region, proposing, "budget")
    facts = budget_facts(made, region)
    return _ready(study, region, "budget", budget=facts, sums=_sums(facts.postes))


@router.get("/coordinateurs", response_model=None)
def coordinators(study: StudyAsked, region: RegionAsked, proposing: ProposingAsked) -> HTMLResponse:
    """List the régions without a coordinator."""
    made = proposing.result
    if made is None:
        return _waiting(study, region, proposing, "coordinateurs")
    return _ready(study, region, "coordinateurs", lines=coordinator_facts(made, region))


@router.get("/avant-apres", response_model=None)
def changes(study: StudyAsked, region: RegionAsked, proposing: ProposingAsked) -> HTMLResponse:
    """Show figures before and after, and lead to the map."""
    made = proposing.result
    if made is None:
        return _waiting(study, region, proposing, "avant-apres")
    return _ready(study, region, "avant-apres", lines=before_after(made, region))


@router.get("/avant-apres/carte", response_model=None)
async def change_map(
    request: Request, study: StudyAsked, proposed: ProposedAsked, cache: AnswerCache
) -> Response:
    """Show the map before and after: a document of its own, under the policy that it carries."""
    key = ("avant-apres", study.slug, study.version, proposed.tag)
    turns = request.app.state.export_turns
    packed = await prepared(
        cache, turns, key, lambda: build_before_after(proposed.found).encode(), compress=False
    )
    # The document names the digest of each of its scripts: no other may run.
    found = _POLICY.search(packed.body[:100_000].decode(errors="ignore"))
    policy = found[1] if found else "default-src 'none'"
    headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"}
    return HTMLResponse(packed.body, headers=headers)


def _waiting(
    study: OpenStudy, region: str, proposing: Background[Proposed], here: str
) -> HTMLResponse:
    """Show where the computation stands, and what may be asked of it."""
    progress = proposing.progress
    response = page(
        "propositions_calcul.html",
        here=_entry(here),
        title=TITLES[here],
        study=study,
        region=region,
        progress=progress_facts(progress),
        under_way=progress.under_way,
        refresh=REFRESH_SECONDS,
        back=address(study, here, region),
    )
    response.headers.update(NAMES_ITSELF)
    return response


def _ready(study: OpenStudy, region: str, here: str, **content: Any) -> HTMLResponse:  # noqa: ANN401 - what each template asks for
    return page(
        f"{here.replace('-', '_')}.html",
        here=_entry(here),
        title=TITLES[here],
        study=study,
        region=region,
        views=TITLES,
        **content,
    )


def _entry(here: str) -> str:
    """Return the entry of the menu of a view: its own, or that of the proposals."""
    return here if here in STUDY_MENU else "propositions"


def _back(study: OpenStudy, region: str) -> RedirectResponse:
    where = address(study, "propositions", region)
    return RedirectResponse(where, status_code=HTTPStatus.SEE_OTHER)


async def _events(proposing: Background[Proposed]) -> AsyncIterator[bytes]:
    async for progress in proposing.watch(KEEP_ALIVE_SECONDS):
        if progress is None:
            yield b": attente\n\n"
        else:
            yield b"event: etat\ndata: " + orjson.dumps(progress_facts(progress)) + b"\n\n"


def _sums(posts: Iterable[PostBudget]) -> dict[str, Money]:
    """Return the sums of the columns of the table of posts."""
    listed = list(posts)
    sums = {
        name: sum(getattr(post, name).centimes for post in listed)
        for name in ("cout", "part_etat", "a_trouver", "excedent")
    }
    sums["financeurs"] = sum(own.montant.centimes for post in listed for own in post.financeurs)
    for name in ("avance", "solde"):
        sums[name] = sum(getattr(line, name).centimes for post in listed for line in post.paiements)
    return {name: money(cents) for name, cents in sums.items()}

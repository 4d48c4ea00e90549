"""Proposals of a study: asking for them, the ranked list, each post, coordinators, maps."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

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
from api.facts.computing import progress_facts, recomputing
from api.facts.coordinators import coordinator_facts
from api.facts.counters import counters, since
from api.facts.opinions import opinion_counts, recorded_line, speaking_of
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
from api.jobs.following import KEEP_ALIVE_SECONDS, REFRESH_SECONDS, followed
from api.jobs.kept_proposals import KeptProposals
from api.opinions.asked import Typed
from api.opinions.voices import EnvelopeAsked, OpinionsAsked, VoicesAsked  # noqa: TC001 - FastAPI reads them
from api.pages.listing import listing
from api.pages.saying import POST, RecordedAsked, opinion_content
from api.paging import PageAsked  # noqa: TC001 - FastAPI reads it at run time
from api.proposed import NAME, Proposed
from api.rendering import STUDY_MENU, address, page
from api.security import carried_policy
from coverage.proposals.justification import GROUND_NAMES
from maps.proposals.before_after import build_before_after

if TYPE_CHECKING:
    from api.background import Computation
    from api.studies import OpenStudy

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)

TITLES = {
    "propositions": "Propositions",
    "budget": "Budget",
    "avis": "Avis",
    "coordinateurs": "Coordinateurs",
    "avant-apres": "Avant et après",
}
ASIDE_SHOWN = 50


@router.get("/propositions", response_model=None)
def proposals(
    study: StudyAsked,
    region: RegionAsked,
    query: ProposalsQueried,
    paging: PageAsked,
    proposing: ProposingAsked,
    voices: VoicesAsked,
    envelope: EnvelopeAsked,
) -> HTMLResponse:
    """List the ranked posts, or say how to have them."""
    made = proposing.result
    if made is None:
        return waiting(study, region, proposing, "propositions")
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
    lines = voices.lines()
    return ready(
        study,
        region,
        "propositions",
        plan=plan,
        rules=plan.regles,
        counters=counters(made, since(voices), envelope, region),
        unknown=[line for line in lines if line.en_vigueur and not line.calcule],
        said=opinion_counts(lines),
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
def start(
    study: StudyAsked, region: RegionAsked, proposing: ProposingAsked, *, nouveau: bool = False
) -> RedirectResponse:
    """Ask for the computation, anew if it is done and `nouveau` says so; show where it stands."""
    proposing.start(anew=nouveau)
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
    return followed(proposing.watch(KEEP_ALIVE_SECONDS))


@router.get("/propositions/{option_id}", response_model=None)
def proposal(
    study: StudyAsked,
    region: RegionAsked,
    option_id: str,
    proposing: ProposingAsked,
    voices: VoicesAsked,
    opinions: OpinionsAsked,
    enregistre: RecordedAsked = None,
) -> HTMLResponse:
    """Show one ranked post, what is said of it, and what one may say."""
    made = proposing.result
    if made is None:
        return waiting(study, region, proposing, "propositions")
    facts = proposal_facts(made, study.ground, option_id)
    lines = voices.lines()
    return page(
        "proposition.html",
        here="propositions",
        title=f"Rang {facts.rang} : {facts.structure}",
        posts=True,
        study=study,
        region=region,
        post=facts,
        rules=facts.regles,
        structures=study.coverage.study.structures.index,
        shown=study.ground.shown().communes.index,
        zones=study.ground.shown().zones.index,
        certificates=study.coverage.certificates,
        lines=speaking_of(lines, option_id),
        said=recorded_line(lines, enregistre),
        typed=Typed(option_id=option_id),
        back=POST,
        **opinion_content(study, voices, opinions),
    )


@router.get("/coordinateurs", response_model=None)
def coordinators(study: StudyAsked, region: RegionAsked, proposing: ProposingAsked) -> HTMLResponse:
    """List the régions without a coordinator."""
    made = proposing.result
    if made is None:
        return waiting(study, region, proposing, "coordinateurs")
    return ready(study, region, "coordinateurs", lines=coordinator_facts(made, region))


@router.get("/avant-apres", response_model=None)
def changes(study: StudyAsked, region: RegionAsked, proposing: ProposingAsked) -> HTMLResponse:
    """Show figures before and after, and lead to the map."""
    made = proposing.result
    if made is None:
        return waiting(study, region, proposing, "avant-apres")
    return ready(study, region, "avant-apres", lines=before_after(made, region))


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
    return HTMLResponse(packed.body, headers=carried_policy(packed.body))


def waiting(
    study: OpenStudy, region: str, proposing: Computation[Proposed], here: str
) -> HTMLResponse:
    """Show where the computation stands, and what may be asked of it."""
    progress = proposing.progress
    return page(
        "propositions_calcul.html",
        here=_entry(here),
        title=TITLES[here],
        posts=True,
        study=study,
        region=region,
        progress=progress_facts(progress),
        under_way=progress.under_way,
        refresh=REFRESH_SECONDS,
        kept=isinstance(proposing, KeptProposals),
        back=address(study, here, region),
    )


def ready(study: OpenStudy, region: str, here: str, **content: Any) -> HTMLResponse:  # noqa: ANN401 - what each template asks for
    """Return a view of proposals that are there."""
    return page(
        f"{here.replace('-', '_')}.html",
        here=_entry(here),
        title=TITLES[here],
        posts=True,
        study=study,
        region=region,
        views=TITLES,
        again=recomputing(study, study.peek(NAME)),
        **content,
    )


def _entry(here: str) -> str:
    """Return the entry of the menu of a view: its own, or that of the proposals."""
    return here if here in STUDY_MENU else "propositions"


def _back(study: OpenStudy, region: str) -> RedirectResponse:
    where = address(study, "propositions", region)
    return RedirectResponse(where, status_code=HTTPStatus.SEE_OTHER)

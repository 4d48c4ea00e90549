"""Opinions on the posts of a study: all of them, a form for one, the file for the next version."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request

from api.access.identity import actor
from api.access.roles import Action
from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.exports.opinions import FILE, opinions_file, sent_file
from api.facts.computing import recomputing
from api.facts.opinion_list import OpinionsQueried, chosen_opinions
from api.facts.opinions import contested, recorded_line
from api.opinions.asked import DECISIONS, PLAIN, Typed
from api.opinions.voices import OpinionsAsked, VoicesAsked, kept_by, say
from api.pages.listing import listing
from api.pages.proposals import TITLES
from api.pages.register import led_to
from api.pages.saying import POST, RecordedAsked, opinion_content
from api.paging import PageAsked  # noqa: TC001 - FastAPI reads it at run time
from api.proposed import NAME
from api.rendering import address, page
from coverage.model import VOLETS
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastapi.responses import HTMLResponse, RedirectResponse, Response

    from api.facts.opinions import Voices
    from api.opinions.recorded import Opinions
    from api.studies import OpenStudy
    from geo.errors import Notice

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)


def typed_form(  # noqa: PLR0913 - one argument a field
    *,
    option_id: Annotated[str, Form()] = "",
    structure_id: Annotated[str, Form()] = "",
    zone_id: Annotated[str, Form()] = "",
    volet: Annotated[str, Form()] = "",
    instance: Annotated[str, Form()] = "",
    date: Annotated[str, Form()] = "",
    avis: Annotated[str, Form()] = "",
    motif: Annotated[str, Form()] = "",
) -> Typed:
    """Read what someone typed."""
    return Typed(option_id, structure_id, zone_id, volet, instance, date, avis, motif)


def typed_address(
    *,
    option_id: Annotated[str, Query(max_length=200)] = "",
    structure_id: Annotated[str, Query(max_length=200)] = "",
    zone_id: Annotated[str, Query(max_length=200)] = "",
    volet: Annotated[str, Query(max_length=200)] = "",
    instance: Annotated[str, Query(max_length=200)] = "",
) -> Typed:
    """Read what the address says of an opinion to come."""
    return Typed(option_id, structure_id, zone_id, volet, instance)


TypedForm = Annotated[Typed, Depends(typed_form)]
TypedAddress = Annotated[Typed, Depends(typed_address)]


@router.get("/avis", response_model=None)
def opinions_page(
    study: StudyAsked,
    region: RegionAsked,
    query: OpinionsQueried,
    paging: PageAsked,
    voices: VoicesAsked,
    opinions: OpinionsAsked,
    enregistre: RecordedAsked = None,
) -> HTMLResponse:
    """List what was said, and what comes of it."""
    lines = voices.lines()
    chosen = chosen_opinions(lines, query, voices.made, region)
    table = listing(
        f"/etudes/{study.slug}/avis",
        query,
        region,
        paging,
        order="",
        total=len(chosen),
        entries=paging.cut(chosen),
    )
    shown: dict[str, Any] = {}
    if voices.made is not None:
        shown["again"] = recomputing(study, study.peek(NAME))
    return _formed(
        "avis.html",
        "Avis",
        study,
        region,
        query=query,
        table=table,
        total=len(lines),
        contested=contested(voices.decisions()),
        said=recorded_line(lines, enregistre),
        **shown,
        **opinion_content(study, voices, opinions),
    )


@router.get("/avis/nouveau", response_model=None)
def form_page(
    study: StudyAsked,
    region: RegionAsked,
    typed: TypedAddress,
    voices: VoicesAsked,
    opinions: OpinionsAsked,
    retour: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """Ask for an opinion on a post, a structure or a zone."""
    return _asked(study, region, voices, opinions, typed, back=retour)


@router.post("/avis", response_model=None)
def give(
    study: StudyAsked,
    region: RegionAsked,
    typed: TypedForm,
    voices: VoicesAsked,
    opinions: OpinionsAsked,
    retour: Annotated[str, Form()] = "",
) -> Response:
    """Record an opinion that decides nothing."""
    kept = kept_by(opinions, Action.DONNER_AVIS)
    return _recorded(study, region, typed, voices, kept, PLAIN, retour)


@router.post("/verrous", response_model=None)
def decide(
    study: StudyAsked,
    region: RegionAsked,
    typed: TypedForm,
    voices: VoicesAsked,
    opinions: OpinionsAsked,
    retour: Annotated[str, Form()] = "",
) -> Response:
    """Record a lock or a refusal."""
    kept = kept_by(opinions, Action.VERROUILLER)
    return _recorded(study, region, typed, voices, kept, DECISIONS, retour)


@router.get("/exports/avis.csv", response_model=None)
def file(voices: VoicesAsked) -> Response:
    """Send the opinions as the table of a study."""
    return sent_file(voices.joined)


@router.post("/avis/depots", response_model=None)
def file_in_deposit(
    request: Request, voices: VoicesAsked, opinions: OpinionsAsked
) -> RedirectResponse:
    """Put the opinions in the table of the next version, to be frozen or not."""
    kept = kept_by(opinions, Action.DEPOSER)
    register = request.app.state.register
    deposit = register.prepare(actor(), kept.slug)
    seen = deposit.revision
    deposit.amend({FILE: opinions_file(voices.joined)}, f"{FILE} : avis du registre", seen)
    return led_to(f"/registre/depots/{deposit.key}")


def _recorded(
    study: OpenStudy,
    region: str,
    typed: Typed,
    voices: Voices,
    kept: Opinions,
    allowed: Collection[str],
    back: str,
) -> Response:
    """Record an opinion and say so; show the form again with its faults, nothing lost."""
    try:
        said = say(kept, study, voices.made, typed, allowed, actor())
    except InputErrors as errors:
        return _asked(study, region, voices, kept, typed, errors.faults, back)
    ranked = {} if voices.made is None else voices.made.ranked
    own = said.opinion.target[0]
    here = f"propositions/{own}" if back == POST and own in ranked else "avis"
    return led_to(f"{address(study, here, region, enregistre=str(said.opinion_id))}#avis")


def _asked(
    study: OpenStudy,
    region: str,
    voices: Voices,
    opinions: Opinions | None,
    typed: Typed,
    faults: Collection[Notice] = (),
    back: str = "",
) -> HTMLResponse:
    coverage = study.coverage
    names = dict(coverage.study.structures["nom"].items())
    by_field: defaultdict[str, list[Notice]] = defaultdict(list)
    for fault in faults:
        by_field[fault.column].append(fault)
    return _formed(
        "avis_nouveau.html",
        "Donner un avis",
        study,
        region,
        status=422 if faults else 200,
        typed=typed,
        faults=by_field,
        count=len(faults),
        back=back,
        structures=names,
        zones=list(coverage.zones.index),
        volets=VOLETS,
        **opinion_content(study, voices, opinions),
    )


def _formed(
    template: str,
    title: str,
    study: OpenStudy,
    region: str,
    *,
    status: int = 200,
    **content: Any,  # noqa: ANN401 - what each template asks for
) -> HTMLResponse:
    return page(
        template,
        here="propositions",
        title=title,
        posts=True,
        study=study,
        region=region,
        status=status,
        views=TITLES,
        **content,
    )

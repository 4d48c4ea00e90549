"""Opinions on the posts of a study, decisions on them, counters against the envelope notified."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access.identity import actor
from api.access.roles import Action
from api.answers import send_once
from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    ProposedAsked,
    ProposingAsked,
    RegionAsked,
    StudyAsked,
)
from api.exports.opinions import sent_file
from api.facts.counters import Counters, counters, since
from api.facts.opinion_list import OpinionsQueried, chosen_opinions
from api.facts.opinions import OpinionLine, Voices, recorded_line
from api.opinions.asked import DECISIONS, PLAIN, Typed
from api.opinions.envelope import read_envelope
from api.opinions.voices import EnvelopeAsked, OpinionsAsked, VoicesAsked, kept_by, say
from api.paging import PageAsked  # noqa: TC001 - same
from api.v1.lists import PAGED
from data.store.envelopes import save_envelope

if TYPE_CHECKING:
    from collections.abc import Collection

    from api.opinions.recorded import Opinions
    from api.proposed import Proposed
    from api.studies import OpenStudy

router = APIRouter(prefix="/api/v1/etudes/{etude}", tags=["avis"])

Text = Annotated[str, Field(max_length=2_000)]
Short = Annotated[str, Field(max_length=200)]

_KEPT = (
    "Des études servies depuis le registre seulement (sinon 409). Un avis vaut pour toutes les "
    "versions de l’étude ; rien ne s’efface : le dernier avis d’une instance sur un objet prévaut. "
)
_NOT_HERE: dict[int | str, dict[str, Any]] = {409: {}}


class SaidBody(BaseModel):
    """Un avis : son objet (structure, zone ou option, au moins une), qui, quand, pourquoi."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "option_id": "zb-11-93-93066#1",
                "instance": "dreets",
                "date": "2026-11-20",
                "avis": "refuse",
                "motif": "un poste voisin suffit",
            }
        },
    )

    option_id: Short = ""
    structure_id: Short = ""
    zone_id: Short = ""
    volet: Short = Field("", description="facilitateur, coordinateur, ou vide : les deux")
    instance: Short = Field(description="copil, facilitateurs, dreets ou comite_national")
    date: Short = Field(description="jour de l’avis, AAAA-MM-JJ")
    avis: Short
    motif: Text = ""

    def typed(self) -> Typed:
        """Return it as a form gives it."""
        return Typed(**self.model_dump())


class Notified(BaseModel):
    """L’enveloppe notifiée ; un champ vide ne limite rien."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"enveloppe": "5400000,00", "plafond_etp": "90", "revision": 0}
        },
    )

    enveloppe: Annotated[str, Field(max_length=40)] = ""
    plafond_etp: Annotated[str, Field(max_length=40)] = ""
    revision: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        0, description="celle qui a été lue avant de changer ; 0 quand il n’y en avait pas"
    )


@dataclass(frozen=True)
class EnvelopeFacts:
    """The envelope kept, None for a figure that limits nothing."""

    enveloppe_centimes: int | None
    plafond_centiemes: int | None
    revision: int


@router.get(
    "/avis",
    summary="Les avis de l’étude, le plus récent d’abord",
    description=(
        "Ceux de sa table et ceux du registre, chacun une fois. L’effet se lit sur les options du "
        "dernier calcul des propositions ; avant, il est `null`."
    ),
    responses={200: {**PAGED, "model": list[OpinionLine]}},
)
def listed(
    *,
    request: Request,
    region: RegionAsked,
    query: OpinionsQueried,
    paging: PageAsked,
    voices: VoicesAsked,
) -> Response:
    """List what was said."""
    chosen = chosen_opinions(voices.lines(), query, voices.made, region)
    headers = {"X-Total-Count": str(len(chosen)), "Link": paging.links(request, len(chosen))}
    return send_once(request, orjson.dumps(paging.cut(chosen)), headers=headers)


@router.post(
    "/avis",
    summary="Donner un avis favorable, réservé ou défavorable",
    description=_KEPT,
    status_code=HTTPStatus.CREATED,
    responses={201: {"model": OpinionLine}, **_NOT_HERE},
)
def give(
    request: Request,
    study: StudyAsked,
    proposing: ProposingAsked,
    opinions: OpinionsAsked,
    asked: SaidBody,
) -> Response:
    """Record an opinion that decides nothing."""
    kept = kept_by(opinions, Action.DONNER_AVIS)
    return _recorded(request, study, proposing.result, kept, asked, PLAIN)


@router.post(
    "/verrous",
    summary="Verrouiller ou refuser des postes",
    description=_KEPT + "Le motif est obligatoire. La décision joue au calcul suivant.",
    status_code=HTTPStatus.CREATED,
    responses={201: {"model": OpinionLine}, **_NOT_HERE},
)
def decide(
    request: Request,
    study: StudyAsked,
    proposing: ProposingAsked,
    opinions: OpinionsAsked,
    asked: SaidBody,
) -> Response:
    """Record a lock or a refusal."""
    kept = kept_by(opinions, Action.VERROUILLER)
    return _recorded(request, study, proposing.result, kept, asked, DECISIONS)


@router.get(
    "/exports/avis.csv",
    summary="Les avis, en table de l’étude",
    description="Déposée dans la version suivante, elle se relit telle quelle et ne compte rien "
    "deux fois.",
    responses={200: {"content": {"text/csv": {}}, "description": "Réussite."}},
    response_class=Response,
)
def file(voices: VoicesAsked) -> Response:
    """Send the opinions as the table of a study."""
    return sent_file(voices.joined)


@router.get(
    "/compteurs",
    summary="ETP, engagement et paiements face à l’enveloppe notifiée",
    description=(
        "De la liste classée et du plan exact, postes refusés depuis le calcul ôtés, postes "
        "verrouillés depuis ajoutés. Sans enveloppe notifiée, celle de l’appel, pour toute "
        "l’étude. Avant la fin du calcul, 409."
    ),
    responses={200: {"model": Counters}, **_NOT_HERE},
)
def count(
    request: Request,
    region: RegionAsked,
    proposed: ProposedAsked,
    voices: VoicesAsked,
    envelope: EnvelopeAsked,
) -> Response:
    """Count posts and money against what was notified."""
    return send_once(request, orjson.dumps(counters(proposed, since(voices), envelope, region)))


@router.post(
    "/enveloppe",
    summary="Enregistrer l’enveloppe notifiée à l’étude, ou à l’une de ses régions",
    description=(
        "Des études servies depuis le registre seulement. Si quelqu’un l’a enregistrée depuis la "
        "révision lue : 409, rien n’est écrit."
    ),
    responses={200: {"model": EnvelopeFacts}, **_NOT_HERE},
)
def notify(
    request: Request, region: RegionAsked, opinions: OpinionsAsked, asked: Notified
) -> Response:
    """Keep the envelope notified."""
    kept = kept_by(opinions, Action.ECRIRE_SCENARIO)
    wanted = read_envelope(asked.enveloppe, asked.plafond_etp, asked.revision)
    with kept.store.write(actor()) as write:
        saved = save_envelope(write, kept.slug, region, wanted)
    facts = EnvelopeFacts(saved.cents, saved.hundredths, saved.revision)
    return send_once(request, orjson.dumps(facts))


def _recorded(
    request: Request,
    study: OpenStudy,
    made: Proposed | None,
    kept: Opinions,
    asked: SaidBody,
    allowed: Collection[str],
) -> Response:
    """Record what is said, and return it with what comes of it."""
    said = say(kept, study, made, asked.typed(), allowed, actor())
    lines = Voices(study.coverage.study.opinions, kept.recorded(), made).lines()
    line = recorded_line(lines, said.opinion_id)
    response = send_once(request, orjson.dumps(line))
    response.status_code = HTTPStatus.CREATED
    return response

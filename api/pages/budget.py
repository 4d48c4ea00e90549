"""The money of a study's plan: against the envelope notified, by year, région and post."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Form, Query

from api.access.identity import actor
from api.access.roles import Action
from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    ProposingAsked,
    RegionAsked,
    StudyAsked,
)
from api.facts.budget import budget_facts, posts_of
from api.facts.counters import counters, locked_since, since
from api.facts.money import Money, money
from api.opinions.envelope import read_envelope
from api.opinions.voices import EnvelopeAsked, OpinionsAsked, VoicesAsked, kept_by, refused
from api.pages.proposals import ready, waiting
from api.pages.register import led_to
from api.rendering import address
from data.store.envelopes import envelope_in, save_envelope
from data.store.errors import StaleError
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi.responses import HTMLResponse, Response

    from api.facts.budget import PostBudget
    from api.proposed import Proposed
    from data.store.envelopes import Envelope
    from geo.errors import Notice

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)

Text = Annotated[str, Query(max_length=40)]
Typed = Annotated[str, Form(max_length=40)]


@dataclass(frozen=True)
class View:
    """What the page of the budget of a study is made from, for one request."""

    study: StudyAsked
    region: RegionAsked
    proposing: ProposingAsked
    voices: VoicesAsked
    opinions: OpinionsAsked
    notified: EnvelopeAsked

    def waiting(self) -> HTMLResponse:
        """Return the page that says where the computation stands."""
        return waiting(self.study, self.region, self.proposing, "budget")

    def page(
        self, made: Proposed, envelope: Envelope, unkept: Unkept | None = None
    ) -> HTMLResponse:
        """Return the page; what was typed stays in its fields when it was not kept."""
        unkept = unkept or Unkept()
        region, options = self.region, made.found.ask.options
        facts, decided = budget_facts(made, region), since(self.voices)
        shown = counters(made, decided, envelope, region)
        added = locked_since(made, decided, made.found.plan.chosen)
        limits = (shown.enveloppe, shown.plafond_etp)
        response = ready(
            self.study,
            region,
            "budget",
            budget=facts,
            sums=_sums(facts.postes),
            counters=shown,
            envelope=envelope,
            fields=unkept.typed or [_field(each.valeur) if each else "" for each in limits],
            faults=unkept.faults,
            stale=unkept.status == HTTPStatus.CONFLICT,
            kept=self.opinions is not None,
            no_envelope=refused(self.opinions, self.study, Action.ECRIRE_SCENARIO),
            refused=set(decided.refuses),
            added=posts_of(made, (k for k in added if region in ("", options[k].region))),
        )
        response.status_code = unkept.status
        return response


@dataclass(frozen=True)
class Unkept:
    """What was typed and not kept, and why: faults by field, or someone's save since."""

    typed: tuple[str, str] | None = None
    faults: Mapping[str, Notice] = field(default_factory=dict)
    status: int = 200


ViewAsked = Annotated[View, Depends()]


@router.get("/budget", response_model=None)
def budget(view: ViewAsked, enveloppe: Text = "", plafond_etp: Text = "") -> HTMLResponse:
    """Show the money of the plan against the envelope: notified, or typed for a folder's study."""
    made = view.proposing.result
    if made is None:
        return view.waiting()
    if view.opinions is not None or not (enveloppe or plafond_etp):
        return view.page(made, view.notified)
    typed = (enveloppe, plafond_etp)
    try:
        return view.page(made, read_envelope(*typed, 0))
    except InputErrors as errors:
        return view.page(made, view.notified, _faulty(typed, errors))


@router.post("/budget/enveloppe", response_model=None)
def keep_envelope(
    view: ViewAsked,
    vu: Annotated[int, Form(ge=0, le=2**31 - 1)],
    enveloppe: Typed = "",
    plafond_etp: Typed = "",
) -> Response:
    """Keep the envelope notified; show the page again with its faults, nothing typed lost."""
    kept, made = kept_by(view.opinions, Action.ECRIRE_SCENARIO), view.proposing.result
    typed = (enveloppe, plafond_etp)
    try:
        asked = read_envelope(*typed, vu)
        with kept.store.write(actor()) as write:
            save_envelope(write, kept.slug, view.region, asked)
    except InputErrors as errors:
        if made is None:
            raise
        return view.page(made, view.notified, _faulty(typed, errors))
    except StaleError as stale:
        if made is None:
            raise
        theirs = envelope_in(stale.theirs)
        return view.page(made, theirs, Unkept(typed, status=HTTPStatus.CONFLICT))
    return led_to(address(view.study, "budget", view.region))


def _faulty(typed: tuple[str, str], errors: InputErrors) -> Unkept:
    faults = {fault.column: fault for fault in errors.faults}
    return Unkept(typed, faults, HTTPStatus.UNPROCESSABLE_ENTITY)


def _field(value: str) -> str:
    """Write a number as it is typed.

    >>> _field("1000.50"), _field("12.000000")
    ('1000,50', '12')
    """
    whole, _, decimals = value.partition(".")
    kept = decimals[:2]
    return f"{whole},{kept}" if kept.strip("0") else whole


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

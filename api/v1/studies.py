"""Studies: what is served, and each at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    AnswerCache,
    RegionAsked,
    StudiesServed,
    StudyAsked,
)
from api.facts.hypotheses import Hypothesis  # noqa: TC001 - FastAPI reads it at run time
from api.facts.origins import (
    ContractFacts,
    OriginLine,
    contract_facts,
    origin_lines,
    study_hypotheses,
)
from api.facts.overview import (
    Check,
    Figures,
    StatusLine,
    Warned,
    check,
    figures,
    status_lines,
    warned,
)
from api.facts.sources import Anomaly, Provenance, anomaly_facts, provenance_facts
from api.facts.unknowns import ClassKnowledge, Unknown, class_knowledge, unknowns
from api.facts.years import StudyYear, study_years
from api.paging import PageAsked  # noqa: TC001 - same
from api.studies import OpenStudy  # noqa: TC001 - same
from api.v1.lists import PAGED, key_of, send_one, send_page
from geo.errors import ZonesBlanchesError

router = APIRouter(prefix="/api/v1/etudes", tags=["études"])
study_router = APIRouter(prefix="/api/v1/etudes/{etude}", tags=["études"])


@dataclass(frozen=True)
class StudyLine:
    """A study served.

    Attributes
    ----------
    lisible
        Whether its files could be read; else the rest is empty and its page says why.
    """

    etude: str
    titre: str
    annee: int | None
    fictive: bool
    regions: list[str]
    lisible: bool
    empreinte: str


@dataclass(frozen=True)
class StudyFacts(StudyLine):
    """A study, or one of its régions, at a glance."""

    chiffres: Figures
    statuts: list[StatusLine]
    inconnus: list[Unknown]
    classes: list[ClassKnowledge]
    origines: list[OriginLine]
    marches: ContractFacts
    hypotheses: list[Hypothesis]
    annees: list[StudyYear]
    avertissements: list[Warned]
    verification: Check
    provenance: Provenance


@router.get("", summary="Les études servies", responses={200: {"model": list[StudyLine]}})
def studies(request: Request, served: StudiesServed, cache: AnswerCache) -> Response:
    """List the studies served, in the order of the home page."""
    lines = [_line(study) for study in served]
    return send_one(request, cache, lambda: lines, key=("etudes", repr(lines)))


@study_router.get("", summary="Une étude", responses={200: {"model": StudyFacts}})
def study(request: Request, study: StudyAsked, region: RegionAsked, cache: AnswerCache) -> Response:
    """Give the figures of a study, what it does not know, its warnings and its origin."""
    ground = study.ground

    def make() -> StudyFacts:
        return StudyFacts(
            **vars(_line(study)),
            chiffres=figures(ground, region),
            statuts=status_lines(ground.shown(region)),
            inconnus=unknowns(ground, region),
            classes=class_knowledge(ground, region),
            origines=origin_lines(ground, region),
            marches=contract_facts(ground),
            hypotheses=study_hypotheses(ground, region),
            annees=study_years(ground, region),
            avertissements=warned(ground.coverage),
            verification=check(ground.coverage),
            provenance=provenance_facts(ground.coverage),
        )

    return send_one(request, cache, make, key=key_of("etude", study, region))


@study_router.get(
    "/anomalies",
    summary="Les anomalies d’une étude",
    responses={200: PAGED | {"model": list[Anomaly]}},
)
def anomalies(
    request: Request, study: StudyAsked, paging: PageAsked, cache: AnswerCache
) -> Response:
    """List what could not be placed, counted or believed."""
    rows = study.ground.once(("anomalies",), lambda: anomaly_facts(study.ground))
    return send_page(request, cache, paging, rows, list, key=key_of("anomalies", study))


def _line(study: OpenStudy) -> StudyLine:
    try:
        coverage = study.coverage
    except ZonesBlanchesError:
        return StudyLine(study.slug, study.slug, None, False, [], False, "")  # noqa: FBT003 - a study unread says nothing
    shown: Any = study.ground.shown()
    return StudyLine(
        etude=study.slug,
        titre=study.title,
        annee=coverage.study.year,
        fictive=coverage.study.fictional,
        regions=sorted(map(str, shown.regions.index)),
        lisible=True,
        empreinte=study.version,
    )

"""What every route may ask for: the study of its address, its région, the answers kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.answers import Cache
from api.background import Background
from api.facts.computing import STATE_NAMES
from api.proposed import Proposed, proposals_of
from api.studies import OpenStudy, Studies
from coverage.wording import THIN
from geo.errors import NotReadyError, UnknownCodeError


def studies_of(request: Request) -> Studies:
    """Return the studies served."""
    studies: Studies = request.app.state.studies
    return studies


def cache_of(request: Request) -> Cache:
    """Return the answers kept."""
    cache: Cache = request.app.state.cache
    return cache


def study_of(
    studies: Annotated[Studies, Depends(studies_of)],
    etude: Annotated[str, Path(description="nom de l’étude dans les adresses")],
) -> OpenStudy:
    """Return the study of the address."""
    return studies.find(etude)


def region_of(
    study: Annotated[OpenStudy, Depends(study_of)],
    region: Annotated[str, Query(description="code d’une région de l’étude ; toutes si vide")] = "",
) -> str:
    """Return the région asked for, empty for all that the study shows.

    Raises
    ------
    UnknownCodeError
        When the study does not show it.
    """
    coverage = study.coverage
    shown = coverage.study.regions or tuple(coverage.territory.members["region"])
    if region and region not in shown:
        raise UnknownCodeError(
            f"la région « {region} » n’est pas de cette étude ; régions : "
            f"{', '.join(sorted(shown))}"
        )
    return region


def proposing_of(
    request: Request, study: Annotated[OpenStudy, Depends(study_of)]
) -> Background[Proposed]:
    """Return the computation of the proposals of the study."""
    state = request.app.state
    return proposals_of(study, state.plan_line, state.settings.plan_seconds)


def proposed_of(
    proposing: Annotated[Background[Proposed], Depends(proposing_of)],
    etude: Annotated[str, Path(description="nom de l’étude dans les adresses")],
) -> Proposed:
    """Return the proposals of the study.

    Raises
    ------
    NotReadyError
        When they are not there, with where their computation stands and what to do.
    """
    made = proposing.result
    if made is None:
        now = STATE_NAMES[proposing.progress.state]
        raise NotReadyError(
            f"les propositions de l’étude « {etude} » ne sont pas prêtes (calcul{THIN}: {now}) "
            f"→ demander le calcul (POST …/propositions/calcul), ou en attendre la fin"
        )
    return made


StudiesServed = Annotated[Studies, Depends(studies_of)]
AnswerCache = Annotated[Cache, Depends(cache_of)]
StudyAsked = Annotated[OpenStudy, Depends(study_of)]
RegionAsked = Annotated[str, Depends(region_of)]
ProposingAsked = Annotated[Background[Proposed], Depends(proposing_of)]
ProposedAsked = Annotated[Proposed, Depends(proposed_of)]

"""What every route may ask for: the study of its address, its région, the answers kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.answers import Cache
from api.studies import OpenStudy, Studies
from geo.errors import UnknownCodeError


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


StudiesServed = Annotated[Studies, Depends(studies_of)]
AnswerCache = Annotated[Cache, Depends(cache_of)]
StudyAsked = Annotated[OpenStudy, Depends(study_of)]
RegionAsked = Annotated[str, Depends(region_of)]

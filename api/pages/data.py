"""Data and vintages of a study: its files, the reference data, its anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.facts.origins import aside_contracts, contract_facts
from api.facts.overview import warned
from api.facts.sources import anomaly_facts, provenance_facts
from api.pages.listing import listing
from api.paging import PageAsked  # noqa: TC001 - same
from api.rendering import page
from data.results.provenance import attribution

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)


ASIDE_SHOWN = 50


@dataclass(frozen=True)
class _Unasked:
    """The anomalies take neither filter nor order."""

    tri: str = ""


@router.get("/donnees", response_model=None)
def data(study: StudyAsked, region: RegionAsked, paging: PageAsked) -> HTMLResponse:
    """Say what the study was computed from."""
    coverage = study.coverage
    anomalies = anomaly_facts(study.ground)
    table = listing(
        f"/etudes/{study.slug}/donnees",
        _Unasked(),
        region,
        paging,
        order="",
        total=len(anomalies),
        entries=paging.cut(anomalies),
    )
    return page(
        "donnees.html",
        here="donnees",
        title="Données et millésimes",
        study=study,
        region=region,
        provenance=provenance_facts(coverage),
        attribution_line=attribution(coverage.territory),
        warnings=warned(coverage),
        contracts=contract_facts(study.ground),
        aside=aside_contracts(study.ground, ASIDE_SHOWN),
        table=table,
    )

"""The structures of a study: the table, and each structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.facts.selection import StructuresAsked  # noqa: TC001 - same
from api.facts.structures import structure_facts, structure_lines
from api.pages.charts import load_bars
from api.pages.listing import listing
from api.paging import PageAsked  # noqa: TC001 - same
from api.rendering import page

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)


@router.get("/structures", response_model=None)
def structures(
    study: StudyAsked, region: RegionAsked, query: StructuresAsked, paging: PageAsked
) -> HTMLResponse:
    """List the structures."""
    lines = structure_lines(study.ground, query, region)
    table = listing(
        f"/etudes/{study.slug}/structures",
        query,
        region,
        paging,
        order="nom",
        total=len(lines),
        entries=paging.cut(lines),
    )
    return page(
        "structures.html",
        here="structures",
        title="Structures",
        study=study,
        region=region,
        query=query,
        table=table,
    )


@router.get("/structures/{structure_id:path}", response_model=None)
def structure(study: StudyAsked, region: RegionAsked, structure_id: str) -> HTMLResponse:
    """Show one structure."""
    facts = structure_facts(study.ground, structure_id)
    return page(
        "structure.html",
        here="structures",
        title=facts.nom,
        study=study,
        region=region,
        structure=facts,
        bars=load_bars(facts.charges),
    )

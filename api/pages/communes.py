"""The communes of a study: the table, each commune, and what the map's panel shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.facts.communes import commune_facts, commune_line
from api.facts.selection import CommunesAsked, chosen_communes, departements, found_units
from api.pages.charts import need_bars
from api.pages.listing import listing
from api.paging import PageAsked  # noqa: TC001 - FastAPI reads it at run time
from api.rendering import address, fragment, page

if TYPE_CHECKING:
    from api.studies import OpenStudy

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)


@router.get("/communes", response_model=None)
def communes(
    study: StudyAsked, region: RegionAsked, query: CommunesAsked, paging: PageAsked
) -> HTMLResponse:
    """List the communes."""
    ground = study.ground
    chosen = chosen_communes(ground, query, region)
    rows = chosen.iloc[list(paging.cut(range(len(chosen))))].to_dict("index")
    table = listing(
        f"/etudes/{study.slug}/communes",
        query,
        region,
        paging,
        order="" if query.q else "code",
        total=len(chosen),
        entries=[commune_line(code, row) for code, row in rows.items()],
    )
    elsewhere = 0
    if query.q and not len(chosen):
        elsewhere = len(chosen_communes(ground, type(query)(q=query.q)))
    return page(
        "communes.html",
        here="communes",
        title="Communes",
        study=study,
        region=region,
        query=query,
        table=table,
        elsewhere=elsewhere,
        departements=departements(ground, region),
        structure=_structure_name(study, query.structure),
    )


@router.get("/communes/{code}", response_model=None)
def commune(study: StudyAsked, region: RegionAsked, code: str) -> Response:
    """Say of one commune why it has its status."""
    ground = study.ground
    if code not in ground.coverage.communes.index and len(units := found_units(ground, code)):
        # An old code leads to its commune, a whole city to the list of its arrondissements.
        own = str(ground.coverage.territory.codes[units[0]])
        one = address(study, f"communes/{own}", region)
        return RedirectResponse(
            one if len(units) == 1 else address(study, "communes", region, q=code)
        )
    facts = commune_facts(ground, code)
    return page(
        "commune.html",
        here="communes",
        title=f"{facts.nom} ({facts.commune})",
        study=study,
        region=region,
        commune=facts,
        bars=need_bars(facts.annees),
    )


@router.get("/communes/{code}/fiche", response_model=None)
def sheet(study: StudyAsked, region: RegionAsked, code: str) -> HTMLResponse:
    """Say the same in short, without layout, for the map's side panel."""
    facts = commune_facts(study.ground, code)
    return fragment("fiche.html", study=study, region=region, commune=facts)


def _structure_name(study: OpenStudy, structure: str) -> str:
    return str(study.coverage.study.structures["nom"].get(structure, structure))

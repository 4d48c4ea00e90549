"""The zones of a study: the table, and each zone."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.facts.communes import commune_line
from api.facts.selection import (
    CommuneQuery,
    ZonesAsked,
    chosen_communes,
    chosen_zones,
    departements,
)
from api.facts.values import Amount, amount
from api.facts.zones import zone_facts, zone_line
from api.pages.listing import listing
from api.paging import PageAsked  # noqa: TC001 - FastAPI reads it at run time
from api.rendering import page

if TYPE_CHECKING:
    import pandas as pd
    from fastapi.responses import HTMLResponse

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)


@dataclass(frozen=True)
class Sums:
    """Sums of the zones chosen, whatever the page of the table."""

    communes: int
    population: int
    besoin_h: int
    deficit_h: int
    etp_manquants: Amount
    retenues: int


@router.get("/zones", response_model=None)
def zones(
    study: StudyAsked, region: RegionAsked, query: ZonesAsked, paging: PageAsked
) -> HTMLResponse:
    """List the zones."""
    ground = study.ground
    chosen = chosen_zones(ground, query, region)
    rows = paging.cut(list(chosen.to_dict("index").items()))
    table = listing(
        f"/etudes/{study.slug}/zones",
        query,
        region,
        paging,
        order="-etp",
        total=len(chosen),
        entries=[zone_line(ground, str(zone), row) for zone, row in rows],
    )
    return page(
        "zones.html",
        here="zones",
        title="Zones",
        study=study,
        region=region,
        query=query,
        table=table,
        sums=_sums(chosen),
        departements=departements(ground, region),
    )


@router.get("/zones/{zone_id}", response_model=None)
def zone(study: StudyAsked, region: RegionAsked, zone_id: str, paging: PageAsked) -> HTMLResponse:
    """Show one zone."""
    ground = study.ground
    facts = zone_facts(ground, zone_id)
    query = CommuneQuery(zone=zone_id, tri="-besoin")
    chosen = chosen_communes(ground, query)
    rows = paging.cut(list(chosen.to_dict("index").items()))
    table = listing(
        f"/etudes/{study.slug}/zones/{zone_id}",
        CommuneQuery(),
        region,
        paging,
        order="-besoin",
        total=len(chosen),
        entries=[commune_line(code, row) for code, row in rows],
    )
    return page(
        "zone.html",
        here="zones",
        title=facts.nom,
        study=study,
        region=region,
        zone=facts,
        table=table,
    )


def _sums(chosen: pd.DataFrame) -> Sums:
    return Sums(
        communes=int(chosen["nombre"].sum()),
        population=int(chosen["population"].sum()),
        besoin_h=int(chosen["besoin_h"].sum()),
        deficit_h=int(chosen["deficit_h"].sum()),
        etp_manquants=amount(sum(chosen["etp_manquants"], Fraction(0))),
        retenues=int(chosen["retenue"].sum()),
    )

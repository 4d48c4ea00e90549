"""The overview of a study: key figures, charts, what is unknown, warnings, provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads them at run time
from api.facts.origins import contract_facts, origin_lines, study_hypotheses
from api.facts.overview import (
    RegionLine,
    StatusLine,
    check,
    figures,
    region_lines,
    status_lines,
    warned,
)
from api.facts.selection import ZoneQuery, chosen_zones
from api.facts.sources import provenance_facts
from api.facts.unknowns import class_knowledge, unknowns
from api.facts.years import study_years
from api.facts.zones import zone_line
from api.pages.charts import Segment, bar, need_bars
from api.rendering import page
from coverage.palette import STYLES
from coverage.wording import plural

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

    from api.studies import OpenStudy

router = APIRouter(prefix="/etudes/{etude}", include_in_schema=False)

FIRST_ZONES = 8


@dataclass(frozen=True)
class Bar:
    """A bar with its name, its whole in words, and what a screen reader says of it."""

    name: str
    whole: int
    unit: str
    segments: list[Segment]


@router.get("", response_model=None)
def overview(study: StudyAsked, region: RegionAsked) -> HTMLResponse:
    """Show a study, or one of its régions, at a glance."""
    return page(
        "synthese.html",
        here="synthese",
        title="Synthèse",
        study=study,
        region=region,
        **overview_content(study, region),
    )


def overview_content(study: OpenStudy, region: str) -> dict[str, Any]:
    """Return what the overview and the report show."""
    ground = study.ground
    shown = ground.shown(region)
    statuses = status_lines(shown)
    kept = chosen_zones(ground, ZoneQuery(retenue="oui"), region)[:FIRST_ZONES]
    lines = region_lines(ground, region)
    years = study_years(ground, region)
    return {
        "figures": figures(ground, region),
        "statuses": statuses,
        "bars": status_bars(statuses),
        "lines": lines,
        "region_words": region_words,
        "region_bars": {line.region: bar(line.population_par_motif.items()) for line in lines},
        "styles": STYLES,
        "zones": [zone_line(ground, str(z), r) for z, r in kept.to_dict("index").items()],
        "origins": origin_lines(ground, region),
        "hypotheses": study_hypotheses(ground, region),
        "contracts": contract_facts(ground),
        "years": years,
        "year_bars": need_bars(years),
        "unknowns": unknowns(ground, region),
        "classes": class_knowledge(ground, region),
        "warnings": warned(ground.coverage),
        "provenance": provenance_facts(ground.coverage),
        "check": check(ground.coverage),
    }


def status_bars(lines: list[StatusLine]) -> list[Bar]:
    """Return the bars of communes, inhabitants and known need by line of the legend."""
    measures = {
        "Communes": ("communes", [line.communes for line in lines]),
        "Habitants": ("habitants", [line.population for line in lines]),
        "Besoin connu": ("heures par an", [line.besoin_h or 0 for line in lines]),
    }
    keys = [line.motif_legende for line in lines]
    return [
        Bar(name, sum(sizes), unit, bar(zip(keys, sizes, strict=True)))
        for name, (unit, sizes) in measures.items()
    ]


def region_words(line: RegionLine) -> str:
    """Say the bar of a region: inhabitants by line of the legend, worse first."""
    people = line.population_par_motif
    return ", ".join(
        f"{style.short} {plural(people[style.key], 'habitant', 'habitants')}"
        for style in STYLES
        if people[style.key]
    )

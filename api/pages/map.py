"""The map of a study, and the scripts and sheets it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response  # noqa: TC002 - FastAPI reads them
from markupsafe import Markup

from api.answers import IMMUTABLE, send
from api.catalogue import words
from api.dependencies import AnswerCache, RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads it
from api.layers import offered
from api.rendering import page
from api.v1.shapes import study_digest
from coverage.palette import STYLES, TILE, Stroke, Style
from coverage.wording import listing, whole
from geo.errors import UnknownCodeError
from maps.numbers import counted
from maps.scope import OVERSEAS
from maps.statuses import HOLE, mixed, pattern, swatch
from maps.web.page import WebMap, files_digest, served_files
from maps.web.themes import OUTSIDE, THEMES

if TYPE_CHECKING:
    from api.studies import OpenStudy
    from coverage.model import Coverage
    from maps.web.themes import Theme

router = APIRouter(include_in_schema=False)

FILES = "/carte/{empreinte}"
"""Folder of the scripts and sheets, named by their digest."""

WITHOUT_COORDINATOR = Style(
    *("sans_coordinateur", "", "", "", "", "#ffffff00"),
    (Stroke("M0,12L12,0", "#0057b8", 2), Stroke("M-1,1L1,-1M11,13L13,11", "#0057b8", 2)),
)

_MEDIA = {"js": "text/javascript", "css": "text/css"}
_WORDS = ("carte.", "essai.")


@dataclass(frozen=True)
class Box:
    """One thing that may be laid over the communes."""

    key: str
    checked: bool


BOXES = (
    Box("zones", checked=True),
    Box("departements", checked=True),
    Box("noms", checked=True),
    Box("dessins", checked=False),
    Box("coordinateurs", checked=False),
)

EXPORTS = (
    ("zones.geojson", "Zones (GeoJSON)"),
    ("zones.xlsx", "Zones (XLSX)"),
    ("communes.csv", "Communes (CSV pour Excel)"),
    ("etude.gpkg", "Toutes les couches (GeoPackage)"),
    ("carte.html", "Rapport autonome (HTML, sans réseau)"),
)
"""What the map offers to leave with."""


@router.get("/etudes/{etude}/carte")  # noqa: FAST003 - StudyAsked reads it
def study_map(request: Request, study: StudyAsked, region: RegionAsked) -> HTMLResponse:
    """Show the map of a study."""
    coverage = study.coverage
    keeps = study.frozen is not None and hasattr(request.app.state, "register")
    made = WebMap(
        folder=FILES.format(empreinte=files_digest()),
        label=f"Carte de l’étude {coverage.study.name} ; le même contenu figure dans les "
        "tableaux des zones et des communes",
    )
    return page(
        "carte.html",
        here="carte",
        title="Carte",
        study=study,
        region=region,
        map=made,
        settings=Markup(_settings(study, region, keeps=keeps)),  # noqa: S704 - no < is left in it
        keeps=keeps,
        themes=THEMES,
        legend_swatch=_legend_swatch,
        mixed_swatch=swatch(mixed(STYLES[-1]), prefix="carte"),
        hole_swatch=swatch(HOLE, prefix="carte"),
        outside_swatch=swatch(OUTSIDE, prefix="carte"),
        coordinator_swatch=swatch(WITHOUT_COORDINATOR, prefix="carte"),
        boxes=[box for box in BOXES if box.key != "dessins" or len(coverage.study.drawn)],
        layers=offered(study),
        holes=len(coverage.territory.holes),
        without_shape=_without_shape(coverage),
        credit=_credit(coverage),
        exports=EXPORTS,
        counted=counted,
        whole=whole,
    )


@router.get(FILES + "/{nom}")
def served_file(
    request: Request,
    empreinte: Annotated[str, Path(pattern="^[0-9a-f]{16}$")],
    nom: str,
    cache: AnswerCache,
) -> Response:
    """Return a script or a sheet of the map."""
    files = served_files() if empreinte == files_digest() else {}
    if nom not in files:
        raise UnknownCodeError(f"aucun fichier « {nom} » de la carte ici : recharger la page")
    packed = cache.get(("carte", empreinte, nom), lambda: files[nom])
    media = _MEDIA[nom.rpartition(".")[2]]
    return send(request, packed, media_type=media, cache_control=IMMUTABLE)


def _settings(study: OpenStudy, region: str, *, keeps: bool) -> str:
    """Return what the scripts are given, as JSON that cannot close its tag."""
    own = f"/etudes/{study.slug}"
    api = f"/api/v1{own}"
    content: dict[str, Any] = {
        "etude": study.slug,
        "version": study.version,
        "region": region,
        "adresses": {
            "fond": f"/api/v1/fonds/{study_digest(study)}/france.json",
            "valeurs": f"{api}/valeurs",
            "parties": f"{api}/parties",
            "couches": f"{api}/couches",
            "essais": f"{api}/essais",
            "donnees_essai": f"{api}/essais/donnees",
            "scenarios": f"{api}/scenarios" if keeps else None,
            "communes": f"{own}/communes",
        },
        "themes": [theme.content() for theme in THEMES],
        "textes_statut": [style.label for style in STYLES],
        "tuile": TILE,
        "lacune": pattern(HOLE),
        "hors_etude": pattern(OUTSIDE),
        "sans_coordinateur": pattern(WITHOUT_COORDINATOR),
        "outre_mer": sorted(OVERSEAS),
        "credit": _credit(study.coverage),
        "mots": {key: text for key, text in words().items() if key.startswith(_WORDS)},
    }
    return orjson.dumps(content).decode().replace("<", "\\u003c")


def _legend_swatch(theme: Theme, style: Style) -> Markup:
    return swatch(style, prefix=f"carte-{theme.key}")


def _without_shape(coverage: Coverage) -> list[str]:
    """Return the communes shown that the base map does not draw."""
    shown = coverage.communes
    if coverage.study.regions:
        shown = shown[shown["region"].isin(coverage.study.regions)]
    missing = shown[shown["surface_km2"].isna()]
    return [f"{name} ({code})" for code, name in zip(missing.index, missing["nom"], strict=True)]


def _credit(coverage: Coverage) -> str:
    publishers = dict.fromkeys(
        f"{source.publisher} ({source.licence}, {source.vintage})"
        for source in coverage.territory.sources
    )
    credit = f"Sources : {listing(publishers)}"
    return f"Étude fictive – {credit}" if coverage.study.fictional else credit

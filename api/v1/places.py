"""What covers a point, what meets a box: communes, zones and perimeters, by the live index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
import shapely
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.dependencies import StudyAsked  # noqa: TC001 - FastAPI reads it at run time
from api.facts.names import level_name
from api.paging import PageAsked  # noqa: TC001 - same
from api.places import CoverIndex
from api.trials.asked import Trial
from coverage.wording import STATUS_NAMES
from geo.errors import InputErrors, Notice, UnknownCodeError
from geo.index import LiveIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.places import Cover
    from api.studies import OpenStudy

router = APIRouter(prefix="/api/v1/etudes/{etude}", tags=["Lieux"])

Longitude = Annotated[
    float,
    Query(
        ge=-180,
        le=180,
        allow_inf_nan=False,
        description="degrés décimaux, est positif",
        examples=[2.35],
    ),
]
Latitude = Annotated[
    float,
    Query(
        ge=-90,
        le=90,
        allow_inf_nan=False,
        description="degrés décimaux, nord positif",
        examples=[48.85],
    ),
]


class PlaceCommune(BaseModel):
    """Une commune, ou un arrondissement municipal."""

    code: str = Field(examples=["01002"])
    nom: str = Field(examples=["Hirson"])
    departement: str = Field(examples=["01"])
    region: str = Field(examples=["84"])
    statut: str = Field(description="statut montré", examples=["couverte"])
    statut_nom: str = Field(examples=[STATUS_NAMES["couverte"]])
    mixte: bool = Field(description="une autre part de la commune a un autre statut")
    zone_id: str = Field(description="zone de la part montrée", examples=["84-couverte-01002"])


class PlaceZone(BaseModel):
    """Une zone qui tient le point."""

    zone_id: str = Field(examples=["84-couverte-01002"])
    statut: str = Field(examples=["couverte"])
    motif: str = Field(description="phrase qui dit pourquoi")


class PlacePerimeter(BaseModel):
    """Un périmètre qui couvre le lieu."""

    structure_id: str = Field(examples=["A"])
    structure_nom: str = Field(examples=["Maison de l’emploi"])
    volet: str = Field(examples=["facilitateur"])
    nature: str = Field(examples=["principal"])
    etat: str = Field(examples=["valide"])
    niveau: str = Field(description="vide pour un dessin", examples=["commune"])
    code: str = Field(description="vide pour un dessin", examples=["01002"])
    lieu: str = Field(description="nom du code ; vide pour un dessin", examples=["Hirson"])
    origine: str = Field(description="depose, dessine ou essai", examples=["depose"])
    ligne: int = Field(
        description="ligne dans la table de l’étude, à partir de 0 ; rang parmi les ajouts "
        "semblables pour un essai"
    )
    en_vigueur: bool = Field(
        description="compté par l’étude, et la structure a un poste en activité : lui seul couvre"
    )


class PointAnswer(BaseModel):
    """Ce qui se trouve en un point."""

    lon: float
    lat: float
    commune: PlaceCommune
    zones: list[PlaceZone]
    perimetres: list[PlacePerimeter]


class TrialPointAnswer(BaseModel):
    """Les périmètres qui couvrent un point, modifications faites."""

    lon: float
    lat: float
    perimetres: list[PlacePerimeter]


class BoxAnswer(BaseModel):
    """Ce que rencontre une boîte, par pages."""

    communes_total: int = Field(description="communes en tout")
    communes: list[PlaceCommune]
    perimetres_total: int = Field(description="périmètres en tout")
    perimetres: list[PlacePerimeter]


class TrialPoint(Trial):
    """Un point, et toutes les modifications de l’essai."""

    lon: float = Field(ge=-180, le=180, allow_inf_nan=False, examples=[3.015])
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, examples=[46.005])


@router.get("/point", summary="Ce qui couvre un point : commune, zones, périmètres")
def point(study: StudyAsked, lon: Longitude, lat: Latitude) -> PointAnswer:
    """Return the commune, the zones and the perimeters of a point; borders belong to both sides.

    On a border, the commune of the lowest code answers.
    """
    found = _units(study).covering(lon, lat)
    if not found:
        raise UnknownCodeError(
            f"aucune commune du fond de carte ne contient le point (longitude {lon}, latitude "
            f"{lat}) ; la longitude vient d’abord, en degrés décimaux"
        )
    code = str(study.coverage.territory.codes[found[0]])
    unit = study.ground.unit(code)
    return PointAnswer(
        lon=lon,
        lat=lat,
        commune=_commune(study, code),
        zones=_zones_at(study, unit, lon, lat),
        perimetres=_lines(study, cover_index(study).covering(lon, lat)),
    )


@router.get("/boite", summary="Ce que rencontre une boîte : communes et périmètres, par pages")
def box(  # noqa: PLR0913, PLR0917 - four sides
    request: Request,
    response: Response,
    study: StudyAsked,
    paging: PageAsked,
    ouest: Longitude,
    sud: Latitude,
    est: Longitude,
    nord: Latitude,
) -> BoxAnswer:
    """Return the communes shown and the perimeters that meet a box, both by the same pages."""
    if ouest > est or sud > nord:
        raise InputErrors(
            [
                Notice(
                    "boîte",
                    0,
                    "",
                    "l’ouest passe l’est, ou le sud le nord",
                    "donner ouest ≤ est et sud ≤ nord, la longitude d’abord",
                )
            ]
        )
    sides = (ouest, sud, est, nord)
    rows = np.array(_units(study).intersecting(sides), dtype=np.intp)
    codes = study.coverage.territory.codes[rows[study.ground.shown_units()[rows]]].tolist()
    covers = cover_index(study).meeting(sides)
    most = max(len(codes), len(covers))
    response.headers["X-Total-Count"] = str(most)
    response.headers["Link"] = paging.links(request, most)
    return BoxAnswer(
        communes_total=len(codes),
        communes=[_commune(study, code) for code in paging.cut(codes)],
        perimetres_total=len(covers),
        perimetres=_lines(study, paging.cut(covers)),
    )


@router.post("/essais/point", summary="Périmètres qui couvrent un point, modifications faites")
async def trial_point(request: Request, study: StudyAsked, asked: TrialPoint) -> TrialPointAnswer:
    """Return the perimeters of a point as if the study had been filed with the modifications."""

    def lines() -> list[PlacePerimeter]:
        covers = cover_index(study).covering(asked.lon, asked.lat, asked.edits())
        return _lines(study, covers)

    async with request.app.state.trial_turns.turn():
        found = await run_in_threadpool(lines)
    return TrialPointAnswer(lon=asked.lon, lat=asked.lat, perimetres=found)


def cover_index(study: OpenStudy) -> CoverIndex:
    """Return the perimeters of a study by place, made on the first question."""
    coverage = study.coverage
    return study.once("cover_index", lambda: CoverIndex(coverage.study, coverage.territory))


def _units(study: OpenStudy) -> LiveIndex:
    """Return the communes by place, made on the first question."""
    shapes = study.coverage.territory.units.geometry
    return study.once("unit_index", lambda: LiveIndex(enumerate(shapes)))


def _commune(study: OpenStudy, code: str) -> PlaceCommune:
    row = study.coverage.communes.loc[code]
    statut = str(row["statut"])
    return PlaceCommune(
        code=code,
        nom=str(row["nom"]),
        departement=str(row["departement"]),
        region=str(row["region"]),
        statut=statut,
        statut_nom=STATUS_NAMES[statut],
        mixte=bool(row["mixte"]),
        zone_id=str(row["zone_id"]),
    )


def _zones_at(study: OpenStudy, unit: int, lon: float, lat: float) -> list[PlaceZone]:
    """Return the zones of the atoms of a commune that hold a point: one, or more on a border."""
    ground = study.ground
    atoms = study.coverage.atoms
    here = (
        ground.zone_of_atom[row]
        for row in ground.atoms_of(unit)
        if atoms.shapes[row] is None or shapely.intersects_xy(atoms.shapes[row], lon, lat)
    )
    return [
        PlaceZone(zone_id=str(zone), statut=str(row["statut"]), motif=str(row["motif"]))
        for zone, row in study.coverage.zones.loc[sorted(set(here))].to_dict("index").items()
    ]


def _lines(study: OpenStudy, covers: Sequence[Cover]) -> list[PlacePerimeter]:
    names = study.coverage.study.structures["nom"]
    territory = study.coverage.territory
    return [
        PlacePerimeter(
            structure_id=held.structure_id,
            structure_nom=names[held.structure_id],
            volet=held.volet,
            nature=held.nature,
            etat=held.etat,
            niveau=held.niveau,
            code=held.code,
            lieu=level_name(territory, held.niveau, held.code) if held.niveau else "",
            origine=held.origin,
            ligne=held.row,
            en_vigueur=in_force,
        )
        for held, in_force in ((cover.perimeter, cover.in_force) for cover in covers)
    ]

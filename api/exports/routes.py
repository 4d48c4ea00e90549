"""The routes of the exports: the same under the pages and under the API."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.exports import dossiers, followup, proposals
from api.exports.files import (
    KINDS,
    WHOLE,
    ShapeFormat,
    TableFormat,
    communes_file,
    origin_of,
    structures_file,
    zones_file,
)
from api.exports.serving import ExporterAsked, asked_of
from api.facts.selection import (
    CommunesAsked,
    StructuresAsked,
    ZonesAsked,
    chosen_communes,
    chosen_zones,
)
from api.facts.structures import structure_lines

if TYPE_CHECKING:
    import pandas as pd

    from api.exports.files import Origin
    from api.exports.serving import Exporter

Shape = Annotated[ShapeFormat, Path(description="format du fichier", examples=["geojson"])]
TableShape = Annotated[TableFormat, Path(description="format du fichier", examples=["xlsx"])]
WholeName = Annotated[
    Literal[
        "regions.csv",
        "regions.xlsx",
        "anomalies.csv",
        "besoins.parquet",
        "annees.csv",
        "charges.csv",
        "a_documenter.csv",
        "marches_ecartes.csv",
        "etude.gpkg",
        "certificats.json",
        "resume.json",
        "carte.html",
        "LISEZMOI.txt",
    ],
    Path(description="nom de l’export", examples=["resume.json"]),
]


_FILTERED = (
    "Mêmes filtres et même ordre que le tableau de l’application. L’origine des données et la "
    "sélection sont écrites dans le GeoJSON et dans la feuille « Provenance » du XLSX ; le CSV est "
    "un tableau nu, ses sources sont dans LISEZMOI.txt."
)


def answers(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Describe the answer of an export: a file of one of some kinds, to be saved."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = {KINDS[kind].media_type: binary for kind in kinds}
    saved = {"description": "nom du fichier", "schema": {"type": "string"}}
    return {
        200: {
            "description": "Le fichier, à enregistrer sous le nom proposé.",
            "content": content,
            "headers": {"Content-Disposition": saved},
        }
    }


def export_router(prefix: str, *, in_schema: bool) -> APIRouter:
    """Return the routes of the exports of a study under a prefix.

    A name that is not an export is unknown here, as any other address.
    """
    router = APIRouter(
        prefix=prefix,
        tags=["Exports"],
        include_in_schema=in_schema,
        default_response_class=Response,
    )
    router.get(
        "/zones.{forme}",
        summary="Zones : CSV pour Excel, XLSX ou GeoJSON",
        description=_FILTERED,
        responses=answers("csv", "xlsx", "geojson"),
    )(zones)
    router.get(
        "/communes.{forme}",
        summary="Communes : CSV pour Excel, XLSX ou GeoJSON",
        description=_FILTERED,
        responses=answers("csv", "xlsx", "geojson"),
    )(communes)
    router.get(
        "/structures.{forme}",
        summary="Structures : CSV pour Excel ou XLSX",
        description=_FILTERED,
        responses=answers("csv", "xlsx"),
    )(structures)
    dossiers.add_routes(router, answers("csv", "xlsx"))
    followup.add_routes(router, answers("zip"))
    proposals.add_routes(
        router, {name: answers(name.rpartition(".")[2]) for name in proposals.ABOUT}
    )
    router.get(
        "/{nom}",
        summary="Régions, anomalies, origine des heures, années, GeoPackage, certificats, rapport",
        description="Fichiers entiers, de l’étude ou d’une de ses régions.",
        responses=answers("csv", "xlsx", "parquet", "gpkg", "json", "html", "txt"),
    )(whole)
    return router


async def zones(exporter: ExporterAsked, forme: Shape, query: ZonesAsked) -> Response:
    """Return the zones that the same filters choose in their table."""

    def make() -> bytes:
        ground = exporter.study.ground
        found = chosen_zones(ground, query, exporter.region)
        shown = ground.shown(exporter.region)
        rows = _in_order(found, shown.zones, by_query=bool(query.tri) and forme != "geojson")
        return zones_file(replace(shown, zones=rows), forme, _origin(exporter, query))

    return await exporter.send(f"zones.{forme}", make, query)


async def communes(exporter: ExporterAsked, forme: Shape, query: CommunesAsked) -> Response:
    """Return the communes that the same filters choose in their table."""

    def make() -> bytes:
        ground = exporter.study.ground
        found = chosen_communes(ground, query, exporter.region)
        shown = ground.shown(exporter.region)
        rows = _in_order(found, shown.communes, by_query=bool(query.tri) and forme != "geojson")
        return communes_file(replace(shown, communes=rows), forme, _origin(exporter, query))

    return await exporter.send(f"communes.{forme}", make, query)


async def structures(
    exporter: ExporterAsked, forme: TableShape, query: StructuresAsked
) -> Response:
    """Return the structures that the same search finds in their table."""

    def make() -> bytes:
        lines = structure_lines(exporter.study.ground, query, exporter.region)
        return structures_file(lines, forme, _origin(exporter, query))

    return await exporter.send(f"structures.{forme}", make, query)


async def whole(exporter: ExporterAsked, nom: WholeName) -> Response:
    """Return a whole file of the study, or of one of its régions."""
    return await exporter.send(nom, lambda: WHOLE[nom](exporter.coverage))


def _origin(exporter: Exporter, query: object) -> Origin:
    """Return the provenance of an export, with what it was limited to."""
    asked = asked_of(query)
    return origin_of(exporter.coverage, {"selection": asked} if asked else None)


def _in_order(found: pd.DataFrame, table: pd.DataFrame, *, by_query: bool) -> pd.DataFrame:
    """Return the rows found: in the order asked for, else in that of the table."""
    return table.loc[found.index] if by_query else table[table.index.isin(found.index)]

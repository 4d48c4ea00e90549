"""Exports of dossiers: the queue as a table, each file of an application."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.dossiers.asked import DeskAsked, DossierAsked  # noqa: TC001 - FastAPI reads them at run time
from api.dossiers.files import file_names, one_file
from api.exports.files import KINDS, TableFormat, origin_of, table_file
from api.exports.serving import ExporterAsked, asked_of
from api.facts.dossiers import DossiersAsked, chosen_dossiers
from data.results.dossiers import queue_table
from geo.errors import UnknownCodeError

TableShape = Annotated[TableFormat, Path(description="format du fichier", examples=["xlsx"])]
FileName = Annotated[
    Literal[
        "fiche.pdf",
        "fiche.docx",
        "carte.svg",
        "carte_coordinateur.svg",
        "constats.csv",
        "communes.csv",
        "dossier.json",
    ],
    Path(description="nom du fichier", examples=["fiche.pdf"]),
]


@dataclass(frozen=True)
class _Asked:
    """What a file is made from, beside the study."""

    marque: str
    candidature: str


@dataclass(frozen=True)
class _Queue:
    """What a queue is made from, beside the study."""

    marque: str
    filtres: dict[str, str]


def add_routes(router: APIRouter, responses: dict[int | str, dict[str, Any]]) -> None:
    """Add the queue to the exports of a study.

    Parameters
    ----------
    responses
        What the description says of its answer.
    """
    router.get(
        "/dossiers.{forme}",
        summary="Dossiers : une ligne par candidature, CSV pour Excel ou XLSX",
        description="Mêmes filtres et même ordre que la file des dossiers.",
        responses=responses,
    )(queue)


def file_router(prefix: str, *, in_schema: bool) -> APIRouter:
    """Return the route of the files of a dossier.

    Parameters
    ----------
    prefix
        Address of a study.
    """
    router = APIRouter(
        prefix=f"{prefix}/dossiers/{{candidature}}",
        tags=["dossiers"],
        include_in_schema=in_schema,
        default_response_class=Response,
    )
    binary = {"schema": {"type": "string", "format": "binary"}}
    kinds = ("pdf", "docx", "svg", "csv", "json")
    router.get(
        "/{nom}",
        summary="Un fichier d’un dossier : fiche, carte, constats, communes, JSON",
        description=(
            "La fiche de preuve en PDF ou en DOCX, la carte, les tables pour Excel en français. "
            "Une carte n’existe que pour un volet dont le périmètre se lit."
        ),
        responses={
            200: {
                "description": "Le fichier, à enregistrer sous le nom proposé.",
                "content": {KINDS[kind].media_type: binary for kind in kinds},
            }
        },
    )(dossier_file)
    return router


async def queue(
    exporter: ExporterAsked, desk: DeskAsked, forme: TableShape, query: DossiersAsked
) -> Response:
    """Return the applications that the same filters choose in their table."""

    def make() -> bytes:
        chosen = chosen_dossiers(desk.every(), query, exporter.region)
        said = asked_of(query)
        origin = origin_of(exporter.coverage, {"selection": said} if said else None)
        return table_file("Dossiers", queue_table(chosen), forme, origin)

    return await exporter.send(f"dossiers.{forme}", make, _Queue(desk.mark, asdict(query)))


async def dossier_file(
    exporter: ExporterAsked, desk: DeskAsked, dossier: DossierAsked, nom: FileName
) -> Response:
    """Return a file of a dossier."""
    name = dossier.case.application_id
    if nom not in file_names(dossier):
        raise UnknownCodeError(
            f"la candidature « {name} » n’a pas de fichier « {nom} » : elle ne demande rien à ce "
            "volet, ou son périmètre ne se lit pas"
        )
    asked = _Asked(desk.mark, name)
    return await exporter.whole_study().send(
        f"{name}_{nom}", lambda: one_file(nom, dossier, desk.bench), asked
    )

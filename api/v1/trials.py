"""What-ifs: the whole list of modifications each time, answered from the model in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.answers import send_once
from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - FastAPI reads it at run time
from api.exports.files import KINDS, communes_file, origin_of, zones_file
from api.exports.naming import content_disposition, file_name
from api.exports.routes import answers
from api.trials.answer import answer, filed_of
from api.trials.asked import Trial  # noqa: TC001 - same
from api.trials.described import TrialAnswer
from coverage.selection import select_regions
from coverage.study import compute
from coverage.trials.edits import edited_study
from coverage.trials.model import TrialModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.studies import OpenStudy
    from coverage.model import Coverage
    from coverage.trials.edits import Edit

router = APIRouter(prefix="/api/v1/etudes/{etude}/essais", tags=["Essais"])

ExportName = Annotated[
    Literal["zones.csv", "zones.xlsx", "zones.geojson", "communes.csv"],
    Path(description="nom de l’export", examples=["zones.csv"]),
]

TRIAL_SAID = "essai, non déposé"


@router.post(
    "",
    summary="Essayer des modifications : ce qu’elles changent aux communes, zones et totaux",
    description=(
        "Toute la liste des modifications est donnée à chaque fois ; le serveur n’en retient rien "
        "et l’étude ne change pas. Les fautes sont toutes dites, chacune avec sa modification."
    ),
    response_class=Response,
    responses={200: {"model": TrialAnswer, "description": "Ce qui change."}},
)
async def trial(request: Request, study: StudyAsked, region: RegionAsked, asked: Trial) -> Response:
    """Return what the modifications change."""
    edits = asked.edits()
    async with request.app.state.trial_turns.turn():
        body = await run_in_threadpool(outcome, study, region, edits)
    return send_once(request, body)


def outcome(study: OpenStudy, region: str, edits: Sequence[Edit]) -> bytes:
    """Return what edits change to a study, as JSON.

    Raises
    ------
    EditError
        When the study cannot take them.
    """
    model = study.once("trial_model", lambda: TrialModel(study.coverage))
    filed = study.once(f"trial_filed/{region}", lambda: filed_of(study.ground, region))
    return answer(filed, model.outcome(edits))


@router.post(
    "/exports/{nom}",
    summary="Exporter les résultats d’un essai",
    description=(
        "L’étude modifiée est calculée en entier. L’origine écrite dans le fichier dit « essai, "
        "non déposé » et liste les modifications ; le nom du fichier le dit aussi."
    ),
    response_class=Response,
    responses=answers("csv", "xlsx", "geojson"),
)
async def export(
    request: Request, study: StudyAsked, region: RegionAsked, nom: ExportName, asked: Trial
) -> Response:
    """Return a file of the study computed with the modifications."""
    async with request.app.state.export_turns.turn():
        body, saved = await run_in_threadpool(trial_file, study, region, nom, asked)
    return send_once(
        request,
        body,
        media_type=KINDS[nom.rpartition(".")[2]].media_type,
        headers={"Content-Disposition": content_disposition(saved)},
    )


def trial_file(study: OpenStudy, region: str, name: ExportName, asked: Trial) -> tuple[bytes, str]:
    """Return the content and the name of a file of the study computed with modifications."""
    coverage = tried(study.coverage, asked)
    if region:
        coverage = replace(coverage, study=replace(coverage.study, regions=(region,)))
    shown = select_regions(coverage)
    saved = file_name(shown, name, trial=True)
    origin = origin_of(coverage, trial_origin(asked))
    table, _, kind = name.partition(".")
    make: Any = zones_file if table == "zones" else communes_file
    return make(shown, kind, origin), saved


def tried(coverage: Coverage, asked: Trial) -> Coverage:
    """Return the coverage of a study once modifications are made, computed in full."""
    study = edited_study(coverage.study, coverage.territory, asked.edits())
    return compute(study, coverage.territory)


def trial_origin(asked: Trial) -> dict[str, Any]:
    """Return what the provenance of a what-if adds."""
    made = asked.model_dump(exclude_none=True)["modifications"]
    return {"essai": {"mention": TRIAL_SAID, "modifications": made}}

"""Exports of the follow-up of conventions: all its files together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi.responses import Response  # noqa: TC002 - FastAPI reads it at run time

from api.dossiers.asked import DeskAsked  # noqa: TC001 - FastAPI reads it at run time
from api.exports.serving import ExporterAsked  # noqa: TC001 - same
from api.following_up import annexes
from data.results.archive import packed
from data.results.followup import followup_files

if TYPE_CHECKING:
    from fastapi import APIRouter

FILE = "suivi.zip"


@dataclass(frozen=True)
class _Asked:
    """What the archive is made from, beside the study."""

    marque: str


def add_routes(router: APIRouter, responses: dict[int | str, dict[str, Any]]) -> None:
    """Add the follow-up to the exports of a study.

    Parameters
    ----------
    responses
        What the description says of its answer.
    """
    router.get(
        f"/{FILE}",
        summary="Suivi des conventions : tables et annexes, en une archive",
        description="Au dernier jour de l’année de l’étude ; les CSV sont ceux d’un tableur en "
        "français, les annexes sont modifiables (DOCX).",
        responses=responses,
    )(followup)


async def followup(exporter: ExporterAsked, desk: DeskAsked) -> Response:
    """Return the files of the follow-up."""

    def make() -> bytes:
        bench, found = desk.bench, desk.followup
        files = followup_files(found, bench.coverage, bench.call, excel=True)
        return packed({**files, "annexes.zip": annexes(found, bench)})

    return await exporter.whole_study().send(FILE, make, _Asked(desk.mark))

"""Exports of proposals: all the files of `proposer` in one archive, the map before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi.responses import Response  # noqa: TC002 - FastAPI reads it at run time

from api.dependencies import ProposedAsked  # noqa: TC001 - FastAPI reads it at run time
from api.exports.serving import ExporterAsked  # noqa: TC001 - same
from data.results.archive import packed
from data.results.proposals import proposal_files
from maps.proposals.before_after import build_before_after
from maps.proposals.synthesis import build_synthesis

if TYPE_CHECKING:
    from fastapi import APIRouter

    from coverage.proposals.outcome import Proposals

ARCHIVE, MAP = "propositions.zip", "carte_avant_apres.html"

ABOUT = {
    ARCHIVE: "tous les fichiers de « proposer » : listes, plan, budget, cartes, synthèse",
    MAP: "carte interactive : les communes sans et avec les postes proposés, sans réseau",
}


@dataclass(frozen=True)
class _Computation:
    """Which computation an export is made from."""

    calcul: str


def add_routes(router: APIRouter, responses: dict[str, dict[int | str, dict[str, Any]]]) -> None:
    """Add the exports of proposals to those of a study.

    Parameters
    ----------
    responses
        What the description says of each, by name.
    """
    for name, route in ((ARCHIVE, archive), (MAP, before_after_map)):
        router.get(
            f"/{name}",
            summary=f"Propositions : {ABOUT[name]}",
            description="De toute l’étude ; à demander une fois le calcul des propositions fini.",
            responses={**responses[name], 409: {}},
        )(route)


async def archive(exporter: ExporterAsked, proposed: ProposedAsked) -> Response:
    """Return every file that `proposer` writes, in one archive."""
    asked = _Computation(proposed.tag)
    return await exporter.whole_study().send(ARCHIVE, lambda: packed_files(proposed.found), asked)


async def before_after_map(exporter: ExporterAsked, proposed: ProposedAsked) -> Response:
    """Return the map before and after, to be saved."""
    asked = _Computation(proposed.tag)
    return await exporter.whole_study().send(
        MAP, lambda: build_before_after(proposed.found).encode(), asked
    )


def packed_files(found: Proposals) -> bytes:
    """Return the archive of the files of proposals, always the same bytes for the same ones."""
    files: dict[str, bytes | str] = {
        **proposal_files(found, excel=True),
        "synthese.html": build_synthesis(found),
        MAP: build_before_after(found),
    }
    return packed(files)

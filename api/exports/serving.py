"""How an export is made once, kept, and sent: the same for pages and for the API."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.answers import send
from api.dependencies import RegionAsked, StudyAsked  # noqa: TC001 - same
from api.exports.files import KINDS
from api.exports.naming import content_disposition, file_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Response

    from api.answers import Cache, Packed
    from api.limits import Turns
    from api.studies import OpenStudy
    from coverage.model import Coverage


@dataclass(frozen=True)
class Exporter:
    """What an export is made from: a study, limited to a région or to those it shows."""

    request: Request
    study: OpenStudy
    region: str

    @property
    def coverage(self) -> Coverage:
        """Everything filed; the study says to which régions it is limited."""
        coverage = self.study.coverage
        if not self.region:
            return coverage
        return replace(coverage, study=replace(coverage.study, regions=(self.region,)))

    def whole_study(self) -> Exporter:
        """Return the exporter of all that the study holds, whatever région was asked."""
        return replace(self, region="")

    async def send(self, name: str, make: Callable[[], bytes], query: object = None) -> Response:
        """Return an export, made in turn when it is not kept.

        Parameters
        ----------
        query
            What else was asked, as a dataclass of texts.
        """
        asked = orjson.dumps(asked_of(query)).decode()
        key = ("export", self.study.slug, self.study.version, self.region, name, asked)
        kind = KINDS[name.rpartition(".")[2]]
        state = self.request.app.state
        packed = await prepared(state.cache, state.export_turns, key, make, compress=kind.compress)
        saved = content_disposition(file_name(self.coverage, name))
        return send(
            self.request,
            packed,
            media_type=kind.media_type,
            headers={"Content-Disposition": saved},
        )


async def prepared(
    cache: Cache,
    turns: Turns,
    key: tuple[str, ...],
    make: Callable[[], bytes],
    *,
    compress: bool = True,
) -> Packed:
    """Return an answer that is long to make: at once when it is kept, else in its turn."""
    found = cache.find(key)
    if found is not None:
        return found
    async with turns.turn():
        return await run_in_threadpool(cache.get, key, make, compress=compress)


def asked_of(query: Any) -> dict[str, str]:  # noqa: ANN401 - any dataclass of texts, or None
    """Return what was asked of a list, what asks nothing left out."""
    return {name: value for name, value in asdict(query).items() if value} if query else {}


def exporter_of(request: Request, study: StudyAsked, region: RegionAsked) -> Exporter:
    """Return the exporter of the study and région asked for."""
    return Exporter(request, study, region)


ExporterAsked = Annotated[Exporter, Depends(exporter_of)]

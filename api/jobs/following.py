"""Progress told as it goes: server-sent events, the same for pages and API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from fastapi.responses import StreamingResponse

from api.facts.computing import progress_facts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from api.background import Progress

KEEP_ALIVE_SECONDS = 15
REFRESH_SECONDS = 3
"""Between two looks of a browser without scripts."""


def followed(watching: AsyncIterator[Progress | None]) -> StreamingResponse:
    """Return an answer that tells where a computation stands at each change, to its end.

    Parameters
    ----------
    watching
        Of `api.background.Computation.watch`, with `KEEP_ALIVE_SECONDS` of patience.
    """
    return StreamingResponse(
        _events(watching),
        media_type="text/event-stream",
        # Proxies that would gather the stream are told not to.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(watching: AsyncIterator[Progress | None]) -> AsyncIterator[bytes]:
    async for progress in watching:
        if progress is None:
            yield b": attente\n\n"
        else:
            yield b"event: etat\ndata: " + orjson.dumps(progress_facts(progress)) + b"\n\n"

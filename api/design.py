"""An operator's own design system: its files served, its style sheets linked after ours."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from api.rendering import DESIGN_SHEETS

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

ADDRESS = "/static-design"
_SERVED = (".css", ".woff2", ".woff", ".svg", ".png", ".jpg", ".jpeg", ".webp", ".ico")
"""What a style sheet may need; scripts are not accepted from the folder."""


class DesignFiles(StaticFiles):
    """The files of the folder that a style sheet may need, and no other."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file.

        Raises
        ------
        HTTPException
            404 for what is not there, or is of another kind.
        """
        if not path.lower().endswith(_SERVED):
            raise HTTPException(404)
        return await super().get_response(path, scope)


class DesignSheets:
    """ASGI middleware that gives the pages the addresses of the operator's style sheets.

    Parameters
    ----------
    folder
        Its sheets, at its top, are linked in the order of their names.
    """

    def __init__(self, app: ASGIApp, *, folder: Path) -> None:
        self.app = app
        names = sorted(path.name for path in folder.glob("*.css"))
        self._sheets = tuple(f"{ADDRESS}/{quote(name)}" for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        token = DESIGN_SHEETS.set(self._sheets)
        try:
            await self.app(scope, receive, send)
        finally:
            DESIGN_SHEETS.reset(token)

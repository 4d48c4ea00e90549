"""The web application: pages, files and the point query, made from settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, FastAPI, Query
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from api.errors import install_handlers
from api.pages import STATIC, home_page
from api.places import Places
from api.security import MAP_POLICY, SecurityHeaders
from api.store import FILES, MAP, Result, open_results
from geo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.settings import Settings

Longitude = Annotated[
    float, Query(ge=-180, le=180, allow_inf_nan=False, description="degrés décimaux")
]
Latitude = Annotated[
    float, Query(ge=-90, le=90, allow_inf_nan=False, description="degrés décimaux")
]
Number = Annotated[int, Query(ge=1, description="numéro du résultat, à partir de 1")]


def create_app(settings: Settings) -> FastAPI:
    """Return the application that serves results folders.

    Raises
    ------
    DataUnavailableError
        When a folder holds no readable result.
    """
    results = open_results(settings.folders)
    app = FastAPI(
        title="Zones blanches",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.hosts))
    app.add_middleware(SecurityHeaders)
    install_handlers(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(_pages(results))
    app.include_router(_queries(results, Places(settings.territory)))
    return app


def _pages(results: Sequence[Result]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/", response_class=HTMLResponse)
    def home() -> str:
        return home_page(results)

    @router.get("/resultats/{number}/carte")
    def map_page(number: str) -> FileResponse:
        return _file(_result(results, number), MAP, inline=True)

    @router.get("/resultats/{number}/fichiers/{name}")
    def file(number: str, name: str) -> FileResponse:
        return _file(_result(results, number), name, inline=False)

    return router


def _queries(results: Sequence[Result], places: Places) -> APIRouter:
    router = APIRouter()

    @router.get("/sante", summary="Le serveur répond")
    def health() -> dict[str, Any]:
        return {"etat": "ok", "version": VERSION, "resultats": len(results)}

    @router.get("/api/v1/point", summary="La commune qui contient un point, et son résultat")
    def point(lon: Longitude, lat: Latitude, resultat: Number = 1) -> dict[str, Any]:
        result = _result(results, str(resultat))
        unit = places.unit_at(lon, lat)
        return {
            "lon": lon,
            "lat": lat,
            "resultat": {"numero": result.number, "titre": result.title},
            "unite": unit,
            "commune": result.communes.get(unit["code"]),
            "zones": result.zones_at(lon, lat),
        }

    return router


def _result(results: Sequence[Result], number: str) -> Result:
    for result in results:
        if str(result.number) == number:
            return result
    raise HTTPException(404)


def _file(result: Result, name: str, *, inline: bool) -> FileResponse:
    if name not in result.files:
        raise HTTPException(404)
    headers = {"Content-Security-Policy": MAP_POLICY} if name == MAP else None
    return FileResponse(
        result.folder / name,
        media_type=FILES[name].media_type,
        filename=None if inline else name,
        headers=headers,
    )

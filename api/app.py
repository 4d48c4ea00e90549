"""The web application, made from settings: pages for people, `/api/v1` for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from api import design, pages, v1
from api.access import login
from api.access.door import Door
from api.access.guards import GUARDS, check_addresses
from api.access.identity import Access
from api.answers import Cache
from api.background import Line
from api.description import describe
from api.errors import Unforeseen, install_handlers
from api.jobs.kinds import kinds
from api.jobs.opening import show_again
from api.jobs.queue import Jobs
from api.limits import Bodies, Pace, Turns
from api.logs import RequestLog
from api.menu import Menu
from api.register import Register
from api.rendering import STATIC
from api.security import Gate, SecurityHeaders
from data.store.engine import open_store
from data.uploads.limits import UploadLimits
from geo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import APIRouter

    from api.settings import Settings
    from api.studies import Studies


def create_app(
    settings: Settings, studies: Studies, *, register: Register | None = None
) -> FastAPI:
    """Return the application that shows some studies.

    Parameters
    ----------
    register
        Given instead of that whose address is among the settings.
    """
    app = FastAPI(
        title="Zones blanches",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.settings = settings
    app.state.studies = studies
    app.state.cache = Cache(settings.cache_bytes)
    # An export takes seconds, a what-if does not: neither waits for the other.
    app.state.export_turns = Turns(settings.heavy_requests, settings.waiting_requests)
    app.state.trial_turns = Turns(settings.heavy_requests, settings.waiting_requests)
    # Proposals take a minute of a whole processor: one study at a time.
    app.state.plan_line = Line()
    _guard(app, settings)
    install_handlers(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    if settings.design_folder is not None:
        app.mount(design.ADDRESS, design.DesignFiles(directory=settings.design_folder))
    keyed = settings.access != "local"
    routers: tuple[APIRouter, ...] = (*pages.ROUTERS, *v1.ROUTERS)
    if settings.database is not None:
        app.state.register = register or Register(open_store(settings.database.get_secret_value()))
        _remember_jobs(app)
        routers += (*pages.KEPT, *v1.KEPT)
    if keyed:
        routers += pages.KEYED
    for router in routers:
        app.include_router(router, dependencies=GUARDS if keyed else ())
    if keyed:
        _ask_for_keys(app, routers)
    described = v1.ROUTERS if settings.database is None else (*v1.ROUTERS, *v1.KEPT)
    describe(app, described, keyed=keyed)
    app.add_middleware(Menu, routers=routers)
    return app


def _remember_jobs(app: FastAPI) -> None:
    """Have long computations kept by the register, and show again the versions served before."""
    app.state.jobs = Jobs(app.state.register.store)
    for kind in kinds(app.state):
        app.state.jobs.add(kind)
    show_again(app.state)


def _ask_for_keys(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Look for keys in the register, and open the page where they are shown."""
    check_addresses(routers)
    # The settings refuse to ask for keys without a register.
    app.state.access = Access(app.state.register.store)
    app.include_router(login.router)


def _guard(app: FastAPI, settings: Settings) -> None:
    """Put the middlewares around the routes, the innermost first."""
    app.add_middleware(
        Bodies,
        body_bytes=settings.body_bytes,
        deposit_bytes=0 if settings.database is None else UploadLimits().upload_bytes,
    )
    if settings.access != "local":
        # Before any body is received: a large one is for who shows a key.
        app.add_middleware(Door)
    app.add_middleware(Pace, requests_per_minute=settings.requests_per_minute)
    app.add_middleware(Gate, hosts=settings.hosts)
    app.add_middleware(Unforeseen)
    if settings.design_folder is not None:
        app.add_middleware(design.DesignSheets, folder=settings.design_folder)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestLog)

"""Pages of the application, a router by subject."""

from __future__ import annotations

from api.pages import (
    certificates,
    communes,
    data,
    exports,
    home,
    overview,
    proposals,
    report,
    structures,
    texts,
    zones,
)
from api.pages import (
    map as map_page,
)

ROUTERS = (
    home.router,
    overview.router,
    zones.router,
    communes.router,
    structures.router,
    certificates.router,
    proposals.router,
    data.router,
    exports.router,
    map_page.router,
    report.router,
    texts.router,
)

"""Pages of the application, a router by subject."""

from __future__ import annotations

from api.pages import (
    certificates,
    communes,
    data,
    deposits,
    exports,
    home,
    overview,
    proposals,
    register,
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

KEPT = (deposits.router, register.router, deposits.of_study, register.of_study)
"""Those of a server that has a register; fixed addresses before those that name a study."""

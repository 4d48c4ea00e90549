"""The API, version 1: all that the pages do, a router by subject."""

from __future__ import annotations

from api.v1 import (
    certificates,
    communes,
    dossiers,
    exports,
    health,
    jobs,
    layers,
    opinions,
    places,
    proposals,
    regions,
    scenarios,
    shapes,
    structures,
    studies,
    trials,
    values,
    zones,
)

ROUTERS = (
    health.router,
    studies.router,
    studies.study_router,
    regions.router,
    communes.router,
    zones.router,
    structures.router,
    certificates.router,
    proposals.router,
    opinions.router,
    dossiers.router,
    dossiers.of_one,
    dossiers.files_router,
    exports.router,
    exports.files_router,
    places.router,
    trials.router,
    scenarios.router,
    shapes.router,
    values.router,
    layers.router,
)

KEPT = (jobs.router, jobs.one)
"""Those of a server that has a register."""

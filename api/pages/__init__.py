"""Pages of the application, a router by subject."""

from __future__ import annotations

from api.pages import (
    application,
    application_form,
    applications,
    budget,
    certificates,
    changes,
    communes,
    comparison,
    data,
    deposit_changes,
    deposits,
    dossiers,
    drawing,
    exports,
    followup,
    home,
    jobs,
    opinions,
    overview,
    packages,
    proposals,
    received,
    register,
    report,
    scenario_forms,
    scenarios,
    structures,
    study_settings,
    table_rows,
    tables,
    texts,
    tokens,
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
    comparison.router,
    scenario_forms.router,
    scenarios.router,
    scenario_forms.of_one,
    scenarios.of_one,
    budget.router,
    opinions.router,
    dossiers.router,
    dossiers.of_one,
    dossiers.files_router,
    followup.router,
    data.router,
    exports.router,
    map_page.router,
    report.router,
    texts.router,
)

KEPT = (
    jobs.router,
    jobs.one,
    packages.router,
    changes.router,
    deposits.router,
    deposit_changes.router,
    drawing.router,
    received.router,
    tables.router,
    tables.of_table,
    table_rows.router,
    study_settings.router,
    applications.router,
    application.router,
    application_form.router,
    register.router,
    deposits.of_study,
    register.of_study,
)
"""Those of a server that has a register; fixed addresses before those that name a study."""

KEYED = (tokens.router,)
"""Those of a server that asks for keys."""

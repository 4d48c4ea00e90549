"""The whole description tried on the application: no server error, nothing undocumented."""

from __future__ import annotations

import schemathesis
from asking import client_of
from effort import tried
from fake_coverage import drawn_coverage, fake_coverage
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.settings import Settings

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


SERVED = client_of(
    fake_coverage,
    drawn_coverage,
    settings=Settings(hosts=("testserver",), requests_per_minute=1_000_000),
)
schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", SERVED.app)


@schema.parametrize()
@settings(
    max_examples=tried(8),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_what_is_described_is_what_is_answered(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=CHECKS)

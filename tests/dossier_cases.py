"""Benches, cases and claims in a few lines, for tests of dossiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.dossiers.bench import Bench
from coverage.dossiers.claims.claim import claim_of
from coverage.dossiers.claims.neighbours import neighbours
from coverage.dossiers.form import Form
from coverage.dossiers.model import Case
from coverage.dossiers.tried.claim_tests import claim_tests
from coverage.parameters import CLASSES
from coverage.proposals.application import Application, Asked
from coverage.study import compute
from data.calls.read import read_call

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from coverage.dossiers.model import Claim, ClaimTest
    from coverage.model import Study
    from geo.territory import Territory

FACILITATOR, COORDINATOR = "facilitateur", "coordinateur"


def bench(study: Study, territory: Territory, *applications: Application) -> Bench:
    return Bench(compute(study, territory), read_call(), applications)


def rows(territory: Territory, codes: Collection[str]) -> tuple[int, ...]:
    return tuple(sorted(row for row, code in enumerate(territory.codes) if code in codes))


def application(
    name: str,
    units: Sequence[int],
    *,
    structure: str = "",
    volet: str = FACILITATOR,
    scope: tuple[str, ...] = CLASSES,
) -> Application:
    """Return an application of 0.5 ETP for some units."""
    asked = Asked(volet, 50, "zone_blanche", tuple(units), scope, 2_230_000, False, 1_561_000)  # noqa: FBT003 - a row
    owner = structure or f"nouvelle:{name}"
    return Application(name, f"candidatures/{name}.toml", owner, name, "", (asked,), {})


def case(name: str = "demande", structure: str = "", of: Application | None = None) -> Case:
    owner = structure or f"nouvelle:{name}"
    return Case(name, f"candidatures/{name}.toml", owner, name, Form({}), (), of, {})


def claimed(
    on: Bench, codes: Collection[str], scope: Sequence[str] = CLASSES, *, structure: str = ""
) -> Claim:
    return claim_of(FACILITATOR, rows(on.coverage.territory, codes), scope, structure, on)


def trials(
    on: Bench,
    codes: Collection[str],
    scope: Sequence[str] = CLASSES,
    *,
    structure: str = "",
    volet: str = FACILITATOR,
) -> dict[str, ClaimTest]:
    """Return the tests of a claim by name; the application stands alone."""
    units = rows(on.coverage.territory, codes)
    own = application("demande", units, structure=structure, volet=volet)
    claim = claim_of(volet, units, scope, own.structure_id, on)
    near = neighbours(claim, scope, own.structure_id, on)
    asked = case("demande", own.structure_id, own)
    return {test.name: test for test in claim_tests(claim, scope, asked, on, near)}


def figure(test: ClaimTest, name: str) -> object:
    """Return the value of a figure by the beginning of its name."""
    return next(each.value for each in test.figures if each.name.startswith(name))

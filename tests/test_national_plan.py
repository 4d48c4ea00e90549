"""The national plan of the example: published with its gaps, verified, and nobody loses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from national_plan import PAGE, national_proposals, page

from coverage.proposals.after import less_served
from coverage.proposals.program import HOURS_GOALS
from coverage.proposals.verify import verify_plan

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.model import Coverage
    from coverage.proposals.outcome import Proposals


@pytest.fixture(scope="module")
def found(example_coverage: Coverage, example_folder: Path) -> Proposals:
    return national_proposals(example_coverage, example_folder)


def test_the_published_page_is_what_is_computed(found: Proposals) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(found)


def test_the_plan_is_verified_and_no_goal_is_far_from_its_bound(found: Proposals) -> None:
    verified = verify_plan(found.ask, found.plan)
    assert verified == found.verified
    for goal in HOURS_GOALS:
        assert 0 <= found.gap(goal) * 10_000 <= found.plan.bounds[goal], goal
    assert verified.additional <= 90 * 100
    assert verified.state_cents <= 5_400_000 * 100


def test_no_commune_is_served_less_and_thousands_are_served_more(found: Proposals) -> None:
    before = found.ask.coverage
    for after in (found.listed, found.planned):
        assert less_served(before, after) == ()
        assert int(after.communes["servi_h"].sum()) > int(before.communes["servi_h"].sum())

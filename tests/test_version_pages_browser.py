"""Pages of a frozen version in a browser: its package, what changed; axe finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from register_served import ended, job_of
from scenarios_served import SLUG, freeze, new_register, opened, serve
from test_accessibility import headings_in_order
from test_changes_pages import BEFORE, MORE

if TYPE_CHECKING:
    from pathlib import Path

    from register_served import Planner

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]
ROOT = f"/etudes/{SLUG}"


def looked_at(planner: Planner, *paths: str) -> None:
    """Open pages under axe, at the width of a tablet."""
    with (
        running(planner.app) as host,
        launched() as browser,
        browsing(browser, host, viewport={"width": 768, "height": 900}) as page,
    ):
        for path in paths:
            page.goto(f"{host}{ROOT}/{path}")
            assert violations(page) == [], path
            assert headings_in_order(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= 768


def test_axe_finds_nothing_before_and_after(tmp_path: Path) -> None:
    planner = opened(new_register(tmp_path))
    freeze(planner, MORE)
    serve(planner, 2)
    looked_at(planner, "paquet", "changements")
    for name in ("paquet", "changements"):
        asked = planner.post(f"{ROOT}/{name}/calcul", depuis=BEFORE)
        assert not ended(planner.app, job_of(asked)).faults
    looked_at(planner, "paquet", f"changements?depuis={BEFORE}")

"""Received workbooks in a real browser: sent, decided and joined by the keyboard; axe at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from playwright.sync_api import expect
from received_served import BETA, BROKEN, NORD, Sound, begun, closed, first_version, opened
from register_served import Near

from data.collect import apart
from data.uploads import check

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]

MOST_TABS = 60


def reach(page: Page, wanted: Locator) -> None:
    """Move to a control with the Tab key alone."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"not reached by the keyboard: {wanted}")


def test_lines_are_decided_and_joined_by_the_keyboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Sound)
    monkeypatch.setattr(apart, "Bounded", Near)
    planner = opened(tmp_path, first_version())
    key = begun(planner)
    with running(planner.app) as host, launched() as browser, browsing(browser, host) as page:
        page.goto(f"{host}/registre/depots/{key}")
        page.get_by_role("link", name="Joindre des classeurs reçus").press("Enter")
        assert violations(page) == []
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        page.get_by_label("Classeurs (.xlsx)").set_input_files(
            [
                {"name": name, "mimeType": kind, "buffer": content}
                for name, content in (("nord", NORD), ("beta", BETA), ("brise", BROKEN))
                for name in (f"{name}.xlsx",)
            ]
        )
        reach(page, page.get_by_role("button", name="Envoyer et comparer"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Lignes à décider")).to_be_visible()
        expect(page.get_by_text("0 ligne acceptée, 0 refusée, 5 à décider.")).to_be_visible()
        row = page.get_by_role("row").filter(has_text="P2, B")
        expect(row).to_contain_text("1,25 → 2")
        assert violations(page) == []

        # The radio of a group that is reached is the one checked; arrows choose another.
        reach(page, row.get_by_label("À décider"))
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(row.get_by_label("Accepter")).to_be_checked()
        page.keyboard.press("Enter")
        expect(page.get_by_text("1 ligne acceptée, 0 refusée, 4 à décider.")).to_be_visible()
        other = page.get_by_role("row").filter(has_text="N1, nord")
        reach(page, other.get_by_label("À décider"))
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(page.get_by_text("la structure « nord », absente")).to_be_visible()
        assert violations(page) == []

        reach(
            page, page.get_by_role("button", name="Accepter ce qui reste à décider dans « struct")
        )
        page.keyboard.press("Enter")
        expect(page.get_by_text("3 lignes acceptées, 0 refusée, 2 à décider.")).to_be_visible()
        reach(page, page.get_by_role("button", name="Joindre les lignes acceptées").first)
        page.keyboard.press("Enter")
        expect(page.get_by_text("0 ligne acceptée, 0 refusée, 2 à décider.")).to_be_visible()
        assert violations(page) == []
    assert len(planner.found(key).changes) == 1
    closed(planner)

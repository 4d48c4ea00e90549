"""The pages of dossiers in a browser: axe-core finds nothing, the keyboard reaches the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dossiers_served import PAGES, client
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from playwright.sync_api import expect
from test_accessibility import headings_in_order, tab_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with running(client().app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.mark.parametrize("width", [768, 1280])
def test_from_the_queue_to_a_review_by_keyboard_alone(
    browser: Browser, host: str, width: int
) -> None:
    with browsing(browser, host, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{host}{PAGES}?q=alpha")
        assert violations(page) == []
        assert headings_in_order(page)
        tab_to(page, "tbody th a")
        page.keyboard.press("Enter")
        expect(page.locator("h2#constats")).to_be_visible()
        image = page.locator(".carte-fixe img")
        assert image.evaluate("(map) => map.decode().then(() => map.naturalWidth)") > 0
        assert violations(page) == []
        assert headings_in_order(page)
        assert page.evaluate("window.perdu") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("details summary").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("details[open] .constats").first).to_contain_text("0,5 ETP demandé")
        tab_to(page, "#diagnostic-texte")

"""A map opened in a real browser, its network cut."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

PATIENCE_MS = 120_000
"""A busy machine may take long to compute what a page waits for."""


@contextmanager
def launched() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


def write(folder: Path, page: str) -> str:
    path = folder / "carte.html"
    path.write_bytes(page.encode())
    return path.as_uri()


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """Open a map; fail on any request but the file's own, any error, any console message."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="fr-FR", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []

    def guard(route: Route) -> None:
        if route.request.url == address:
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.wait_for_selector("html[data-pret=oui]")
    yield page
    assert page.evaluate("window.perdu") is None
    context.close()
    assert asked == []
    assert said == []


def popup(page: Page) -> str:
    box = page.locator(".leaflet-popup-content")
    expect(box).to_have_count(1)
    return box.inner_text()


def search(page: Page, text: str) -> None:
    page.focus("#recherche")
    page.keyboard.type(text)
    expect(page.locator("#resultats li").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def click_at(page: Page, across: float, up: float) -> None:
    """Click at a share of the map's width and height, from its lower left corner."""
    box = page.locator("#carte").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * (1 - up))

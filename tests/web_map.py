"""The map of the application in a real browser: a server of its own, the network cut."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from map_browsing import PATIENCE_MS

from api.app import create_app
from api.serve import HOST, listen
from api.settings import Settings
from api.studies import OpenStudy, Studies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route

    from coverage.model import Coverage

SLUG = "essai"
TRIALS = f"**/api/v1/etudes/{SLUG}/essais"


@contextmanager
def served(coverage: Coverage) -> Iterator[str]:
    """Serve one study; yield the address of its map."""
    app = create_app(
        Settings(requests_per_minute=100_000), Studies([OpenStudy(SLUG, lambda: coverage)])
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    with listen(0) as bound:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield f"http://{HOST}:{bound.getsockname()[1]}/etudes/{SLUG}/carte"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def shown(
    browser: Browser,
    address: str,
    *,
    width: int = 1440,
    height: int = 900,
    silent: bool = True,
    answers: dict[str, Any] | None = None,
) -> Iterator[Page]:
    """Open a map; fail on any request outside, any error and, if `silent`, any console message.

    Parameters
    ----------
    answers
        What the server is taken to answer to a what-if, by the first change of its list.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="fr-FR", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    outside: list[str] = []
    said: list[str] = []
    home = address.partition("/etudes/")[0] + "/"

    def guard(route: Route) -> None:
        if route.request.url.startswith(home):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    if answers is not None:
        context.route(TRIALS, lambda route: _answer(route, answers))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.wait_for_selector("html[data-pret=oui]")
    yield page
    assert page.evaluate("window.perdu") is None
    context.close()
    assert outside == []
    assert not silent or said == []


def _answer(route: Route, answers: dict[str, Any]) -> None:
    edits = json.loads(route.request.post_data or "")["modifications"]
    answer = answers[edits[-1]["action"]]
    route.fulfill(
        status=answer.get("status", 200),
        content_type="application/json",
        body=json.dumps(answer),
    )


def find(page: Page, text: str) -> None:
    """Search a commune at the keyboard and choose the first."""
    page.focus("#recherche")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.wait_for_selector("#resultats li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def count(page: Page, style: str, theme: str = "statut") -> int:
    """Return the communes that the legend counts in a class."""
    counted = page.locator(
        f"[data-theme={theme}] .rang:has([data-filtre='{theme}/{style}']) .compte"
    )
    return int(counted.get_attribute("data-communes") or -1)


PIXEL = """([code, zoom]) => {
  const { mesh, painter } = ZB.app, unit = mesh.unitOf.get(code), [x, y] = mesh.inside(unit);
  const scale = 256 * 2 ** zoom, tile = document.createElement("canvas");
  tile.width = tile.height = 256;
  const coords = { x: Math.floor(x * scale / 256), y: Math.floor(y * scale / 256), z: zoom };
  const over = painter.over;
  painter.over = [];
  painter.paint(tile, coords);
  painter.over = over;
  const pen = tile.getContext("2d");
  return [...pen.getImageData(Math.floor(x * scale) % 256, Math.floor(y * scale) % 256, 1, 1).data];
}"""


def pixel(page: Page, code: str, zoom: int = 12) -> tuple[int, ...]:
    """Return the colour that is painted in the middle of a commune, without borders."""
    return tuple(page.evaluate(PIXEL, [code, zoom]))

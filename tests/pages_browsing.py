"""The application opened in a real browser: outside hosts blocked, axe-core at hand."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from map_browsing import PATIENCE_MS
from pages_served import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from playwright.sync_api import Browser, Page, Route

AXE = Path(__file__).parent / "assets" / "axe-core" / "axe.min.js"
"""Fetched by `python -m data.reference.npm_files --essais`."""

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "RGAAv4")

_PATIENCE_S = PATIENCE_MS / 1000


@contextmanager
def running(app: FastAPI | None = None) -> Iterator[str]:
    """Run the application, on small studies unless another is given, on a free port."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(app or served(), log_level="error", access_log=False)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + _PATIENCE_S
        while not server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(_PATIENCE_S)


@contextmanager
def browsing(browser: Browser, host: str, **options: Any) -> Iterator[Page]:  # noqa: ANN401
    """Open a browser; fail on any request elsewhere, any error, any console message."""
    context = browser.new_context(
        **{"viewport": {"width": 1440, "height": 900}, "locale": "fr-FR", **options}
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []

    def guard(route: Route) -> None:
        if route.request.url.startswith((f"{host}/", "data:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert asked == []
    assert said == []


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong in a page, one line an element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        """async (tags) => {
          const result = await axe.run(document, {runOnly: {type: "tag", values: tags}});
          return result.violations.flatMap((rule) =>
            rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`));
        }""",
        list(TAGS),
    )
    return found

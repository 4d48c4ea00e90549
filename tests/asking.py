"""Asks the application, in this process, as a browser on this machine would."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

from api.app import create_app
from api.settings import Settings
from api.studies import OpenStudy, Studies

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from coverage.model import Coverage

PROBLEM = "application/problem+json"
PAGE = {"accept": "text/html,application/xhtml+xml"}


class Client:
    """Asks one application."""

    def __init__(self, app: FastAPI, host: str = "127.0.0.1") -> None:
        self.app = app
        self.address = f"http://{host}"

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self.address) as client:
                return await client.request(method, path, **options)

        return asyncio.run(answer())

    def get(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        return self.ask("POST", path, **options)

    def problem(self, method: str, path: str, status: int, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the problem document that answers a request, its form checked."""
        answer = self.ask(method, path, **options)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == PROBLEM
        content: dict[str, Any] = answer.json()
        assert content["status"] == status
        assert {"type", "title", "detail"} <= content.keys()
        return content


def client_of(*loads: Callable[[], Coverage], settings: Settings | None = None) -> Client:
    """Return a client of an application that serves studies `essai`, `essai-2`…"""
    slugs = ["essai", *(f"essai-{rank}" for rank in range(2, len(loads) + 1))]
    studies = Studies([OpenStudy(slug, load) for slug, load in zip(slugs, loads, strict=False)])
    return Client(create_app(settings or Settings(), studies))

"""The application that asks for keys, on small studies and a clock that the tests turn."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from html import unescape
from typing import TYPE_CHECKING, Any

from asking import PAGE, Client
from fake_coverage import fake_coverage
from fastapi import APIRouter
from pydantic import SecretStr

from api.access.guards import GUARDS
from api.access.identity import Access
from api.access.throttle import Throttle
from api.app import create_app
from api.settings import Settings
from api.studies import OpenStudy, Studies
from data.store.audit import audit_since
from data.store.tokens import issue_token

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    from fastapi import FastAPI

    from coverage.model import Coverage
    from data.store.audit import AuditEntry
    from data.store.engine import Store

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
HERE = {"origin": "http://127.0.0.1"}
OWN, OTHER, WHOLE = "limitee", "voisine", "nationale"
"""Studies of région 84, of région 32, of both."""

_COVERAGES = {OWN: ("84",), OTHER: ("32",), WHOLE: ()}

stubs = APIRouter(prefix="/etudes/{etude}")
"""Addresses of what the application does not do yet: the table already speaks of them."""


@cache
def _coverage(regions: tuple[str, ...]) -> Coverage:
    return fake_coverage(regions=regions)


def _done() -> dict[str, str]:
    return {"fait": "oui"}


for _name in ("depot", "scenarios", "avis/essai", "verrous/essai", "versions", "calcul", "essais"):
    stubs.post(f"/{_name}")(_done)
stubs.get("/jetons")(_done)
stubs.put("/scenarios")(_done)


@dataclass
class Keyed:
    """An application, its register, and the time that it believes."""

    app: FastAPI
    store: Store
    now: list[datetime]
    seconds: list[float]
    keys: dict[tuple[str, str], str] = field(default_factory=dict)

    def client(self, *, https: bool = False) -> Client:
        client = Client(self.app)
        if https:
            client.address = "https://127.0.0.1"
        return client

    def key(self, role: str, region: str = "", days: int = 30) -> str:
        """Return a new key."""
        with self.store.write("essais") as write:
            ends = self.now[0] + timedelta(days=days)
            return issue_token(write, f"Service {role}", role, region, ends)

    def kept_key(self, role: str, region: str = "") -> str:
        """Return the same key for the same role."""
        if (role, region) not in self.keys:
            self.keys[role, region] = self.key(role, region)
        return self.keys[role, region]

    def audit(self) -> list[AuditEntry]:
        with self.store.read() as session:
            return audit_since(session)

    def as_new(self) -> Keyed:
        """Return the same application, its clocks turned back and its attempts forgotten."""
        self.now[0], self.seconds[0] = NOW, 0.0
        self.app.state.access = Access(self.store, Throttle(clock=lambda: self.seconds[0]))
        return self

    def later(self, **span: float) -> None:
        self.now[0] += timedelta(**span)


def keyed(folder: Path, *, requests_per_minute: int = 1_000_000) -> Keyed:
    """Return the application, set to ask for keys, on a new register."""
    settings = Settings(
        requests_per_minute=requests_per_minute,
        database=SecretStr(f"sqlite:///{folder / 'registre.sqlite'}"),
        access="jetons",
    )
    studies = [OpenStudy(name, partial(_coverage, each)) for name, each in _COVERAGES.items()]
    app = create_app(settings, Studies(studies))
    now, seconds = [NOW], [0.0]
    store = replace(app.state.access.store, clock=lambda: now[0])
    app.include_router(stubs, dependencies=GUARDS)
    return Keyed(app, store, now, seconds).as_new()


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@dataclass
class Browser:
    """Keeps cookies and posts forms as a browser does."""

    client: Client
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        headers = {"origin": self.client.address} if method == "POST" else {}
        headers |= PAGE | options.pop("headers", {})
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        answer = self.client.ask(method, path, headers=headers, **options)
        for name, text in answer.cookies.items():
            self.cookies[name] = text
        for line in answer.headers.get_list("set-cookie"):
            if "Max-Age=0" in line:
                self.cookies.pop(line.partition("=")[0], None)
        return answer

    def get(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        return self.ask("GET", path, **options)

    def post(self, path: str, fields: dict[str, str], **options: Any) -> httpx.Response:  # noqa: ANN401
        return self.ask("POST", path, data=fields, **options)

    def fields(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the form of a page."""
        found = re.findall(
            r'<input type="hidden" name="([^"]*)" value="([^"]*)">', self.get(path).text
        )
        return {name: unescape(value) for name, value in found}

    def log_in(self, key: str, page: str = "/connexion") -> httpx.Response:
        return self.post("/connexion", self.fields(page) | {"jeton": key})

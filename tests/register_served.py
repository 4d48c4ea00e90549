"""The application with a register, on the toy territory, and forms posted as a browser does."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asking import PAGE, Client
from keyed import Browser
from pydantic import SecretStr
from toy import STUDY, toy_territory
from upload_archives import zipped

from api.app import create_app
from api.register import Register
from api.settings import Settings
from api.studies import OpenStudy, Studies
from coverage.study import compute
from data.store.audit import audit_since
from data.store.engine import open_store
from data.store.studies import version_files
from data.study.reader import read_study
from data.uploads.bounded import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx
    from fastapi import FastAPI
    from keyed import Keyed

    from api.background import Progress
    from api.deposits.deposit import Deposit
    from coverage.model import Coverage
    from data.store.audit import AuditEntry
    from geo.territory import Territory

HERE = {"origin": "http://127.0.0.1"}
SOUND = zipped(STUDY, top="essai/")
BROKEN = zipped(
    STUDY | {"besoins.csv": "commune,donneur_ordre,heures\n99999,etat,1\n75056,etat,beaucoup\n"}
)
"""The toy study with a commune that does not exist and hours that are no number."""


@cache
def territory() -> Territory:
    return toy_territory()


def toy_coverage(folder: Path, *, on_step: Callable[[str], None] = lambda _: None) -> Coverage:
    on_step("Lecture de l’étude")
    return compute(read_study(folder, territory()), territory(), on_step=on_step)


@cache
def empty_register() -> bytes:
    """Return the file of a register that holds nothing: made once, it takes half a second."""
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "registre.sqlite"
        store = open_store(f"sqlite:///{path}")
        store.close()
        store.reader.dispose()
        return path.read_bytes()


def application(folder: Path, *shown: OpenStudy, url: str = "") -> FastAPI:
    """Return the application on the register of a folder, or of an address, as it is left."""
    path = folder / "registre.sqlite"
    if not url and not path.exists():
        path.write_bytes(empty_register())
    url = url or f"sqlite:///{path}"
    settings = Settings(requests_per_minute=1_000_000, database=SecretStr(url))
    store = open_store(url)
    register = Register(store, loader=toy_territory, compute=toy_coverage)
    return create_app(settings, Studies(shown), register=register)


@dataclass
class Planner:
    """Someone at a browser; one of their own when the application asks for keys."""

    app: FastAPI
    browser: Browser | None = None
    name: str = "poste local"

    @property
    def register(self) -> Register:
        found: Register = self.app.state.register
        return found

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        if self.browser is not None:
            if method == "POST":
                fields = self.browser.fields("/registre/deposer")
                options["data"] = fields | options.get("data", {})
            return self.browser.ask(method, path, **options)
        headers = PAGE | (HERE if method == "POST" else {})
        return Client(self.app).ask(method, path, headers=headers, **options)

    def html(self, path: str) -> str:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.text

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.ask("POST", path, data=fields or {"rien": ""})

    def send(self, content: bytes, name: str = "etude.zip", slug: str = "") -> httpx.Response:
        path = f"/registre/{slug}/depots" if slug else "/registre/depots"
        return self.ask("POST", path, files={"fichier": (name, content)})

    def deposit(self, content: bytes, name: str = "etude.zip", slug: str = "") -> str:
        """Deposit a file, wait for its reading; return the key of the deposit."""
        key = key_of(self.send(content, name, slug))
        waited(self.found(key))
        return key

    def found(self, key: str) -> Deposit:
        return self.register.deposits.find(key, self.name)

    def freeze(self, key: str, note: str = "", slug: str = "essai") -> httpx.Response:
        return self.post(
            "/registre/versions", depot=key, note=note, identifiant=slug, nom="Étude d’essai"
        )

    def serve(self, number: int, slug: str = "essai") -> str:
        """Have a version served, wait for it; return the address that it leads to."""
        followed = self.post(f"/registre/{slug}/versions/{number}/service")
        assert followed.status_code == 303, followed.text
        ended(self.app, job_of(followed))
        return str(self.ask("GET", followed.headers["location"]).headers["location"])

    def files(self, slug: str, number: int) -> dict[str, bytes]:
        version = self.register.version(slug, number)
        with self.register.store.read() as session:
            return version_files(session, version.version_id)

    def numbers(self, slug: str = "essai") -> list[int]:
        return [each.number for each in self.register.entry(slug).versions]


def holder(door: Keyed, role: str, region: str) -> Planner:
    """Return someone who logged in with a new key."""
    browser = Browser(door.client())
    browser.log_in(door.key(role, region))
    (actor,) = {entry.actor for entry in door.audit()[-1:]}
    return Planner(door.app, browser, actor)


def key_of(answer: httpx.Response) -> str:
    """Return the key of the deposit that an answer leads to."""
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/registre/depots/([0-9a-f]{32})", answer.headers["location"])
    assert found
    return found[1]


def waited(deposit: Deposit) -> None:
    """Wait for the end of the reading of a deposit."""

    async def last() -> None:
        async for _ in deposit.checking.watch(600):
            pass

    # A thread of its own: a browser driven by this one has a loop that runs already.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, last()).result()


def job_of(answer: httpx.Response) -> int:
    """Return the number of the job that an answer leads to."""
    found = re.fullmatch(r"/calculs/([0-9]+)\?suite=1", answer.headers["location"])
    assert found, answer.headers
    return int(found[1])


def ended(app: FastAPI, job_id: int) -> Progress:
    """Wait for the end of a job; return its last state."""
    while (progress := app.state.jobs.progress(job_id)).under_way:
        time.sleep(0.01)
    found: Progress = progress
    return found


class Near:
    """Stands for the process of a reading: the same function, in this process."""

    def __init__(
        self, function: Callable[..., object], args: Sequence[object], **options: object
    ) -> None:
        self._function, self._args = function, args
        self._say = options["on_progress"]

    def kill(self) -> None:
        """Do nothing: what runs here cannot be killed."""

    def run(self) -> Outcome:
        # The territory of the tests is made once here, as a process would make its own.
        own = [self._args[0], [__name__, territory.__name__], *self._args[2:]]
        return Outcome("rendue", self._function(*own, on_progress=self._say))


def audited(register: Register) -> list[AuditEntry]:
    with register.store.read() as session:
        return audit_since(session)

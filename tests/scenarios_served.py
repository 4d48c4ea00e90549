"""The application on a register that holds a study with options, its versions served, no upload."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from asking import Client
from pydantic import SecretStr
from register_served import HERE, Planner, empty_register, toy_coverage
from test_propose import FILES
from toy import toy_territory

from api.app import create_app
from api.register import Register
from api.scenarios.kept import KeptScenarios, kept_scenarios
from api.settings import Settings
from api.studies import Studies
from data.store.engine import open_store
from data.store.studies import add_version, create_study, study_of_slug

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import httpx

    from api.background import Progress
    from coverage.model import Coverage

SLUG = "essai"
ROOT, API = f"/etudes/{SLUG}/scenarios", f"/api/v1/etudes/{SLUG}/scenarios"
JSON = {**HERE, "content-type": "application/json"}

FEWER = FILES | {
    "postes.csv": "\n".join(
        line for line in FILES["postes.csv"].splitlines() if not line.startswith("P1,")
    )
    + "\n"
}
"""The same study without its first post."""


_COMPUTED: dict[str, Coverage] = {}


def once_computed(folder: Path, *, on_step: Callable[[str], None]) -> Coverage:
    """Return the coverage of a version, made once: its folder is named by its digest."""
    if folder.name not in _COMPUTED:
        _COMPUTED[folder.name] = toy_coverage(folder, on_step=on_step)
    return _COMPUTED[folder.name]


def new_register(folder: Path) -> str:
    """Return the address of an empty register in a file."""
    path = folder / "registre.sqlite"
    path.write_bytes(empty_register())
    return f"sqlite:///{path}"


def opened(url: str) -> Planner:
    """Return a planner of an application whose register holds a study, its version 1 served."""
    register = Register(open_store(url), loader=toy_territory, compute=once_computed)
    settings = Settings(requests_per_minute=1_000_000, database=SecretStr(url), plan_seconds=60)
    planner = Planner(create_app(settings, Studies([]), register=register))
    with register.store.write("essais") as write:
        create_study(write, SLUG, "Étude d’essai", "")
    freeze(planner, FILES)
    serve(planner, 1)
    return planner


def freeze(planner: Planner, files: Mapping[str, str]) -> None:
    with planner.register.store.write("essais") as write:
        study = study_of_slug(write.session, SLUG)
        raw = {name: content.encode() for name, content in files.items()}
        add_version(write, study.study_id, raw, "")


def serve(planner: Planner, number: int) -> None:
    shelf = planner.register.shelf
    found = shelf.opened(SLUG, planner.register.version(SLUG, number))
    shelf.show(planner.app.state.studies, found)


def kept(planner: Planner) -> KeptScenarios:
    return kept_scenarios(planner.register.store, planner.app.state.studies.find(SLUG))


def save(planner: Planner, **content: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    """Save a scenario as a program does."""
    return Client(planner.app).post(API, headers=JSON, json=content)


def saved(planner: Planner, **content: Any) -> dict[str, Any]:  # noqa: ANN401 - same
    answer = save(planner, **content)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def compared(planner: Planner, a: str, b: str, **more: str) -> Progress:
    """Ask for a comparison and wait for its end."""
    asked = planner.post(f"{ROOT}/comparaison/calcul", a=a, b=b, **more)
    assert asked.status_code == 303, asked.text
    number = int(asked.headers["location"].removeprefix("/calculs/").partition("?")[0])
    jobs = planner.app.state.jobs
    while jobs.progress(number).under_way:
        time.sleep(0.05)
    found: Progress = jobs.progress(number)
    return found

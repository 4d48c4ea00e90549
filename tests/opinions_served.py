"""A study of the register, served, its proposals computed: what people say of it, then again."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pages_served import words
from proposals_served import APPLICATION, MEAN
from register_served import Planner, application
from upload_archives import zipped

from api.jobs.kinds import proposing

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from api.proposed import Proposed
    from api.studies import OpenStudy

SLUG = "essai"
PAGES = f"/etudes/{SLUG}"
FILES = MEAN | {f"candidatures/{name}": text for name, text in APPLICATION.items()}
"""The toy study with an application, and money for a few posts only."""


def served(folder: Path, files: dict[str, str] = FILES, *, compute: bool = True) -> Planner:
    """Return someone at a server that shows version 1 of a study, its proposals computed."""
    planner = Planner(application(folder))
    assert planner.freeze(planner.deposit(zipped(files))).status_code == 303
    show(planner, 1)
    if compute:
        computed(planner)
    return planner


def show(planner: Planner, number: int) -> OpenStudy:
    """Show a version at once, whatever the page that asks for it does meanwhile."""
    register = planner.register
    opened = register.shelf.opened(SLUG, register.version(SLUG, number))
    return register.shelf.show(planner.app.state.studies, opened)


def study_of(planner: Planner) -> OpenStudy:
    found: OpenStudy = planner.app.state.studies.find(SLUG)
    return found


def computed(planner: Planner, *, anew: bool = False) -> Proposed:
    """Ask for the proposals, wait for them."""
    asked = proposing(planner.app.state, study_of(planner))
    asked.start(anew=anew)

    async def last() -> None:
        async for _ in asked.watch(600):
            pass

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, last()).result()
    assert asked.result is not None, asked.progress
    return asked.result


def failure(planner: Planner) -> str:
    """Ask for the proposals anew; return why there are none."""
    asked = proposing(planner.app.state, study_of(planner))
    computed(planner, anew=True)
    return " ".join(asked.progress.faults)


def said(avis: str = "favorable", **fields: str) -> dict[str, str]:
    return {"instance": "dreets", "date": "2023-05-12", "avis": avis, "motif": "vu"} | fields


def give(planner: Planner, avis: str = "favorable", **fields: str) -> httpx.Response:
    """Post what a form would, at the address that takes this opinion."""
    place = "verrous" if avis in ("verrouille", "refuse") else "avis"
    return planner.post(f"{PAGES}/{place}", **said(avis, **fields))


def given(planner: Planner, avis: str = "favorable", **fields: str) -> str:
    """Give an opinion that is recorded; return what the page it leads to says."""
    answer = give(planner, avis, **fields)
    assert answer.status_code == 303, words(answer.text)
    return words(planner.html(answer.headers["location"].partition("#")[0]))


def listed(planner: Planner, asked: str = "") -> list[dict[str, Any]]:
    answer = planner.ask("GET", f"/api/v1/etudes/{SLUG}/avis{asked}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found

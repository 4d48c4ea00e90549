"""A real server killed in the middle of a job: the next one ends it, and the pages show it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from databases import KINDS, free_port, new_database
from job_server import process, serve_at_the_door
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, violations
from pages_served import words
from playwright.sync_api import expect
from toy import STUDY

from data.store.engine import open_store
from data.store.studies import add_version, create_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

    from playwright.sync_api import Page

PATIENCE_S = 300
PAGE = {"accept": "text/html"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@contextmanager
def serving(url: str, port: int, door: Path) -> Iterator[ForkServerProcess]:
    """Run a server; kill it whatever happens."""
    with process(serve_at_the_door, url, port, str(door)) as started:
        until(lambda: answered(port, "/sante"))
        yield started


def until(look: Any) -> Any:  # noqa: ANN401 - whatever is looked for
    """Return what a look finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.1)
    return found


def answered(port: int, path: str) -> httpx.Response | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", headers=PAGE, timeout=PATIENCE_S)
    except httpx.TransportError:
        return None


def registered(url: str) -> None:
    """Freeze the toy study in a register."""
    store = open_store(url)
    with store.write("Anne") as write:
        study = create_study(write, "essai", "Étude d’essai", "11")
        files = {name: text.encode() for name, text in STUDY.items()}
        add_version(write, study.study_id, files, "")
    store.close()


def told(port: int, job: str) -> dict[str, Any]:
    answer = answered(port, f"/api/v1{job}")
    assert answer is not None
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_killed_in_the_middle_of_a_job_is_replaced(kind: str, tmp_path: Path) -> None:
    url, port, door = new_database(kind, tmp_path), free_port(), tmp_path / "porte"
    registered(url)
    with serving(url, port, door) as first:
        host = f"http://127.0.0.1:{port}"
        asked = httpx.post(
            f"{host}/registre/essai/versions/1/service",
            headers=FORM | {"origin": host},
            data={"rien": ""},
            timeout=PATIENCE_S,
        )
        assert asked.status_code == 303
        job = asked.headers["location"].partition("?")[0]
        until(lambda: told(port, job)["avancement"]["etape"] == "À la porte")
        assert told(port, job)["tache"]["essai"] == 1
        first.kill()
        first.join()
    # Restarted at once, on the same machine, the door still closed: it is begun anew.
    with serving(url, port, door):
        until(lambda: told(port, job)["tache"]["essai"] == 2)
        until(lambda: told(port, job)["avancement"]["etape"] == "À la porte")
        door.touch()
        until(lambda: told(port, job)["tache"]["etat"] == "terminee")
        page = answered(port, job)
        assert page is not None
        assert "commencé 2 fois, le serveur s’étant arrêté" in words(page.text)
        ready = until(lambda: told(port, job)["tache"]["resultat"])
        assert ready == "/etudes/essai"
    # Served again after another restart, nothing asked.
    with serving(url, port, door):
        study = answered(port, "/etudes/essai")
        assert study is not None
        assert "Version 1 , figée le" in words(study.text)
        assert len(told(port, "/calculs")) == 1


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)")
def test_a_planner_asks_stops_asks_again_reloads_and_outlives_a_restart(tmp_path: Path) -> None:
    url, port, door = new_database("sqlite", tmp_path), free_port(), tmp_path / "porte"
    registered(url)
    host = f"http://127.0.0.1:{port}"
    with launched() as browser:
        # Not `browsing`: a server that is not there is an error that the console tells.
        page = browser.new_page(locale="fr-FR")
        page.set_default_timeout(PATIENCE_S * 1_000)
        with serving(url, port, door):
            page.goto(f"{host}/registre/essai")
            press(page, "Servir cette version")
            page.wait_for_url("**/calculs/1?suite=1")
            expect(page.get_by_text("À la porte")).to_be_visible()
            assert violations(page) == []
            press(page, "Arrêter le calcul")
            expect(page.get_by_role("heading", name="Le calcul a été arrêté")).to_be_visible()
            assert violations(page) == []
            press(page, "Recommencer le calcul")
            page.wait_for_url("**/calculs/2?suite=1")
            # The first still stands at the door: it stops at its next stage.
            expect(page.get_by_role("heading", name="Où en est le calcul")).to_be_visible()
            page.reload()
            expect(page.get_by_role("button", name="Arrêter le calcul")).to_be_visible()
        door.touch()
        with serving(url, port, door):
            # The page followed all along: it finds the server again by itself.
            page.wait_for_url("**/etudes/essai")
            expect(page.get_by_text("Version 1, figée le")).to_be_visible()
            page.goto(f"{host}/calculs")
            rows = page.get_by_role("row")
            expect(rows.nth(1)).to_contain_text("prêt")
            expect(rows.nth(2)).to_contain_text("arrêté")
            assert violations(page) == []


def press(page: Page, name: str) -> None:
    """Press a button by the keyboard alone."""
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")

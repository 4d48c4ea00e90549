"""The register in a real browser: a study deposited, mended, frozen and served; axe at zero."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from playwright.sync_api import expect
from register_served import BROKEN, SOUND, Planner, application, waited

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]

NEEDS = b"commune,donneur_ordre,heures\n75056,etat,1200\n"

NAMED = """() => {
    const found = document.activeElement;
    return found.matches("a, button, input") ? (found.labels?.[0] ?? found).textContent : "";
}"""


def deposit(page: Page, content: bytes) -> None:
    archive = {"name": "etude.zip", "mimeType": "application/zip", "buffer": content}
    page.get_by_label("Fichier").set_input_files(archive)
    page.get_by_role("button", name="Déposer et contrôler").click()


def test_a_study_is_deposited_mended_frozen_and_served(tmp_path: Path) -> None:
    app = application(tmp_path)
    with running(app) as host, launched() as browser, browsing(browser, host) as page:
        page.goto(f"{host}/")
        page.get_by_role("link", name="Registre", exact=True).first.click()
        expect(page.get_by_text("Le registre ne garde encore aucune étude.")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("link", name="Déposer une étude").click()
        assert violations(page) == []
        deposit(page, BROKEN)
        row = page.get_by_role("row").filter(has_text="99999")
        expect(row).to_contain_text("besoins.csv")
        assert violations(page) == []
        expect(page.get_by_role("button", name="Figer cette version")).to_have_count(0)

        page.get_by_role("link", name="déposer de nouveau").click()
        deposit(page, SOUND)
        button = page.get_by_role("button", name="Figer cette version")
        expect(button).to_be_visible()
        expect(page.get_by_label("Identifiant")).to_have_value("essai")
        assert violations(page) == []
        page.get_by_label("Note").fill("Première version")
        button.dblclick()
        page.wait_for_url("**/registre/essai")
        expect(page.get_by_role("heading", level=2)).to_have_text(["Version 1"])
        assert violations(page) == []

        page.get_by_role("button", name="Servir cette version").click()
        page.wait_for_url("**/etudes/essai")
        expect(page.get_by_text(re.compile(r"^Version 1, figée le"))).to_be_visible()
        assert violations(page) == []
        page.goto(f"{host}/registre")
        expect(page.get_by_role("row").filter(has_text="Essai")).to_contain_text("version 1")
        assert violations(page) == []


def test_without_scripts_the_page_follows_the_reading(tmp_path: Path) -> None:
    app = application(tmp_path)
    with (
        running(app) as host,
        launched() as browser,
        browsing(browser, host, java_script_enabled=False) as page,
    ):
        page.goto(f"{host}/registre/deposer")
        deposit(page, SOUND)
        key = page.url.rpartition("/")[2]
        waited(Planner(app).found(key))
        expect(page.get_by_role("button", name="Figer cette version")).to_be_visible()


def test_by_the_keyboard_alone_a_deposit_is_mended_taken_over_frozen_and_dropped(
    tmp_path: Path,
) -> None:
    app = application(tmp_path)
    planner = Planner(app)
    with running(app) as host, launched() as browser, browsing(browser, host) as page:
        page.goto(f"{host}/registre/deposer")
        chosen(page, "etude.zip", BROKEN)
        expect(page.get_by_role("row").filter(has_text="99999")).to_be_visible()
        press(page, "déposer de nouveau")
        chosen(page, "etude.zip", SOUND)
        reach(page, "Note (facultative)")
        page.keyboard.type("Première version")
        press(page, "Figer cette version")
        page.wait_for_url("**/registre/essai")

        # Someone else freezes meanwhile; a thread of its own, as this one has a loop already.
        with ThreadPoolExecutor(1) as pool:
            key = pool.submit(overtaken, planner).result()
        page.goto(f"{host}/registre/depots/{key}")
        assert violations(page) == []
        press(page, "Reprendre sur la version 2")
        expect(page.get_by_role("cell", name="75056,etat,900")).to_be_visible()
        assert violations(page) == []
        reach(page, "Prendre celui de la version 2")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_label("Garder celui de ce dépôt")).to_be_checked()
        press(page, "Reprendre et contrôler")
        expect(page.get_by_text("Reprise sur la version 2")).to_be_visible()
        press(page, "Figer cette version")
        expect(page.get_by_role("heading", name="Version 3")).to_be_visible()
        assert planner.files("essai", 3)["besoins.csv"] == NEEDS

        page.goto(f"{host}/registre")
        expect(page.get_by_role("row").filter(has_text="nouvelle étude")).to_contain_text("erreurs")
        assert violations(page) == []
        press(page, "Abandonner le dépôt")
        expect(page.get_by_role("heading", name="Abandonner ce dépôt")).to_be_visible()
        assert violations(page) == []
        press(page, "Abandonner et effacer")
        page.wait_for_url("**/registre")
        expect(page.get_by_text("Mes dépôts en attente")).to_have_count(0)


def overtaken(planner: Planner) -> str:
    """Deposit a table, then freeze another content of it; return the key of the first."""
    key = planner.deposit(NEEDS, "besoins.csv", "essai")
    planner.freeze(planner.deposit(NEEDS.replace(b"1200", b"900"), "besoins.csv", "essai"))
    return key


def chosen(page: Page, name: str, content: bytes) -> None:
    """Deposit a file by the keyboard; the system's own window that picks it is not the page's."""
    file = {"name": name, "mimeType": "application/zip", "buffer": content}
    page.get_by_label("Fichier").set_input_files(file)
    press(page, "Déposer et contrôler")
    page.wait_for_url("**/registre/depots/*")


def reach(page: Page, words: str) -> None:
    """Go with the tabulation to what these words name."""
    page.get_by_text(words).or_(page.get_by_label(words)).first.wait_for()
    for _ in range(80):
        page.keyboard.press("Tab")
        named = page.evaluate(NAMED)
        if words in " ".join(named.split()):
            return
    raise AssertionError(f"the keyboard does not reach {words}")


def press(page: Page, words: str) -> None:
    reach(page, words)
    page.keyboard.press("Enter")

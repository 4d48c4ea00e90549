"""The register in a real browser: a study deposited, mended, frozen and served; axe at zero."""

from __future__ import annotations

import re
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


def deposit(page: Page, content: bytes) -> None:
    archive = {"name": "etude.zip", "mimeType": "application/zip", "buffer": content}
    page.get_by_label("Fichier").set_input_files(archive)
    page.get_by_role("button", name="Déposer et contrôler").click()


def test_a_study_is_deposited_mended_frozen_and_served(tmp_path: Path) -> None:
    app = application(tmp_path)
    with running(app) as host, launched() as browser, browsing(browser, host) as page:
        page.goto(f"{host}/")
        page.get_by_role("link", name="Registre", exact=True).click()
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

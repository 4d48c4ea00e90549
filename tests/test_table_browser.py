"""The tables of a deposit in a real browser: a post added with the keyboard alone; axe at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from playwright.sync_api import expect
from register_served import SOUND, Near, Planner, application, waited

from data.uploads import check

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]

_MOST_KEYS = 60


def tab_to(page: Page, text: str) -> None:
    """Press Tab until the focus is on what bears a text, or holds it as its name."""
    for _ in range(_MOST_KEYS):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText"
        )
        if " ".join((told or "").split()).startswith(text):
            return
    raise AssertionError(f"the keyboard does not reach {text!r}")


def test_a_post_is_added_with_the_keyboard_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    planner = Planner(application(tmp_path))
    key = planner.deposit(SOUND)
    with running(planner.app) as host, launched() as browser, browsing(browser, host) as page:
        page.goto(f"{host}/registre/depots/{key}")
        tab_to(page, "Voir et modifier les tables")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tables de l’étude")
        assert violations(page) == []
        tab_to(page, "postes")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Table postes")
        assert violations(page) == []
        tab_to(page, "Ajouter une ligne")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Table postes, nouvelle ligne")
        assert violations(page) == []
        for name, typed in (("structure_id", "B"), ("volet", "fac"), ("etp", "0,8")):
            tab_to(page, name)
            page.keyboard.type(typed)
        tab_to(page, "prives")
        page.keyboard.press("Space")
        tab_to(page, "Ajouter la ligne")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("postes : ligne ajoutée")
        waited(planner.found(key))
        row = page.get_by_role("row").last
        expect(row).to_contain_text("facilitateur")
        expect(row).to_contain_text("prives")
        assert page.evaluate("document.querySelector(':target').rowIndex") == 5

        tab_to(page, "Retirer la ligne 2")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("La ligne 2 sera retirée de postes.csv")
        assert violations(page) == []
    # The address of a refused form says so, which a browser tells on its console.
    with running(planner.app) as host, launched() as browser:
        page = browser.new_page()
        page.goto(f"{host}/registre/depots/{key}/tables/postes/lignes/6")
        page.get_by_label("etp").fill("soixante")
        page.get_by_role("button", name="Enregistrer").click()
        expect(page.get_by_role("alert")).to_contain_text("etp")
        expect(page.get_by_label("etp")).to_have_value("soixante")
        expect(page.get_by_label("etp")).to_have_accessible_description(
            "Exemple fictif : 0,5 « soixante » ne se lit pas comme un nombre ; attendu : nombre "
            "plus grand que 0 et au plus 50 → écrivez par exemple « 0,5 », sans unité ni zéro "
            "devant"
        )
        assert violations(page) == []

"""Two planners on one scenario in real browsers: told, both shown, nothing lost; keyboard, axe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from map_browsing import CHROMIUM, PATIENCE_MS, launched
from pages_browsing import AXE, browsing, running, violations
from playwright.sync_api import expect
from scenarios_served import ROOT, SLUG, kept, new_register, opened
from test_accessibility import tab_to

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]

MAP = f"/etudes/{SLUG}/carte"


def another(browser: Browser) -> Page:
    """Open the browser of another planner: a refusal that it is told is written in its console."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def try_etp(page: Page, text: str) -> None:
    """Change the first post that the panel shows."""
    field = page.locator("#essai-structures input[type=text]").first
    field.fill(text)
    field.press("Enter")
    expect(page.locator("#essai-banniere")).to_be_visible()


def save(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer comme scénario").click()


def test_two_planners_cross_on_the_map_and_nothing_is_lost(tmp_path: Path) -> None:
    planner = opened(new_register(tmp_path))
    with (
        running(planner.app) as host,
        launched() as browser,
        browsing(browser, host) as first,
    ):
        first.goto(f"{host}{MAP}#s=01004")
        first.wait_for_selector("html[data-pret=oui]")
        first.get_by_role("button", name="Faire un essai").click()
        try_etp(first, "2")
        first.get_by_label("Nom du scénario").fill("Plan")
        save(first)
        expect(first.locator("#scenario-dit")).to_have_text("Enregistré : Plan, révision 1.")
        assert violations(first) == []

        second = another(browser)
        second.goto(f"{host}{ROOT}")
        second.get_by_role("link", name="Plan", exact=True).click()
        second.get_by_role("link", name="Ouvrir sur la carte").click()
        expect(second.locator("#essai-liste")).to_contain_text("porté à 2")
        # The first one goes on; the second one does not know.
        try_etp(first, "3")
        save(first)
        expect(first.locator("#scenario-dit")).to_have_text("Enregistré : Plan, révision 2.")
        second.get_by_role("button", name="Tout remettre").click()
        save(second)
        conflict = second.locator("#scenario-conflit")
        expect(conflict).to_contain_text("Rien n’est perdu")
        expect(conflict.get_by_role("row").filter(has_text="porté à 3")).to_contain_text("ouinon")
        assert violations(second) == []
        # By keyboard: the focus is on what is told, the next keys reach the choices.
        expect(conflict.locator("p").first).to_be_focused()
        tab_to(second, "#scenario-conflit button >> text=par-dessus")
        second.keyboard.press("Enter")
        expect(second.locator("#scenario-dit")).to_have_text("Enregistré : Plan, révision 3.")
        history = [each.content.modifications for each in kept(planner).history("Plan")]
        assert [[each.demande.etp for each in own] for own in history] == [[], ["3"], ["2"]]

        # The first one is told in turn, and takes what is there; or gives its own another name.
        first.get_by_label("Nom du scénario").fill("Plan à part")
        save(first)
        expect(first.locator("#scenario-dit")).to_have_text("Enregistré : Plan à part, révision 1.")
        assert [each.name for each in kept(planner).all()] == ["Plan", "Plan à part"]
        second.reload()
        expect(second.locator("#scenario-ouvert")).to_contain_text("Plan, révision 3")


def test_pages_of_scenarios_by_keyboard_and_under_axe(tmp_path: Path) -> None:
    planner = opened(new_register(tmp_path))
    with (
        running(planner.app) as host,
        launched() as browser,
        browsing(browser, host, java_script_enabled=True) as page,
    ):
        page.goto(f"{host}{ROOT}")
        assert violations(page) == []
        tab_to(page, "text=Nouveau scénario")
        page.keyboard.press("Enter")
        page.get_by_label("Nom du scénario").focus()
        page.keyboard.type("Plan")
        page.locator("details").first.evaluate("(found) => { found.open = true; }")
        assert violations(page) == []
        page.get_by_label("L’enveloppe de l’année").fill("2 700 000")
        tab_to(page, "text=Enregistrer le scénario")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{ROOT}/1")
        expect(page.locator("main")).to_contain_text("au lieu de 5\u202f400\u202f000 euros")
        assert violations(page) == []
        page.goto(f"{host}{ROOT}/decision?option=zb-1")
        assert violations(page) == []
        page.goto(f"{host}{ROOT}")
        page.get_by_label("avec", exact=True).select_option("etude")
        tab_to(page, "form button >> text=Comparer")
        page.keyboard.press("Enter")
        page.wait_for_url("**/scenarios/comparaison?**")
        expect(page.get_by_role("row").filter(has_text="Besoin servi")).to_contain_text("=")
        assert violations(page) == []

        other = another(browser)
        other.goto(f"{host}{ROOT}/1/modifier")
        page.goto(f"{host}{ROOT}/1/modifier")
        page.get_by_label("Description").fill("La sienne")
        page.get_by_role("button", name="Enregistrer la révision 2").click()
        page.wait_for_url(f"**{ROOT}/1")
        other.get_by_label("Description").fill("La mienne")
        other.get_by_role("button", name="Enregistrer la révision 2").click()
        expect(other.get_by_role("alert")).to_contain_text("Rien n’est perdu")
        assert violations(other) == []
        tab_to(other, "#nom")
        other.keyboard.type("Plan bis")
        other.keyboard.press("Enter")
        other.wait_for_url(f"**{ROOT}/2")
        expect(other.locator("main")).to_contain_text("La mienne")

"""The form of an application in a real browser: filled with the keyboard alone; axe at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from application_pages import FILE
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from playwright.sync_api import expect
from register_served import Near, Planner, application, waited
from test_table_browser import tab_to
from toy import STUDY
from upload_archives import zipped

from data.uploads import check

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]

TABLET = {"width": 768, "height": 1024}


def press(page: Page, text: str) -> None:
    """Go to what bears a text with Tab, and press Enter."""
    tab_to(page, text)
    page.keyboard.press("Enter")


def at(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def sound(page: Page) -> None:
    """Check what is shown: nothing for axe-core, nothing wider than the screen."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= TABLET["width"]


def test_an_application_is_written_with_the_keyboard_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    planner = Planner(application(tmp_path))
    key = planner.deposit(zipped(STUDY | {"candidatures/alpha.toml": FILE}))
    with (
        running(planner.app) as host,
        launched() as browser,
        browsing(browser, host, viewport=TABLET) as page,
    ):
        page.goto(f"{host}/registre/depots/{key}")
        press(page, "Remplir et vérifier les candidatures")
        at(page, "Candidatures")
        sound(page)
        tab_to(page, "Nom (celui du fichier)")
        page.keyboard.type("PLIE du Sud")
        tab_to(page, "Partir de ce que l’étude sait de")
        page.keyboard.type("Alpha")
        press(page, "Commencer")
        at(page, "Candidature plie-du-sud")
        press(page, "Présentation du porteur")
        at(page, "Présentation du porteur")
        expect(page.get_by_label("Nom de la structure")).to_have_value("Alpha")
        tab_to(page, "Adresse")
        page.keyboard.type("Exemple fictif")
        # Enter saves, whatever the box.
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Brouillon enregistré")
        expect(page.get_by_label("Adresse", exact=True)).to_have_value("Exemple fictif")

        page.goto(f"{host}/registre/depots/{key}/candidatures/plie-du-sud/budget")
        tab_to(page, "Montant demandé à l’appel, en euros, volet facilitateur")
        page.keyboard.type("beaucoup")
        tab_to(page, "Nom du cofinanceur")
        page.keyboard.type("Ville fictive")
        press(page, "Enregistrer et ajouter une ligne")
        expect(page.get_by_role("group", name="Cofinanceurs, ligne 2")).to_be_visible()
        assert page.evaluate("document.querySelector(':target').id").endswith("-2-nom")
        amount = page.get_by_label("Montant demandé à l’appel, en euros, volet facilitateur")
        expect(amount).to_have_value("beaucoup")
        expect(amount).to_have_accessible_description(
            "Pour douze mois. à compléter « beaucoup » n’est pas un nombre → écrivez par exemple "
            "« 0,5 », sans unité"
        )
        at(page, "Budget, à remplir")
        sound(page)

        page.goto(f"{host}/registre/depots/{key}/candidatures/alpha/porteur")
        tab_to(page, "Adresse")
        page.keyboard.type(" bis")
        press(page, "Enregistrer et passer à la suite")
        at(page, "Groupement, consortium")
        press(page, "Toutes les rubriques")
        at(page, "Candidature alpha")
        sound(page)
        press(page, "Mettre au dépôt")
        expect(page.get_by_role("status")).to_contain_text("candidature alpha modifiée")
        waited(planner.found(key))
        press(page, "Retirer cette candidature")
        at(page, "Retirer la candidature alpha")
        sound(page)

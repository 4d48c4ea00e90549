"""The login in a real browser: axe-core, the keyboard, the map under a session, other sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from keyed import OWN, keyed
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keyed import Keyed
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Keyed:
    return keyed(tmp_path_factory.mktemp("registre"))


@pytest.fixture(scope="module")
def host(server: Keyed) -> Iterator[str]:
    with running(server.app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


def test_a_planner_logs_in_by_keyboard_and_works(
    server: Keyed, browser: Browser, host: str
) -> None:
    key = server.key("planificateur", "84")
    with browsing(browser, host) as page:
        page.goto(f"{host}/etudes/{OWN}/zones")
        expect(page).to_have_title("Connexion – Zones blanches")
        assert page.evaluate("document.documentElement.lang") == "fr"
        assert violations(page) == []
        page.get_by_label("Jeton").focus()
        page.keyboard.type(key)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{host}/etudes/{OWN}/zones")
        assert page.evaluate("document.cookie") == ""
        page.goto(f"{host}/etudes/{OWN}/carte")
        page.wait_for_selector("html[data-pret=oui]")
        answer = page.evaluate(
            """async (address) => (await fetch(address, {
              method: "POST",
              headers: {"Content-Type": "application/json"},
              body: JSON.stringify({modifications: []}),
            })).status""",
            f"/api/v1/etudes/{OWN}/essais",
        )
        assert answer == 200
        page.get_by_role("link", name="Connecté : Service planificateur").click()
        expect(page.locator("main")).to_contain_text("figer une version")
        assert violations(page) == []


def test_a_refused_key_is_told_to_every_reader(browser: Browser, host: str) -> None:
    page = browser.new_page()
    page.goto(f"{host}/connexion")
    page.get_by_label("Jeton").fill("zb_faux")
    page.get_by_role("button", name="Se connecter").click()
    expect(page).to_have_title("Connexion refusée – Zones blanches")
    expect(page.get_by_role("alert")).to_contain_text("Ce jeton n’ouvre rien")
    expect(page.get_by_label("Jeton")).to_have_value("")
    assert violations(page) == []
    page.close()


def test_another_site_cannot_end_a_session_its_holder_can(
    server: Keyed, browser: Browser, host: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{host}/connexion")
    page.get_by_label("Jeton").fill(server.key("planificateur", "84"))
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{host}/")
    # A page that is none of ours, and that no policy of ours binds.
    page.goto("about:blank")
    page.set_content(
        f'<form method="post" action="{host}/deconnexion"><button>Cadeau</button></form>'
    )
    page.get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("Demande refusée")
    page.goto(f"{host}/connexion")
    expect(page.locator("main")).to_contain_text("Vous êtes connecté")
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_label("Jeton")).to_be_visible()
    page.goto(f"{host}/etudes/{OWN}/zones")
    expect(page.get_by_label("Jeton")).to_be_visible()
    context.close()


def test_a_key_is_made_copied_and_revoked_by_keyboard(
    server: Keyed, browser: Browser, host: str
) -> None:
    # A form refused is told in the console too: the other tests allow no word there.
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{host}/connexion")
    page.get_by_label("Jeton").fill(server.key("national"))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Jetons").click()
    assert violations(page) == []
    page.get_by_label("Libellé").fill("DREETS Hauts-de-France")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("1 valeur à corriger")
    assert violations(page) == []
    page.get_by_label("Région d’un planificateur").select_option(label="Hauts-de-France (32)")
    page.get_by_role("button", name="Créer le jeton").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("il ne s’affichera plus jamais")
    assert violations(page) == []
    page.get_by_role("button", name="Copier le jeton").press("Enter")
    expect(page.get_by_text("Le jeton est copié.")).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")
    assert page.get_by_label("Jeton", exact=True).input_value() == key
    page.get_by_role("link", name="Les jetons").click()
    page.locator("summary").first.press("Enter")
    page.get_by_role("button", name="Révoquer le jeton n°").press("Enter")
    expect(page.get_by_role("table", name="expiré ou révoqué")).to_contain_text("révoqué le")
    assert key not in page.content()
    context.close()

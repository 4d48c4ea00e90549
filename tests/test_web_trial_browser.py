"""What-ifs on the map, the answers of the server given: what changes is shown, then undone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fake_coverage import fake_coverage
from map_browsing import CHROMIUM, launched
from playwright.sync_api import expect
from web_map import count, find, pixel, served, shown

from coverage.status import STATUTS
from maps.scope import scope_of
from maps.web.values import map_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

GREEN = (201, 237, 218, 255)
SHORT = "01005"
REFUSAL = "« etp » : au plus 50"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium n’est pas installé")


def changed(code: str) -> dict[str, Any]:
    """Return the answer in which one commune comes to suffice and joins a zone of its own."""
    values = map_values(scope_of(fake_coverage()))
    row = values["communes"]["code"].index(code)
    zones = values["zones"]
    before = values["totaux"]
    statuses = dict(before["communes_par_statut"])
    statuses["capacite_insuffisante"] -= 1
    statuses["couverte"] += 1
    return {
        "communes": {
            "rang": [row],
            "statut": [STATUTS.index("couverte")],
            "mixte": [0],
            "gravite": [0],
            "taux": [1.0],
            "taux_etat": [1.0],
            "deficit_h": [0],
            "zone": ["84-couverte-nouvelle"],
        },
        "parties": {"rang": [], "statut": []},
        "zones": {
            **zones,
            "id": [*zones["id"], "84-couverte-nouvelle"],
            "statut": [*zones["statut"], STATUTS.index("couverte")],
            "retenue": [*zones["retenue"], 0],
        },
        "totaux": {"avant": before, "apres": {**before, "communes_par_statut": statuses}},
    }


ANSWERS = {
    "etp": changed(SHORT),
    "ajout_poste": changed(SHORT),
    "retrait_poste": changed(SHORT),
    "ajout_perimetre": changed(SHORT),
    "retrait_perimetre": changed(SHORT),
    "parametre": {"status": 422, "title": "Demande invalide", "detail": REFUSAL},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(fake_coverage()) as found:
        yield found


def open_trial(page: Page) -> None:
    find(page, SHORT)
    page.get_by_role("tab", name="Essai").click()
    expect(page.locator("#essai-structures input[type=text]").first).to_be_visible()


def set_etp(page: Page, text: str) -> None:
    field = page.locator("#essai-structures input[type=text]").first
    field.fill(text)
    field.press("Enter")


def test_an_etp_changes_the_map_the_legend_and_the_totals_then_undo(
    browser: Browser, address: str
) -> None:
    with shown(browser, address, answers=ANSWERS) as page:
        short, enough = count(page, "insuffisante_1"), count(page, "couverte")
        assert pixel(page, SHORT) != GREEN
        open_trial(page)
        expect(page.locator("#essai-banniere")).to_be_hidden()
        set_etp(page, "2,5")
        expect(page.locator("#essai-banniere")).to_contain_text("n’est pas modifiée")
        expect(page.locator("#essai-liste")).to_contain_text("poste de 1 porté à 2,5")
        expect(page.locator("[data-total=couverte]")).to_contain_text("+")
        expect(page.locator("#essai-resume")).to_contain_text("1 commune change de situation")
        assert count(page, "insuffisante_1") == short - 1
        assert count(page, "couverte") == enough + 1
        assert pixel(page, SHORT) == GREEN
        assert page.evaluate("ZB.app.values.zoneName(ZB.app.values.changed[0])").endswith(
            "nouvelle"
        )
        page.get_by_role("tab", name="Commune").click()
        expect(page.locator("#volet-commune")).to_contain_text("L’essai change la situation")
        page.get_by_role("tab", name="Essai").click()
        page.get_by_role("button", name="Annuler la dernière").click()
        expect(page.locator("#essai-banniere")).to_be_hidden()
        assert count(page, "insuffisante_1") == short
        assert pixel(page, SHORT) != GREEN
        expect(page.locator("#essai-structures input[type=text]").first).to_have_value("1")


def test_a_slider_is_one_change_and_reset_takes_all_back(browser: Browser, address: str) -> None:
    with shown(browser, address, answers=ANSWERS) as page:
        open_trial(page)
        slider = page.locator("#essai-structures input[type=range]").first
        for value in ("1.5", "2", "3"):
            slider.evaluate(
                "(s, v) => { s.value = v; s.dispatchEvent(new Event('input')); }", value
            )
        expect(page.locator("#essai-liste li")).to_have_count(1)
        page.get_by_role("button", name="Ajouter un poste à").first.click()
        expect(page.locator("#essai-liste li")).to_have_count(2)
        page.get_by_role("button", name="Annuler la dernière").click()
        expect(page.locator("#essai-liste li")).to_have_count(1)
        expect(page.locator("#essai-liste")).to_contain_text("porté à 3")
        page.get_by_role("button", name="Tout remettre").click()
        expect(page.locator("#essai-liste")).to_contain_text("Aucune modification")
        assert count(page, "couverte") == int(
            (fake_coverage().communes["statut"] == "couverte").sum()
        )


def test_faults_are_said_beside_the_field_and_nothing_is_asked(
    browser: Browser, address: str
) -> None:
    with shown(browser, address, answers=ANSWERS) as page:
        open_trial(page)
        for wrong, said in (
            ("beaucoup", "Nombre attendu"),
            ("51", "entre 0 et 50"),
            ("-1", "Nombre"),
        ):
            set_etp(page, wrong)
            expect(page.locator("#essai-structures .faute").first).to_contain_text(said)
        expect(page.locator("#essai-liste")).to_contain_text("Aucune modification")


def test_what_the_server_refuses_is_said_and_taken_back(browser: Browser, address: str) -> None:
    # Chromium itself writes a refused answer on the console.
    with shown(browser, address, answers=ANSWERS, silent=False) as page:
        open_trial(page)
        set_etp(page, "2,5")
        expect(page.locator("#essai-liste li")).to_have_count(1)
        field = page.locator("#parametre-seuil_reponse")
        field.fill("80")
        field.press("Enter")
        expect(page.locator("#essai-faute")).to_contain_text(REFUSAL)
        expect(page.locator("#essai-liste")).not_to_contain_text("80")
        assert pixel(page, SHORT) == GREEN


def test_perimeters_and_posts_come_and_go(browser: Browser, address: str) -> None:
    with shown(browser, address, answers=ANSWERS) as page:
        open_trial(page)
        page.locator("#essai-structures summary").first.click()
        page.locator("#essai-structures .perimetres button").first.click()
        expect(page.locator("#essai-liste")).to_contain_text("retrait")
        page.select_option("#essai-structure", "A")
        page.select_option("#essai-niveau", "departement")
        page.fill("#essai-code", "02")
        page.locator("#essai-code-resultats li").first.click()
        page.get_by_role("button", name="Ajouter", exact=True).click()
        expect(page.locator("#essai-liste li")).to_have_count(2)
        expect(page.locator("#essai-liste")).to_contain_text("(02)")
        page.locator("#essai-structures .postes button").first.click()
        expect(page.locator("#essai-liste li")).to_have_count(3)
        page.get_by_role("button", name="Supprimer la modification").first.click()
        expect(page.locator("#essai-liste li")).to_have_count(2)


def test_a_trial_outlives_the_page_and_only_its_tab(browser: Browser, address: str) -> None:
    with shown(browser, address, answers=ANSWERS) as page:
        open_trial(page)
        set_etp(page, "2,5")
        expect(page.locator("#essai-banniere")).to_be_visible()
        page.reload()
        page.wait_for_selector("html[data-pret=oui]")
        expect(page.locator("html")).to_have_attribute("data-essai", re.compile(r"\d+"))
        assert pixel(page, SHORT) == GREEN
    with shown(browser, address, answers=ANSWERS) as page:
        assert pixel(page, SHORT) != GREEN


def painted(page: Page, code: str) -> tuple[int, ...]:
    """Return the colour of a commune once two looks in a row agree: a busy machine paints late."""
    last: tuple[int, ...] = ()
    for _ in range(50):
        now = pixel(page, code)
        if now == last == GREEN:
            break
        last = now
        page.wait_for_timeout(100)
    return last


def test_the_keyboard_alone_is_enough(browser: Browser, address: str) -> None:
    with shown(browser, address, answers=ANSWERS) as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        for _ in range(40):
            if page.evaluate("document.activeElement.id") == "recherche":
                break
            page.keyboard.press("Tab")
        page.keyboard.type(SHORT)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#volet-commune")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        expect(page.locator("#onglet-commune")).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#onglet-essai")).to_be_focused()
        expect(page.locator("#essai-structures input[type=text]").first).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.locator("#fermer-panneau")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator("#essai-structures input[type=text]").first).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(page.locator("#essai-liste")).to_contain_text("1,1")
        assert painted(page, SHORT) == GREEN

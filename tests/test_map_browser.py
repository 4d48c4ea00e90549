"""The map in a real browser, its network cut."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from builders import make_study, need, perimeter, post
from fake_coverage import HOSTILE, WITHOUT_SHAPE, fake_coverage
from map_browsing import CHROMIUM, click_at, launched, opened, popup, search, write
from playwright.sync_api import expect

from coverage.study import compute
from maps.map import build_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from coverage.model import Coverage
    from geo.territory import Territory

MEGABYTE = 1_000_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium n’est pas installé")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def regional(tmp_path_factory: pytest.TempPathFactory) -> str:
    page = build_map(fake_coverage(regions=("32", "84"), fictional=True))
    return write(tmp_path_factory.mktemp("regional"), page)


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> str:
    page = build_map(fake_coverage(overseas=True))
    return write(tmp_path_factory.mktemp("national"), page)


def test_click_on_a_commune_tells_it(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        click_at(page, 0.5, 0.5)
        told = popup(page)
        assert "(0" in told
        assert "Taux de réponse" in told
        page.get_by_role("button", name="Fermer").click()
        expect(page.locator(".leaflet-popup")).to_have_count(0)


def test_nothing_glides_for_who_asks_for_less_motion(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        page.evaluate(
            """() => {
              window.glided = 0;
              const pane = document.querySelector(".leaflet-map-pane");
              new MutationObserver(() => {
                window.glided += pane.classList.contains("leaflet-pan-anim");
              }).observe(pane, { attributes: true });
            }"""
        )
        before = page.locator(".leaflet-map-pane").get_attribute("style")
        click_at(page, 0.5, 0.85)
        popup(page)
        assert page.locator(".leaflet-map-pane").get_attribute("style") != before
        assert page.evaluate("window.glided") == 0


def test_click_on_a_zone_tells_its_reason(browser: Browser, national: str) -> None:
    with opened(browser, national) as page:
        click_at(page, 0.5, 0.5)
        told = popup(page)
        assert told.startswith("Zone 84-")
        assert "Décision" in told


def test_search_and_popup_at_the_keyboard(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        search(page, "st etienne d'oeuf")
        told = popup(page)
        assert "Saint-Étienne-d’Œuf (02001)" in told
        assert "non couverte" in told
        assert "inconnu" in told
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".leaflet-popup-content h2")).to_have_text("Zone 32-non_couverte-02001")
        assert "zone retenue" in popup(page)
        page.keyboard.press("Escape")
        expect(page.locator(".leaflet-popup")).to_have_count(0)
        expect(page.locator("#recherche")).to_be_focused()


def test_search_by_code_in_a_national_map(browser: Browser, national: str) -> None:
    with opened(browser, national) as page:
        search(page, "01005")
        told = popup(page)
        assert "Commune 01005 (01005)" in told
        assert "sous 1/3" in told
        assert "non couverte" not in told


def test_search_without_answer_says_so(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        page.fill("#recherche", "nulle part")
        expect(page.locator("#annonce")).to_contain_text("Aucune commune de ce nom")


def test_commune_without_contour_is_told_in_words(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        search(page, WITHOUT_SHAPE)
        expect(page.locator("#annonce")).to_contain_text("commune sans contour")
        expect(page.locator(".leaflet-popup")).to_have_count(0)


def test_hostile_names_are_shown_as_text(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        search(page, "01002")
        assert HOSTILE in popup(page)
        page.keyboard.press("Escape")
        page.fill("#recherche", "")
        search(page, "01001")
        assert HOSTILE in popup(page)


def test_legend_counts_and_filters(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        legend = page.get_by_role("region", name="Légende")
        expect(legend).to_contain_text("non couverte : aucun périmètre de facilitateur en vigueur")
        expect(legend).to_contain_text("capacité suffisante au mieux, sous les hypothèses")
        before = page.locator("#carte").screenshot()
        page.get_by_label("zones retenues seulement").check()
        kept = page.locator("#carte").screenshot()
        page.get_by_label("zones retenues seulement").uncheck()
        page.get_by_label("limitrophe :").uncheck()
        without = page.locator("#carte").screenshot()
        assert len({before, kept, without}) == 3


def test_buttons_lead_overseas(browser: Browser, national: str) -> None:
    with opened(browser, national) as page:
        page.get_by_role("button", name="Guadeloupe").click()
        click_at(page, 0.4, 0.5)
        assert popup(page).startswith("Zone 01-")
        page.get_by_role("button", name="Métropole").click()
        expect(page.locator(".leaflet-popup")).to_have_count(0)


def test_table_shows_its_zone_on_the_map(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        page.get_by_role("button", name="84-capacite_insuffisante-01002").click()
        told = popup(page)
        assert "Ce qui le prouve" in told
        assert "Quel que soit le redéploiement" in told


def test_every_control_has_a_name(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        names = page.evaluate(
            """() => [...document.querySelectorAll('button, input, a[href]')].map(
                e => [e.outerHTML, (e.labels?.[0]?.textContent || e.getAttribute('aria-label')
                      || e.title || e.textContent || '').trim()])"""
        )
        assert names
        assert [markup for markup, name in names if not name] == []


def test_print_keeps_the_banner_and_the_legend(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        page.emulate_media(media="print")
        expect(page.locator(".banniere")).to_be_visible()
        expect(page.locator(".legende")).to_be_visible()
        expect(page.locator(".barre")).to_be_hidden()
        page.emulate_media(media="screen")
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_whole_france_opens(browser: Browser, tmp_path: Path, france: Territory) -> None:
    content = build_map(compute_france(france))
    address = write(tmp_path, content)
    size = len(content.encode())
    start = time.perf_counter()
    with opened(browser, address) as page:
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        seconds = time.perf_counter() - start
        print(f"France : {size / MEGABYTE:.1f} Mo, ouverte en {seconds:.1f} s")  # noqa: T201
        places = page.locator("[data-lieu]").all_inner_texts()
    assert size < 15 * MEGABYTE
    assert places == ["Métropole", "Guadeloupe", "Martinique", "Guyane", "La Réunion", "Mayotte"]


def compute_france(france: Territory) -> Coverage:
    """Return a coverage as cut up as zones can be: one EPCI in three, by turns."""
    epcis = sorted(france.members["epci"])
    posts = [post(f"S{number}", "1/2") for number in range(0, len(epcis), 3)]
    perimeters = [
        perimeter(f"S{number}", epcis[number], niveau="epci") for number in range(0, len(epcis), 3)
    ]
    needs = [
        need(code, people / 4, "etat")
        for code, people in zip(france.codes[::2], france.population[::2].tolist(), strict=True)
    ]
    return compute(make_study(posts, perimeters, needs), france)

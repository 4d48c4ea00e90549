"""Communes cut by drawn borders, in a real browser: pointed at, clicked, reached by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fake_coverage import CUT, HOSTILE, PARTS_ONLY, drawn_coverage
from map_browsing import CHROMIUM, click_at, launched, opened, popup, search, write
from playwright.sync_api import expect

from maps.map import build_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium n’est pas installé")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def regional(tmp_path_factory: pytest.TempPathFactory) -> str:
    page = build_map(drawn_coverage(regions=("32", "84")))
    return write(tmp_path_factory.mktemp("regional"), page)


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("national"), build_map(drawn_coverage()))


def click_place(page: Page, lon: float, lat: float) -> None:
    """Click on a place, wherever the map now shows it."""
    across, up = page.evaluate(
        """([lat, lon]) => {
          const at = carte.latLngToContainerPoint([lat, lon]), size = carte.getSize();
          return [at.x / size.x, 1 - at.y / size.y];
        }""",
        [lat, lon],
    )
    click_at(page, across, up)


def told(page: Page) -> str:
    """Return the words of the popup, one space apart."""
    return " ".join(popup(page).split())


def test_click_on_a_part_tells_it_and_its_zone(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        click_place(page, 3.0288, 46.002)
        words = told(page)
        assert words.startswith(f"Commune {CUT} ({CUT}), partie 1 non couverte :")
        assert "% de la surface de la commune, coupée par un périmètre dessiné." in words
        assert "partie 2" in words
        button = page.locator(".fiche button").first
        expect(button).to_have_text("Voir la zone 84-non_couverte-01003")
        button.click()
        assert told(page).startswith("Zone 84-non_couverte-01003 non couverte :")


def test_click_on_the_covered_part_of_the_same_commune(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        click_place(page, 3.0205, 46.005)
        words = told(page)
        assert words.startswith(f"Commune {CUT} ({CUT}), partie 2 capacité suffisante")
        assert "non couverte :" not in words.partition("Ses parties")[0]


def test_pointing_at_a_part_names_it(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        click_place(page, 3.0288, 46.002)
        page.keyboard.press("Escape")
        page.mouse.move(5, 5)
        at = page.evaluate(
            "() => { const p = carte.latLngToContainerPoint([46.002, 3.0288]),"
            " b = carte.getContainer().getBoundingClientRect(); return [b.x + p.x, b.y + p.y]; }"
        )
        page.mouse.move(*at)
        tip = page.locator(".leaflet-tooltip:not(.etiquette)")
        expect(tip).to_contain_text(f"Commune {CUT} ({CUT}), partie 1")
        expect(tip).to_contain_text("non couverte")


def test_search_lists_the_parts_at_the_keyboard(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        search(page, CUT)
        expect(page.locator("#annonce")).to_contain_text(f"({CUT}), coupée en 2 parties : ")
        words = told(page)
        assert words.startswith(f"Commune {CUT} ({CUT}) non couverte :")
        assert "partie 1 : " in words
        assert "partie 2 : " in words
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".fiche h2")).to_have_text("Zone 84-non_couverte-01003")


def test_search_lists_the_parts_in_a_national_map(browser: Browser, national: str) -> None:
    with opened(browser, national) as page:
        search(page, CUT)
        assert "partie 2 : " in told(page)
        page.keyboard.press("Escape")
        click_place(page, 3.0288, 46.002)
        assert told(page).startswith("Zone 84-non_couverte-01003 non couverte :")


@pytest.mark.parametrize("name", ["regional", "national"])
def test_a_zone_of_parts_alone_is_reached_from_the_table(
    browser: Browser, name: str, request: pytest.FixtureRequest
) -> None:
    with opened(browser, request.getfixturevalue(name)) as page:
        page.get_by_role("button", name=PARTS_ONLY).click()
        words = told(page)
        assert words.startswith(f"Zone {PARTS_ONLY} limitrophe :")
        assert "4 communes" in words


def test_drawn_perimeters_show_when_asked(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        box = page.get_by_role("checkbox", name="périmètres dessinés")
        sign = page.locator("#signe-dessins")
        expect(box).not_to_be_checked()
        expect(sign).to_be_hidden()
        before = page.locator("#carte").screenshot()
        box.check()
        expect(sign).to_be_visible()
        page.mouse.move(5, 5)
        assert page.locator("#carte").screenshot() != before
        click_place(page, 3.045, 46.005)
        assert "(02002)" in popup(page)
        page.keyboard.press("Escape")
        box.uncheck()
        expect(sign).to_be_hidden()


def test_drawn_perimeters_are_also_a_table(browser: Browser, regional: str) -> None:
    with opened(browser, regional) as page:
        page.get_by_text("Voir les périmètres dessinés").click()
        table = page.get_by_role("region", name="Périmètres dessinés").get_by_role("table")
        expect(table.get_by_role("rowheader")).to_have_text([HOSTILE, "Maison de l’emploi"])
        expect(table).to_contain_text("extension")

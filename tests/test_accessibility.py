"""Every page in a browser: axe-core finds nothing, the keyboard reaches everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from pages_served import STUDY_PAGES, TEXT_PAGES
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]

ADDRESSES = [
    *TEXT_PAGES,
    *(f"/etudes/fictive{page}" for page in STUDY_PAGES),
    *("/etudes/dessinee", "/etudes/dessinee/communes/01003", "/etudes/complete?region=84"),
    "/etudes/complete/communes?page=99",
]
TABLET = {"width": 820, "height": 1180}


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing(browser: Browser, host: str, address: str) -> None:
    with browsing(browser, host) as page:
        page.goto(host + address)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.lang") == "fr"
        assert page.evaluate("window.perdu") is None
        assert headings_in_order(page)


@pytest.mark.parametrize("address", ["/", "/etudes/fictive", "/etudes/fictive/zones", "/aide"])
def test_a_tablet_shows_pages_whole(browser: Browser, host: str, address: str) -> None:
    with browsing(browser, host, viewport=TABLET) as page:
        page.goto(host + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= TABLET["width"]
        assert violations(page) == []


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, TABLET])
def test_axe_finds_nothing_on_the_map_nor_in_its_panels(
    browser: Browser, host: str, viewport: dict[str, int]
) -> None:
    with browsing(browser, host, viewport=viewport) as page:
        page.goto(f"{host}/etudes/fictive/carte#s=01002")
        page.wait_for_selector("html[data-pret=oui]")
        expect(page.locator("#volet-commune")).to_contain_text("01002")
        assert violations(page) == []
        page.locator("#ouvrir-essai").click()
        field = page.locator("#essai-structures input[type=text]").first
        field.fill("0,1")
        field.press("Enter")
        expect(page.locator("#essai-banniere")).to_be_visible()
        assert violations(page) == []


def test_axe_would_find_a_fault(browser: Browser, host: str) -> None:
    with browsing(browser, host) as page:
        page.goto(f"{host}/etudes/fictive/zones")
        page.evaluate("document.querySelector('label[for=f-q]').remove()")
        assert any(line.startswith("label:") for line in violations(page))


def test_the_first_key_offers_to_skip_the_menus(browser: Browser, host: str) -> None:
    with browsing(browser, host) as page:
        page.goto(f"{host}/etudes/fictive/zones")
        page.keyboard.press("Tab")
        link = page.locator(".evitement")
        expect(link).to_be_focused()
        box = link.bounding_box()
        assert box
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()


def test_a_table_is_searched_and_ordered_by_keyboard_alone(browser: Browser, host: str) -> None:
    with browsing(browser, host) as page:
        page.goto(f"{host}/etudes/complete/communes")
        tab_to(page, "#f-q")
        page.keyboard.type("saint etienne")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=saint+etienne**")
        expect(page.locator("tbody tr")).to_have_count(1)
        page.goto(f"{host}/etudes/complete/communes")
        tab_to(page, "th a.tri >> text=Habitants")
        page.keyboard.press("Enter")
        page.wait_for_url("**tri=population**")
        expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Habitants")
        tab_to(page, "tbody th a >> nth=0")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("01001")


def test_choosing_a_region_shows_it(browser: Browser, host: str) -> None:
    with browsing(browser, host) as page:
        page.goto(f"{host}/etudes/complete/zones")
        page.select_option("#region", "84")
        page.wait_for_url("**region=84**")
        expect(page.locator("h1")).to_contain_text("Nom 84")


def test_pages_work_without_scripts(browser: Browser, host: str) -> None:
    with browsing(browser, host, java_script_enabled=False) as page:
        page.goto(f"{host}/etudes/complete")
        page.select_option("#region", "84")
        page.click("form.region button")
        expect(page.locator("h1")).to_contain_text("Nom 84")
        page.click("nav >> text=Zones")
        page.select_option("#f-statut", "limitrophe")
        page.click("text=Filtrer")
        expect(page.locator("tbody tr")).to_have_count(1)
        page.click("tbody th a")
        expect(page.locator("h1")).to_have_text("Commune 01009 et 2 autres communes")


def test_focus_is_seen(browser: Browser, host: str) -> None:
    with browsing(browser, host) as page:
        page.goto(f"{host}/etudes/complete/zones")
        for _ in range(12):
            page.keyboard.press("Tab")
            style = page.evaluate(
                "(({outlineStyle, outlineWidth}) => [outlineStyle, parseFloat(outlineWidth)])"
                "(getComputedStyle(document.activeElement))"
            )
            assert style[0] != "none"
            assert style[1] >= 2


def tab_to(page: Page, selector: str) -> None:
    """Press the tabulation key until an element has the focus."""
    wanted = page.locator(selector).first.element_handle()
    for _ in range(200):
        if page.evaluate("(wanted) => document.activeElement === wanted", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def headings_in_order(page: Page) -> bool:
    """Tell whether headings begin at the first level and never skip one on the way down."""
    levels: list[int] = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => Number(h.tagName[1]))"
    )
    steps = zip([0, *levels], levels, strict=False)
    return bool(levels) and all(after <= before + 1 for before, after in steps)

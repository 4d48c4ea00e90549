"""The map of the application in a real browser, the network cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from fake_coverage import CUT, HOSTILE, MIXED, WITHOUT_SHAPE, drawn_coverage, fake_coverage
from map_browsing import CHROMIUM, launched
from playwright.sync_api import expect
from web_map import count, find, pixel, served, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

GREEN, FADED = (201, 237, 218, 255), (233, 236, 240, 255)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium n’est pas installé")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def whole() -> Iterator[str]:
    with served(fake_coverage(fictional=True)) as address:
        yield address


@pytest.fixture(scope="module")
def read_only(browser: Browser, whole: str) -> Iterator[Page]:
    """Open the map once for those who only look at it."""
    with shown(browser, whole) as page:
        yield page


@pytest.fixture(scope="module")
def drawn() -> Iterator[str]:
    with served(drawn_coverage()) as address:
        yield address


def test_every_commune_is_counted_and_painted(read_only: Page) -> None:
    coverage = fake_coverage()
    classes = read_only.locator("[data-theme=statut] .compte")
    counts = [int(c.get_attribute("data-communes") or -1) for c in classes.all()]
    assert sum(counts) == len(coverage.communes)
    painted = read_only.evaluate(
        "() => [...ZB.app.painter.shown()].map(unit => ZB.app.mesh.codes[unit]).sort()"
    )
    assert painted == sorted(set(coverage.communes.index) - {WITHOUT_SHAPE})


@pytest.mark.parametrize("zoom", [9, 13])
def test_colours_are_those_of_the_legend(read_only: Page, zoom: int) -> None:
    assert pixel(read_only, "01007", zoom) == GREEN
    red, green, blue, seen = pixel(read_only, "02004", zoom)
    assert seen == 255
    assert red > green + 60
    assert red > blue + 60


def test_search_tells_why_and_moves_the_map(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        find(page, "saint-etienne")
        panel = page.locator("#volet-commune")
        expect(panel).to_contain_text("Saint-Étienne-d’Œuf (02001)")
        expect(panel).to_contain_text("non couverte : aucun périmètre de facilitateur en vigueur")
        expect(panel).to_be_focused()
        expect(page.locator("#annonce")).to_contain_text("non couverte")
        assert "s=02001" in page.url
        page.keyboard.press("Escape")
        expect(page.locator("#panneau")).to_be_hidden()
        expect(page.locator("#recherche")).to_be_focused()


def test_click_chooses_the_commune_under_it(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        at = page.evaluate(
            """() => { const { mesh } = ZB.app, [x, y] = mesh.inside(mesh.unitOf.get("01005"));
                 const point = carte.latLngToContainerPoint(mesh.latLng(x, y));
                 const box = carte.getContainer().getBoundingClientRect();
                 return [box.left + point.x, box.top + point.y]; }"""
        )
        page.mouse.move(*at)
        expect(page.locator(".bulle")).to_contain_text("01005")
        page.mouse.click(*at)
        expect(page.locator("#volet-commune h2")).to_contain_text("01005")


def test_enter_chooses_the_commune_of_the_middle(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        page.focus("#carte")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        expect(page.locator("#volet-commune")).to_be_focused()
        expect(page.locator("#volet-commune h2")).to_contain_text(re.compile(r"\(0[12]\d{3}\)"))


def test_a_commune_without_contour_is_told(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        expect(page.locator("#legende")).to_contain_text(f"({WITHOUT_SHAPE})")
        find(page, WITHOUT_SHAPE)
        expect(page.locator("#volet-commune")).to_contain_text("n’est pas dessinée")


def test_hostile_names_are_text(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        find(page, "01002")
        expect(page.locator("#volet-commune h2")).to_contain_text(HOSTILE)


def test_address_brings_the_view_back(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        page.select_option("#theme", "besoin")
        page.get_by_label("noms des lieux").uncheck()
        page.select_option("#region", "32")
        find(page, "02004")
        expect(page).to_have_url(re.compile("s=02004"))
        kept = page.url
        view = page.evaluate("[carte.getZoom(), carte.getCenter().lat.toFixed(3)]")
    with shown(browser, kept) as page:
        assert page.evaluate("[carte.getZoom(), carte.getCenter().lat.toFixed(3)]") == view
        assert page.input_value("#theme") == "besoin"
        assert page.input_value("#region") == "32"
        assert not page.get_by_label("noms des lieux").is_checked()
        expect(page.locator("#volet-commune h2")).to_contain_text("02004")


def test_a_region_limits_counts_and_links(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        before = count(page, "non_couverte")
        page.select_option("#region", "84")
        assert count(page, "non_couverte") < before
        for link in page.locator("a[data-region]").all():
            assert "region=84" in (link.get_attribute("href") or "")
        assert page.evaluate("ZB.app.look.isShown(ZB.app.mesh.unitOf.get('02001'))") is False


def test_themes_sort_every_commune(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        communes = fake_coverage().communes
        for theme in page.locator("#theme option").all():
            key = theme.get_attribute("value") or ""
            page.select_option("#theme", key)
            counts = page.locator(f"[data-theme={key}] .compte").all()
            assert sum(int(c.get_attribute("data-communes") or -1) for c in counts) == len(communes)
        page.select_option("#theme", "besoin")
        unknown = int((communes["besoin_connu"] == "aucun").sum())
        assert count(page, "inconnu", "besoin") == unknown


def test_filters_fade_a_class(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        assert pixel(page, "01007") == GREEN
        page.locator("[data-filtre='statut/couverte']").uncheck()
        assert pixel(page, "01007") == FADED


def test_a_mixed_commune_is_hatched(read_only: Page) -> None:
    style = read_only.evaluate(f"ZB.app.look.styles(8)[ZB.app.mesh.unitOf.get('{MIXED}')]")
    assert style % 2 == 1


def test_cut_communes_show_their_parts_and_the_worst_under_them(
    browser: Browser, drawn: str
) -> None:
    with shown(browser, f"{drawn}#z=14/46.005/3.025&c=dessins") as page:
        found = page.evaluate(
            """(code) => { const { look, mesh, values } = ZB.app, unit = mesh.unitOf.get(code);
                 const row = values.rowOfUnit[unit];
                 return [look.styles(8)[unit], look.styles(14)[unit], look.statusOf(row)]; }""",
            CUT,
        )
        far, near, status = found
        assert far == status * 2 + 1
        assert near < far
        find(page, CUT)
        expect(page.locator("#volet-commune .parties li")).to_have_count(2)


def test_print_keeps_map_legend_title_and_credit(browser: Browser, whole: str) -> None:
    with shown(browser, whole) as page:
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        for tile in page.locator(".leaflet-tile").all():
            assert "leaflet-tile-loaded" in (tile.get_attribute("class") or "")
        page.emulate_media(media="print")
        kept = (".titre-imprime", ".credit-imprime", "#legende", "#carte", ".fictive >> nth=0")
        for part in kept:
            expect(page.locator(part)).to_be_visible()
        for part in (".barre-carte", "#panneau", ".couches"):
            expect(page.locator(part)).to_be_hidden()
        page.emulate_media(media="screen")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_a_tablet_has_its_legend_and_panel(browser: Browser, whole: str) -> None:
    with shown(browser, whole, width=820, height=1180) as page:
        expect(page.locator("#legende")).to_be_hidden()
        page.get_by_role("button", name="Légende").click()
        expect(page.locator("#legende")).to_be_visible()
        page.get_by_role("button", name="Légende").click()
        find(page, "01005")
        panel, frame = (
            page.locator("#panneau").bounding_box(),
            page.locator("#carte").bounding_box(),
        )
        assert panel
        assert frame
        assert panel["y"] >= frame["y"] + frame["height"] - 1
        assert frame["height"] > 300

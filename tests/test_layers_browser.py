"""Layers of services and projects in a real browser: asked once, told, reached by keyboard."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from fake_coverage import HOSTILE
from layer_builders import SERVICES, YEARS, layered
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, violations
from playwright.sync_api import expect
from web_map import find, served, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium n’est pas installé")

SERVICE_BOX, PROJECT_BOX = "services de l’État", "grands projets, par année"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(layered()) as address:
        yield address


@pytest.fixture(scope="module")
def unfiled() -> Iterator[str]:
    with served(layered(None, unknown_projects=True)) as address:
        yield address


def counts(page: Page, name: str) -> dict[str, int]:
    """Return what the legend counts in each group of a layer."""
    rows = page.locator(f"[data-couche-servie={name}] [data-groupe]").all()
    return {
        row.get_attribute("data-groupe") or "": int(row.get_attribute("data-nombre") or -1)
        for row in rows
    }


def box(page: Page, label: str) -> Locator:
    return page.get_by_role("checkbox", name=label)


def check(page: Page, label: str, name: str) -> None:
    box(page, label).check()
    page.wait_for_selector(f"[data-couche-servie={name}] [data-nombre]")


def seen(page: Page, name: str) -> list[str]:
    found: list[str] = page.evaluate(
        """(name) => { const layer = ZB.app.layers.layer(name);
             return layer.seen().map((rank) => layer.data.objets.id[rank]).sort(); }""",
        name,
    )
    return found


def spot(page: Page, name: str, identifier: str) -> list[float]:
    """Return where an item stands in the window."""
    at: list[float] = page.evaluate(
        """([name, id]) => { const layer = ZB.app.layers.layer(name);
             const place = layer.anchor(layer.data.objets.id.indexOf(id));
             const point = carte.latLngToContainerPoint(place);
             const box = carte.getContainer().getBoundingClientRect();
             return [box.left + point.x, box.top + point.y]; }""",
        [name, identifier],
    )
    return at


PAINTED = """([name, id, zoom]) => {
  const { mesh, painter, layers } = ZB.app, layer = layers.layer(name);
  const [lat, lon] = layer.anchor(layer.data.objets.id.indexOf(id));
  const x = mesh.worldX(lon) * 256 * 2 ** zoom, y = mesh.worldY(lat) * 256 * 2 ** zoom;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 256;
  painter.paint(tile, { x: Math.floor(x / 256), y: Math.floor(y / 256), z: zoom });
  const pen = tile.getContext("2d");
  return [...pen.getImageData(Math.floor(x) % 256, Math.floor(y) % 256, 1, 1).data];
}"""


def painted(page: Page, name: str, identifier: str) -> str:
    """Return the colour painted where an item stands."""
    colour = page.evaluate(PAINTED, [name, identifier, 12])
    return "#" + "".join(f"{part:02x}" for part in colour[:3])


def test_a_layer_is_asked_for_once_when_first_checked(browser: Browser, address: str) -> None:
    with shown(browser, address) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.wait_for_load_state("networkidle")
        expect(page.locator("[data-couche-servie=services]")).to_be_hidden()
        check(page, SERVICE_BOX, "services")
        assert counts(page, "services") == {"non": 2, "inconnu": 1, "oui": 2}
        section = page.locator("[data-couche-servie=services]")
        expect(section).to_contain_text("En tout 8\u00a0services : 5 sur la carte, 3 sans place.")
        assert painted(page, "services", "pos") == "#0b5fb0"
        box(page, SERVICE_BOX).uncheck()
        expect(section).to_be_hidden()
        assert painted(page, "services", "pos") != "#0b5fb0"
        box(page, SERVICE_BOX).check()
        expect(section).to_be_visible()
        assert [url for url in asked if "/couches/" in url] == [
            address.replace("/etudes/", "/api/v1/etudes/").replace("/carte", "/couches/services")
        ]


def test_what_has_no_place_is_listed(browser: Browser, address: str) -> None:
    with shown(browser, address) as page:
        check(page, SERVICE_BOX, "services")
        left = page.locator("[data-couche-servie=services] details").first
        left.locator("summary").click()
        expect(left).to_contain_text("commune « 98765 » inconnue")
        expect(left.locator("li")).to_have_count(3)


def test_what_no_file_speaks_of_is_said_unknown(browser: Browser, unfiled: str) -> None:
    with shown(browser, unfiled) as page:
        for label, name in ((SERVICE_BOX, "services"), (PROJECT_BOX, "projets")):
            box(page, label).check()
            section = page.locator(f"[data-couche-servie={name}]")
            expect(section).to_contain_text("inconnus : aucun fichier déposé")
            expect(section.locator("input, .compte")).to_have_count(0)


def test_a_click_on_a_marker_tells_all_that_stands_there(browser: Browser, address: str) -> None:
    with shown(browser, address) as page:
        check(page, SERVICE_BOX, "services")
        at = spot(page, "services", "com")
        page.mouse.move(*at)
        expect(page.locator(".bulle")).to_contain_text("Service com-2")
        page.mouse.click(*at)
        card = page.locator(".fiche-couche")
        expect(card.locator(".objet")).to_have_count(2)
        expect(card).to_contain_text(HOSTILE)
        expect(card).to_contain_text("préfecture")
        expect(card).to_contain_text("placé par sa commune, en son milieu")
        expect(page.locator("#panneau")).to_be_hidden()
        card.get_by_role("button", name="Fermer").click()
        expect(card).to_have_count(0)


def test_a_click_in_a_project_tells_it_and_chooses_the_commune(
    browser: Browser, address: str
) -> None:
    with shown(browser, f"{address}#z=13/46.015/3.015") as page:
        check(page, PROJECT_BOX, "projets")
        page.mouse.click(*spot(page, "projets", "communes"))
        card = page.locator(".fiche-couche")
        expect(card).to_contain_text("Projet communes")
        expect(card).to_contain_text("du 01/01/2022 au 31/12/2024")
        expect(card).to_contain_text("fiabilité non dite")
        expect(card).to_contain_text("inconnues")
        expect(page.locator("#volet-commune h2")).to_contain_text("01005")


def test_the_keyboard_reaches_each_thing_and_comes_back(browser: Browser, address: str) -> None:
    with shown(browser, address) as page:
        box(page, SERVICE_BOX).focus()
        page.keyboard.press("Space")
        page.wait_for_selector("[data-couche-servie=services] [data-nombre]")
        summary = page.locator("[data-couche-servie=services] details.ecran summary")
        summary.focus()
        page.keyboard.press("Enter")
        button = page.locator("button[data-objet=ville]")
        expect(button).to_be_visible()
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".fiche-couche")).to_be_focused()
        expect(page.locator(".fiche-couche")).to_contain_text("arrondissement inconnu")
        page.keyboard.press("Escape")
        expect(page.locator(".fiche-couche")).to_have_count(0)
        expect(page.locator("button[data-objet=ville]")).to_be_focused()
        page.focus("#carte")
        page.keyboard.press("Enter")
        expect(page.locator(".fiche-couche")).to_be_focused()
        expect(page.locator("#annonce")).to_contain_text("Service ville")


def test_the_year_slider_shows_the_projects_of_each_year(browser: Browser, address: str) -> None:
    pairs = [(a, b) for a in YEARS for b in YEARS if a is None or b is None or a < b]
    with shown(browser, address) as page:
        check(page, PROJECT_BOX, "projets")
        slider = page.get_by_role("slider", name="Année")
        assert [slider.get_attribute(name) for name in ("min", "max")] == ["2021", "2024"]
        slider.focus()
        page.keyboard.press("Home")
        for year in range(2021, 2025):
            expected = sorted(
                f"p-{a}-{b}" for a, b in pairs if year in range(a or 1950, (b or 2050) + 1)
            )
            ids = seen(page, "projets")
            assert [name for name in ids if name.startswith("p-")] == expected
            assert sum(counts(page, "projets").values()) == len(ids)
            said = f"{year}\u202f: {len(ids)}\u00a0projets"
            expect(slider).to_have_attribute("aria-valuetext", said)
            page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile("a=2024"))
        kept = page.url
    with shown(browser, kept) as page:
        page.wait_for_selector("[data-couche-servie=projets] [data-nombre]")
        assert page.get_by_role("slider", name="Année").input_value() == "2024"


def test_a_region_limits_what_is_drawn_and_counted(browser: Browser, address: str) -> None:
    with shown(browser, address) as page:
        check(page, SERVICE_BOX, "services")
        page.select_option("#region", "32")
        assert seen(page, "services") == ["oui-sans-nom", "ville"]
        assert counts(page, "services") == {"non": 1, "inconnu": 0, "oui": 1}


def test_layers_stay_in_a_what_if(browser: Browser, address: str) -> None:
    with shown(browser, address) as page:
        check(page, SERVICE_BOX, "services")
        check(page, PROJECT_BOX, "projets")
        before = counts(page, "services")
        find(page, "01005")
        page.locator("#ouvrir-essai").click()
        field = page.locator("#essai-structures input[type=text]").first
        field.fill("0,1")
        field.press("Enter")
        expect(page.locator("#essai-banniere")).to_be_visible()
        assert counts(page, "services") == before
        assert painted(page, "services", "com") == "#a81e1e"
        page.mouse.click(*spot(page, "services", "com"))
        expect(page.locator(".fiche-couche .objet")).to_have_count(3)
        expect(page.locator(".fiche-couche")).to_contain_text("Projet communes")


def test_a_layer_that_fails_says_so_and_may_be_asked_again(browser: Browser, address: str) -> None:
    with shown(browser, address, silent=False) as page:
        problem: dict[str, Any] = {"status": 503, "detail": "serveur occupé."}
        page.route(
            "**/couches/services",
            lambda route: route.fulfill(status=503, body=json.dumps(problem)),
            times=1,
        )
        box(page, SERVICE_BOX).check()
        section = page.locator("[data-couche-servie=services]")
        expect(section.get_by_role("alert")).to_contain_text("serveur occupé.")
        box(page, SERVICE_BOX).uncheck()
        check(page, SERVICE_BOX, "services")
        assert sum(counts(page, "services").values()) == len(SERVICES) - 3


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core n’est pas là (make test)")
def test_axe_finds_nothing_in_layers_lists_and_popups(browser: Browser, address: str) -> None:
    with shown(browser, address) as page:
        check(page, SERVICE_BOX, "services")
        check(page, PROJECT_BOX, "projets")
        for summary in page.locator(".couche-servie summary").all():
            summary.click()
        assert violations(page) == []
        page.locator("button[data-objet=com]").click()
        expect(page.locator(".fiche-couche")).to_be_focused()
        assert violations(page) == []
        assert page.evaluate("window.perdu") is None


def test_names_keep_clear_of_markers(browser: Browser, address: str) -> None:
    with shown(browser, f"{address}#z=13/46.015/3.015&c=noms,services") as page:
        page.wait_for_selector("[data-couche-servie=services] [data-nombre]")
        x, y = spot(page, "services", "com")
        boxes = [name.bounding_box() for name in page.locator(".nom-lieu").all()]
        assert any(own for own in boxes)
        for own in boxes:
            assert own
            aside = x < own["x"] or x > own["x"] + own["width"]
            assert aside or y < own["y"] or y > own["y"] + own["height"]

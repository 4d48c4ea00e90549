"""A perimeter drawn with the mouse, then one with the keyboard alone; axe at zero, few scripts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from playwright.sync_api import expect
from register_served import Near, Planner, application, waited
from test_accessibility import tab_to
from test_drawing import FILES
from upload_archives import zipped

from data.uploads import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]


def click(page: Page, *places: tuple[float, float]) -> None:
    """Click on the map at shares of its width and height."""
    box = page.locator("#carte").bounding_box()
    assert box
    for across, down in places:
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        page.mouse.down()
        page.mouse.up()


def outline(page: Page) -> list[str]:
    return page.input_value("#contour").splitlines()


def geometries(planner: Planner, key: str) -> list[list[list[float]]]:
    """Return the contour of each drawing of a deposit, read to its end without fault."""
    waited(planner.found(key))
    report = planner.found(key).checking.result
    assert report is not None
    assert report.faults == ()
    features = json.loads(planner.found(key).brought.files["perimetres.geojson"])["features"]
    return [feature["geometry"]["coordinates"][0] for feature in features]


@dataclass
class Waiting:
    """A planner and the keys of deposits, made before a browser runs a loop of its own."""

    planner: Planner
    keys: list[str]


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Waiting]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "Bounded", Near)
        planner = Planner(application(tmp_path_factory.mktemp("registre")))
        yield Waiting(planner, [planner.deposit(zipped(FILES, top="essai/")) for _ in range(2)])


@pytest.fixture(scope="module")
def host(waiting: Waiting) -> Iterator[str]:
    with running(waiting.planner.app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


def test_a_perimeter_is_drawn_and_corrected_with_the_mouse(
    waiting: Waiting, host: str, browser: Browser
) -> None:
    planner, key = waiting.planner, waiting.keys.pop()
    with browsing(browser, host) as page:
        page.goto(f"{host}/registre/depots/{key}")
        page.get_by_role("link", name="Dessiner ou corriger un périmètre").click()
        page.get_by_role("link", name="Dessiner un périmètre").click()
        page.wait_for_selector("html[data-pret=oui]")
        page.get_by_label("Structure").select_option("A")
        page.get_by_role("button", name="Dessiner un contour").click()
        corners = ((0.42, 0.3), (0.6, 0.3), (0.6, 0.7), (0.42, 0.7))
        click(page, *corners, corners[0])
        assert len(outline(page)) == 4
        before = outline(page)
        # A vertex pulled, another taken away by a right click, the middle of a side pulled out.
        page.get_by_role("button", name="Corriger les sommets").click()
        box = page.locator("#carte").bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.7)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.65, box["y"] + box["height"] * 0.8, steps=4)
        page.mouse.up()
        assert [a == b for a, b in zip(before, outline(page), strict=True)].count(True) == 3
        page.get_by_role("button", name="Percer un trou").click()
        click(page, (0.5, 0.4), (0.55, 0.4), (0.55, 0.5), (0.5, 0.4))
        assert outline(page)[4] == "trou"
        page.get_by_role("button", name="Annuler le dernier changement").click()
        assert len(outline(page)) == 4
        page.get_by_role("button", name="Voir ce que cela couvre").click()
        expect(page.get_by_role("heading", name="Ce que ce dessin couvre")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text="Saint-Denis")).to_contain_text("%")
        page.wait_for_selector("html[data-pret=oui]")
        page.get_by_text("Sommets, un par un").click()
        assert violations(page) == []
        drawn = outline(page)
        page.get_by_role("button", name="Enregistrer ce périmètre").click()
        page.wait_for_url(f"**/registre/depots/{key}")
        expect(page.get_by_text(re.compile("^Aucune erreur"))).to_be_visible()
        (ring,) = geometries(planner, key)
        assert [f"{lon} {lat}" for lon, lat in ring[:-1]] == drawn


def test_a_perimeter_is_drawn_with_the_keyboard_alone(
    waiting: Waiting, host: str, browser: Browser
) -> None:
    planner, key = waiting.planner, waiting.keys.pop()
    with browsing(browser, host) as page:
        page.goto(f"{host}/registre/depots/{key}/dessin/nouveau")
        page.wait_for_selector("html[data-pret=oui]")
        tab_to(page, "#structure_id")
        page.keyboard.type("Alpha")
        tab_to(page, "#recherche")
        page.keyboard.type("Saint-Denis")
        page.keyboard.press("Enter")
        tab_to(page, "#carte")
        # Each vertex is added at the centre of the map.
        for step in ("ArrowRight", "ArrowDown", "ArrowLeft"):
            page.keyboard.press("Enter")
            page.keyboard.press(step)
            page.wait_for_timeout(600)  # the map glides
        assert len(outline(page)) == 3
        expect(page.locator("#annonce-dessin")).to_contain_text("Sommet ajouté : longitude")
        tab_to(page, "#au-clavier summary")
        page.keyboard.press("Enter")
        tab_to(page, "#ajouter-sommet")
        page.keyboard.press("Enter")
        field = "[aria-label='Longitude (sommet 4)']"
        tab_to(page, field)
        page.keyboard.press("Control+a")
        page.keyboard.type("2,4123456")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.ariaLabel") == "Latitude (sommet 4)"
        assert outline(page)[3].startswith("2.4123456 ")
        tab_to(page, "#sommets tr:nth-child(2) button:nth-of-type(3)")
        page.keyboard.press("Enter")
        assert len(outline(page)) == 3
        tab_to(page, "button[type=submit]:not([formaction])")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/registre/depots/{key}")
        assert len(geometries(planner, key)) == 1
        for path in ("dessin", "dessin/1/retrait"):
            page.goto(f"{host}/registre/depots/{key}/{path}")
            assert violations(page) == []

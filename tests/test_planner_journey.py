"""A planner's first minutes, on the national example: see, understand, try, undo, leave with files.

Once with the mouse, once with the keyboard alone, in a real browser whose only host is the server.
"""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

import pytest
from map_browsing import CHROMIUM, launched
from playwright.sync_api import expect
from web_map import find, pixel, served, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from coverage.model import Coverage

CODE, NAME = "06088", "Nice"
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium n’est pas installé")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(example_coverage: Coverage) -> Iterator[str]:
    with served(example_coverage) as found:
        yield found


def field(page: Page) -> Locator:
    """Return the field of a whole post of the structure that serves the commune."""
    return page.locator("#essai-structures input[type=text]").last


def total(page: Page, name: str) -> list[str]:
    """Return a line of the totals: study, what-if, difference."""
    cells = page.locator(f"#essai-totaux [data-total={name}] td")
    return [re.sub(r"\s", "", text) for text in cells.all_inner_texts()]


def read_reason(page: Page) -> None:
    sheet = page.locator("#volet-commune")
    expect(sheet).to_contain_text(f"{NAME} ({CODE})")
    expect(sheet).to_contain_text("Qui couvre")
    expect(sheet).to_contain_text("capacité suffisante au mieux")


def changed_then_undone(page: Page, before: tuple[int, ...], undo: str) -> None:
    """See the commune and the totals change, then undo by a click or by a key."""
    expect(page.locator("#essai-resume")).to_contain_text("situation")
    expect(page.locator("#essai-banniere")).to_be_visible()
    assert pixel(page, CODE) != before
    assert total(page, "deficit")[2].startswith("+")
    button = page.get_by_role("button", name="Annuler la dernière")
    if undo == "click":
        button.click()
    else:
        button.focus()
        page.keyboard.press("Enter")
    expect(page.locator("#essai-banniere")).to_be_hidden()
    assert total(page, "deficit")[2] == "="
    assert pixel(page, CODE) == before


def test_a_planner_sees_tries_undoes_and_leaves_with_files(
    browser: Browser, address: str, example_coverage: Coverage, tmp_path: Path
) -> None:
    with shown(browser, address) as page:
        page.locator("#recherche").fill(NAME)
        page.locator("#resultats li", has_text=CODE).click()
        read_reason(page)
        before = pixel(page, CODE)
        page.get_by_role("button", name="Faire un essai").click()
        field(page).fill("0,1")
        field(page).press("Enter")
        expect(page.locator("#essai-liste li")).to_have_count(1)
        expect(page.locator("#essai-banniere")).to_be_visible()
        with page.expect_download() as saved:
            page.get_by_role("button", name="zones.geojson").click()
        saved.value.save_as(tmp_path / "essai.geojson")
        assert "essai" in saved.value.suggested_filename
        changed_then_undone(page, before, "click")
        with page.expect_download() as saved:
            page.get_by_role("link", name="Zones (GeoJSON)").click()
        saved.value.save_as(tmp_path / "zones.geojson")
    filed, tried = (
        json.loads((tmp_path / name).read_text("utf-8"))
        for name in ("zones.geojson", "essai.geojson")
    )
    zones, deficit = example_coverage.zones, example_coverage.totals["deficit_h"]
    assert [f["properties"]["zone_id"] for f in filed["features"]] == list(zones.index)
    assert sum(f["properties"]["deficit_h"] for f in filed["features"]) == deficit
    assert "essai" in json.dumps(tried, ensure_ascii=False)
    lost = sum(f["properties"]["deficit_h"] for f in tried["features"])
    assert lost > deficit


def test_the_same_by_keyboard_alone(browser: Browser, address: str, tmp_path: Path) -> None:
    with shown(browser, address) as page:
        find(page, CODE)
        read_reason(page)
        before = pixel(page, CODE)
        reach(page, "#ouvrir-essai")
        page.keyboard.press("Enter")
        field(page).focus()
        page.keyboard.press("Control+a")
        page.keyboard.type("0,1")
        page.keyboard.press("Enter")
        changed_then_undone(page, before, "key")
        link = page.get_by_role("link", name="Communes (CSV pour Excel)")
        link.focus()
        with page.expect_download() as saved:
            page.keyboard.press("Enter")
        saved.value.save_as(tmp_path / "communes.csv")
    with (tmp_path / "communes.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert any(row["commune"] == CODE for row in rows)


def reach(page: Page, selector: str) -> None:
    """Walk with the Tab key until a control has the focus."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError(f"{selector} cannot be reached by the keyboard")

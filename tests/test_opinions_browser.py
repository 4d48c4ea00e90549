"""Opinions in a real browser: given by the keyboard alone, told to every reader, counted live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from map_browsing import CHROMIUM, launched
from opinions_served import PAGES, SLUG, computed, served
from pages_browsing import AXE, browsing, running, violations
from playwright.sync_api import expect
from register_served import Near

from api.opinions.recorded import Opinions
from coverage.proposals.decisions import LOCK
from data.uploads import check

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]


def typed(page: Page, *keys: str) -> None:
    """Press keys, or type texts: no mouse."""
    for key in keys:
        if key in {"Tab", "Enter", "ArrowDown"}:
            page.keyboard.press(key)
        else:
            page.keyboard.type(key)


def test_a_post_is_refused_by_keyboard_and_counters_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    planner = served(tmp_path)
    made = computed(planner)
    new = [row.option for row in made.found.ranked if row.option.origin != "convention"]
    own = new[0].option_id
    with running(planner.app) as host, launched() as browser, browsing(browser, host) as page:
        page.goto(f"{host}{PAGES}/propositions")
        page.get_by_role("link", name=f"Avis, verrou sur {new[0].structure_name} ({own})").press(
            "Enter"
        )
        expect(page.locator("h1")).to_have_text("Donner un avis")
        assert violations(page) == []
        page.locator("#decision-instance").focus()
        typed(page, "DREETS")
        page.locator("#decision-motif").focus()
        # Past « Verrouiller », to « Refuser ».
        typed(page, "doublon du voisin", "Tab", "Tab", "Enter")
        expect(page.get_by_role("status").filter(has_text="enregistré")).to_contain_text(
            "Il s’imposera au prochain calcul"
        )
        # A browser is driven from here: the register is read without asking the server.
        kept = Opinions(planner.register.store, SLUG)
        (first,) = (each.opinion for each in kept.recorded())
        assert (first.avis, first.instance, first.reason) == (
            "refuse",
            "dreets",
            "doublon du voisin",
        )
        assert violations(page) == []
        page.get_by_text("Verrouiller ou refuser ce poste", exact=True).press("Enter")
        expect(page.get_by_role("button", name="Refuser ce poste")).to_be_visible()
        assert violations(page) == []

        kept.record("essai", replace(first, target=(new[-1].option_id, "", "", ""), avis=LOCK))
        page.goto(f"{host}{PAGES}/avis")
        expect(page.locator("tbody tr")).to_have_count(2)
        assert violations(page) == []
        # The script says of the same ticks what the server has said.
        told = page.request.get(f"{host}{PAGES}/budget").text()
        page.goto(f"{host}{PAGES}/budget")
        total = page.locator("[data-total]")
        assert f'<p role="status" data-total>{total.text_content()}</p>' in told
        page.get_by_label("Plafond d’ETP notifié").fill("1")
        expect(total).to_contain_text("dépasse le plafond de")
        page.get_by_label("Plafond d’ETP notifié").press("Enter")
        page.wait_for_url(f"**{PAGES}/budget")
        expect(total).to_contain_text("dépasse le plafond de")
        assert violations(page) == []

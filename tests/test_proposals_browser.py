"""Proposals in a real browser: asked and followed with and without scripts, axe, counters."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
import uvicorn
from map_browsing import CHROMIUM, PATIENCE_MS, launched
from pages_browsing import AXE, browsing, violations
from playwright.sync_api import expect
from proposals_served import proposed, toys

from api.facts.budget import budget_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Client
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)"),
]

SHOWN = (
    "propositions",
    "propositions?finance=non&q=rien",
    "propositions/zb-84-01-01004%231",
    "propositions/conv-2022-P2",
    "budget",
    "coordinateurs",
    "avant-apres",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Client:
    made = toys(tmp_path_factory.mktemp("etudes"))
    proposed(made, "riche")
    return made


@pytest.fixture(scope="module")
def host(served: Client) -> Iterator[str]:
    with running(served) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@contextmanager
def running(client: Client) -> Iterator[str]:
    """Run an application on a free port; yield its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(client.app, log_level="error", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(PATIENCE_MS / 1000)


def test_axe_finds_nothing_and_names_run_nothing(browser: Browser, host: str) -> None:
    with browsing(browser, host) as page:
        for address in SHOWN:
            page.goto(f"{host}/etudes/riche/{address}")
            assert violations(page) == [], address
            assert page.evaluate("window.perdu") is None
            assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_a_planner_asks_and_follows_with_scripts(browser: Browser, host: str) -> None:
    with browsing(browser, host) as page:
        page.goto(f"{host}/etudes/maigre/budget")
        assert violations(page) == []
        page.get_by_role("link", name="propositions", exact=True).click()
        page.get_by_role("button", name="Calculer les propositions").press("Enter")
        # The stages are told, then the list comes by itself.
        listed = page.locator("section[aria-labelledby=liste] caption")
        expect(listed).to_contain_text("Postes 1 à 13 sur 13")
        page.select_option("#f-finance", "non")
        page.get_by_role("button", name="Filtrer").click()
        page.wait_for_url("**finance=non**")
        page.locator("tbody th a").first.click()
        expect(page.locator("h1")).to_contain_text("Rang")
        expect(page.locator("#remplacement + p")).to_contain_text("Non financé")


def test_a_planner_asks_and_follows_without_scripts(browser: Browser, host: str) -> None:
    with browsing(browser, host, java_script_enabled=False) as page:
        page.goto(f"{host}/etudes/pauvre/propositions")
        page.get_by_role("button", name="Calculer les propositions").click()
        expect(page.locator("h2#calcul")).to_have_text("Le calcul n’a pas abouti")
        expect(page.locator(".avertissements")).to_contain_text("aucun plan ne respecte ensemble")
        expect(page.get_by_role("button", name="Recommencer le calcul")).to_be_visible()
        page.goto(f"{host}/etudes/riche/budget")
        expect(page.locator("[data-compte]").first).to_be_hidden()
        expect(page.locator("[data-total]")).to_contain_text("ETP nouveaux")


def test_counters_follow_what_is_ticked_to_the_cent(
    browser: Browser, host: str, served: Client
) -> None:
    facts = asdict(budget_facts(proposed(served, "riche")))
    with browsing(browser, host) as page:
        page.goto(f"{host}/etudes/riche/budget")
        total = page.locator("[data-total]")
        expect(total).to_contain_text(_spaces(facts["engage"]["texte"]))
        expect(total).to_contain_text(_spaces(f"reste {facts['reste']['texte']}"))
        expect(total).to_contain_text(f"{facts['etp_nouveaux']['texte']} ETP nouveaux")
        first = facts["postes"][2]
        page.get_by_label(re.compile(re.escape(first["option_id"]))).press(" ")
        left = facts["engage"]["centimes"] - first["part_etat"]["centimes"]
        expect(total).to_contain_text(_spaces(f"engagement {_euros(left)}"))
        field = page.get_by_label("Enveloppe notifiée (€)")
        field.fill("1000,50")
        expect(total).to_contain_text(_spaces(f"dépasse l’enveloppe de {_euros(left - 100_050)}"))
        field.fill("beaucoup")
        expect(page.locator("#c-enveloppe-faute")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Tout remettre").click()
        expect(total).to_contain_text(_spaces(f"reste {facts['reste']['texte']}"))


def test_the_map_before_and_after_opens_in_the_application(browser: Browser, host: str) -> None:
    with browsing(browser, host) as page:
        page.goto(f"{host}/etudes/riche/avant-apres")
        page.get_by_role("link", name="Ouvrir la carte avant et après").click()
        expect(page.locator(".leaflet-container")).to_be_visible()
        expect(page.locator("h1")).to_contain_text("Avant et après les postes proposés")


def _euros(cents: int) -> str:
    whole, rest = divmod(cents, 100)
    text = f"{whole:,}".replace(",", " ")
    return f"{text},{rest:02d} €" if rest else f"{text} €"


def _spaces(text: str) -> re.Pattern[str]:
    """Return a text with any space, breakable or not, where it has one."""
    return re.compile(re.sub(r"[\s\u00a0\u202f]", r"\\s", re.escape(text).replace("\\ ", " ")))

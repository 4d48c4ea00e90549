"""The page of the keys: shown once, never twice made, revoked at once, for one role alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from keyed import Browser, bearer, keyed
from pages_served import words

from api.access.identity import FORM_FIELD
from data.store.tokens import find_token

if TYPE_CHECKING:
    from pathlib import Path

    from keyed import Keyed

FIELDS = {
    "libelle": "DREETS Hauts-de-France",
    "role": "planificateur",
    "region": "32",
    "expire": "2027-01-31",
}


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Keyed:
    return keyed(tmp_path_factory.mktemp("registre"))


@pytest.fixture
def server(shared_server: Keyed) -> Keyed:
    return shared_server.as_new()


@pytest.fixture
def national(server: Keyed) -> Browser:
    """Return the browser of someone of the national level."""
    browser = Browser(server.client())
    browser.log_in(server.kept_key("national"))
    return browser


def create(browser: Browser, **changed: str) -> tuple[int, str]:
    """Fill in the form of the page as it stands; return the status and the page that answers."""
    answer = browser.post("/jetons", browser.fields("/jetons") | FIELDS | changed)
    assert "no-store" in answer.headers["cache-control"]
    return answer.status_code, answer.text


def shown(page: str) -> str:
    found = re.findall(r"zb_[\w-]{43}", page)
    assert len(found) == 1
    return found[0]


def test_a_key_is_shown_once_opens_what_was_asked_and_is_revoked(
    server: Keyed, national: Browser
) -> None:
    status, page = create(national)
    assert status == 200
    key = shown(page)
    with server.store.read() as session:
        token = find_token(session, key, server.now[0])
    assert token is not None
    assert (token.label, token.role, token.region) == (
        "DREETS Hauts-de-France",
        "planificateur",
        "32",
    )
    assert token.last_day.isoformat() == "2027-01-31"
    listed = national.get("/jetons").text
    assert key not in listed
    assert "zb_" not in listed
    # Neither the digest: what is as long is the token of the session's forms.
    assert set(re.findall(r"[0-9a-f]{64}", listed)) == {national.fields("/jetons")[FORM_FIELD]}
    said = words(listed)
    assert f"{token.token_id} DREETS Hauts-de-France planificateur Hauts-de-France" in said
    assert "31/01/2027" in said
    assert server.client().get("/registre", headers=bearer(key)).status_code == 200
    fields = national.fields("/jetons")
    ended = national.post(f"/jetons/{token.token_id}/revocation", fields)
    assert (ended.status_code, ended.headers["location"]) == (303, "/jetons")
    assert server.client().get("/registre", headers=bearer(key)).status_code == 401
    assert "révoqué le 26/11/2026 à 08:00" in words(national.get("/jetons").text)
    made, revoked = server.audit()[-2:]
    assert [made.action, revoked.action] == ["creer", "revoquer"]
    assert made.actor.startswith("Service national (n° ")


def test_the_same_form_sent_twice_makes_one_key(server: Keyed, national: Browser) -> None:
    fields = national.fields("/jetons") | FIELDS
    assert national.post("/jetons", fields).status_code == 200
    before = len(server.audit())
    again = national.post("/jetons", fields)
    assert again.status_code == 409
    assert "a été créé entre-temps ; rien n’est enregistré" in words(again.text)
    assert 'value="DREETS Hauts-de-France"' in again.text
    assert len(server.audit()) == before


def test_all_that_is_wrong_is_told_at_once_and_what_was_typed_is_kept(
    server: Keyed, national: Browser
) -> None:
    before = len(server.audit())
    wrong = {"libelle": "a.b@exemple.fr", "region": "", "expire": "2026-11-25"}
    status, page = create(national, **wrong)
    assert status == 422
    said = words(page)
    for told in ("adresse électronique", "un planificateur sans région", "date déjà passée"):
        assert told in said
    assert "3 valeurs à corriger" in said
    assert page.count('aria-invalid="true"') == 3
    assert 'value="a.b@exemple.fr"' in page
    for typed in ("", "demain", "2027-02-30"):
        status, page = create(national, expire=typed)
        assert (status, "date absente ou illisible" in page) == (422, True)
    status, page = create(national, role="chef", region="Bretagne")
    assert status == 422
    assert "« chef » n’est pas un rôle connu" in page
    assert "code de région illisible" in page
    assert len(server.audit()) == before


def test_the_last_day_of_the_calendar_is_a_date(national: Browser) -> None:
    assert create(national, expire="9999-12-31")[0] == 200
    assert national.get("/jetons").status_code == 200


def test_what_does_not_exist_is_not_revoked(national: Browser) -> None:
    fields = national.fields("/jetons")
    for number in ("999", str(2**31), "9" * 40, "un"):
        assert national.post(f"/jetons/{number}/revocation", fields).status_code == 404


def test_revoking_one_s_own_key_ends_the_session(server: Keyed) -> None:
    browser = Browser(server.client())
    key = server.key("national")
    browser.log_in(key)
    with server.store.read() as session:
        token = find_token(session, key, server.now[0])
    assert token is not None
    page = words(browser.get("/jetons").text)
    assert page.count("C’est celui de votre session") == 1
    browser.post(f"/jetons/{token.token_id}/revocation", browser.fields("/jetons"))
    assert browser.get("/jetons").headers["location"].startswith("/connexion")


def test_the_only_key_of_the_national_level_says_so(tmp_path: Path) -> None:
    server = keyed(tmp_path)
    browser = Browser(server.client())
    browser.log_in(server.key("national"))
    told = "C’est le seul du niveau national"
    assert words(browser.get("/jetons").text).count(told) == 1
    server.key("national")
    assert told not in words(browser.get("/jetons").text)


@pytest.mark.parametrize("role", ["lecteur", "planificateur"])
def test_the_page_and_its_entry_are_for_the_national_level(
    server: Keyed, national: Browser, role: str
) -> None:
    browser = Browser(server.client())
    browser.log_in(server.kept_key(role, "84" if role == "planificateur" else ""))
    assert browser.get("/jetons").status_code == 403
    fields = browser.fields("/connexion")
    for path in ("/jetons", "/jetons/1/revocation"):
        assert browser.post(path, fields | FIELDS).status_code == 403
    assert 'href="/jetons"' not in browser.get("/").text
    assert 'href="/registre"' in browser.get("/").text
    assert 'href="/jetons"' in national.get("/").text


def test_a_stranger_is_shown_no_entry_of_the_national_level(server: Keyed) -> None:
    page = Browser(server.client()).get("/connexion").text
    assert 'href="/jetons"' not in page


def test_a_form_without_the_token_of_its_session_makes_nothing(
    server: Keyed, national: Browser
) -> None:
    before = len(server.audit())
    for path in ("/jetons", "/jetons/1/revocation"):
        assert national.post(path, FIELDS).status_code == 403
    assert len(server.audit()) == before

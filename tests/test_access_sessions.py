"""Browsers: sessions and their end, cookies, forms, the pace of attempts, what is never written."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from asking import PAGE
from databases import KINDS, new_database, run_sql
from hypothesis import given
from hypothesis import strategies as st
from keyed import NOW, OWN, Browser, Keyed, bearer, keyed

from api.access.login import REFUSED, safe_return
from api.access.throttle import FREE_TRIES, Throttle, keys_of
from data.store import tokens
from data.store.engine import open_store
from data.store.errors import MissingError
from data.store.sessions import close_session, find_session, open_session

if TYPE_CHECKING:
    from pathlib import Path

STOP = f"/etudes/{OWN}/propositions/arret"
FORM = f"/etudes/{OWN}/propositions"


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Keyed:
    return keyed(tmp_path_factory.mktemp("registre"))


@pytest.fixture
def server(shared_server: Keyed) -> Keyed:
    return shared_server.as_new()


@pytest.fixture
def browser(server: Keyed) -> Browser:
    return Browser(server.client())


def revoke(server: Keyed, key: str) -> None:
    with server.store.write("essais") as write:
        found = tokens.find_token(write.session, key, write.now)
        assert found is not None
        tokens.revoke(write, found.token_id)


# ---- coming in, and what ends a session ----


def test_a_browser_is_led_to_the_login_and_back(server: Keyed, browser: Browser) -> None:
    asked = browser.get(f"/etudes/{OWN}/zones?statut=couverte&q=%C3%A9")
    assert asked.status_code == 303
    login = asked.headers["location"]
    assert login.startswith("/connexion?retour=/etudes/")
    answer = browser.log_in(server.key("lecteur"), login)
    assert answer.status_code == 303
    back = answer.headers["location"]
    assert back == f"/etudes/{OWN}/zones?statut=couverte&q=%C3%A9"
    page = browser.get(back)
    assert page.status_code == 200
    assert "Connecté : Service lecteur" in page.text


def test_a_post_without_session_does_not_come_back(browser: Browser) -> None:
    assert browser.post(STOP, {"autre": ""}).headers["location"] == "/connexion"


@pytest.mark.parametrize("end", ["session", "key", "revoked", "left"])
def test_what_ends_a_session(server: Keyed, browser: Browser, end: str) -> None:
    key = server.key("lecteur", days=1)
    browser.log_in(key)
    kept = dict(browser.cookies)
    server.later(hours=11, minutes=59)
    assert browser.get("/").status_code == 200
    if end == "session":
        server.later(minutes=1)
    elif end == "revoked":
        revoke(server, key)
    elif end == "left":
        assert browser.post("/deconnexion", browser.fields("/connexion")).status_code == 303
        assert browser.cookies == {}
        # The cookie that someone had copied opens nothing either.
        browser.cookies = kept
    else:
        browser = Browser(server.client())
        browser.log_in(key)
        server.later(hours=12, minutes=1)
        assert server.client().get("/", headers=bearer(key)).status_code == 401
    assert browser.get("/").headers["location"] == "/connexion"


def test_a_session_ends_with_its_key(server: Keyed, browser: Browser) -> None:
    key = server.key("lecteur", days=1)
    server.later(hours=20)
    answer = browser.log_in(key)
    assert f"Max-Age={4 * 3600}" in answer.headers["set-cookie"]
    server.later(hours=3, minutes=59)
    assert browser.get("/").status_code == 200
    server.later(minutes=1)
    assert browser.get("/").status_code == 303


def test_a_program_s_key_expires_and_is_revoked(server: Keyed) -> None:
    short, other = server.key("lecteur", days=1), server.key("lecteur", days=2)
    client = server.client()
    assert client.get("/", headers=bearer(short)).status_code == 200
    server.later(days=1)
    assert client.get("/", headers=bearer(short)).status_code == 401
    assert client.get("/", headers=bearer(other)).status_code == 200
    revoke(server, other)
    assert client.get("/", headers=bearer(other)).status_code == 401


def test_a_wrong_key_is_not_made_up_for_by_a_cookie(server: Keyed, browser: Browser) -> None:
    browser.log_in(server.key("lecteur"))
    assert browser.get("/", headers=bearer("zb_faux")).status_code == 401


def test_a_key_in_a_cookie_opens_nothing(server: Keyed) -> None:
    key = server.key("lecteur")
    for name in ("zb_session", "__Host-zb_session", "zb_connexion"):
        answer = server.client().get("/", headers={"cookie": f"{name}={key}"})
        assert answer.status_code == 401


def test_each_login_opens_another_session(server: Keyed) -> None:
    key = server.key("lecteur")
    first, second = Browser(server.client()), Browser(server.client())
    first.cookies["zb_session"] = "choisi-par-un-autre"
    first.log_in(key)
    second.log_in(key)
    secrets = {each.cookies["zb_session"] for each in (first, second)}
    assert len(secrets | {"choisi-par-un-autre"}) == 3


# ---- cookies ----


@pytest.mark.parametrize("https", [False, True])
def test_the_flags_of_cookies(server: Keyed, *, https: bool) -> None:
    browser = Browser(server.client(https=https))
    lines = browser.get("/connexion").headers.get_list("set-cookie")
    lines += browser.log_in(server.key("lecteur")).headers.get_list("set-cookie")
    prefix = "__Host-zb_" if https else "zb_"
    assert [line.partition("=")[0] for line in lines] == [
        f"{prefix}connexion",
        f"{prefix}session",
        f"{prefix}connexion",
    ]
    for line in lines:
        flags = {flag.strip().lower() for flag in line.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= flags
        assert ("secure" in flags) == https
        assert not any(flag.startswith("domain") for flag in flags)
    assert browser.get("/").status_code == 200


def test_a_cookie_of_plain_http_opens_nothing_behind_https(server: Keyed) -> None:
    plain = Browser(server.client())
    plain.log_in(server.key("lecteur"))
    secured = Browser(server.client(https=True), dict(plain.cookies))
    assert secured.get("/").status_code == 303


# ---- forms ----


def test_a_form_of_the_session_is_taken(server: Keyed, browser: Browser) -> None:
    browser.log_in(server.key("planificateur", "84"))
    fields = browser.fields(FORM)
    assert set(fields) == {"jeton_formulaire"}
    assert browser.post(STOP, fields).status_code == 303
    assert browser.cookies["zb_session"] not in fields.values()


@pytest.mark.parametrize("given", ["missing", "empty", "wrong", "another's", "login's"])
def test_other_forms_are_refused(server: Keyed, browser: Browser, given: str) -> None:
    login = browser.fields("/connexion")["jeton_formulaire"]
    key = server.key("planificateur", "84")
    browser.log_in(key)
    other = Browser(server.client())
    other.log_in(key)
    values = {
        "empty": "",
        "wrong": "0" * 64,
        "another's": other.fields(FORM)["jeton_formulaire"],
        "login's": login,
    }
    fields = {"autre": ""} if given == "missing" else {"jeton_formulaire": values[given]}
    for address in (STOP, "/deconnexion"):
        answer = browser.post(address, fields)
        assert answer.status_code == 403
        assert "ce formulaire n’est pas celui de la session" in answer.text
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://ailleurs.exemple"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}],
)
def test_the_gate_still_refuses_other_sites(
    server: Keyed, browser: Browser, headers: dict[str, str]
) -> None:
    browser.log_in(server.key("planificateur", "84"))
    answer = browser.post(STOP, browser.fields(FORM), headers=headers)
    assert answer.status_code == 403
    assert browser.post("/connexion", {}, headers=headers).status_code == 403


def test_json_of_a_session_says_where_it_comes_from(server: Keyed, browser: Browser) -> None:
    browser.log_in(server.key("planificateur", "84"))
    cookie = {"cookie": f"zb_session={browser.cookies['zb_session']}"}
    address = f"/api/v1{STOP}"
    client = server.client()
    assert client.post(address, headers=cookie, json={}).status_code == 403
    here = cookie | {"origin": client.address}
    assert client.post(address, headers=here, json={}).status_code == 200
    # The gate looks at posts alone.
    scenarios = f"/etudes/{OWN}/scenarios"
    assert client.ask("PUT", scenarios, headers=here, json={}).status_code == 200
    for origin in ("https://ailleurs.exemple", "null", ""):
        elsewhere = cookie | {"origin": origin}
        assert client.ask("PUT", scenarios, headers=elsewhere, json={}).status_code == 403


def test_the_login_form_is_answered_to_the_browser_that_was_given_it(
    server: Keyed, browser: Browser
) -> None:
    key = server.key("lecteur")
    fields = Browser(server.client()).fields("/connexion") | {"jeton": key}
    assert browser.post("/connexion", fields).status_code == 403
    browser.get("/connexion")
    assert browser.post("/connexion", fields).status_code == 403
    assert browser.post("/connexion", {"jeton": key}).status_code == 403
    assert "zb_session" not in browser.cookies
    assert browser.log_in(key).status_code == 303


# ---- coming back ----


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "https://ailleurs.exemple/",
        "//ailleurs.exemple",
        "///ailleurs.exemple",
        "/\\ailleurs.exemple",
        "\\\\ailleurs.exemple",
        "/\t/ailleurs.exemple",
        "/\n//ailleurs.exemple",
        " //ailleurs.exemple",
        "/%2f/ailleurs.exemple",
        "/.//ailleurs.exemple",
        "/a/..//ailleurs.exemple",
        "/%5cailleurs.exemple",
        "javascript:alert(1)",
        "/é",
        "/connexion",
        "/deconnexion?x",
        "/" + "a" * 3_000,
    ],
)
def test_no_return_leads_elsewhere(server: Keyed, wanted: str) -> None:
    assert safe_return(wanted) == "/"
    browser = Browser(server.client())
    fields = browser.fields("/connexion") | {"retour": wanted, "jeton": server.key("lecteur")}
    assert browser.post("/connexion", fields).headers["location"] == "/"


@given(st.text(alphabet="/\\.:?#@%2fF5cC\t\n aé", max_size=12))
def test_a_return_stays_on_this_host(wanted: str) -> None:
    kept = safe_return(wanted)
    assert kept.startswith("/")
    assert not kept.startswith(("//", "/\\"))
    assert kept.isprintable()


# ---- the pace of attempts ----


def test_all_that_does_not_open_is_answered_alike(server: Keyed) -> None:
    expired, revoked = server.key("lecteur", days=1), server.key("lecteur")
    revoke(server, revoked)
    server.later(days=2)
    told = set()
    for key in (expired, revoked, "zb_" + "x" * 43, "bonjour", ""):
        browser = Browser(server.client())
        server.seconds[0] += 3_600
        browser.cookies["zb_connexion"] = "le-meme"
        answer = browser.log_in(key)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        told.add(answer.text.split("<main")[1].split("</main>")[0])
    assert len(told) == 1
    assert REFUSED in told.pop()


def test_attempts_are_slowed_and_the_right_key_waits_too(server: Keyed, browser: Browser) -> None:
    key = server.key("lecteur")
    for rank in range(FREE_TRIES):
        assert browser.log_in(f"zb_faux-{rank}").status_code == 403
    for rank, wait in enumerate((1, 2, 4, 8)):
        answer = browser.log_in(key)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, str(wait))
        assert "Trop d’essais ont été refusés" in answer.text
        server.seconds[0] += wait
        assert browser.log_in(f"zb_encore-{rank}").status_code == 403
    server.seconds[0] += 16
    assert browser.log_in(key).status_code == 303
    assert Browser(server.client()).log_in("zb_faux").status_code == 403


def test_one_key_is_slowed_from_everywhere() -> None:
    throttle = Throttle(clock=lambda: 0.0)
    waits = [throttle.attempt(keys_of(f"192.0.2.{n}", "zb_abcdefgh" + str(n))) for n in range(9)]
    assert waits == [0.0] * FREE_TRIES + [1.0] * 4
    assert throttle.attempt(keys_of("192.0.2.99", "zb_autrement")) == 0


def test_the_wait_has_an_end_and_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])
    longest = 0.0
    for _ in range(60):
        wait = throttle.attempt(["a"])
        longest = max(longest, wait)
        now[0] += wait
    assert longest == 900
    now[0] += 3_600
    assert [throttle.attempt(["a"]) for _ in range(FREE_TRIES + 1)][-1] == 1
    monkeypatch.setattr("api.access.throttle._KEPT", 2)
    for name in "bcd":
        throttle.attempt([name])
    assert len(throttle._tries) == 2


# ---- what is written ----


def test_logins_are_audited_and_no_secret_is_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = keyed(tmp_path)
    caplog.set_level(logging.DEBUG)
    key, wrong = server.key("planificateur", "84"), "zb_" + "w" * 43
    browser = Browser(server.client())
    browser.log_in(wrong)
    browser.log_in(key)
    secret = browser.cookies["zb_session"]
    form = browser.fields(FORM)["jeton_formulaire"]
    browser.post(STOP, {"jeton_formulaire": form})
    browser.post("/deconnexion", browser.fields("/connexion"))
    server.client().get("/", headers=bearer(key))
    lines = [each for each in server.audit() if each.action != "creer"]
    assert [(each.action, each.kind, each.actor) for each in lines] == [
        ("refuser", "connexion", "connexion"),
        ("connecter", "jeton", "Service planificateur (n° 1)"),
        ("deconnecter", "jeton", "Service planificateur (n° 1)"),
    ]
    assert lines[1].after == {"expire": (NOW + timedelta(hours=12)).isoformat()}
    server.store.close()
    written = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert "requête" in logged
    for hidden in (key, wrong, secret, form):
        assert hidden not in logged
        assert hidden.encode() not in written
        assert hidden.removeprefix("zb_").encode() not in written


def test_a_register_that_does_not_answer_lets_nobody_in(tmp_path: Path) -> None:
    server = keyed(tmp_path)
    key = server.key("lecteur")
    server.store.close()
    for each in tmp_path.glob("registre*"):
        each.unlink()
    (tmp_path / "registre.sqlite").mkdir()
    told = server.client().problem("GET", "/", 503, headers=bearer(key))
    assert "la base ne répond pas" in told["detail"]


# ---- the register of sessions, on both databases ----


@pytest.mark.parametrize("kind", KINDS)
def test_sessions_are_kept_as_digests(kind: str, tmp_path: Path) -> None:
    url = new_database(kind, tmp_path)
    now = [NOW]
    store = open_store(url, clock=lambda: now[0])
    with store.write("essais") as write:
        tokens.issue_token(write, "Service", "lecteur", "", NOW + timedelta(days=1))
        text = open_session(write, 1, timedelta(hours=1))
        other = open_session(write, 1, timedelta(days=9))
    with store.read() as session:
        found = find_session(session, text, NOW)
        assert found is not None
        assert (found.token.token_id, found.expires_at) == (1, NOW + timedelta(hours=1))
        assert find_session(session, text, found.expires_at) is None
        lasting = find_session(session, other, NOW)
        assert lasting is not None
        assert lasting.expires_at == NOW + timedelta(days=1)
        for unknown in ("", "x", "\0", "\ud800", run_sql(url, "SELECT digest FROM sessions")[0][0]):
            assert find_session(session, unknown, NOW) is None
    assert text not in repr(run_sql(url, "SELECT * FROM sessions"))
    now[0] += timedelta(hours=2)
    with store.write("essais") as write:
        third = open_session(write, 1, timedelta(hours=1))
        assert close_session(write, third)
        assert not close_session(write, third)
        assert not close_session(write, text)
    assert run_sql(url, "SELECT count(*) FROM sessions") == [(1,)]
    with store.write("essais") as write:
        tokens.revoke(write, 1)
    with store.read() as session:
        assert find_session(session, other, now[0]) is None
    with pytest.raises(MissingError), store.write("essais") as write:
        open_session(write, 1, timedelta(hours=1))
    store.close()


def test_the_page_of_a_session_says_what_it_opens(server: Keyed, browser: Browser) -> None:
    browser.log_in(server.key("planificateur", "84"))
    told = browser.get("/connexion").text
    for words in (
        "planificateur, région 84",
        "26/11/2026 à 20:00",
        "sa région",
        "figer une version",
    ):
        assert words in told
    assert "administrer" not in told
    program = server.client().get("/connexion", headers=bearer(server.key("national")) | PAGE).text
    assert "administrer les jetons" in program
    assert "Se déconnecter" not in program

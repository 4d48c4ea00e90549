"""The server as a whole: what it lets in, how it refuses, what locks every answer."""

from __future__ import annotations

import doctest
import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
from asking import PAGE, Client, client_of
from fake_coverage import fake_coverage

from api import errors, limits, logs, security
from api.errors import STATUSES, WORDS, problem_of
from api.logs import JsonLines
from api.security import HEADERS
from api.settings import Settings
from api.trials import asked
from geo.errors import InputErrors, Notice, OutputError, UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from coverage.model import Coverage

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def client() -> Client:
    return client_of(fake_coverage)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Return what the server's log writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("zones_blanches")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def broken() -> Coverage:
    raise RuntimeError("secret du serveur")


def test_health(client: Client) -> None:
    assert client.get("/sante").json() == {"etat": "ok", "version": "0.1.0", "etudes": 1}


# ---- errors ----


def test_unforeseen_errors_show_an_identifier_and_nothing_inside(written: io.StringIO) -> None:
    answer = client_of(broken).get("/api/v1/etudes/essai/exports/resume.json")
    content = answer.json()
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text
    assert content["identifiant"] == answer.headers["x-request-id"]
    assert content["identifiant"] in content["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["id"] for line in lines] == [content["identifiant"]] * 2
    assert "secret du serveur" in lines[0]["trace"]
    assert lines[1]["statut"] == 500


def test_each_error_of_the_program_has_a_status() -> None:
    assert problem_of(UnknownCodeError("inconnu"), identifier="").status == 404
    assert problem_of(OutputError("refusé"), identifier="").status == 409
    kinds = [kind for kind, _ in STATUSES]
    assert all(
        not issubclass(later, kinds[i]) for i in range(len(kinds)) for later in kinds[i + 1 :]
    )
    assert {int(status) for _, status in STATUSES} <= WORDS.keys()


def test_faults_of_an_input_are_all_said() -> None:
    faults = [Notice("postes", 2, "etp", "trop"), Notice("postes", 3, "etp", "peu", "ajouter")]
    content = problem_of(InputErrors(faults), identifier="").content()
    assert content["erreurs"] == [
        "postes, ligne 2, colonne « etp » : trop",
        "postes, ligne 3, colonne « etp » : peu → ajouter",
    ]


def test_a_browser_gets_a_page_with_the_same_words(client: Client) -> None:
    said = client.problem("GET", "/nulle-part", 404)["detail"]
    answer = client.get("/nulle-part", headers=PAGE)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert said in answer.text
    assert '<html lang="fr">' in answer.text
    assert "script-src 'nonce-" in answer.headers["content-security-policy"]
    client.problem("GET", "/api/v1/nulle-part", 404, headers=PAGE)


def test_a_broken_error_page_still_says_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    monkeypatch.setattr("api.errors.page", lambda *_, **__: 1 / 0)
    client.problem("GET", "/nulle-part", 404, headers=PAGE)
    assert "ZeroDivisionError" in written.getvalue()


@pytest.mark.parametrize(
    "address",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%5capp.py",
        "/docs",
        "/redoc",
        "/etudes/..%2f..%2fsecret",
        "/etudes/autre",
        "/etudes/essai/exports/..%2fetude.toml",
        "/etudes/essai/exports/%2Fetc%2Fpasswd",
    ],
)
def test_nothing_else_is_reachable(client: Client, address: str) -> None:
    client.problem("GET", address, 404)


def test_examples_hold() -> None:
    for module in (errors, logs, security, limits, asked):
        result = doctest.testmod(module)
        assert result.attempted > 0, module
        assert result.failed == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\x00", "corps de la demande : JSON mal formé"),
        (b"[]", "corps de la demande : objet attendu"),
        (b'{"lon": NaN, "lat": 91}', "« lon » : nombre fini attendu"),
        (b'{"lon": NaN, "lat": 91}', "« lat » : au plus 90"),
        (b'{"modifications": [{}]}', "modification 1 : « action » manque"),
        (b'{"modifications": [{"action": "x"}]}', "modification 1 : valeur hors de etp, ajout"),
        (
            b'{"modifications": [{"action": "etp", "poste": "1", "etp": "beaucoup"}]}',
            "modification 1, « poste » : nombre entier attendu",
        ),
        (
            b'{"modifications": [{"action": "etp", "poste": 1, "etp": "1", "de": 2}]}',
            "modification 1, « de » : nom inconnu",
        ),
        (
            b'{"modifications": ['
            + b",".join([b'{"action": "retrait_poste", "poste": 0}'] * 201)
            + b"]}",
            "« modifications » : au plus 200 éléments",
        ),
    ],
)
def test_wrong_bodies_are_told_in_french(client: Client, body: bytes, said: str) -> None:
    address = "/api/v1/etudes/essai/essais/point"
    faults = client.problem("POST", address, 422, headers=JSON, content=body)["erreurs"]
    assert any(fault.startswith(said) for fault in faults), faults


def test_a_body_that_cannot_be_read_is_refused(client: Client) -> None:
    address = "/api/v1/etudes/essai/essais/point"
    client.problem("POST", address, 400, headers=JSON, content=b"[" * 100_000)


# ---- headers ----


@pytest.mark.parametrize("address", ["/", "/sante", "/nulle-part", "/static/site.css"])
def test_every_answer_is_locked(client: Client, address: str) -> None:
    headers = client.get(address).headers
    assert {name.lower() for name in HEADERS} <= set(headers)
    assert headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("given", "kept"), [("demande-12.A_b", True), ("a\tb", False), ("x" * 65, False), ("", False)]
)
def test_requests_are_named(client: Client, given: str, kept: bool) -> None:  # noqa: FBT001
    found = client.get("/sante", headers={"x-request-id": given}).headers["x-request-id"]
    assert (found == given) is kept
    assert found


def test_a_request_is_one_line_without_query_or_body(client: Client, written: io.StringIO) -> None:
    client.get("/sante?nom=secret", headers={"x-request-id": "r1"})
    (line,) = map(json.loads, written.getvalue().splitlines())
    assert "secret" not in written.getvalue()
    assert (
        line.items()
        >= {
            "id": "r1",
            "methode": "GET",
            "chemin": "/sante",
            "statut": 200,
            "niveau": "info",
        }.items()
    )
    assert line["ms"] >= 0


# ---- what is let in ----


@pytest.mark.parametrize("host", ["exemple.fr", "127.0.0.1.exemple.fr", "", "[", "localhost.fr:80"])
def test_other_names_are_refused(client: Client, host: str) -> None:
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "Essai" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9000", "127.0.0.1:8000"])
def test_own_names_are_answered(client: Client, host: str) -> None:
    assert client.get("/sante", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (JSON, 405),
        (JSON | {"content-type": "Application/JSON; charset=utf-8"}, 405),
        (JSON | {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}, 405),
        (JSON | {"origin": "https://exemple.fr"}, 403),
        (JSON | {"origin": "null"}, 403),
        (JSON | {"origin": "http://127.0.0.1.exemple.fr"}, 403),
        (JSON | {"sec-fetch-site": "cross-site"}, 403),
        (JSON | {"sec-fetch-site": "same-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
    ],
)
def test_posts_are_json_from_our_own_pages(
    client: Client, headers: dict[str, str], status: int
) -> None:
    client.problem("POST", "/sante", status, headers=headers, content=b"{}")


# ---- an operator's design system ----


@pytest.fixture
def designed(tmp_path: Path) -> Client:
    folder = tmp_path / "charte"
    folder.mkdir()
    (tmp_path / "secret.css").write_text("secret")
    for name in ("b.css", "a é.css", "police.woff2", "page.js", ".env"):
        (folder / name).write_text(f"contenu de {name}")
    (folder / "lien.css").symlink_to(tmp_path / "secret.css")
    return client_of(fake_coverage, settings=Settings(design_folder=folder))


def test_a_design_system_is_linked_last(designed: Client, client: Client) -> None:
    page = designed.get("/").text
    links = [part.split('"')[0] for part in page.split('rel="stylesheet" href="')[1:]]
    assert links[-3:] == [
        "/static-design/a%20%C3%A9.css",
        "/static-design/b.css",
        "/static-design/lien.css",
    ]
    assert designed.get(links[-3]).text == "contenu de a é.css"
    assert designed.get("/static-design/police.woff2").status_code == 200
    assert "/static-design" not in client.get("/").text


@pytest.mark.parametrize(
    "name", ["page.js", ".env", "../secret.css", "%2e%2e/secret.css", "lien.css", ""]
)
def test_nothing_else_of_the_design_folder_is_served(designed: Client, name: str) -> None:
    assert "secret" not in str(designed.problem("GET", f"/static-design/{name}", 404))

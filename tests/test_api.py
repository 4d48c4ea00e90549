"""The server: pages, files, the point query, errors, headers."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from builders import grid_territory
from fake_coverage import fake_coverage, fake_territory

from api.app import create_app
from api.errors import STATUSES, problem_of
from api.security import HEADERS
from api.serve import HOST, listen
from api.settings import Settings
from api.store import FILES
from data.results.files import result_files
from data.results.writing import write_folder
from geo.errors import DataUnavailableError, OutputError, UnknownCodeError
from maps.map import build_map

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from geo.territory import Territory

PROBLEM = "application/problem+json"


class Client:
    """Asks an application, in this process, as a browser on this machine would."""

    def __init__(self, app: FastAPI, host: str = "127.0.0.1") -> None:
        self.app = app
        self.address = f"http://{host}"

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self.address) as client:
                return await client.request(method, path, **options)

        return asyncio.run(answer())

    def get(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        return self.ask("GET", path, **options)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    root = tmp_path_factory.mktemp("resultats")
    made = []
    for name, fictional in (("un", True), ("deux", False)):
        coverage = fake_coverage(regions=("32", "84"), fictional=fictional)
        write_folder(root / name, result_files(coverage) | {"carte.html": build_map(coverage)})
        made.append(root / name)
    (root / "secret.txt").write_text("secret", encoding="utf-8")
    (root / "un" / "secret.txt").write_text("secret", encoding="utf-8")
    return tuple(made)


@pytest.fixture(scope="module")
def client(folders: tuple[Path, ...]) -> Client:
    return Client(create_app(Settings(folders=folders, territory=fake_territory)))


def problem(client: Client, address: str, status: int) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    content: dict[str, Any] = answer.json()
    assert content["status"] == status
    assert {"type", "title", "detail"} <= content.keys()
    return content


# ---- pages and files ----


def test_home_lists_the_results(client: Client) -> None:
    page = client.get("/").text
    assert '<html lang="fr">' in page
    assert page.count("<article") == 2
    assert page.count("Étude fictive.") == 1
    assert "Étude d’essai, 2023" in page
    assert 'href="/resultats/2/carte"' in page
    assert "zones retenues" in page


def test_home_asks_nothing_from_outside_and_runs_nothing(client: Client) -> None:
    page = client.get("/").text
    assert "<script" not in page
    assert "style=" not in page
    assert re.findall(r'(?:src|href)="(?!/|#|data:)', page) == []
    assert client.get("/static/pages.css").headers["content-type"].startswith("text/css")


def test_home_without_result(tmp_path: Path) -> None:
    app = create_app(Settings(folders=(), territory=fake_territory))
    assert "Aucun résultat" in Client(app).get("/").text
    assert not list(tmp_path.iterdir())


def test_map_is_served_as_written(client: Client, folders: tuple[Path, ...]) -> None:
    answer = client.get("/resultats/1/carte")
    assert answer.content == (folders[0] / "carte.html").read_bytes()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "content-disposition" not in answer.headers
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("name", FILES)
def test_files_are_downloaded(client: Client, folders: tuple[Path, ...], name: str) -> None:
    answer = client.get(f"/resultats/2/fichiers/{name}")
    assert answer.content == (folders[1] / name).read_bytes()
    assert answer.headers["content-type"] == FILES[name].media_type
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    "address",
    [
        "/resultats/1/fichiers/secret.txt",
        "/resultats/1/fichiers/..%2Fsecret.txt",
        "/resultats/1/fichiers/%2e%2e%2fsecret.txt",
        "/resultats/1/fichiers/..%5csecret.txt",
        "/resultats/1/fichiers/%2Fetc%2Fpasswd",
        "/resultats/..%2F1/carte",
        "/resultats/3/carte",
        "/resultats/0/carte",
        "/resultats/-1/carte",
        "/resultats/x/carte",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/docs",
        "/redoc",
        "/nulle-part",
    ],
)
def test_nothing_else_is_reachable(client: Client, address: str) -> None:
    assert "secret" not in json.dumps(problem(client, address, 404))


def test_health(client: Client) -> None:
    assert client.get("/sante").json() == {"etat": "ok", "version": "0.1.0", "resultats": 2}


def test_folder_without_result_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailableError, match="zones-blanches calculer"):
        create_app(Settings(folders=(tmp_path,), territory=fake_territory))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"etude": "x"}'])
def test_broken_summary_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "resume.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataUnavailableError):
        create_app(Settings(folders=(tmp_path,), territory=fake_territory))


# ---- the point query ----


def test_point_gives_the_unit_and_its_row(client: Client) -> None:
    found = client.get("/api/v1/point", params={"lon": 3.015, "lat": 46.005}).json()
    assert found["unite"]["code"] == "01002"
    assert found["commune"]["statut"] == "capacite_insuffisante"
    assert found["commune"]["taux_reponse"] == "0.188172"
    assert found["resultat"] == {"numero": 1, "titre": "Étude d’essai, 2023"}
    assert [zone["zone_id"] for zone in found["zones"]] == [found["commune"]["zone_id"]]


def test_point_on_a_border_is_steady(client: Client) -> None:
    answers = [client.get("/api/v1/point?lon=3.01&lat=46.01").json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["unite"]["code"] == "01001"


def test_point_outside_every_commune(client: Client) -> None:
    content = problem(client, "/api/v1/point?lon=46&lat=3", 404)
    assert "la longitude vient d’abord" in content["detail"]


def test_unit_outside_the_results_has_no_row(folders: tuple[Path, ...]) -> None:
    def wider() -> Territory:
        return grid_territory(1, codes=["99001"])

    client = Client(create_app(Settings(folders=folders, territory=wider)), host="localhost")
    found = client.get("/api/v1/point?lon=3.005&lat=46.005&resultat=2").json()
    assert found["unite"]["code"] == "99001"
    assert found["commune"] is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "« lon » : valeur manquante ; « lat » : valeur manquante"),
        ("lon=a&lat=46", "« lon » : nombre attendu, avec un point décimal"),
        ("lon=3,5&lat=46", "« lon » : nombre attendu, avec un point décimal"),
        ("lon=181&lat=46", "« lon » : au plus 180"),
        ("lon=3&lat=-91", "« lat » : au moins -90"),
        ("lon=nan&lat=46", "« lon » : nombre fini attendu"),
        ("lon=3&lat=46&resultat=0", "« resultat » : au moins 1"),
        ("lon=3&lat=46&resultat=x", "« resultat » : nombre entier attendu"),
    ],
)
def test_wrong_points_are_told_in_french(client: Client, query: str, said: str) -> None:
    assert said in problem(client, f"/api/v1/point?{query}", 422)["detail"]


def test_territory_is_loaded_once_and_late(folders: tuple[Path, ...]) -> None:
    calls = []

    def load() -> Territory:
        calls.append(1)
        return fake_territory()

    client = Client(create_app(Settings(folders=folders, territory=load)))
    client.get("/")
    assert calls == []
    for _ in range(3):
        client.get("/api/v1/point?lon=3.005&lat=46.005")
    assert calls == [1]


def test_missing_territory_says_so(folders: tuple[Path, ...]) -> None:
    def fail() -> Territory:
        raise DataUnavailableError("données de référence absentes → lancer la commande")

    client = Client(create_app(Settings(folders=folders, territory=fail)))
    content = problem(client, "/api/v1/point?lon=3&lat=46", 503)
    assert content["detail"] == "données de référence absentes → lancer la commande"


# ---- errors and headers ----


def test_server_errors_show_an_identifier_and_nothing_inside(
    folders: tuple[Path, ...], caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> Territory:
        raise RuntimeError("secret du serveur")

    client = Client(create_app(Settings(folders=folders, territory=fail)))
    with caplog.at_level(logging.ERROR):
        answer = client.get("/api/v1/point?lon=3&lat=46")
    content = answer.json()
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text
    assert content["identifiant"] in content["detail"]
    assert content["identifiant"] in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_each_error_of_the_program_has_a_status() -> None:
    assert problem_of(UnknownCodeError("inconnu")).status == 404
    assert problem_of(OutputError("refusé")).status == 409
    kinds = [kind for kind, _ in STATUSES]
    assert all(
        not issubclass(later, kinds[i]) for i in range(len(kinds)) for later in kinds[i + 1 :]
    )


@pytest.mark.parametrize(
    "address", ["/", "/resultats/1/carte", "/sante", "/nulle-part", "/static/pages.css"]
)
def test_every_answer_is_locked(client: Client, address: str) -> None:
    headers = client.get(address).headers
    assert {name.lower() for name in HEADERS} <= set(headers)
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_other_host_names_are_refused(client: Client) -> None:
    answer = client.get("/", headers={"host": "exemple.fr"})
    assert answer.status_code == 400
    assert "Essai" not in answer.text


def test_only_get_is_answered(client: Client) -> None:
    assert client.ask("POST", "/").json()["title"] == "Méthode non acceptée"


# ---- listening ----


def test_taken_port_gives_another_unless_it_was_asked_for() -> None:
    with listen(0) as taken:
        assert taken.getsockname()[0] == HOST
        port = taken.getsockname()[1]
        with pytest.raises(OutputError, match=f"port {port}"):
            listen(port)


def test_default_port_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen(0) as taken:
        monkeypatch.setattr("api.serve.DEFAULT_PORT", taken.getsockname()[1])
        with listen(None) as other:
            assert other.getsockname()[1] != taken.getsockname()[1]
            assert other.type == socket.SOCK_STREAM


def test_impossible_port_is_refused() -> None:
    with pytest.raises(OutputError):
        listen(70_000)

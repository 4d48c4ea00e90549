"""Asking for proposals: states on pages and answers, nothing blocked, posts from here alone."""

from __future__ import annotations

import re
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from asking import PAGE, Client
from pages_served import words
from proposals_served import APPLICATION, FORM, JSON, POOR, RICH, serving, waited
from test_propose import FILES, write

from api import proposing

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 60
PAGES = ("propositions", "budget", "coordinateurs", "avant-apres", "propositions/zb-1")
ANSWERS = ("propositions", "propositions/ecartees", "propositions/zb-1", "plan", "budget")
EXPORTS = ("propositions.zip", "carte_avant_apres.html")


class Gate:
    """Holds the computation of proposals at a door, before its first decision."""

    def __init__(self) -> None:
        self.entered, self.door = Event(), Event()

    def __call__(self, *_: Any, on_step: Any, **__: Any) -> Any:  # noqa: ANN401
        on_step("Options et règles de l’appel")
        self.entered.set()
        assert self.door.wait(PATIENCE)
        on_step("Liste classée")
        raise AssertionError("never decided here")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(proposing, "decide", gate)
    return gate


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("etudes")
    return {slug: write(place / slug, FILES) for slug in ("un", "deux")}


@pytest.fixture(scope="module")
def idle(folders: dict[str, Path]) -> Client:
    """Return an application that nothing is asked of, but in vain."""
    return serving(folders)


@pytest.fixture
def client(folders: dict[str, Path]) -> Client:
    return serving(folders)


def state(client: Client, slug: str = "un") -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/etudes/{slug}/propositions/calcul").json()
    return found


def shown(client: Client, page: str = "propositions", slug: str = "un") -> str:
    answer = client.get(f"/etudes/{slug}/{page}", headers=PAGE)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("page", PAGES)
def test_before_computing_each_page_says_how_to_ask(idle: Client, page: str) -> None:
    found = shown(idle, page)
    said = words(found)
    assert "Le calcul n’est pas encore demandé" in said
    assert "Proposition calculée, sans valeur de décision" in said
    (form,) = re.findall(r'<form class="actions".*?</form>', found, re.DOTALL)
    assert 'method="post" action="/etudes/un/propositions/calcul"' in form
    assert "Calculer les propositions" in form
    assert "refresh" not in found
    assert state(idle)["etat"] == "absente"


@pytest.mark.parametrize("answer", ANSWERS)
def test_before_computing_each_answer_is_a_problem_with_its_remedy(
    idle: Client, answer: str
) -> None:
    said = idle.problem("GET", f"/api/v1/etudes/un/{answer}", 409)["detail"]
    assert "pas encore demandé" in said
    assert "POST …/propositions/calcul" in said


@pytest.mark.parametrize("name", EXPORTS)
def test_before_computing_nothing_is_exported(idle: Client, name: str) -> None:
    for place in ("", "/api/v1"):
        idle.problem("GET", f"{place}/etudes/un/exports/{name}", 409)
    answer = idle.get("/etudes/un/avant-apres/carte", headers=PAGE)
    assert answer.status_code == 409
    assert "ne sont pas prêtes" in words(answer.text)


def test_while_computing_other_pages_answer_and_progress_is_told(
    client: Client, held: Gate
) -> None:
    asked = client.post("/etudes/un/propositions/calcul?region=84", headers=FORM)
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/etudes/un/propositions?region=84",
    )
    assert held.entered.wait(PATIENCE)
    # The door is closed: whatever answers now waits for no computation.
    for page in ("", "/zones", "/communes/01004", "/structures/A"):
        assert client.get(f"/etudes/un{page}", headers=PAGE).status_code == 200
    found = shown(client)
    assert "Options et règles de l’appel" in words(found)
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in found
    assert 'data-evenements="/etudes/un/propositions/evenements"' in found
    assert "Arrêter le calcul" in found
    now = state(client)
    assert (now["etat"], now["etape_rang"], now["etapes"]) == ("en_cours", 3, 8)
    assert "en cours" in client.problem("GET", "/api/v1/etudes/un/budget", 409)["detail"]
    # Another study waits for its turn.
    other = client.post("/api/v1/etudes/deux/propositions/calcul", headers=JSON)
    assert (other.status_code, other.json()["etat"]) == (202, "en_attente")
    assert "Le calcul attend son tour" in words(shown(client, slug="deux"))
    stopped = client.post("/api/v1/etudes/deux/propositions/arret", headers=JSON)
    assert (stopped.status_code, stopped.json()["etat"]) == (200, "annulee")
    assert client.post("/etudes/un/propositions/arret", headers=FORM).status_code == 303
    assert "il se fait à la prochaine étape" in words(shown(client))
    held.door.set()
    assert waited(client, "un").state == "annulee"
    assert "Le calcul a été arrêté" in words(shown(client))
    assert "Recommencer le calcul" in shown(client)
    events = client.get("/etudes/un/propositions/evenements")
    assert events.headers["content-type"].startswith("text/event-stream")
    assert events.text.count("event: etat") == 1
    assert '"etat":"annulee"' in events.text


def test_an_unforeseen_failure_shows_nothing_inside(
    client: Client, held: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    held.door.set()
    client.post("/etudes/un/propositions/calcul", headers=FORM)
    assert waited(client, "un").state == "echouee"
    said = words(shown(client))
    assert "Pour la signaler, citer" in said
    assert "never decided" not in said
    assert "never decided" in caplog.text


def test_a_failure_says_every_fault_and_mended_files_are_read_anew(tmp_path: Path) -> None:
    broken = APPLICATION["alpha.toml"].replace("etp_facilitateur = 0.75", 'etp_facilitateur = "x"')
    folder = write(tmp_path / "e", RICH, {"alpha.toml": broken, "beta.toml": broken})
    client = serving({"un": folder})
    client.post("/etudes/un/propositions/calcul", headers=FORM)
    assert waited(client, "un").state == "echouee"
    said = words(shown(client, "budget"))
    for name in ("alpha", "beta"):
        assert f"candidatures/{name}.toml" in said
    assert len(state(client)["erreurs"]) >= 2
    for name in ("alpha", "beta"):
        (folder / "candidatures" / f"{name}.toml").unlink()
    client.post("/etudes/un/propositions/calcul", headers=FORM)
    assert waited(client, "un").state == "terminee"


def test_no_plan_at_all_is_told_with_the_conflict(tmp_path: Path) -> None:
    client = serving({"un": write(tmp_path / "e", POOR)})
    client.post("/etudes/un/propositions/calcul", headers=FORM)
    waited(client, "un")
    said = words(shown(client))
    assert "aucun plan ne respecte ensemble ces règles" in said
    assert "ou ajouter 11 220 € à l’enveloppe" in said


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://exemple.fr"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": ""}, 403),
        ({}, 415),
        ({"content-type": "multipart/form-data", "origin": "http://127.0.0.1"}, 415),
        ({"content-type": "text/plain", "origin": "http://127.0.0.1"}, 415),
    ],
)
def test_a_form_from_elsewhere_starts_nothing(
    idle: Client, headers: dict[str, str], status: int
) -> None:
    kind = {"content-type": FORM["content-type"]}
    answer = idle.post("/etudes/un/propositions/calcul", headers=kind | headers)
    assert answer.status_code == status
    assert state(idle)["etat"] == "absente"


def test_a_link_starts_nothing(idle: Client) -> None:
    for place in ("/etudes/un", "/api/v1/etudes/un"):
        idle.get(f"{place}/propositions/calcul")
        idle.get(f"{place}/propositions/arret")
    assert state(idle)["etat"] == "absente"


def test_the_page_with_the_form_lets_the_browser_name_it(idle: Client) -> None:
    answer = idle.get("/etudes/un/propositions", headers=PAGE)
    assert answer.headers["referrer-policy"] == "same-origin"
    assert idle.get("/etudes/un/zones").headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("slug", ["autre", "..%2fsecret"])
def test_an_unknown_study_is_not_found(idle: Client, slug: str) -> None:
    for page in PAGES:
        assert idle.get(f"/etudes/{slug}/{page}").status_code == 404
    assert idle.post(f"/etudes/{slug}/propositions/calcul", headers=FORM).status_code == 404


def test_each_route_is_described_in_french_with_what_it_waits_for(idle: Client) -> None:
    described = idle.get("/api/v1/openapi.json").json()["paths"]
    prefix = "/api/v1/etudes/{etude}"
    names = ("/propositions", "/propositions/{option_id}", "/plan", "/budget", "/coordinateurs")
    for name in (*names, "/exports/propositions.zip"):
        own = described[prefix + name]["get"]
        assert own["summary"]
        assert "$ref" in own["responses"]["409"]
    assert "409" not in described[f"{prefix}/zones"]["get"]["responses"]
    started = described[f"{prefix}/propositions/calcul"]["post"]["responses"]
    assert {"202", "403", "415"} <= started.keys()
    assert "200" not in started

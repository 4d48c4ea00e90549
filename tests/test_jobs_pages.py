"""The pages and answers of jobs: what they tell, and who may stop what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from keyed import OTHER, OWN, Browser, Keyed, bearer, keyed
from pages_served import words
from register_served import Near, Planner, application, ended, job_of
from toy import STUDY
from upload_archives import zipped

from api.facts.jobs import duration_text
from data.store import jobs as kept
from data.store.studies import create_study
from data.uploads import check

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Keyed:
    """Return an application that asks for keys, with jobs that nobody does."""
    found = keyed(tmp_path_factory.mktemp("registre"))
    with found.store.write("Anne") as write:
        create_study(write, "ara", "Auvergne-Rhône-Alpes", "84")
        for parameters in ({"inscrite": "ara", "version": 1}, {"dossier": OTHER}, {"dossier": OWN}):
            kept.enqueue(write, "inconnu", None, parameters)
    return found


def stop(server: Keyed, key: dict[str, str], number: int, status: int) -> dict[str, Any]:
    answer = server.client().post(f"/api/v1/calculs/{number}/arret", headers=key, json={})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_planner_stops_the_jobs_of_one_region_only(server: Keyed) -> None:
    reader, planner = (
        bearer(server.kept_key(role, "84" if role == "planificateur" else ""))
        for role in ("lecteur", "planificateur")
    )
    listed = server.client().get("/api/v1/calculs", headers=reader).json()
    assert [each["etude"] for each in listed] == [OWN, OTHER, "Auvergne-Rhône-Alpes"]
    for number in (1, 2, 3):
        assert "arrêter un calcul" in stop(server, reader, number, 403)["detail"]
    assert "votre seule région" in stop(server, planner, 2, 403)["detail"]
    assert stop(server, planner, 1, 200)["tache"]["etat"] == "annulee"
    assert stop(server, planner, 3, 200)["avancement"]["etat"] == "annulee"
    assert stop(server, bearer(server.kept_key("national")), 2, 200)["tache"]["etat"] == "annulee"
    with server.store.read() as session:
        assert {each.state for each in kept.jobs(session)} == {"annulee"}


def test_a_form_of_another_page_stops_nothing(server: Keyed) -> None:
    with server.store.write("Anne") as write:
        number = kept.enqueue(write, "inconnu", None, {"dossier": OWN}).job_id
    browser = Browser(server.client())
    browser.log_in(server.kept_key("national"))
    path = f"/calculs/{number}"
    refused = browser.ask("POST", f"{path}/arret", data={"rien": ""})
    assert refused.status_code == 403
    answer = browser.ask("POST", f"{path}/arret", data=browser.fields(path))
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert "Le calcul a été arrêté" in words(browser.get(path).text)


def test_the_answers_are_described_as_they_are(server: Keyed) -> None:
    key = bearer(server.kept_key("lecteur"))
    described = server.client().get("/api/v1/openapi.json", headers=key).json()
    told = described["components"]["schemas"]
    (listed, *_) = server.client().get("/api/v1/calculs", headers=key).json()
    assert told["JobFacts"]["properties"].keys() == listed.keys()
    one = server.client().get(f"/api/v1/calculs/{listed['numero']}", headers=key).json()
    assert told["FollowedFacts"]["properties"].keys() == one.keys()
    assert told["ProgressFacts"]["properties"].keys() == one["avancement"].keys()


def test_what_is_not_there_is_not_found(server: Keyed) -> None:
    key = bearer(server.kept_key("national"))
    for number in ("999999", "0", "x", str(2**40)):
        for path in ("", "/evenements"):
            server.client().problem("GET", f"/api/v1/calculs/{number}{path}", 404, headers=key)


def test_serving_a_version_is_followed_to_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    planner = Planner(application(tmp_path))
    assert "Aucun calcul n’a encore été demandé" in planner.html("/calculs")
    planner.freeze(planner.deposit(zipped(STUDY)))
    answer = planner.post("/registre/essai/versions/1/service")
    number = job_of(answer)
    assert ended(planner.app, number).state == "terminee"
    led = planner.ask("GET", answer.headers["location"])
    assert (led.status_code, led.headers["location"]) == (303, "/etudes/essai")
    page = words(planner.html(f"/calculs/{number}"))
    assert "Le calcul est fini" in page
    for phrase in ("en attente", "prise en charge", "Lecture de l’étude", "Mise en service"):
        assert phrase in page
    line = words(planner.html("/calculs"))
    assert "Ouverture d’une version , n° 1 Étude d’essai, version 1 poste local" in line
    events = planner.ask("GET", f"/calculs/{number}/evenements")
    assert events.text.count("event: etat") == 1
    # A restart shows it again, with nothing asked.
    again = Planner(application(tmp_path))
    (study,) = again.app.state.studies
    assert not study.computed
    assert "La version 1 du registre se prépare" in words(again.html("/"))
    assert "Version 1 , figée le" in words(again.html("/etudes/essai"))
    assert "se prépare" not in words(again.html("/"))


def test_a_version_that_cannot_be_computed_leaves_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    planner = Planner(application(tmp_path))
    planner.freeze(planner.deposit(zipped(STUDY)))
    assert planner.serve(1) == "/etudes/essai"
    needs = b"commune,donneur_ordre,heures\n75056,etat,1200\n"
    planner.freeze(planner.deposit(needs, "besoins.csv", "essai"))

    def fails(*_: object, **__: object) -> None:
        raise MemoryError("secret du serveur")

    monkeypatch.setattr("register_served.compute", fails)
    number = job_of(planner.post("/registre/essai/versions/2/service"))
    assert ended(planner.app, number).state == "echouee"
    page = planner.html(f"/calculs/{number}?suite=1")
    assert "Le calcul n’a pas abouti" in page
    assert "secret" not in page
    (study,) = planner.app.state.studies
    assert study.frozen.number == 1
    assert planner.html("/etudes/essai")
    monkeypatch.undo()
    monkeypatch.setattr(check, "Bounded", Near)
    again = planner.post(f"/calculs/{number}/calcul")
    assert ended(planner.app, job_of(again)).state == "terminee"
    (study,) = planner.app.state.studies
    assert study.frozen.number == 2


def test_durations_are_read_as_french_writes_them() -> None:
    assert duration_text(0) == "0\u202fs"
    assert duration_text(3_661) == "61\u202fmin\u202f01\u202fs"

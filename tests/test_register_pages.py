"""Depositing, freezing, restoring, serving: nothing kept with a fault, nothing kept twice."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import pytest
from asking import PAGE, Client
from bounded_functions import spin
from fake_coverage import fake_coverage
from pages_served import words
from register_served import (
    BROKEN,
    SOUND,
    Near,
    Planner,
    application,
    audited,
    key_of,
    toy_coverage,
    waited,
)
from toy import STUDY, write_study
from upload_archives import zipped

from api.app import create_app
from api.facts.overview import figures
from api.register import Register
from api.settings import Settings
from api.studies import OpenStudy, Studies
from data.uploads import check

if TYPE_CHECKING:
    from pathlib import Path

FILES = {name: text.encode() for name, text in STUDY.items()}
NEEDS = b"commune,donneur_ordre,heures\n75056,etat,1200\n"


@pytest.fixture
def apart(tmp_path: Path) -> Planner:
    """Return a planner whose deposits are read in processes, as they are served."""
    return Planner(application(tmp_path))


@pytest.fixture
def planner(apart: Planner, monkeypatch: pytest.MonkeyPatch) -> Planner:
    """Return a planner whose deposits are read in this process: it takes no time."""
    monkeypatch.setattr(check, "Bounded", Near)
    return apart


@pytest.fixture
def frozen(planner: Planner) -> Planner:
    """Return a planner whose register has one version, that nobody read again."""
    answer = planner.freeze(planner.deposit(SOUND), "Première version")
    assert (answer.status_code, answer.headers["location"]) == (303, "/registre/essai")
    return planner


def test_without_a_database_there_is_no_register() -> None:
    app = create_app(Settings(), Studies([OpenStudy("essai", fake_coverage)]))
    client = Client(app)
    for path in ("/registre", "/registre/deposer", "/registre/depots/0"):
        answer = client.get(path, headers=PAGE)
        assert answer.status_code == 404
        assert "Introuvable" in answer.text
    assert "registre" not in client.get("/", headers=PAGE).text


def test_a_broken_deposit_is_told_in_place_then_mended_frozen_and_served(
    apart: Planner, tmp_path: Path
) -> None:
    planner = apart
    key = planner.deposit(BROKEN)
    page = planner.html(f"/registre/depots/{key}")
    report = planner.found(key).checking.result
    assert report is not None
    cells = re.findall(r"<tr><td>(.*?)</td></tr>", page)
    told = [re.split(r"</td><td[^>]*>", line) for line in cells]
    assert {("besoins.csv", "2", "commune"), ("besoins.csv", "3", "heures")} <= {
        (file, row, column) for file, row, column, *_ in told
    }
    assert len(told) == len(report.faults) + len(report.warnings)
    assert all(message and remedy != "–" for *_, message, remedy in told)
    assert "Figer cette version" not in page
    refused = planner.freeze(key)
    assert refused.status_code == 422
    assert "99999" in refused.text
    assert planner.register.entries() == []
    assert [line.action for line in audited(planner.register)] == ["deposer"]

    mended = planner.deposit(SOUND)
    assert "Figer cette version" in planner.html(f"/registre/depots/{mended}")
    assert planner.freeze(mended).status_code == 303
    assert planner.serve(1) == "/etudes/essai"
    page = words(planner.html("/etudes/essai"))
    assert "Version 1 , figée le" in page
    expected = OpenStudy("x", partial(toy_coverage, write_study(tmp_path / "dossier", STUDY)))
    opened = planner.app.state.studies.find("essai")
    assert asdict(figures(opened.ground)) == asdict(figures(expected.ground))
    assert opened.version == expected.version
    assert words(planner.html("/registre")).count("version 1") == 1


def test_what_is_frozen_is_what_was_deposited(frozen: Planner) -> None:
    assert frozen.files("essai", 1) == FILES
    entry = frozen.register.entry("essai")
    assert (entry.study.name, entry.study.region) == ("Étude d’essai", "11")
    page = words(frozen.html("/registre/essai"))
    assert "Première version" in page
    assert entry.versions[0].digest in page
    assert all(f"{name} ({len(content)} octets)" in page for name, content in FILES.items())


def test_one_table_is_laid_over_the_last_version(frozen: Planner) -> None:
    key = frozen.deposit(NEEDS, "Besoins.CSV", "essai")
    page = words(frozen.html(f"/registre/depots/{key}"))
    assert "Posé sur la version 1." in page
    assert "1 remplacé : besoins.csv" in page
    assert frozen.freeze(key).status_code == 303
    expected = {**FILES, "Besoins.CSV": NEEDS}
    del expected["besoins.csv"]
    assert frozen.files("essai", 2) == expected
    assert frozen.files("essai", 1) == FILES


def test_a_whole_study_takes_nothing_of_the_last_version(frozen: Planner) -> None:
    files = {name: content for name, content in FILES.items() if name != "besoins.csv"}
    key = frozen.deposit(zipped(files), slug="essai")
    assert "Étude entière" in frozen.html(f"/registre/depots/{key}")
    frozen.freeze(key)
    assert frozen.files("essai", 2) == files


def test_two_deposits_at_once_do_not_mix(planner: Planner) -> None:
    needs = {1: NEEDS, 2: NEEDS.replace(b"1200", b"2400")}
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda n: planner.send(zipped(FILES | {"besoins.csv": needs[n]})), needs)
        keys = [key_of(answer) for answer in made]
    for number, key in enumerate(keys, start=1):
        waited(planner.found(key))
        assert planner.freeze(key, slug=f"essai-{number}").status_code == 303
        assert planner.files(f"essai-{number}", 1)["besoins.csv"] == needs[number]


def test_a_double_click_saves_once(planner: Planner) -> None:
    key = planner.deposit(SOUND)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: planner.freeze(key), range(8)))
    assert {answer.headers["location"] for answer in answers} == {"/registre/essai"}
    assert planner.numbers() == [1]
    assert "version 1" in words(planner.html(f"/registre/depots/{key}"))


def test_a_slug_that_is_taken_or_reserved_is_refused_and_the_deposit_waits(
    frozen: Planner,
) -> None:
    key = frozen.deposit(SOUND)
    assert frozen.freeze(key, slug="essai").status_code == 409
    for slug in ("deposer", "depots", "versions", "", "É", "a/b"):
        assert frozen.freeze(key, slug=slug).status_code == 422, slug
    assert frozen.freeze(key, slug="autre").status_code == 303
    assert [each.study.slug for each in frozen.register.entries()] == ["autre", "essai"]


def test_restoring_freezes_the_same_files_once(frozen: Planner) -> None:
    frozen.freeze(frozen.deposit(NEEDS, "besoins.csv", "essai"))
    assert "Rétablir la version 1" in words(frozen.html("/registre/essai"))
    for _ in range(2):
        assert frozen.post("/registre/essai/versions/1/reprise").status_code == 303
    assert frozen.numbers() == [1, 2, 3]
    assert frozen.files("essai", 3) == FILES
    assert "avec les fichiers de la version 1" in words(frozen.html("/registre/essai"))


def test_the_archive_is_the_same_bytes_and_deposits_as_the_same_version(frozen: Planner) -> None:
    sent = frozen.ask("GET", "/registre/essai/versions/1/etude.zip")
    assert sent.headers["content-disposition"] == 'attachment; filename="essai-v1.zip"'
    assert sent.content == frozen.ask("GET", "/registre/essai/versions/1/etude.zip").content
    frozen.freeze(frozen.deposit(sent.content, slug="essai"))
    first, second = frozen.register.entry("essai").versions
    assert first.digest == second.digest


def test_another_version_served_takes_the_place_of_the_first(frozen: Planner) -> None:
    frozen.freeze(frozen.deposit(NEEDS, "besoins.csv", "essai"))
    for number in (1, 1, 2):
        frozen.serve(number)
    (opened,) = frozen.app.state.studies
    assert opened.frozen.number == 2
    assert [file.name for file in opened.coverage.study.inputs]
    assert "La version 2 est servie" in words(frozen.html("/registre/essai"))


def test_a_study_given_as_a_folder_keeps_its_address(tmp_path: Path) -> None:
    planner = Planner(application(tmp_path, OpenStudy("essai", fake_coverage)))
    planner.freeze(planner.deposit(SOUND))
    assert planner.serve(1) == "/etudes/essai-2"
    assert planner.app.state.studies.find("essai").frozen is None


def test_a_reading_is_stopped_and_begun_again(apart: Planner) -> None:
    planner = apart
    key = key_of(planner.send(SOUND))
    planner.post(f"/registre/depots/{key}/arret")
    waited(planner.found(key))
    deposit = planner.found(key)
    assert deposit.checking.progress.state == "annulee"
    assert "Le contrôle a été arrêté" in planner.html(f"/registre/depots/{key}")
    assert planner.freeze(key).status_code == 409
    planner.post(f"/registre/depots/{key}/controle")
    waited(deposit)
    assert planner.freeze(key).status_code == 303


def test_stopping_kills_a_reading_that_would_not_end(apart: Planner) -> None:
    store = apart.register.store
    apart.app.state.register = Register(store, loader=spin)  # type: ignore[arg-type]
    key = key_of(apart.send(SOUND))
    checking = apart.found(key).checking
    while checking.progress.phrase != "Chargement du territoire":
        assert checking.progress.under_way
        time.sleep(0.01)
    begun = time.monotonic()
    apart.post(f"/registre/depots/{key}/arret")
    waited(apart.found(key))
    assert checking.progress.state == "annulee"
    assert time.monotonic() - begun < 60  # left alone, it would last five minutes


def test_what_the_register_does_not_hold_is_told_in_french(frozen: Planner) -> None:
    for path in ("/registre/inconnue", "/registre/essai/versions/9/etude.zip"):
        answer = frozen.ask("GET", path)
        assert answer.status_code == 404
        assert "Introuvable" in answer.text
    assert frozen.post("/registre/essai/versions/9/service").status_code == 404

"""The national package on the web: of a frozen version, one per state of its opinions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pages_served import words
from region_studies import ALPES, PERSON, application
from register_served import ended, job_of
from scenarios_served import SLUG, new_register, opened, serve

from data.packages.opened import Package, open_package
from data.store.studies import add_version, study_of_slug

if TYPE_CHECKING:
    from register_served import Planner

PAGE = f"/etudes/{SLUG}/paquet"


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Planner:
    made = opened(new_register(tmp_path_factory.mktemp("registre")))
    files = {**ALPES, "candidatures/demande.toml": application()}
    with made.register.store.write("essais") as write:
        study = study_of_slug(write.session, SLUG)
        raw = {name: content.encode() for name, content in files.items()}
        add_version(write, study.study_id, raw, "")
    serve(made, 2)
    return made


def link_in(html: str) -> str:
    start = html.index(f"{PAGE}/exports/")
    return html[start : html.index('"', start)]


def test_a_version_gives_its_package_and_an_opinion_asks_for_another(planner: Planner) -> None:
    before = planner.html(PAGE)
    assert "Figer le paquet de cette version" in before
    assert f"{PAGE}/exports/" not in before
    asked = planner.post(f"{PAGE}/calcul")
    assert not ended(planner.app, job_of(asked)).faults
    after = planner.html(PAGE)
    link = link_in(after)
    answer = planner.ask("GET", link)
    name = link.rpartition("/")[2]
    assert name in answer.headers["content-disposition"]
    found = open_package(name, answer.content)
    assert isinstance(found, Package)
    assert found.digest in words(after)
    assert "dossiers/demande/fiche.pdf" in found.files
    assert not [each for each, content in found.files.items() if PERSON.encode() in content]
    # Asked again, it is the one that is there.
    assert planner.post(f"{PAGE}/calcul").headers["location"] == PAGE
    planner.post(
        f"/etudes/{SLUG}/avis",
        option_id="conv-2022-P1",
        instance="dreets",
        date="2023-06-01",
        avis="favorable",
        motif="dit au registre",
    )
    assert "Figer le paquet de cette version" in planner.html(PAGE)
    assert planner.ask("GET", link).status_code == 404


def test_a_file_of_another_name_is_refused(planner: Planner) -> None:
    answer = planner.ask("GET", f"{PAGE}/exports/autre.zip")
    assert answer.status_code == 404
    assert "autre.zip" in answer.text

"""The pages, answers and files of dossiers say what the dossiers say, to the last figure."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import orjson
import pytest
from asking import PAGE
from dossiers_served import API, NEED, PAGES, PERSON, SLUG, client, dossiers, html
from fake_coverage import HOSTILE
from openpyxl import load_workbook
from pages_served import words
from pydantic import TypeAdapter

from api.facts.dossiers import DossierLine
from api.v1.examples import examples
from coverage.dossiers.model import LEVELS
from data.results.dossier_lines import DossierFacts

EXPORTS = f"/etudes/{SLUG}/exports/dossiers"
BETA = "b%C3%AAta%20%C3%A9"
KINDS: dict[str, Any] = {API: list[DossierLine], f"{API}/alpha": DossierFacts}
CHOSEN = {
    "": ["alpha", "bêta é"],
    "?niveau=contraire": ["alpha"],
    "?niveau=a_completer": ["bêta é"],
    "?niveau=conforme": [],
    "?verdict=probable": ["alpha"],
    "?verdict=demontree": [],
    "?volet=facilitateur": ["alpha"],
    "?volet=coordinateur": [],
    "?q=BETA": ["bêta é"],
    "?region=84": ["alpha", "bêta é"],
    "?region=32": ["bêta é"],
    "?tri=-candidature": ["bêta é", "alpha"],
    "?tri=objection": ["bêta é", "alpha"],
    "?tri=-objection": ["alpha", "bêta é"],
    "?tri=etp": ["bêta é", "alpha"],
    "?tri=niveau": ["bêta é", "alpha"],
}


def answer(address: str) -> Any:  # noqa: ANN401 - JSON
    found = client().get(address)
    assert found.status_code == 200, found.text
    return found.json()


def rows(address: str) -> list[dict[str, str]]:
    found = client().get(address)
    assert found.status_code == 200, found.text
    return list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize(("asked", "names"), CHOSEN.items())
def test_the_queue_is_filtered_alike_everywhere(asked: str, names: list[str]) -> None:
    assert [line["candidature"] for line in answer(f"{API}{asked}")] == names
    assert [line["candidature"] for line in rows(f"{EXPORTS}.csv{asked}")] == names
    page = html(f"{PAGES}{asked}")
    assert re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', page) == names


def test_the_queue_counts_what_was_found() -> None:
    line = answer(API)[0]
    found = [each.level for each in dossiers()[0].findings]
    assert line["constats"] == {level: found.count(level) for level in LEVELS}
    assert line["objection_part_texte"].replace("\u202f", " ") == "38 %"
    row = rows(f"{EXPORTS}.csv")[0]
    assert [int(row[level]) for level in LEVELS] == [found.count(level) for level in LEVELS]
    assert (row["etp_facilitateur"], row["etp_coordinateur"]) == ("0,50", "")
    assert (row["verdict_facilitateur"], row["objection_part"]) == ("probable", "0,380000")


def test_the_queue_is_a_workbook_too() -> None:
    found = client().get(f"{EXPORTS}.xlsx")
    book = load_workbook(io.BytesIO(found.content))
    assert book.sheetnames == ["Dossiers", "Provenance"]
    assert [row[0].value for row in book["Dossiers"].iter_rows(min_row=2)] == ["alpha", "bêta é"]


def test_a_review_says_everything_of_its_dossier() -> None:
    said = words(html(f"{PAGES}/alpha"))
    whole = dossiers()[0]
    for each in (*whole.findings, *whole.proportions["facilitateur"].lines):
        assert each.message in said
        assert f"{each.heading} : {each.text}" in said
        assert each.remedy in said
    for test in whole.tests["facilitateur"]:
        assert test.sentence in said
    for objection in whole.objections["facilitateur"]:
        assert objection.sentence in said
    verdict = whole.verdicts["facilitateur"]
    assert (
        f"À vérifier d’abord : productivité d’un ETP (35 000 h par ETP). {verdict.verify_why}"
        in said
    )
    assert "Réponse : rien, dans les données de l’étude, n’y répond." in said
    assert "2023 avance 15 610 €" in said
    assert "Proposition calculée, sans valeur de décision." in said


def test_findings_stand_from_the_gravest_to_the_mildest() -> None:
    headings = re.findall(r"<h3>([^<]+ \(\d\))</h3>", html(f"{PAGES}/alpha"))
    assert headings == [
        "Contraire à l’appel (1)",
        "À discuter (1)",
        "À compléter (1)",
        "Conforme (2)",
    ]


def test_unknown_is_never_zero() -> None:
    known, unknown = answer(f"{API}/alpha")["volets"][0]["revendication"]["lieux"]
    assert (known["besoin_h"], known["besoin_etat_h"], known["non_servi_h"]) == (
        NEED,
        NEED // 2,
        NEED // 3,
    )
    assert [unknown[name] for name in ("besoin_h", "besoin_etat_h", "non_servi_h")] == [None] * 3
    table = rows(f"{API}/alpha/communes.csv")
    assert [row["besoin_h"] for row in table] == [str(NEED), ""]
    assert [row["part_zone_blanche"] for row in table] == ["1,000000", "0,333333"]
    said = words(html(f"{PAGES}/alpha"))
    assert "100 % de la surface" not in said
    assert "66,6 % de la surface, part inconnue des habitants" in said
    assert "ETP manquants inconnu" in said


def test_a_dossier_without_perimeter_says_so() -> None:
    said = words(html(f"{PAGES}/{BETA}"))
    assert "la zone blanche n’est pas examinée" in said
    assert "comptes manquants" in said
    assert answer(f"{API}/{BETA}")["volets"] == []
    client().problem("GET", f"{API}/{BETA}/carte.svg", 404)


def test_a_study_without_application_says_what_to_do() -> None:
    said = words(html("/etudes/sans/dossiers"))
    assert "aucune candidature" in said
    assert "candidatures" in said
    assert answer("/api/v1/etudes/sans/dossiers") == []
    assert rows("/etudes/sans/exports/dossiers.csv") == []


def test_nothing_names_a_person_nor_runs_a_name() -> None:
    for name in ("constats.csv", "communes.csv", "dossier.json"):
        content = client().get(f"{API}/alpha/{name}").content
        assert PERSON.encode() not in content, name
    for address in (PAGES, f"{PAGES}/alpha", f"{PAGES}/{BETA}"):
        page = html(address)
        assert "Camille" not in page
        assert HOSTILE not in page
    assert "Camille" not in client().get(f"{API}/alpha").text


@pytest.mark.parametrize("address", KINDS)
def test_answers_have_their_documented_form(address: str) -> None:
    body = client().get(address).content
    made = TypeAdapter(KINDS[address]).validate_json(body, strict=True)
    assert orjson.dumps(made) == body


@pytest.mark.parametrize(
    ("name", "model"), [("dossiers", list[DossierLine]), ("dossier", DossierFacts)]
)
def test_examples_have_the_form_they_illustrate(name: str, model: Any) -> None:  # noqa: ANN401
    example = examples()[name]
    made = TypeAdapter(model).validate_json(orjson.dumps(example), strict=True)
    assert orjson.loads(orjson.dumps(made)) == example


def test_the_file_of_a_dossier_is_its_answer_with_its_origin() -> None:
    content = answer(f"{API}/alpha/dossier.json")
    whole = answer(f"{API}/alpha")
    assert {name: content[name] for name in whole} == whole
    assert content["fichier_sha256"] == "0" * 64
    assert content["avertissement"] == "Proposition calculée, sans valeur de décision."
    assert content["parametres"]["heures_par_etp"] == 35_000


@pytest.mark.parametrize(
    "address", ["x", "alpha/fiche.odt", "alpha/carte_coordinateur.svg", "x/fiche.pdf"]
)
def test_nothing_else_is_there(address: str) -> None:
    client().problem("GET", f"{API}/{address}", 404)
    assert client().get(f"{PAGES}/{address}", headers=PAGE).status_code == 404

"""The API says what the pages say: documented forms, pages of lists, tags, refusals."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from asking import PROBLEM
from pages_served import client
from pydantic import TypeAdapter

from api.facts.certificates import CertificateFacts
from api.facts.communes import CommuneFacts, CommuneLine
from api.facts.overview import RegionLine
from api.facts.sources import Anomaly
from api.facts.structures import StructureFacts, StructureLine
from api.facts.zones import ZoneFacts, ZoneLine
from api.v1.examples import examples
from api.v1.studies import StudyFacts, StudyLine

ROOT = "/api/v1/etudes"
ANSWERS: dict[str, Any] = {
    ROOT: list[StudyLine],
    f"{ROOT}/complete": StudyFacts,
    f"{ROOT}/complete?region=84": StudyFacts,
    f"{ROOT}/complete/anomalies": list[Anomaly],
    f"{ROOT}/complete/regions": list[RegionLine],
    f"{ROOT}/complete/communes": list[CommuneLine],
    f"{ROOT}/complete/communes/01002": CommuneFacts,
    f"{ROOT}/complete/communes/02006": CommuneFacts,
    f"{ROOT}/dessinee/communes/01003": CommuneFacts,
    f"{ROOT}/complete/zones": list[ZoneLine],
    f"{ROOT}/complete/zones/84-limitrophe-01003": ZoneFacts,
    f"{ROOT}/complete/structures": list[StructureLine],
    f"{ROOT}/complete/structures/B": StructureFacts,
    f"{ROOT}/complete/certificats/TX-01002-etat": CertificateFacts,
}
EXAMPLES: dict[str, Any] = {
    "communes": list[CommuneLine],
    "commune": CommuneFacts,
    "zones": list[ZoneLine],
    "zone": ZoneFacts,
    "structures": list[StructureLine],
    "structure": StructureFacts,
    "certificat": CertificateFacts,
    "regions": list[RegionLine],
}
LISTS = ("communes", "zones", "structures", "anomalies")
REFUSED = {
    "/absente": 404,
    "/complete?region=99": 404,
    "/complete/communes/99999": 404,
    "/limitee/communes/02001": 404,
    "/complete/communes?statut=vert": 422,
    "/complete/communes?tri=secret": 422,
    "/complete/communes?page=0": 422,
    "/complete/communes?limite=1001": 422,
    "/complete/communes?zone=x": 404,
    "/complete/communes?structure=x": 404,
    "/complete/communes?q=" + "x" * 101: 422,
    "/complete/zones/x": 404,
    "/complete/structures/x": 404,
    "/complete/certificats/x": 404,
}


@pytest.mark.parametrize("address", ANSWERS)
def test_answers_have_their_documented_form(address: str) -> None:
    body = client().get(address).content
    made = TypeAdapter(ANSWERS[address]).validate_json(body, strict=True)
    assert orjson.dumps(made) == body


def test_the_description_names_the_form_of_every_answer() -> None:
    paths = client().app.openapi()["paths"]
    for path, operations in paths.items():
        if re.search(r"/(regions|communes|zones|structures|certificats)(/\{\w+\})?$", path):
            schema = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            assert "$ref" in str(schema), path
            assert "404" in operations["get"]["responses"], path


@pytest.mark.parametrize(("name", "model"), EXAMPLES.items())
def test_examples_have_the_form_they_illustrate(name: str, model: Any) -> None:  # noqa: ANN401
    example = examples()[name]
    made = TypeAdapter(model).validate_json(orjson.dumps(example), strict=True)
    assert orjson.loads(orjson.dumps(made)) == example


@pytest.mark.parametrize("name", LISTS)
def test_lists_come_by_pages(name: str) -> None:
    address = f"{ROOT}/complete/{name}"
    every = client().get(address)
    count = int(every.headers["x-total-count"])
    assert len(every.json()) == count > 1
    found: list[Any] = []
    following: str | None = f"{address}?limite=2"
    while following:
        answer = client().get(following)
        assert int(answer.headers["x-total-count"]) == count
        found += answer.json()
        match = re.search(r'<http://[^/]+([^>]+)>; rel="next"', answer.headers["link"])
        following = match[1] if match else None
    assert found == every.json()


@pytest.mark.parametrize("address", ANSWERS)
def test_answers_are_tagged(address: str) -> None:
    tag = client().get(address).headers["etag"]
    again = client().get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("address", "status"), REFUSED.items())
def test_refusals_are_problem_documents(address: str, status: int) -> None:
    answer = client().get(ROOT + address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["detail"]


def test_pages_and_answers_choose_the_same() -> None:
    asked = "statut=capacite_insuffisante&tri=-besoin&region=84"
    codes = [line["commune"] for line in client().get(f"{ROOT}/complete/communes?{asked}").json()]
    page = client().get(f"/etudes/complete/communes?{asked}").text
    assert codes == re.findall(r"<td>(\d{5})</td>", page)
    assert len(codes) == 3


def test_unknown_is_null_in_answers() -> None:
    found = client().get(f"{ROOT}/complete/communes/02002").json()
    assert found["besoin_h"] is found["servi_h"] is found["taux"]["valeur"] is None
    assert found["taux"]["absence"] == "inconnu"

"""Exports: what each holds, how it is named, and that it is made once."""

from __future__ import annotations

import csv
import doctest
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import openpyxl
import pyogrio
import pytest
from asking import Client, client_of
from fake_coverage import HOSTILE, MIXED, WITHOUT_SHAPE, drawn_coverage, fake_coverage

from api.exports import files, naming
from coverage.selection import select_regions
from data.results import workbook as books
from data.results.files import anomalies_table, communes_table, zones_table
from data.results.tables import Table

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.model import Coverage

HERE = "/etudes/essai/exports"
PLACES = [HERE, f"/api/v1{HERE}"]


def fictional() -> Coverage:
    return fake_coverage(fictional=True)


@pytest.fixture(scope="module")
def client() -> Client:
    return client_of(fake_coverage, drawn_coverage, fictional)


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))


def saved_as(client: Client, address: str) -> str:
    said = client.get(address).headers["content-disposition"]
    start, plain, own = said.split("; ")
    assert start == "attachment"
    assert plain.isascii()
    return unquote(own.removeprefix("filename*=UTF-8''"))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", files.ABOUT)
def test_every_export_is_sent_whole_and_once(client: Client, place: str, name: str) -> None:
    answer = client.get(f"{place}/{name}")
    assert answer.status_code == 200
    assert answer.content
    assert answer.headers["content-type"] == files.KINDS[name.rpartition(".")[2]].media_type
    again = client.get(f"{place}/{name}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert saved_as(client, f"{place}/{name}") == f"zones-blanches_étude-d-essai_france_2023_{name}"


def test_an_export_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def make(_: Coverage) -> bytes:
        calls.append(1)
        return b"{}"

    monkeypatch.setitem(files.WHOLE, "resume.json", make)
    client = client_of(fake_coverage)
    for place in PLACES * 2:
        client.get(f"{place}/resume.json")
    client.get(f"{HERE}/resume.json?region=32")
    assert len(calls) == 2


@pytest.mark.parametrize("name", ["etude.toml", "zones.pdf", "zones", "structures.geojson"])
def test_nothing_else_is_exported(client: Client, name: str) -> None:
    client.problem("GET", f"{HERE}/{name}", 404)


def test_the_list_of_exports_is_true(client: Client) -> None:
    listed = client.get("/api/v1/etudes/essai/exports").json()
    assert [line["nom"] for line in listed] == list(files.ABOUT)
    for line in listed:
        answer = client.get(line["adresse"])
        assert answer.headers["content-type"] == line["type"]


# ---- what they hold ----


def test_spreadsheets_say_what_the_results_say(client: Client) -> None:
    coverage = fake_coverage()
    tables = {
        "zones": zones_table(coverage),
        "communes": communes_table(coverage),
        "anomalies": anomalies_table(coverage),
    }
    for name, table in tables.items():
        assert table.columns
        rows = rows_of(client.get(f"{HERE}/{name}.csv").text)
        numbers = table.whole | table.decimal
        for column, cells in table.columns.items():
            own = [text.replace(".", ",") if column in numbers else text for text in cells]
            assert [row[column] for row in rows] == own


def test_workbooks_hold_numbers_codes_and_their_origin(client: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{HERE}/communes.xlsx").content))
    assert book.sheetnames == ["Communes", "Provenance"]
    header, *lines = book["Communes"].iter_rows(values_only=True)
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    table = communes_table(fake_coverage())
    assert list(header) == list(table.columns)
    assert [row["commune"] for row in rows] == list(table.columns["commune"])
    for row, written in zip(rows, table.columns["taux_reponse"], strict=True):
        assert row["taux_reponse"] == (float(written) if written else None)
    assert {type(row["besoin_h"]) for row in rows} == {int}
    hostile = next(row for row in rows if row["commune"] == "01002")
    assert hostile["nom"] == HOSTILE
    origin = dict(book["Provenance"].iter_rows(values_only=True))
    assert origin["etude"] == "Étude d’essai"
    assert origin["attribution"]
    assert origin["parametres.heures_par_etp"] == "35000"


def test_a_workbook_runs_nothing_and_cuts_nothing_in_silence() -> None:
    long = "01001|" * 6_000
    table = Table({"nom": ["=1+1", "@cmd", "http://exemple.fr"], "codes": ["", long, "-1"]})
    origin = {"etude": "=2+2", "fictif": True}
    made = books.workbook("Essai", table, origin)
    assert made == books.workbook("Essai", table, origin)
    book = openpyxl.load_workbook(io.BytesIO(made))
    cells = [cell for row in book["Essai"].iter_rows(min_row=2) for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert cells[0].value == "=1+1"
    cut = str(book["Essai"]["B3"].value)
    assert len(cut) == 32_767
    assert "coupé : 36" in cut
    said = dict(book["Provenance"].iter_rows(values_only=True))
    assert "fictive" in said["avertissement"]
    assert said["etude"] == "=2+2"


def test_rates_never_read_more_than_they_are() -> None:
    table = Table({"taux": ["0.999999"]}, decimal=frozenset({"taux"}))
    book = openpyxl.load_workbook(
        io.BytesIO(books.workbook("Essai", table, {"etude": "x", "fictif": False}))
    )
    cell = book["Essai"]["A2"]
    assert (cell.value, cell.number_format) == (0.999999, "0.000000")


def test_communes_are_drawn_with_their_figures(client: Client) -> None:
    document = client.get(f"{HERE}/communes.geojson").json()
    features = {feature["id"]: feature for feature in document["features"]}
    assert len(features) == 18
    assert features[WITHOUT_SHAPE]["geometry"] is None
    own = features["01001"]["properties"]
    assert (own["statut"], own["mixte"], own["besoin_h"]) == ("couverte", "oui", 9_000)
    assert document["provenance"]["etude"] == "Étude d’essai"
    assert len(document["bbox"]) == 4


def test_structures_say_what_their_page_says(client: Client) -> None:
    rows = {row["structure_id"]: row for row in rows_of(client.get(f"{HERE}/structures.csv").text)}
    assert rows["A"]["etp_facilitateur"] == "2,000000"
    assert rows["C"]["capacite_h"] == "17500"


def test_a_geopackage_and_a_map_open(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "etude.gpkg"
    path.write_bytes(client.get(f"{HERE}/etude.gpkg").content)
    assert {"zones", "communes", "provenance"} <= {name for name, _ in pyogrio.list_layers(path)}
    assert client.get(f"{HERE}/carte.html").text.startswith("<!DOCTYPE html>")


# ---- what they are limited to ----


def test_exports_keep_to_a_region(client: Client) -> None:
    coverage = fake_coverage()
    limited = select_regions(replace(coverage, study=replace(coverage.study, regions=("32",))))
    codes = {row["commune"] for row in rows_of(client.get(f"{HERE}/communes.csv?region=32").text)}
    assert codes == set(limited.communes.index)
    document = client.get(f"{HERE}/zones.geojson?region=32").json()
    assert [feature["id"] for feature in document["features"]] == list(limited.zones.index)
    assert document["provenance"]["regions"] == ["32"]
    totals = client.get(f"{HERE}/resume.json?region=32").json()["totaux"]
    assert totals["communes"] == len(limited.communes)
    client.problem("GET", f"{HERE}/zones.csv?region=99", 404)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("statut=non_couverte", lambda row: row["statut"] == "non_couverte"),
        ("q=02001", lambda row: row["commune"] == "02001"),
        ("statut=couverte&region=84", lambda row: row["commune"] in {"01001", "01004", "01007"}),
        ("q=rien+de+tel", lambda _: False),
    ],
)
def test_exports_keep_the_filters_of_the_table(client: Client, query: str, kept: Any) -> None:  # noqa: ANN401
    every = rows_of(client.get(f"{HERE}/communes.csv").text)
    found = rows_of(client.get(f"{HERE}/communes.csv?{query}").text)
    assert found == [row for row in every if kept(row)]
    if query.startswith("statut=non"):
        provenance = client.get(f"{HERE}/communes.geojson?{query}").json()["provenance"]
        assert provenance["selection"] == {"statut": "non_couverte"}


def test_tables_keep_their_order_and_drawings_theirs(client: Client) -> None:
    rows = rows_of(client.get(f"{HERE}/communes.csv?tri=-besoin").text)
    hours = [int(row["besoin_h"]) for row in rows if row["besoin_connu"] != "aucun"]
    assert hours == sorted(hours, reverse=True)
    features = client.get(f"{HERE}/communes.geojson?tri=-besoin").json()["features"]
    assert [f["id"] for f in features] == sorted(f["id"] for f in features)


def test_kept_zones_alone(client: Client) -> None:
    document = client.get(f"{HERE}/zones.geojson?retenue=oui").json()
    assert document["features"]
    assert all(feature["properties"]["retenue"] for feature in document["features"])


def test_a_zone_leaves_alone_and_with_its_communes(client: Client) -> None:
    coverage = fake_coverage()
    every = rows_of(client.get(f"{HERE}/zones.csv").text)
    for zone, own in coverage.zones.iterrows():
        rows = rows_of(client.get(f"{HERE}/zones.csv?zone={zone}").text)
        assert rows == [row for row in every if row["zone_id"] == zone]
        assert len(rows) == 1
        communes = rows_of(client.get(f"{HERE}/communes.csv?zone={zone}").text)
        assert {row["commune"] for row in communes} == set(own["communes"])
    document = client.get(f"{HERE}/zones.geojson?zone={zone}").json()
    assert [feature["id"] for feature in document["features"]] == [zone]
    assert document["provenance"]["selection"] == {"zone": zone}
    wanted = f"{HERE}/zones.csv?zone={str(zone)[:-1]}"
    assert "aucune zone" in client.problem("GET", wanted, 404)["detail"]


def test_every_whole_export_is_described(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()["paths"]
    asked = described["/api/v1/etudes/{etude}/exports/{nom}"]["get"]["parameters"]
    (name,) = (parameter for parameter in asked if parameter["name"] == "nom")
    assert set(name["schema"]["enum"]) == set(files.WHOLE)


@pytest.mark.parametrize("query", ["statut=verte", "retenue=peut-etre", "tri=couleur"])
def test_wrong_filters_are_refused(client: Client, query: str) -> None:
    assert client.problem("GET", f"{HERE}/zones.csv?{query}", 422)["erreurs"]


# ---- names ----


def test_names_carry_study_region_and_year(client: Client) -> None:
    assert saved_as(client, "/etudes/essai-3/exports/zones.csv?region=84") == (
        "zones-blanches_étude-d-essai-fictif_auvergne-rhône-alpes_2023_zones.csv"
    ).replace("auvergne-rhône-alpes", naming._part(fictional().territory.names["region"]["84"]))


def test_no_name_breaks_a_header_or_a_folder() -> None:
    study = replace(fake_coverage().study, name='../..\\"\r\nX: y; Œuvre 2023', fictional=True)
    name = naming.file_name(replace(fake_coverage(), study=study), "zones.csv", trial=True)
    assert name == "zones-blanches_x-y-œuvre-fictif_france_2023_essai_zones.csv"
    assert "oeuvre" in naming.content_disposition(name)
    assert naming.content_disposition(name).isascii()


def test_examples_hold() -> None:
    result = doctest.testmod(naming)
    assert result.attempted > 0
    assert result.failed == 0


def test_mixed_communes_say_so_in_every_format(client: Client) -> None:
    (row,) = (r for r in rows_of(client.get(f"{HERE}/communes.csv?q={MIXED}").text))
    assert row["mixte"] == "oui"
    content = json.loads(client.get(f"{HERE}/communes.geojson?q={MIXED}").text)
    assert content["features"][0]["properties"]["mixte"] == "oui"

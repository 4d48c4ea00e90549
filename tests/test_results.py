"""The results folder: what the formats page promises, byte for byte, whole or not at all."""

from __future__ import annotations

import csv
import doctest
import io
import json
import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shapely
from builders import exhaustive, grid_territory, make_study, need, perimeter, post, shuffled

from coverage.study import compute
from data.results import provenance, tables
from data.results.files import (
    anomalies_table,
    communes_table,
    regions_table,
    result_files,
    zones_table,
)
from data.results.geojson import geometries_json
from data.results.tables import Table, csv_text, fixed
from maps.map import build_map

if TYPE_CHECKING:
    from types import ModuleType

    from coverage.model import Coverage

TERRITORY = grid_territory(4, 2, without_geometry={"01008"})
STUDY = make_study(
    [post("S", 1), post("T", "1/2"), post("C", 1, volet="coordinateur")],
    [
        perimeter("S", "01001"),
        perimeter("S", "01002"),
        perimeter("T", "01002"),
        perimeter("T", "01003", "extension"),
        perimeter("C", "84", niveau="region", volet="coordinateur"),
    ],
    [
        need("01001", 30_000),
        need("01002", 20_000),
        need("01003", 10_000, "etat"),
        need("01004", 8_000),
        need("01004", 55, annee=2019),
    ],
    exhaustiveness=[exhaustive("etat", departement="01")],
)


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    return compute(STUDY, TERRITORY)


@pytest.fixture(scope="module")
def files(coverage: Coverage) -> dict[str, str | bytes]:
    return result_files(coverage)


def table(text: str | bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(str(text))))


def test_every_file_is_there(files: dict[str, str | bytes]) -> None:
    assert set(files) == {
        *("resume.json", "communes.csv", "zones.geojson", "certificats.json", "regions.csv"),
        *("anomalies.csv", "etude.gpkg", "LISEZMOI.txt", "besoins.parquet", "annees.csv"),
        *("charges.csv", "marches_ecartes.csv", "a_documenter.csv"),
    }


def test_communes_csv_keeps_the_contract(files: dict[str, str | bytes]) -> None:
    rows = table(files["communes.csv"])
    contract = [
        "commune",
        "nom",
        "departement",
        "region",
        "population",
        "surface_km2",
        "part_principale",
        "part_extension",
        "part_non_couverte",
        "besoin_connu",
        "besoin_h",
        "besoin_etat_h",
        "servi_h",
        "taux_reponse",
        "taux_reponse_etat",
        "ratio_simple",
        "ratio_2sfca",
        "statut",
        "mixte",
        "gravite",
        "zone_id",
        "structures",
    ]
    assert list(rows[0])[: len(contract)] == contract
    assert [row["commune"] for row in rows] == sorted(row["commune"] for row in rows)
    assert len(rows) == len(TERRITORY)
    by_code = {row["commune"]: row for row in rows}
    assert by_code["01001"]["taux_reponse"] == "0.875000"
    assert by_code["01002"]["structures"] == "S|T"
    assert by_code["01003"]["part_extension"] == "1.000000"
    assert by_code["01001"]["mixte"] == "non"
    assert by_code["01008"]["surface_km2"] == ""
    assert by_code["01004"]["besoin_connu"] == "partiel"


def test_a_rate_under_one_is_never_written_one() -> None:
    assert fixed(Fraction(10**9 - 1, 10**9), 6) == "0.999999"
    assert fixed(None, 6) == ""


def test_zones_geojson_is_rfc_7946(files: dict[str, str | bytes], coverage: Coverage) -> None:
    document = json.loads(files["zones.geojson"])
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    assert document["provenance"]["programme"] == "zones-blanches"
    ids = [feature["id"] for feature in document["features"]]
    assert ids == sorted(coverage.zones.index)
    for feature in document["features"]:
        properties = feature["properties"]
        assert properties["zone_id"] == feature["id"]
        assert properties["motif"]
        if feature["geometry"] is None:
            assert properties["communes"] == ["01008"]
            continue
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shape.is_valid
        assert list(shape.bounds) == pytest.approx(feature["bbox"])
        for polygon in shapely.get_parts(shape):
            assert polygon.exterior.is_ccw
        coordinates = shapely.get_coordinates(shape)
        assert (coordinates == coordinates.round(6)).all()


def test_rings_turn_the_right_way_however_they_came() -> None:
    hole = shapely.box(0.2, 0.2, 0.4, 0.4).exterior.coords
    ring = shapely.Polygon(shapely.box(0, 0, 1, 1).exterior.coords, [hole])
    for text, _ in geometries_json([ring, shapely.reverse(ring)]):
        written = shapely.from_geojson(text)
        assert written.exterior.is_ccw
        assert not written.interiors[0].is_ccw


def test_totals_are_the_sums_of_the_files(files: dict[str, str | bytes]) -> None:
    totals = json.loads(files["resume.json"])["totaux"]
    rows = table(files["communes.csv"])
    zones = json.loads(files["zones.geojson"])["features"]
    for figure in ("besoin_h", "besoin_etat_h", "servi_h"):
        assert sum(int(row[figure]) for row in rows) == totals[figure]
    for figure in ("besoin_h", "besoin_etat_h", "deficit_h"):
        assert sum(zone["properties"][figure] for zone in zones) == totals[figure]
    assert totals["servi_h"] == totals["flot_maximum_h"] == 52_500
    assert totals["besoin_ecarte_h"] == 55
    assert totals["etp_coordinateurs"] == 1


def test_what_was_set_aside_is_listed_with_its_hours(files: dict[str, str | bytes]) -> None:
    aside = [row for row in table(files["anomalies.csv"]) if row["heures"]]
    assert [(row["objet"], row["heures"]) for row in aside] == [("01004", "55")]


def test_years_add_up_and_the_first_is_that_of_the_communes() -> None:
    files = result_files(compute(replace(STUDY, last_year=2025), TERRITORY))
    rows = table(files["annees.csv"])
    summary = json.loads(files["resume.json"])
    assert list(summary["par_annee"]) == ["2023", "2024", "2025"]
    for year, figures in summary["par_annee"].items():
        own = [row for row in rows if row["annee"] == year]
        assert len(own) == len(TERRITORY)
        for name in ("besoin_h", "besoin_etat_h", "servi_h"):
            assert sum(int(row[name]) for row in own) == figures[name]
        for status, count in figures["communes_par_statut"].items():
            assert sum(row["statut"] == status for row in own) == count
    shared = ("besoin_h", "servi_h", "taux_reponse", "statut", "besoin_connu", "classes_inconnues")
    communes = table(files["communes.csv"])
    for first, row in zip(rows, communes, strict=False):
        assert [first[name] for name in shared] == [row[name] for name in shared]
    loads = table(files["charges.csv"])
    assert {(row["annee"], row["structure_id"]) for row in loads} == {
        (year, name) for year in summary["par_annee"] for name in ("S", "T")
    }
    assert all(row["charge"] == "1.000000" for row in loads)


def test_certificates_of_the_file_add_up(files: dict[str, str | bytes]) -> None:
    found = json.loads(files["certificats.json"])["certificats"]
    assert found
    for certificate in found.values():
        union = [certificate, *(found[name] for name in certificate["ancetres"])]
        need_h = sum(hours for part in union for _, _, hours in part["lieux"])
        capacity_h = sum(hours for part in union for _, _, hours in part["structures"])
        assert (need_h, capacity_h) == (certificate["besoin_h"], certificate["capacite_h"])
        assert certificate["deficit_h"] == need_h - capacity_h > 0


def test_the_same_study_in_another_order_gives_the_same_bytes(
    files: dict[str, str | bytes],
) -> None:
    assert result_files(compute(shuffled(STUDY, 7), TERRITORY)) == files


def test_regions_filter_outputs_only(coverage: Coverage) -> None:
    other = make_study(
        [post("S", 1)], [perimeter("S", "01001")], [need("01001", 50_000)], regions=("93",)
    )
    shown = result_files(compute(other, TERRITORY))
    assert table(shown["communes.csv"]) == []
    summary = json.loads(shown["resume.json"])
    assert summary["totaux"]["besoin_h"] == 0
    assert summary["totaux_de_l_ensemble_depose"]["besoin_h"] == 50_000
    assert "totaux_de_l_ensemble_depose" not in json.loads(result_files(coverage)["resume.json"])


def test_numbers_are_told_from_text(coverage: Coverage) -> None:
    for made in (
        communes_table(coverage),
        zones_table(coverage),
        regions_table(coverage),
        anomalies_table(coverage),
    ):
        for name, cells in made.columns.items():
            filled = [text for text in cells if text]
            if name in made.whole:
                assert all(str(int(text)) == text for text in filled)
            elif name in made.decimal:
                assert all(re.fullmatch(r"\d+(\.\d+)?", text) for text in filled)
            else:
                assert not any(re.fullmatch(r"\d+\.\d+", text) for text in filled)


def test_excel_changes_the_dress_of_csv_and_nothing_else(
    coverage: Coverage, files: dict[str, str | bytes]
) -> None:
    dressed = result_files(coverage, excel=True)
    for name, content in files.items():
        if not name.endswith(".csv"):
            assert dressed[name] == content or name == "LISEZMOI.txt"
            continue
        text = str(dressed[name])
        assert text.startswith("\ufeff")
        assert text.count("\r\n") == text.count("\n") == str(content).count("\n")
        rows = list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))
        for row, plain in zip(rows, table(content), strict=True):
            assert list(row) == list(plain)
            for column, value in row.items():
                assert value in (plain[column], plain[column].replace(".", ","))
    rows = list(csv.DictReader(io.StringIO(str(dressed["communes.csv"])[1:]), delimiter=";"))
    assert rows[0]["commune"] == "01001"
    assert rows[0]["taux_reponse"] == "0,875000"
    assert "point-virgule" in str(dressed["LISEZMOI.txt"])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_runs_nothing_of_a_name(start: str) -> None:
    named = Table({"nom": [f"{start}cmd"], "ecart": ["-1.5"]}, decimal=frozenset({"ecart"}))
    _, row = csv.reader(io.StringIO(csv_text(named, excel=True), newline=""), delimiter=";")
    assert row == [f"'{start}cmd", "-1,5"]
    assert csv_text(named) == f"nom,ecart\n{start}cmd,-1.5\n"


@pytest.mark.parametrize("module", [tables, provenance], ids=["tables", "provenance"])
def test_examples_hold(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_hours_are_written_in_full(coverage: Coverage) -> None:
    anomalies = coverage.anomalies.iloc[:1].assign(heures=12_345_678.5)
    assert anomalies_table(replace(coverage, anomalies=anomalies)).columns["heures"] == [
        "12345678.5"
    ]


def test_the_readme_names_every_file_and_cites_every_source(
    files: dict[str, str | bytes], coverage: Coverage
) -> None:
    text = str(files["LISEZMOI.txt"])
    for name in {*files, "carte.html"} - {"LISEZMOI.txt"}:
        assert f"  {name} " in text
    for source in coverage.territory.sources:
        for words in (source.name, source.publisher, source.vintage, source.licence):
            assert words in text
    assert "FICTIF" not in text
    fictional = replace(coverage, study=replace(coverage.study, fictional=True))
    assert "EXEMPLE FICTIF" in str(result_files(fictional)["LISEZMOI.txt"])


def test_no_clock_time_and_no_path_in_any_file(files: dict[str, str | bytes]) -> None:
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    for content in files.values():
        data = content.encode() if isinstance(content, str) else content
        assert today.encode() not in data
        assert str(Path(__file__).parents[1]).encode() not in data
        assert tempfile.gettempdir().encode() + b"/" not in data


def test_the_map_is_the_same_twice_and_in_another_order(coverage: Coverage) -> None:
    page = build_map(coverage)
    assert build_map(compute(STUDY, TERRITORY)) == page
    assert build_map(compute(shuffled(STUDY, 3), TERRITORY)) == page

"""The results folder: what the formats page promises, byte for byte, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
import shapely
from builders import exhaustive, grid_territory, make_study, need, perimeter, post, shuffled

from coverage.study import compute
from data.results.files import result_files
from data.results.geojson import geometries_json
from data.results.writing import check_folder, fixed, write_folder
from geo.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

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
    promised = "resume.json communes.csv zones.geojson certificats.json regions.csv anomalies.csv"
    assert set(files) == set(promised.split())


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
    assert totals["besoin_autres_annees_h"] == 55
    assert totals["etp_coordinateurs"] == 1


def test_what_was_set_aside_is_listed_with_its_hours(files: dict[str, str | bytes]) -> None:
    aside = [row for row in table(files["anomalies.csv"]) if row["heures"]]
    assert [(row["objet"], row["heures"]) for row in aside] == [("01004", "55")]


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


def test_results_replace_results_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "sortie"
    write_folder(out, {"resume.json": "{}", "ancien.csv": "a"})
    write_folder(out, {"resume.json": '{"n": 2}'})
    assert sorted(path.name for path in out.iterdir()) == ["resume.json"]
    precious = tmp_path / "documents"
    precious.mkdir()
    (precious / "lettre.txt").write_text("garder")
    with pytest.raises(OutputError, match="autre chose que des résultats"):
        check_folder(precious)
    file = tmp_path / "fichier"
    file.write_text("")
    with pytest.raises(OutputError, match="est un fichier"):
        check_folder(file)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["documents", "fichier", "sortie"]


def test_killed_while_writing_leaves_the_previous_results_whole(tmp_path: Path) -> None:
    out = tmp_path / "sortie"
    write_folder(out, {"resume.json": "old", "communes.csv": "old"})
    code = (
        "import sys; from pathlib import Path; from data.results.writing import write_folder\n"
        "while True: write_folder(Path(sys.argv[1]), {n: v * 200_000 for n, v in"
        " (('resume.json', 'a'), ('communes.csv', 'a'))})"
    )
    for wait in (0.0, 0.05, 0.1, 0.2, 0.35):
        worker = subprocess.Popen([sys.executable, "-c", code, str(out)])
        time.sleep(0.4 + wait)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        if out.exists():  # between two renames, the old folder stands beside
            contents = {path.read_text()[:1] for path in out.iterdir()}
            assert len(contents) == 1
            assert len(list(out.iterdir())) == 2

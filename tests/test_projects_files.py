"""Files of large projects: surfaces, lines and points in every format, and their faults."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from toy import toy_territory

from coverage.frames import PROJECT_COLUMNS
from data.projects.files import read_projects
from data.projects.frames import join_projects
from data.projects.table import projects_of_table
from data.study.csv_files import read_csv
from data.study.sources_tables import PROJETS
from data.study.table_reader import read_table

if TYPE_CHECKING:
    from pathlib import Path

    from data.study.faults import Findings
    from geo.errors import Notice

TOY = toy_territory()
POINT = shapely.Point(3.05, 50.63)
LINE = shapely.LineString([(3.0, 50.6), (3.1, 50.65), (3.2, 50.6)])
SURFACE = shapely.box(3.0, 50.6, 3.1, 50.7)
SHAPES = [
    POINT,
    shapely.MultiPoint([(3.0, 50.6), (3.1, 50.6)]),
    LINE,
    shapely.MultiLineString([[(3.0, 50.6), (3.1, 50.6)], [(3.0, 50.7), (3.1, 50.7)]]),
    SURFACE,
    shapely.MultiPolygon([SURFACE, shapely.box(3.2, 50.6, 3.3, 50.7)]),
]
KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
KNOWN = {
    "projet_id": "p1",
    "nom": "Quartier du Lac",
    "programme": "npnru",
    "debut": "2020-01-01",
    "fin": "2027-12-31",
    "heures": 120000,
}


def texts(notices: tuple[Notice, ...]) -> str:
    return "\n".join(map(str, notices))


def geojson(folder: Path, *features: tuple[Any, dict[str, Any]]) -> Path:
    path = folder / "grands_projets.geojson"
    listed = [
        {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": given}
        for shape, given in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}), encoding="utf-8")
    return path


def sound(path: Path) -> gpd.GeoDataFrame:
    frame, inputs, findings = read_projects(path)
    assert findings.faults == (), texts(findings.faults)
    assert frame is not None
    assert inputs
    return frame


@pytest.mark.parametrize("shape", SHAPES, ids=KINDS)
def test_every_kind_of_geometry_is_read_from_geojson(shape: Any, tmp_path: Path) -> None:  # noqa: ANN401
    frame = sound(geojson(tmp_path, (shape, KNOWN)))
    assert list(frame.columns) == list(PROJECT_COLUMNS)
    assert frame.geometry.iloc[0].equals(shape)
    row = frame.iloc[0]
    assert (row["debut"], row["fin"], row["heures"]) == (
        date(2020, 1, 1),
        date(2027, 12, 31),
        120_000,
    )
    assert row["donneur_ordre"] == "bailleurs"
    assert row["communes"] == ()


@pytest.mark.parametrize("shape", SHAPES, ids=KINDS)
@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
@pytest.mark.parametrize("epsg", [4326, 2154])
def test_other_formats_and_systems_place_the_same(
    shape: Any,  # noqa: ANN401 - shapely
    suffix: str,
    epsg: int,
    tmp_path: Path,
) -> None:
    path = tmp_path / f"grands_projets{suffix}"
    layer = gpd.GeoDataFrame({name: [value] for name, value in KNOWN.items()}, geometry=[shape])
    layer = layer.set_crs(4326).to_crs(epsg)
    if suffix == ".shp":
        layer["debut"] = pd.to_datetime(layer["debut"]).dt.date
    layer.to_file(path, layer="grands_projets", engine="pyogrio")
    frame = sound(path)
    gap = shapely.hausdorff_distance(frame.geometry.iloc[0], shape)
    # An edge of 7 km drawn straight in Lambert-93 bends by a metre or two.
    assert gap < (1e-9 if epsg == 4326 else 5e-5)
    assert frame["debut"].iloc[0] == date(2020, 1, 1)
    assert frame["programme"].iloc[0] == "npnru"


def test_names_cut_by_the_shapefile_are_completed(tmp_path: Path) -> None:
    given = {**KNOWN, "heures": None, "montant_eur": 3_000_000.0, "donneur_ordre": "etat"}
    cut = {name[:10]: [value] for name, value in given.items() if name != "heures"}
    path = tmp_path / "grands_projets.shp"
    gpd.GeoDataFrame(cut, geometry=[POINT], crs=4326).to_file(path, engine="pyogrio")
    frame = sound(path)
    assert frame["montant_eur"].tolist() == [3_000_000.0]
    assert frame["donneur_ordre"].tolist() == ["etat"]


@pytest.mark.parametrize(
    ("geometry", "word"),
    [
        ({"type": "LineString", "coordinates": [[3, 50], [3, 50]]}, "sans longueur"),
        ({"type": "LineString", "coordinates": [[3, 50]]}, "sans longueur"),
        ({"type": "Point", "coordinates": ["3", 50]}, "pas des nombres"),
        ({"type": "Point", "coordinates": [3]}, "pas des nombres"),
        ({"type": "MultiLineString", "coordinates": [3, 50]}, "pas des nombres"),
        ({"type": "Point", "coordinates": [50.6, 3.0]}, "axes inversés"),
        ({"type": "Point", "coordinates": [-74.0, 40.7]}, "hors de France"),
        ({"type": "Circle", "coordinates": [3, 50]}, "un point, une ligne ou un polygone"),
        (None, "absente ou vide"),
    ],
)
def test_a_geometry_that_is_none_is_told_with_its_feature(
    geometry: object, word: str, tmp_path: Path
) -> None:
    path = tmp_path / "grands_projets.geojson"
    feature = {"type": "Feature", "geometry": geometry, "properties": KNOWN}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    frame, _, findings = read_projects(path)
    assert frame is not None
    assert frame.empty
    (fault,) = findings.faults
    assert (fault.row, fault.column) == (1, "geometry")
    assert word in fault.message
    assert fault.remedy


def test_a_collection_of_lines_and_points_is_refused(tmp_path: Path) -> None:
    mixed = shapely.GeometryCollection([POINT, LINE])
    _, _, findings = read_projects(geojson(tmp_path, (mixed, KNOWN)))
    assert "mêle" in texts(findings.faults)


def faults_of(tmp_path: Path, shape: Any = POINT, **given: Any) -> Findings:  # noqa: ANN401
    return read_projects(geojson(tmp_path, (shape, KNOWN | given)))[2]


@pytest.mark.parametrize(
    ("given", "column", "word"),
    [
        ({"fin": "2019-12-31"}, "fin", "avant le début"),
        ({"debut": None}, "debut", "impossibles à étaler"),
        ({"fin": ""}, "fin", "impossibles à étaler"),
        ({"programme": "autre"}, "donneur_ordre", "sans classe"),
        ({"programme": "erbm"}, "programme", "inconnue"),
        ({"projet_id": ""}, "projet_id", "vide"),
        ({"heures": -5}, "heures", "hors des valeurs"),
        ({"taux_effort": 5}, "taux_effort", "hors des valeurs"),
    ],
)
def test_contradictions_are_errors_with_place_and_remedy(
    given: dict[str, Any], column: str, word: str, tmp_path: Path
) -> None:
    findings = faults_of(tmp_path, **given)
    (fault,) = findings.faults
    assert (fault.row, fault.column) == (1, column)
    assert word in fault.message
    assert fault.remedy


def test_a_project_without_hours_is_a_ground_and_is_told(tmp_path: Path) -> None:
    findings = faults_of(tmp_path, heures=None, programme="autre", debut=None, fin=None)
    assert findings.faults == ()
    (warning,) = findings.warnings
    assert "1 projet sans heures ni montant" in warning.message
    assert "pas zéro" in warning.message


def test_a_radius_serves_points_only(tmp_path: Path) -> None:
    path = geojson(tmp_path, (LINE, KNOWN | {"rayon_m": 500}))
    frame, _, findings = read_projects(path)
    assert findings.faults == ()
    assert "rayon ignoré" in texts(findings.warnings)
    assert frame is not None
    assert frame["rayon_m"].isna().all()
    kept = sound(geojson(tmp_path, (POINT, KNOWN | {"rayon_m": 500})))
    assert kept["rayon_m"].tolist() == [500.0]


def test_hours_and_amount_together_are_told(tmp_path: Path) -> None:
    assert "les heures comptent" in texts(faults_of(tmp_path, montant_eur=5).warnings)


def test_features_of_one_project_repeat_what_is_said_of_it(tmp_path: Path) -> None:
    other = shapely.box(3.2, 50.6, 3.3, 50.7)
    alike = read_projects(geojson(tmp_path, (SURFACE, KNOWN), (other, KNOWN)))
    assert alike[2].faults == ()
    assert alike[0] is not None
    assert len(alike[0]) == 2
    path = geojson(tmp_path, (SURFACE, KNOWN), (other, KNOWN | {"heures": 7}))
    (fault,) = read_projects(path)[2].faults
    assert (fault.row, fault.column) == (2, "heures")
    assert "élément 1" in fault.message


def test_a_project_is_of_one_kind(tmp_path: Path) -> None:
    path = geojson(tmp_path, (SURFACE, KNOWN), (LINE, KNOWN), (POINT, KNOWN))
    faults = read_projects(path)[2].faults
    assert [fault.row for fault in faults] == [2, 3]
    round_ = geojson(tmp_path, (SURFACE, KNOWN), (POINT, KNOWN | {"rayon_m": 300}))
    assert read_projects(round_)[2].faults == ()


def test_the_order_of_features_only_changes_their_numbers(tmp_path: Path) -> None:
    features = [(SURFACE, KNOWN), (LINE, KNOWN | {"projet_id": "p0"}), (POINT, KNOWN)]
    features[2] = (POINT, KNOWN | {"projet_id": "p2", "heures": None})
    one = sound(geojson(tmp_path, *features)).drop(columns="row")
    two = sound(geojson(tmp_path, *features[::-1])).drop(columns="row")
    assert one["projet_id"].tolist() == ["p0", "p1", "p2"]
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two))


def test_files_that_are_no_layer_are_told(tmp_path: Path) -> None:
    empty = geojson(tmp_path)
    assert "aucun projet" in texts(read_projects(empty)[2].faults)
    empty.write_text("{")
    assert read_projects(empty)[0] is None
    nothing_known = geojson(tmp_path, (POINT, {"label": "x"}))
    frame, inputs, findings = read_projects(nothing_known)
    assert frame is None
    assert inputs[0].rows == 1
    assert "projet_id" in texts(findings.faults)
    assert "illisible" in texts(read_projects(tmp_path / "absent.geojson")[2].faults)


def listed(*lines: str) -> tuple[gpd.GeoDataFrame, Findings]:
    header = "projet_id;nom;programme;communes;debut;fin;heures;rayon_m"
    text, _ = read_csv("\n".join([header, *lines, ""]).encode(), "grands_projets.csv", PROJETS)
    assert text is not None
    typed, found = read_table(text, PROJETS)
    assert typed is not None
    assert found.faults == ()
    return projects_of_table(typed, TOY)


COMMUNES = sorted(TOY.members["commune"])


def test_a_table_places_projects_on_communes() -> None:
    one, two = COMMUNES[:2]
    frame, findings = listed(f"p;Lac;npnru; {two} |{one};01/01/2020;31/12/2021;10;")
    assert findings.faults == ()
    assert frame["communes"].tolist() == [(one, two)]
    assert frame.geometry.isna().all()
    assert frame["row"].tolist() == [2]


def test_lost_zeros_are_repaired_and_unknown_codes_refused() -> None:
    zero = next(code for code in COMMUNES if code.startswith("0"))
    frame, findings = listed(
        f"p;Lac;npnru;{zero.lstrip('0')};01/01/2020;31/12/2021;10;",
        "q;Lac;npnru;99999;01/01/2020;31/12/2021;10;",
        "r;Lac;npnru;;01/01/2020;31/12/2021;10;",
    )
    assert frame["communes"].tolist() == [(zero,)]
    assert "réparé" in texts(findings.warnings)
    assert [(fault.row, fault.column) for fault in findings.faults] == [
        (3, "communes"),
        (4, "communes"),
    ]


def test_a_radius_in_a_table_is_told() -> None:
    _, findings = listed(f"p;Lac;npnru;{COMMUNES[0]};01/01/2020;31/12/2021;10;300")
    assert "rayon ignoré" in texts(findings.warnings)


def test_files_join_and_must_not_contradict_one_another(tmp_path: Path) -> None:
    drawn = sound(geojson(tmp_path, (SURFACE, KNOWN)))
    table, _ = listed(f"p0;Lac;npnru;{COMMUNES[0]};01/01/2020;31/12/2021;10;")
    both, findings = join_projects([table, drawn])
    assert findings.faults == ()
    assert both["projet_id"].tolist() == ["p0", "p1"]
    again, _ = join_projects([drawn, table])
    pd.testing.assert_frame_equal(pd.DataFrame(both), pd.DataFrame(again))
    clash, _ = listed(f"p1;Lac;npnru;{COMMUNES[0]};01/01/2020;31/12/2021;10;")
    _, findings = join_projects([clash, drawn])
    assert {fault.column for fault in findings.faults} >= {"nom", "heures", "projet_id"}
    assert join_projects([])[0].empty

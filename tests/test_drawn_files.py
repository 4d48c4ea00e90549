"""Drawn perimeters: what is read to the last digit, what is refused, and how it is told."""

from __future__ import annotations

import doctest
import importlib
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import broken_drawings as draw
import geopandas as gpd
import numpy as np
import pytest
import shapely
from broken_shapefiles import shp
from drawn_reading import check_told_alone, read, sound, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from data.drawings.files import read_drawn
from data.drawings.repair import repair
from geo.crs import geodesic_area_km2

QPV = Path(__file__).parents[1] / "../shared/data/qpv/qpv_2024_contours.geojson"
SYSTEMS = {
    2154: (2.0, 48.0),
    27572: (2.0, 48.0),
    3857: (2.0, 48.0),
    32631: (2.0, 48.0),
    5490: (-61.5, 16.2),
    2972: (-53.0, 4.5),
    2975: (55.5, -21.1),
    4471: (45.1, -12.8),
    4467: (-56.2, 46.9),
    4326: (2.0, 48.0),
    4171: (2.0, 48.0),
}
"""EPSG code → a place where it is at home."""

FORMATS = ("geojson", "gpkg", "shp")


@pytest.mark.parametrize("name", ["layer", "places", "repair"])
def test_examples_of_the_docstrings_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"data.drawings.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("case", draw.CASES)
def test_each_fault_is_told_alone(case: str, tmp_path: Path) -> None:
    check_told_alone(*draw.CASES[case], tmp_path)


def test_faults_of_all_features_are_told_together(tmp_path: Path) -> None:
    shapes = [draw.SQUARE, None, draw.EIGHT, draw.polygon(draw.RING[:-1]), draw.ZERO]
    shapes.append(draw.polygon([[x + 20, y] for x, y in draw.RING]))
    table, findings = read(tmp_path, {"perimetres.json": draw.geojson(*shapes, nature="x")})
    assert [f.row for f in findings.faults if f.column == "geometry"] == [2, 4, 6, 3, 5]
    assert [f.row for f in findings.faults if f.column == "nature"] == [1, 2, 3, 4, 5, 6]
    assert table is not None
    assert [shape is not None for shape in table.shapes] == [True] + 5 * [False]


@pytest.mark.parametrize("extension", FORMATS)
def test_what_qgis_writes_is_read(extension: str, tmp_path: Path) -> None:
    drawn = draw.frame()
    files = draw.written(drawn, extension)
    table = sound(tmp_path, files)
    assert table.typed.frame.to_dict("list") == {
        "row": [1, 2],
        "structure_id": ["Épône", "B"],
        "volet": ["facilitateur"] * 2,
        "nature": ["extension", "principal"],
        "etat": ["valide"] * 2,
    }
    expected = drawn.to_crs(4326).geometry.to_numpy()
    assert shapely.equals_exact(
        shapely.normalize(table.shapes), shapely.normalize(expected), 1e-8
    ).all()
    assert {each.name: each.sha256 for each in table.inputs} == {
        name: sha256(content).hexdigest() for name, content in files.items()
    }
    lists = {"perimetres.prj": 0, "perimetres.cpg": 0}
    assert all(each.rows == lists.get(each.name, 2) for each in table.inputs)


@pytest.mark.parametrize("extension", FORMATS)
def test_an_archive_is_read_as_what_it_holds(extension: str, tmp_path: Path) -> None:
    files = draw.written(draw.frame(), extension)
    beside = sound(tmp_path / "beside", files)
    members = [(f"envoi/{name.upper()}", content) for name, content in files.items()]
    members += [("__MACOSX/envoi/._perimetres.gpkg", b"x"), ("envoi/style.qml", b"x")]
    content = draw.archive(*members)
    inside = sound(tmp_path / "inside", {"perimetres.zip": content})
    assert shapely.equals_exact(inside.shapes, beside.shapes, 0).all()
    assert inside.typed.frame.equals(beside.typed.frame)
    (listed,) = inside.inputs
    assert listed.name, listed.sha256 == ("perimetres.zip", sha256(content).hexdigest())
    assert listed.rows == 2


@pytest.mark.parametrize("extension", FORMATS)
def test_numbers_are_texts_without_needless_decimals(extension: str, tmp_path: Path) -> None:
    data = draw.frame().assign(structure_id=[12.0, 1_000_000.0], nature=None)
    table = sound(tmp_path, draw.written(data, extension))
    assert table.typed.frame["structure_id"].tolist() == ["12", "1000000"]


def test_the_layer_named_perimetres_is_read_among_others(tmp_path: Path) -> None:
    content = draw.gpkg(
        *draw.ADD_LAYER[:3],
        "CREATE TABLE layer_styles (id INTEGER)",
        "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('layer_styles', 'attributes')",
    )
    assert len(sound(tmp_path, {"perimetres.gpkg": content}).shapes) == 2


def test_a_view_is_never_run(tmp_path: Path) -> None:
    endless = (
        "CREATE VIEW perimetres AS WITH RECURSIVE c(fid) AS "
        "(SELECT 1 UNION ALL SELECT fid + 1 FROM c) SELECT fid, x'00' AS geom FROM c"
    )
    content = draw.gpkg("DROP TABLE perimetres", endless)
    _, findings = read(tmp_path, {"perimetres.gpkg": content})
    assert "aucune couche géographique" in texts(findings.faults)


def test_true_and_false_of_a_geopackage_are_no_text(tmp_path: Path) -> None:
    data = draw.frame().assign(nature=[True, False])
    _, findings = read(tmp_path, draw.written(data, "gpkg"))
    assert [(f.row, f.column) for f in findings.faults] == [(1, "nature"), (2, "nature")]


def test_a_geopackage_still_open_in_qgis_is_refused(tmp_path: Path) -> None:
    (tmp_path / "perimetres.gpkg-wal").write_bytes(b"x")
    _, findings = read(tmp_path, {"perimetres.gpkg": draw.gpkg()})
    assert "encore ouvert" in texts(findings.faults)
    (tmp_path / "perimetres.gpkg-wal").write_bytes(b"")
    content = bytearray(draw.gpkg())
    content[18:20] = b"\2\2"  # closed, but to be opened again with a log
    assert len(sound(tmp_path, {"perimetres.gpkg": bytes(content)}).shapes) == 2


def test_nothing_is_written_beside_the_file(tmp_path: Path) -> None:
    read(tmp_path, {"perimetres.gpkg": draw.gpkg()})
    assert [path.name for path in tmp_path.iterdir()] == ["perimetres.gpkg"]


def test_an_unreadable_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "perimetres.gpkg").mkdir()
    for name in ("perimetres.gpkg", "perimetres.shp", "perimetres.zip"):
        table, findings = read_drawn(tmp_path / name)
        assert table is None
        assert [f.message for f in findings.faults] == ["fichier illisible"]


def test_geojson_alone_is_wgs84_and_comes_back_to_the_last_digit(tmp_path: Path) -> None:
    hole = draw.box(3, 3, 3.0001, 3.0001)
    high = [[*position, 12.5] for position in draw.RING]
    collection = {
        "type": "GeometryCollection",
        "geometries": [draw.SQUARE, {"type": "Point", "coordinates": [2, 48]}],
    }
    for member in ({}, {"crs": draw.CRS_WGS84}):
        content = draw.geojson(
            draw.polygon(draw.RING, hole), draw.polygon(high), collection, members=member
        )
        table = sound(tmp_path, {"perimetres.geojson": b"\xef\xbb\xbf" + content})
        assert shapely.get_num_interior_rings(table.shapes).tolist() == [1, 0, 0]
        assert not shapely.has_z(table.shapes).any()
        exact = shapely.Polygon(draw.RING, [hole])
        assert shapely.equals_exact(table.shapes[0], exact, 0)


def test_a_lone_feature_is_a_layer_of_one(tmp_path: Path) -> None:
    feature = json.loads(draw.SOUND)["features"][0]
    table = sound(tmp_path, {"perimetres.geojson": json.dumps(feature).encode()})
    assert len(table.shapes) == 1


def test_long_edges_stay_straight_where_they_were_drawn(tmp_path: Path) -> None:
    data = draw.frame().iloc[:1].set_geometry([shapely.box(300_000, 6_300_000, 900_000, 6_900_000)])
    table = sound(tmp_path, draw.written(data, "gpkg"))
    assert shapely.get_num_coordinates(table.shapes[0]) == 4 * 600 + 1
    back = Transformer.from_crs(4326, 2154, always_xy=True)
    ends = shapely.get_coordinates(table.shapes[0])
    middles = (ends[1:] + ends[:-1]) / 2
    points = shapely.points(np.column_stack(back.transform(*middles.T)))
    assert shapely.distance(points, shapely.boundary(data.geometry.iloc[0])).max() < 0.05


def test_features_alike_are_one_and_it_is_told(tmp_path: Path) -> None:
    turned = [*draw.RING[2:], *draw.RING[1:3]]
    content = draw.geojson(draw.SQUARE, draw.polygon(turned), draw.SQUARE).replace(b"S2", b"S1")
    table, findings = read(tmp_path, {"perimetres.geojson": content})
    assert table is not None
    assert table.typed.frame["row"].tolist() == [1, 3]
    assert len(table.shapes) == len(table.typed.empty) == len(table.typed.refused) == 2
    assert table.inputs[0].rows == 3
    (warning,) = findings.warnings
    assert (warning.row, warning.column) == (2, "geometry")
    assert "identique à l’élément 1" in warning.message


def test_a_small_crossing_is_repaired_and_told_with_both_areas(tmp_path: Path) -> None:
    spur = draw.ring((0, 0), (9, 0), (9, 9), (4, 9), (4.1, 9.05), (4.1, 8.9), (0, 9))
    table, findings = read(tmp_path, {"perimetres.geojson": draw.geojson(draw.polygon(spur))})
    assert findings.faults == ()
    assert table is not None
    assert shapely.is_valid(table.shapes).all()
    (warning,) = findings.warnings
    assert warning.message.count("km²") == 2
    assert "longitude 2,0" in warning.message


def test_repair_knows_what_can_be_read_in_two_ways() -> None:
    square = draw.box(0, 0, 9, 9)
    touching = shapely.Polygon(draw.ring((0, 0), (9, 0), (9, 9), (4, 0), (0, 9)))
    assert repair(touching).equals(touching.buffer(0))
    assert repair(shapely.Polygon(square, [square])).is_empty
    assert repair(shapely.Polygon(square, [draw.box(1, 1, 5, 5), draw.box(4, 4, 8, 8)])) is None
    grazing = [shapely.box(0, 0, 9, 9), shapely.box(8.99, 0, 18, 9)]
    assert repair(shapely.MultiPolygon(grazing)).equals(shapely.union_all(grazing))
    # Two loops of opposite turns and a double one of the same area: sums alone would agree.
    cancel = [draw.box(0, 0, 9, 9), draw.box(8, 0, 12, 9), draw.ring((20, 0), (29, 9), (29, 0))]
    assert repair(shapely.MultiPolygon([shapely.Polygon(each) for each in cancel])) is None


def test_a_system_used_elsewhere_is_warned_about(tmp_path: Path) -> None:
    data = draw.frame(32620)
    table, findings = read(tmp_path, draw.written(data, "gpkg"))
    assert table is not None
    assert findings.faults == ()
    assert [(w.row, w.column) for w in findings.warnings] == [(1, "geometry"), (2, "geometry")]
    assert "WGS 84 / UTM zone 20N (EPSG:32620)" in findings.warnings[0].message


def test_a_system_of_the_file_alone_is_warned_about(tmp_path: Path) -> None:
    files = shp()
    prj = files["perimetres.prj"].replace(b'"Central_Meridian",3.0', b'"Central_Meridian",3.25')
    _, findings = read(tmp_path, files | {"perimetres.prj": prj})
    assert findings.faults == ()
    assert "propre au fichier, n’est celle d’aucun registre" in texts(findings.warnings)


def test_a_datum_known_to_ten_metres_is_warned_about(tmp_path: Path) -> None:
    data = gpd.GeoDataFrame(
        {"structure_id": ["A"]}, geometry=[shapely.box(-53, 4, -52.9, 4.1)], crs=4326
    )
    _, findings = read(tmp_path, draw.written(data.to_crs(2971), "gpkg"))
    assert findings.faults == ()
    assert "à 10 m près" in texts(findings.warnings)


def test_a_perimeter_that_goes_out_to_sea_is_in_france(tmp_path: Path) -> None:
    wide = draw.polygon(draw.box(-2000, 0, 0, 100))
    sound(tmp_path, {"perimetres.geojson": draw.geojson(wide)})


def test_real_districts_rounded_to_ten_metres(tmp_path: Path) -> None:
    if not QPV.exists():
        pytest.skip("shared data absent")
    districts = gpd.read_file(QPV)
    districts = districts.rename(columns={"code_qp": "structure_id"}).assign(nature="extension")
    raw = districts.geometry.to_numpy()
    for files in (
        draw.written(districts, "geojson"),
        draw.written(districts.to_crs(2154), "gpkg"),
        draw.written(districts, "shp"),
    ):
        table, findings = read(tmp_path, files)
        assert table is not None
        refused = [at for at, shape in enumerate(table.shapes) if shape is None]
        codes = table.typed.frame["structure_id"].iloc[refused]
        assert len(refused) == len(findings.faults) == 88
        assert codes.str.startswith("QN987").all()  # Polynesia is no département
        kept = ~shapely.is_missing(table.shapes)
        assert shapely.is_valid(table.shapes[kept]).all()
        assert sum("réparé" in warning.message for warning in findings.warnings) > 500
        areas, before = geodesic_area_km2(table.shapes[kept]), geodesic_area_km2(raw[kept])
        assert np.abs(areas / before - 1).max() < 0.01


# Coordinates in whole metres (or 1e-5°), as a shapefile, a GeoPackage and GeoJSON all hold.
@st.composite
def drawings(draws: st.DrawFn) -> gpd.GeoDataFrame:
    """Return one or two perimeters in a system at home: stars around a point, with a hole."""
    epsg = draws(st.sampled_from(sorted(SYSTEMS)))
    lonlat = SYSTEMS[epsg]
    shapes = []
    for number in range(draws(st.integers(1, 2))):
        radii = np.array(draws(st.lists(st.floats(0.2, 1), min_size=5, max_size=12)))
        angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
        star = 0.02 * radii[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
        middle = [lonlat[0] + 0.1 * number, lonlat[1]]
        shapes.append(shapely.Polygon(middle + star, [middle + 0.1 * star[::-1]]))
    names = [f"S{number}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"structure_id": names}, geometry=shapes, crs=4326).to_crs(epsg)


@given(drawn=drawings(), extension=st.sampled_from(FORMATS))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_drawn_in_any_system_comes_back(
    drawn: gpd.GeoDataFrame, extension: str, tmp_path: Path
) -> None:
    options: dict[str, Any] = (
        {"RFC7946": "NO", "COORDINATE_PRECISION": 15} if extension == "geojson" else {}
    )
    table = sound(tmp_path, draw.written(drawn, extension, **options))
    exact = shapely.transform(
        drawn.geometry.to_numpy(),
        lambda xy: np.column_stack(
            Transformer.from_crs(drawn.crs, 4326, always_xy=True).transform(*xy.T)
        ),
    )
    # The points between the ends of long edges are checked by their own test.
    mine = [shapely.get_coordinates(shape) for shape in table.shapes]
    for points, shape in zip(mine, exact, strict=True):
        gaps = np.abs(points[:, None] - shapely.get_coordinates(shape)).max(axis=2).min(axis=0)
        assert gaps.max() < 1e-8
    areas = geodesic_area_km2(table.shapes)
    assert np.allclose(areas, geodesic_area_km2(exact), rtol=1e-4)

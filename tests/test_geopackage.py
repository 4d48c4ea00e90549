"""`etude.gpkg`: what GDAL reads of it, the same bytes twice, and what QGIS draws of it."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from builders import CELL_DEG, drawn, grid_territory, make_study, need, post
from fake_coverage import MIXED, NO_NEED, WITHOUT_SHAPE, fake_coverage

from coverage.palette import DOTTED, HOLE, STYLES, style_rank
from coverage.study import compute
from data.results import qgis_styles
from data.results.files import result_files
from data.results.geopackage import NO_CLOCK, Layer, geopackage
from data.results.tables import Table
from geo.errors import OutputError

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.model import Coverage

SPATIAL = (
    *("zones", "communes", "atomes", "perimetres_dessines", "perimetres", "structures"),
    "lacunes",
)
TABLES = ("certificats", "regions", "provenance")
PARTIAL = "01004"
SYSTEM_PYTHON = "/usr/bin/python3"


def cut_coverage(*, regions: tuple[str, ...] = ()) -> Coverage:
    """The fake coverage, drawings filed, its first commune cut between two zones."""
    coverage = fake_coverage(regions=regions)
    west, south = 3.0, 46.0
    half = CELL_DEG / 2
    shapes = [
        drawn("A", shapely.box(west, south, west + half, south + CELL_DEG)),
        drawn("C", shapely.box(west + 4 * CELL_DEG, south, west + 5 * CELL_DEG, 46.005)),
        drawn("B", shapely.box(-1, 40, -0.5, 40.5), "extension", etat="conteste"),
    ]
    lands = make_study([], [], shapes=shapes).drawn
    located = coverage.study.structures.assign(lon=[3.005, np.nan, 3.04], lat=[46.005, np.nan, 46])
    communes = coverage.communes.copy()
    communes.at[PARTIAL, "classes_inconnues"] = ("hopitaux",)  # noqa: PD008 - one cell, a tuple
    atoms = coverage.atoms
    table = pd.concat([atoms.table.iloc[:1], atoms.table], ignore_index=True)
    table.loc[[0, 1], "share"] = 0.5
    table.loc[1, "signature"] = 0
    geometry = np.concatenate([np.full(1, None), atoms.shapes])
    geometry[0] = shapes[0]["geometry"]
    geometry[1] = shapely.box(west + half, south, west + CELL_DEG, south + CELL_DEG)
    of_zone = {zone: rows + (rows > 0) for zone, rows in coverage.zone_atoms.items()}
    other = next(zone for zone in of_zone if "-limitrophe-" in zone)
    of_zone[other] = np.append(1, of_zone[other])
    return replace(
        coverage,
        communes=communes,
        study=replace(coverage.study, drawn=lands, structures=located),
        atoms=replace(atoms, table=table, shapes=geometry),
        zone_atoms=of_zone,
    )


@pytest.fixture(scope="module")
def files() -> dict[str, str | bytes]:
    return result_files(cut_coverage())


@pytest.fixture(scope="module")
def path(files: dict[str, str | bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(files, tmp_path_factory.mktemp("gpkg") / "etude.gpkg")


def written(files: dict[str, str | bytes], path: Path) -> Path:
    content = files["etude.gpkg"]
    assert isinstance(content, bytes)
    path.write_bytes(content)
    return path


def read(path: Path, layer: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(path, layer=layer)


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as base:
        return base.execute(sql).fetchall()


def test_every_layer_is_there_in_wgs84(path: Path) -> None:
    listed = dict(pyogrio.list_layers(path))
    assert tuple(listed) == (*SPATIAL, *TABLES, "layer_styles")
    assert [name for name, kind in listed.items() if kind is None] == [*TABLES, "layer_styles"]
    for name in SPATIAL:
        assert pyogrio.read_info(path, layer=name)["crs"] == "EPSG:4326"
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


def test_communes_are_those_of_the_csv(path: Path, files: dict[str, str | bytes]) -> None:
    layer = read(path, "communes")
    rows = list(csv.DictReader(io.StringIO(str(files["communes.csv"]))))
    assert [name for name in layer.columns if name != "geometry"] == list(rows[0])
    for record, row in zip(layer.to_dict("records"), rows, strict=True):
        for name, text in row.items():
            value = record[name]
            if not text:
                assert pd.isna(value)
            elif isinstance(value, str):
                assert value == text
            else:
                assert float(value) == float(text)
    assert layer["besoin_h"].dtype.kind == "i"
    assert layer["commune"].iloc[0] == "01001"


def test_zones_are_those_of_the_geojson(path: Path, files: dict[str, str | bytes]) -> None:
    layer = read(path, "zones").set_index("zone_id", drop=False)
    features = json.loads(files["zones.geojson"])["features"]
    assert list(layer.index) == [feature["id"] for feature in features]
    for feature in features:
        record, properties = layer.loc[feature["id"]], feature["properties"]
        assert list(properties) == [name for name in layer.columns if name != "geometry"]
        assert record["communes"] == "|".join(properties["communes"])
        assert record["retenue"] == ("oui" if properties["retenue"] else "non")
        assert record["deficit_h"] == properties["deficit_h"]
        assert record["surface_km2"] == properties["surface_km2"] or feature["geometry"] is None
        assert json.loads(record["sous_totaux"]) == properties["sous_totaux"]
        shape = feature["geometry"] and shapely.from_geojson(json.dumps(feature["geometry"]))
        assert (record.geometry is None) == (shape is None)
        assert shape is None or shapely.equals(shape.normalize(), record.geometry.normalize())


def test_units_without_contour_are_kept(path: Path) -> None:
    communes = read(path, "communes").set_index("commune")
    assert communes.geometry[WITHOUT_SHAPE] is None
    assert communes.geometry.notna().sum() == len(communes) - 1
    assert read(path, "zones").geometry.isna().sum() == 1


def test_the_spatial_index_holds_every_geometry(path: Path) -> None:
    for name in SPATIAL:
        shapes = read(path, name).geometry
        found = query(path, f"SELECT count(*) FROM rtree_{name}_geom")  # noqa: S608 - our names
        assert found == [(int(shapes.notna().sum()),)]


def test_atoms_are_the_parts_of_cut_communes(path: Path) -> None:
    atoms = read(path, "atomes")
    assert list(atoms["commune"]) == ["01001", "01001"]
    assert list(atoms["statut"]) == ["couverte", "limitrophe"]
    assert list(atoms["part"]) == [0.5, 0.5]
    assert atoms["structures"].iloc[0] == "A"
    whole = read(path, "communes").set_index("commune").geometry["01001"]
    assert shapely.union_all(atoms.geometry).symmetric_difference(whole).area < 1e-9


def test_a_border_drawn_in_a_study_makes_atoms(tmp_path: Path) -> None:
    half = shapely.box(3, 46, 3 + CELL_DEG / 2, 46 + CELL_DEG)
    study = make_study([post("S", 1)], [], [need("01001", 900)], shapes=[drawn("S", half)])
    coverage = compute(study, grid_territory(2))
    path = written(result_files(coverage), tmp_path / "d.gpkg")
    atoms = read(path, "atomes").set_index("structures")
    assert list(atoms["commune"]) == ["01001", "01001"]
    assert atoms["part"].sum() == pytest.approx(1)
    assert atoms.geometry["S"].symmetric_difference(half).area < 1e-9
    assert read(path, "communes")["mixte"].tolist() == ["oui", "non"]


def test_perimeters_by_codes_and_drawn(path: Path) -> None:
    lands = read(path, "perimetres_dessines")
    assert list(lands["structure_id"]) == ["A", "B", "C"]
    assert list(lands["ligne"]) == [1, 3, 2]
    assert list(lands.columns) == [
        *("structure_id", "volet", "nature", "etat", "fichier", "ligne", "geometry")
    ]
    coded = read(path, "perimetres")
    extension = coded[(coded["structure_id"] == "B") & (coded["nature"] == "extension")]
    assert extension["communes"].tolist() == [3]
    assert extension.geometry.iloc[0].area == pytest.approx(3 * CELL_DEG**2)


def test_structures_carry_no_more_than_a_name_and_a_point(path: Path) -> None:
    structures = read(path, "structures")
    assert list(structures.columns) == ["structure_id", "nom", "geometry"]
    assert structures.geometry.isna().tolist() == [False, True, False]
    assert (structures.geometry[0].x, structures.geometry[0].y) == (3.005, 46.005)


def test_certificates_and_provenance_stand_beside(
    path: Path, files: dict[str, str | bytes]
) -> None:
    proofs = json.loads(files["certificats.json"])["certificats"]
    rows = dict(query(path, "SELECT id, deficit_h FROM certificats"))
    assert rows == {name: proof["deficit_h"] for name, proof in proofs.items()}
    origin = dict(query(path, "SELECT cle, valeur FROM provenance"))
    summary = json.loads(files["resume.json"])
    assert origin["attribution"] == summary["attribution"]
    assert origin["parametres.heures_par_etp"] == str(summary["parametres"]["heures_par_etp"])
    assert origin["sources.1.licence"] == "libre"
    assert (
        pyogrio.read_info(path, layer="zones")["dataset_metadata"]["attribution"]
        == (summary["attribution"])
    )


def test_only_the_regions_of_the_study_are_written(tmp_path: Path) -> None:
    path = written(result_files(cut_coverage(regions=("32",))), tmp_path / "r.gpkg")
    assert set(read(path, "communes")["region"]) == {"32"}
    assert set(read(path, "zones")["region"]) == {"32"}
    assert read(path, "atomes").empty
    assert read(path, "lacunes").empty
    assert list(read(path, "perimetres_dessines")["structure_id"]) == ["C"]
    assert list(read(path, "perimetres")["structure_id"]) == ["C"]
    assert list(read(path, "structures")["structure_id"]) == ["C"]


def test_nothing_at_all_still_makes_a_file(tmp_path: Path) -> None:
    path = written(result_files(cut_coverage(regions=("93",))), tmp_path / "r.gpkg")
    assert read(path, "communes").empty
    assert "deficit_h" in read(path, "zones").columns


def test_the_same_inputs_give_the_same_bytes(path: Path, files: dict[str, str | bytes]) -> None:
    assert result_files(cut_coverage())["etude.gpkg"] == files["etude.gpkg"]
    dates = {
        *query(path, "SELECT last_change FROM gpkg_contents"),
        *query(path, "SELECT timestamp FROM gpkg_metadata_reference"),
        *query(path, "SELECT update_time FROM layer_styles"),
    }
    assert dates == {(NO_CLOCK,)}
    assert query(path, "PRAGMA freelist_count") == [(0,)]


def test_options_of_gdal_are_given_back() -> None:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "demain"})
    geopackage([Layer("t", "", Table({"a": ["1"]}))], {})
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == "demain"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def test_a_scratch_folder_that_refuses_is_said_in_french(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    with pytest.raises(OutputError, match="dossier temporaire"):
        geopackage([Layer("t", "", Table({"a": ["1"]}))], {})


def test_every_layer_has_one_default_style(path: Path) -> None:
    rows = query(
        path,
        "SELECT f_table_name, f_geometry_column, f_table_schema, useAsDefault FROM layer_styles",
    )
    assert rows == [(name, "geom", "", 1) for name in SPATIAL]
    kind = query(path, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'")
    assert kind == [("attributes",)]
    columns = [row[1] for row in query(path, "PRAGMA table_info(layer_styles)")]
    assert columns == [
        *("id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column"),
        *("styleName", "styleQML", "styleSLD", "useAsDefault", "description", "owner", "ui"),
        "update_time",
    ]


def rules(qml: str) -> list[tuple[str, str, str]]:
    """Filter, label and fill of the rules of a style."""
    root = ET.fromstring(qml)  # noqa: S314 - written by us
    fills = {
        symbol.get("name"): symbol.findtext("layer/prop[@k='color']", "")
        or getattr(symbol.find("layer/prop[@k='color']"), "attrib", {}).get("v", "")
        for symbol in root.findall("renderer-v2/symbols/symbol")
    }
    return [
        (rule.get("filter", ""), rule.get("label", ""), fills[rule.get("symbol")])
        for rule in root.iter("rule")
    ]


def rgba(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


@pytest.mark.parametrize(
    ("layer", "style"),
    [
        ("communes", qgis_styles.communes_style()),
        ("zones", qgis_styles.zones_style()),
        ("atomes", qgis_styles.atoms_style()),
    ],
)
def test_every_feature_is_drawn_once_by_its_status(path: Path, layer: str, style: str) -> None:
    # QGIS's expressions in these filters are plain SQL too.
    base = [rule for rule in rules(style) if "mixte" not in rule[0]]
    key = "zone_id" if layer == "zones" else "commune"
    drawn_by: dict[int, list[str]] = {}
    for where, _, fill in base:
        for (fid,) in query(path, f"SELECT fid FROM {layer} WHERE {where}"):  # noqa: S608
            drawn_by.setdefault(int(str(fid)), []).append(fill)
    rows = query(path, f"SELECT fid, {key}, statut FROM {layer}")  # noqa: S608
    assert {len(drawn_by[int(str(fid))]) for fid, _, _ in rows} == {1}
    if layer == "communes":
        places = {str(place): drawn_by[int(str(fid))][0] for fid, place, _ in rows}
        assert places[PARTIAL] == rgba(STYLES[style_rank("couverte", unknown=True)].fill)
        assert places[NO_NEED] == rgba(STYLES[style_rank("couverte")].fill)


def test_mixed_communes_get_stripes_over_their_status(path: Path) -> None:
    over = [where for where, _, _ in rules(qgis_styles.communes_style()) if "mixte" in where]
    found = [
        place
        for where in over
        for (place,) in query(path, f"SELECT commune FROM communes WHERE {where}")  # noqa: S608
    ]
    assert found == [MIXED]


def test_every_pattern_of_the_palette_can_be_drawn() -> None:
    paths = {stroke.path for style in (*STYLES, HOLE) for stroke in style.strokes}
    assert paths <= {*qgis_styles.PATTERNS, DOTTED}


RENDER = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import (QgsApplication, QgsMapRendererSequentialJob, QgsMapSettings, QgsRectangle,
                       QgsVectorLayer)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
for name in sys.argv[3:]:
    layer = QgsVectorLayer(f"{sys.argv[1]}|layername={name}", name, "ogr")
    labels = [rule.label() for rule in layer.renderer().rootRule().children()]
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setBackgroundColor(QColor("#00ffff"))
    settings.setOutputSize(QSize(600, 300))
    settings.setOutputDpi(96)
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(QgsRectangle(2.98, 45.995, 3.065, 46.035))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(os.path.join(sys.argv[2], name + ".png"))
    seen = {QColor(image.pixel(x, y)).name() for x in range(0, 600, 2) for y in range(0, 300, 2)}
    print(name, layer.renderer().type(), len(labels), *sorted(seen), flush=True)
os._exit(0)  # leaving by the front door may wait for a thread of QGIS without end
"""


@pytest.fixture(scope="module")
def rendered(path: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What QGIS itself drew of each layer: renderer, rules, colours seen."""
    if not Path(SYSTEM_PYTHON).exists():
        pytest.skip("no system Python, hence no QGIS of the system")
    there = subprocess.run(
        [SYSTEM_PYTHON, "-c", "import qgis.core"], check=False, capture_output=True
    )
    if there.returncode:
        pytest.skip("QGIS is not installed (Debian package python3-qgis)")
    out = tmp_path_factory.mktemp("qgis")
    done = subprocess.run(
        [SYSTEM_PYTHON, "-c", RENDER, str(path), str(out), *SPATIAL],
        env=os.environ | {"XDG_RUNTIME_DIR": str(out), "HOME": str(out)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}


BACKGROUND = "#00ffff"


@pytest.mark.parametrize("name", SPATIAL)
def test_qgis_opens_each_layer_with_its_style(rendered: dict[str, list[str]], name: str) -> None:
    kind, count, *seen = rendered[name]
    assert kind == "RuleRenderer"
    assert int(count) > 0
    assert BACKGROUND in seen
    assert len(seen) > 1


def test_qgis_draws_the_colours_of_the_palette(rendered: dict[str, list[str]]) -> None:
    seen = rendered["communes"]
    for style in STYLES:
        if style.nuance not in ("<2/3", "<1"):  # of these the study has none
            assert style.fill in seen
    assert STYLES[style_rank("couverte", unknown=True)].strokes[0].colour in seen
    assert STYLES[style_rank("couverte")].mixed_colour in seen
    assert HOLE.fill in rendered["lacunes"]

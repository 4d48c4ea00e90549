"""Shapefiles: parts held against one another, rings and records read as they are written."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import broken_drawings as draw
import broken_shapefiles as broken
import pytest
import shapefile
import shapely
from broken_shapefiles import shp
from drawn_reading import check_told_alone, read, sound, texts

from data.drawings.layer import MAX_FEATURES
from data.drawings.shapefile import _assembled
from geo.crs import geodesic_area_km2

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", broken.CASES)
def test_each_fault_is_told_alone(case: str, tmp_path: Path) -> None:
    check_told_alone(*broken.CASES[case], tmp_path)


def test_parts_of_a_shapefile_are_found_whatever_their_case(tmp_path: Path) -> None:
    files = {name.upper(): content for name, content in shp().items()}
    assert len(sound(tmp_path, files).shapes) == 2


def test_dbf_names_cut_to_ten_characters_are_completed_and_told(tmp_path: Path) -> None:
    data = draw.frame().assign(donneurs_ordre="etat")
    _, findings = read(tmp_path, draw.written(data, "shp"))
    cut, unknown = findings.warnings
    assert "« structure_ » lu comme « structure_id »" in cut.message
    assert "« donneurs_o » inconnue" in unknown.message


def latin(files: draw.Files, page: bytes | None, driver: int = 0) -> draw.Files:
    """Return a shapefile in Windows-1252 with another `.cpg`."""
    files = dict(files)
    dbf = files["perimetres.dbf"].replace("Épône".encode(), "Épône  ".encode("cp1252"))
    files["perimetres.dbf"] = dbf[:29] + bytes([driver]) + dbf[30:]
    del files["perimetres.cpg"]
    return files | ({} if page is None else {"perimetres.cpg": page})


def test_accents_of_shapefiles_are_right(tmp_path: Path) -> None:
    told = 0
    for at, files in enumerate(
        [
            latin(shp(), None),
            latin(shp(), None, driver=0x57),
            latin(shp(), b"1252\r\n"),
            latin(shp(), b"ISO-8859-1"),
            {name: content for name, content in shp().items() if "cpg" not in name},
        ]
    ):
        table, findings = read(tmp_path / str(at), files)
        assert table is not None
        assert table.typed.frame["structure_id"].tolist() == ["Épône", "B"]
        told += "aucun fichier .cpg" in texts(findings.warnings)
    assert told == 2


def test_rings_of_a_shapefile_find_their_polygon(tmp_path: Path) -> None:
    lake, island, pond = (shapely.box(3 * n, 3 * n, 90 - 3 * n, 90 - 3 * n) for n in (1, 2, 3))
    land = shapely.box(0, 0, 90, 90) - lake | island - pond | shapely.box(90, 90, 99, 99)
    land |= shapely.box(200, 0, 300, 300) - shapely.box(210, 10, 220, 20)
    moved = shapely.transform(land, lambda xy: 10 * xy + (650_000, 6_800_000))
    data = draw.frame().iloc[:1].set_geometry([moved])
    table = sound(tmp_path, draw.written(data, "shp"))
    assert shapely.get_num_geometries(table.shapes[0]) == 4
    assert shapely.get_num_interior_rings(shapely.get_parts(table.shapes[0])).sum() == 3
    assert geodesic_area_km2(table.shapes)[0] == pytest.approx(moved.area / 1e6, rel=2e-3)
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(moved)))
    for drawn in (rings, rings[::-1], shapely.reverse(rings)):
        again = shapely.MultiPolygon(_assembled(drawn))
        assert again.is_valid
        assert again.equals(moved)


def test_deleted_records_of_a_shapefile_are_skipped_but_counted(tmp_path: Path) -> None:
    files = shp()
    dbf = bytearray(files["perimetres.dbf"])
    dbf[int.from_bytes(dbf[8:10], "little")] = ord("*")
    table = sound(tmp_path, files | {"perimetres.dbf": bytes(dbf)})
    assert table.typed.frame["row"].tolist() == [2]


SQUARE = [(650_000, 6_800_000), (650_000, 6_800_900), (650_900, 6_800_900), (650_900, 6_800_000)]


def by_pyshp(shape_type: int, field: tuple[str, str, int, int], *values: object) -> draw.Files:
    """Return a shapefile of squares of any type, with one attribute."""
    streams = {part: io.BytesIO() for part in ("shp", "shx", "dbf")}
    with shapefile.Writer(**streams, shapeType=shape_type) as writer:
        writer.field(*field)
        for value in values:
            ring = [
                (*xy, 7.0, 3.0)[: 4 if shape_type == shapefile.POLYGONZ else 3] for xy in SQUARE
            ]
            ring = [*ring, ring[0]]
            kind = {shapefile.POLYGONZ: writer.polyz, shapefile.POLYGONM: writer.polym}
            kind.get(shape_type, writer.poly)([ring])
            writer.record(value)
    files = {f"perimetres.{part}": stream.getvalue() for part, stream in streams.items()}
    return files | {"perimetres.prj": shp()["perimetres.prj"]}


@pytest.mark.parametrize("shape_type", [5, 15, 25])
def test_heights_and_measures_are_left_out(shape_type: int, tmp_path: Path) -> None:
    table = sound(tmp_path, by_pyshp(shape_type, ("STRUCTURE_", "C", 9, 0), "S1"))
    flat = sound(tmp_path, shp()).shapes[:1]
    assert not shapely.has_z(table.shapes).any()
    assert shapely.equals_exact(table.shapes, flat, 1e-8, normalize=True).all()


def test_heights_without_measures_are_read(tmp_path: Path) -> None:
    heights = draw.frame()
    heights.geometry = shapely.force_3d(heights.geometry.to_numpy(), 12.5)
    table = sound(tmp_path, draw.written(heights, "shp"))
    flat = sound(tmp_path, shp())
    assert shapely.equals_exact(table.shapes, flat.shapes, 0, normalize=True).all()


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (b"   12.50", "12.5"),
        (b" 1234567", "1234567"),
        (b"1.2E+004", "12000"),
        (b"12,5    ", "12,5"),
    ],
)
def test_numbers_are_read_as_written(written: bytes, read_as: str, tmp_path: Path) -> None:
    files = by_pyshp(5, ("STRUCTURE_", "N", 8, 0), 1)
    name = "perimetres.dbf"
    files[name] = files[name].replace(b"       1", written)
    assert sound(tmp_path, files).typed.frame["structure_id"].tolist() == [read_as]


def test_a_number_left_empty_is_an_empty_cell(tmp_path: Path) -> None:
    for blank in (b" " * 8, b"*" * 8):
        files = by_pyshp(5, ("STRUCTURE_", "N", 8, 0), 1)
        files["perimetres.dbf"] = files["perimetres.dbf"].replace(b"       1", blank)
        _, findings = read(tmp_path, files)
        assert "cellule vide" in texts(findings.faults)


def test_a_record_moved_to_the_end_is_still_read(tmp_path: Path) -> None:
    files = shp()
    content, index = files["perimetres.shp"], files["perimetres.shx"]
    start, words = struct.unpack(">2I", index[100:108])
    moved = content + content[2 * start : 2 * (start + words) + 8]
    moved = moved[:24] + struct.pack(">I", len(moved) // 2) + moved[28:]
    files["perimetres.shp"] = moved[: 2 * start + 8] + b"\xff" * 2 * words + moved[236:]
    files["perimetres.shx"] = index[:100] + struct.pack(">I", len(content) // 2) + index[104:]
    again = sound(tmp_path / "moved", files)
    assert shapely.equals_exact(again.shapes, sound(tmp_path / "as was", shp()).shapes, 0).all()


def test_too_many_records_are_refused_before_any_is_read(tmp_path: Path) -> None:
    files = shp()
    index = files["perimetres.shx"][:100] + bytes(8 * (MAX_FEATURES + 1))
    index = index[:24] + struct.pack(">I", len(index) // 2) + index[28:]
    _, findings = read(tmp_path, files | {"perimetres.shx": index})
    assert "200\u202f001 éléments" in texts(findings.faults)


def test_faults_of_a_table_do_not_hide_its_warnings(tmp_path: Path) -> None:
    files = broken.parts(broken.put("dbf", 43, b"X"), "", "")[0]
    del files["perimetres.cpg"]
    _, findings = read(tmp_path, files)
    assert "textes lus en UTF-8" in texts(findings.warnings)

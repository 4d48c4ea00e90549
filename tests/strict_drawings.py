"""The features of a drawing as its bytes plainly say them; anything unusual raises.

Sources: RFC 7946; OGC 12-128 (GeoPackage); ESRI Shapefile Technical Description (1998).
"""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Ring = list[tuple[float, float]]
Feature = tuple[tuple[Any, ...], list[Ring]]
Drawing = tuple[tuple[str, ...], str, list[Feature]]
"""Attribute names, coordinate system, features: their values and rings."""

_POLYGON, _MULTIPOLYGON = 3, 6
_SHAPE_POLYGON = 5
_GPKG_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


def read_drawing(files: Mapping[str, bytes]) -> Drawing:
    parts = {name.rpartition(".")[2]: raw for name, raw in files.items()}
    if "zip" in parts:
        with zipfile.ZipFile(io.BytesIO(parts["zip"])) as archive:
            assert archive.testzip() is None
            return read_drawing({name: archive.read(name) for name in archive.namelist()})
    if "geojson" in parts:
        return _geojson(parts["geojson"])
    return _geopackage(parts["gpkg"]) if "gpkg" in parts else _shapefile(parts)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def _geojson(raw: bytes) -> Drawing:
    document = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
    system = document.get("crs", {"properties": {"name": "OGC:CRS84"}})["properties"]["name"]
    names = tuple(dict.fromkeys(n for each in document["features"] for n in each["properties"]))
    features = []
    for each in document["features"]:
        assert each["type"] == "Feature"
        values = tuple(each["properties"].get(name) for name in names)
        assert all(value is None or isinstance(value, str) for value in values)
        kind, inside = each["geometry"]["type"], each["geometry"]["coordinates"]
        assert kind in ("Polygon", "MultiPolygon")
        rings = inside if kind == "Polygon" else [ring for part in inside for ring in part]
        assert all(type(number) in (int, float) for r in rings for xy in r for number in xy)
        features.append((values, rings))
    return names, system, features


def _geopackage(raw: bytes) -> Drawing:
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(raw)
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        columns = base.execute("PRAGMA table_info(perimetres)").fetchall()
        names = tuple(name for _, name, *_ in columns if name not in ("fid", "geom"))
        listed = ", ".join(f'"{name}"' for name in names)
        query = f"SELECT geom, {listed} FROM perimetres ORDER BY fid"  # noqa: S608 - a test's base
        features = [(row[1:], _wkb_rings(_wkb(row[0]))) for row in base.execute(query)]
        ((organization, code, definition),) = base.execute(
            "SELECT organization, organization_coordsys_id, definition "
            "FROM gpkg_spatial_ref_sys JOIN gpkg_geometry_columns USING (srs_id)"
        )
    assert all(value is None or isinstance(value, str) for each, _ in features for value in each)
    return names, f"EPSG:{code}" if organization.upper() == "EPSG" else definition, features


def _wkb(blob: bytes) -> bytes:
    assert blob[:3] == b"GP\0"
    return blob[8 + _GPKG_ENVELOPES[blob[3] >> 1 & 7] :]


def _wkb_rings(wkb: bytes) -> list[Ring]:
    stream = io.BytesIO(wkb)
    rings = _read_wkb(stream)
    assert not stream.read()
    return rings


def _read_wkb(stream: io.BytesIO) -> list[Ring]:
    order = "<" if stream.read(1) == b"\1" else ">"

    def read(form: str) -> tuple[Any, ...]:
        return struct.unpack(order + form, stream.read(struct.calcsize("<" + form)))

    kind, number = read("II")
    if kind == _MULTIPOLYGON:
        return [ring for _ in range(number) for ring in _read_wkb(stream)]
    assert kind == _POLYGON
    return [[read("2d") for _ in range(read("I")[0])] for _ in range(number)]


def _shapefile(parts: Mapping[str, bytes]) -> Drawing:
    names, lines = _dbf(parts["dbf"], parts.get("cpg", b"").decode().strip() or "ascii")
    features = []
    shp, shx = parts["shp"], parts["shx"]
    for at, values in enumerate(lines):
        start, size = (2 * each for each in struct.unpack(">2I", shx[100 + 8 * at : 108 + 8 * at]))
        assert struct.unpack(">2I", shp[start : start + 8])[1] * 2 == size
        record = shp[start + 8 : start + 8 + size]
        kind, n_rings, n_points = (struct.unpack("<I", record[i : i + 4])[0] for i in (0, 36, 40))
        assert kind == _SHAPE_POLYGON
        firsts = struct.unpack(f"<{n_rings}I", record[44 : 44 + 4 * n_rings])
        flat = struct.unpack(f"<{2 * n_points}d", record[44 + 4 * n_rings :])
        points = list(zip(flat[::2], flat[1::2], strict=True))
        ends = [*firsts[1:], n_points]
        features.append((values, [points[a:b] for a, b in zip(firsts, ends, strict=True)]))
    assert len(shx) == 100 + 8 * len(lines)
    return names, parts["prj"].decode(errors="replace"), features


def _dbf(raw: bytes, encoding: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    number, header, width = struct.unpack("<IHH", raw[4:12])
    fields = []
    for at in range(32, header - 1, 32):
        name, kind, size = raw[at : at + 11], raw[at + 11 : at + 12], raw[at + 16]
        assert kind == b"C"
        fields.append((name.partition(b"\0")[0].decode(), size))
    lines = []
    for at in range(number):
        record = raw[header + at * width : header + (at + 1) * width]
        assert record[:1] == b" "
        start, values = 1, []
        for _, size in fields:
            values.append(record[start : start + size].strip(b" \0").decode(encoding))
            start += size
        assert start == width == len(record)
        lines.append(tuple(values))
    names = tuple("structure_id" if name == "structure_" else name for name, _ in fields)
    return names, lines

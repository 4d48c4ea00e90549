"""Drawings too large, cut or spoilt: refused, or read whole."""

from __future__ import annotations

import struct
from functools import cache
from typing import TYPE_CHECKING

import broken_drawings as draw
import pytest
import shapely
from broken_shapefiles import shp
from drawn_reading import read, sound, texts
from effort import tried
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.drawings import geojson
from data.drawings.archives import MAX_BYTES
from data.drawings.files import read_drawn
from data.drawings.layer import MAX_FEATURES, MAX_VERTICES

if TYPE_CHECKING:
    from pathlib import Path

OVERSIZED = 10_000_000


def test_ten_million_vertices_are_refused_without_being_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parses(*_: object) -> None:
        pytest.fail("parsed")

    monkeypatch.setattr(geojson, "_parsed", parses)
    head, tail = draw.geojson(draw.polygon([])).split(b"[[]]")
    positions = b"[2.0, 48.0]," * OVERSIZED
    table, findings = read(
        tmp_path, {"perimetres.geojson": head + b"[[" + positions[:-1] + b"]]" + tail}
    )
    assert table is None
    (fault,) = findings.faults
    assert fault.message.startswith("10\u202f000\u202f000 sommets")
    assert "simplifiez les contours à 1 m" in fault.remedy


def test_too_many_vertices_are_refused_in_every_format(tmp_path: Path) -> None:
    number = MAX_VERTICES + 1
    record = struct.pack("<I4d3I", 5, 0, 0, 0, 0, 1, number, 0) + bytes(16 * number)
    files = {name: bytearray(content) for name, content in shp().items()}
    shapes, shx = files["perimetres.shp"], files["perimetres.shx"]
    shx[-4:] = struct.pack(">I", len(record) // 2)
    start = struct.unpack(">I", shx[-8:-4])[0] * 2
    shapes[start + 4 :] = shx[-4:] + record
    shapes[24:28] = struct.pack(">I", len(shapes) // 2)
    many = struct.pack("<BIII", 1, 3, 1, number) + bytes(16 * number)
    for case in (
        {name: bytes(content) for name, content in files.items()},
        {"perimetres.gpkg": draw.gpkg(draw.blob(many))},
        {
            "perimetres.gpkg": draw.gpkg(
                "UPDATE perimetres SET geom = zeroblob(130000000) WHERE fid = 2"
            )
        },
    ):
        _, findings = read(tmp_path, case)
        assert ["sommets dans le fichier" in fault.message for fault in findings.faults] == [True]


def test_too_many_features_or_bytes_are_refused(tmp_path: Path) -> None:
    features = b'{"type": "FeatureCollection", "features": [' + b"{}," * MAX_FEATURES + b"{}]}"
    _, findings = read(tmp_path, {"perimetres.geojson": features})
    assert "200\u202f001 éléments" in texts(findings.faults)
    _, findings = read(tmp_path, {"perimetres.geojson": b"{" + b"," * 20_000_001})
    assert "démesuré" in texts(findings.faults)
    with (tmp_path / "perimetres.gpkg").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    table, findings = read_drawn(tmp_path / "perimetres.gpkg")
    assert table is None
    assert "500 Mo au plus" in texts(findings.faults)


@cache
def _whole(name: str) -> tuple[draw.Files, bytes]:
    extension = name.partition(".")[2]
    if extension == "zip":
        files = {"perimetres.zip": draw.archive(("a.geojson", draw.geojson(*2 * [draw.SQUARE])))}
    elif extension == "geojson":
        files = {"perimetres.geojson": draw.geojson(draw.SQUARE, draw.SQUARE)}
    else:
        files = {"perimetres.gpkg": draw.gpkg()} if extension == "gpkg" else shp()
    return files, files[name]


@given(
    name=st.sampled_from(draw.ALL),
    share=st.floats(0, 0.999999),
)
@settings(
    max_examples=tried(70),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_file_cut_anywhere_is_refused_or_read_whole(
    name: str, share: float, tmp_path: Path
) -> None:
    files, content = _whole(name)
    expected = sound(tmp_path, files)
    table, findings = read(tmp_path, files | {name: content[: int(share * len(content))]})
    if not findings.faults:
        assert table is not None
        assert shapely.equals_exact(table.shapes, expected.shapes, 0).all()
        assert table.typed.frame.equals(expected.typed.frame)


@given(at=st.floats(0, 1), byte=st.integers(1, 255), name=st.sampled_from(draw.ALL))
@settings(
    max_examples=tried(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_byte_changed_anywhere_never_crashes(
    at: float, byte: int, name: str, tmp_path: Path
) -> None:
    files, content = _whole(name)
    spoilt = bytearray(content)
    spoilt[min(int(at * len(content)), len(content) - 1)] ^= byte
    table, findings = read(tmp_path, files | {name: bytes(spoilt)})
    assert table is not None or findings.faults

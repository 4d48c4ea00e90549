"""Seeded damages to drawn perimeters, in each of the formats that are read."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import TYPE_CHECKING

import broken_drawings as draw
import geopandas as gpd
import shapely
from books import repacked
from mutations_text import any_bytes

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    Move = Callable[[float, float, random.Random], tuple[float, float]]

_SHAPES = (
    shapely.Polygon(draw.box(30, 80, 45, 95), [draw.box(35, 85, 40, 90)]),
    shapely.MultiPolygon(
        [shapely.box(2.41, 48.81, 2.47, 48.87), shapely.box(2.5, 48.9, 2.56, 48.99)]
    ),
    shapely.box(2.3125, 48.9125, 2.4375, 48.9875),
)
_SYSTEMS = {"geojson": 4326, "gpkg": 2154, "shp": 4326, "zip": 2154}
_METRES = 1000.0


def sound_drawing(form: str) -> dict[str, bytes]:
    """Return the files of a drawing of three features, one with a hole, one of two parts."""
    if form == "geojson":
        return draw.written(_frame(form), form, COORDINATE_PRECISION=6)
    if form == "zip":
        return {"perimetres.zip": draw.archive(*draw.written(_frame(form), "shp").items())}
    return draw.written(_frame(form), form)


def _frame(form: str) -> gpd.GeoDataFrame:
    columns = {
        "structure_id": ["A", "B", "A"],
        "volet": ["facilitateur", "coordinateur", None],
        "nature": ["principal", None, "extension"],
        "etat": ["valide", "valide", "conteste"],
    }
    return gpd.GeoDataFrame(columns, geometry=list(_SHAPES), crs=4326).to_crs(_SYSTEMS[form])


def _far(x: float, y: float, rng: random.Random) -> tuple[float, float]:
    scale = 1e5 if abs(x) > _METRES else 1.0
    return x + scale * rng.choice([-30, 30, 90]), y + scale * rng.choice([-20, 20, 60])


_MOVES: dict[str, Move] = {
    "outside": _far,
    "no number": lambda _, y, rng: (rng.choice([float("nan"), float("inf")]), y),
    "axes swapped": lambda x, y, _: (y, x),
    "truncated": lambda x, y, rng: (round(x, rng.choice([0, 1, 2])), y),
    "nudged": lambda x, y, rng: (x * (1 + rng.uniform(-1e-4, 1e-4)), y),
    "huge": lambda x, y, rng: (x * 10.0 ** rng.choice([5, 20, 300]), y),
}
GEOMETRY = (*_MOVES, "unclosed")


def damage_geometry(
    form: str, files: dict[str, bytes], rng: random.Random, how: str
) -> tuple[str, bytes, int]:
    """Move a vertex, or swap the axes of a feature; return its file and number."""
    file = f"perimetres.{form}"
    if form == "geojson":
        return file, *_move_text(files[file], rng, how)
    if form != "zip":
        return file, *_move_binary(form, files[file], rng, how)
    with zipfile.ZipFile(io.BytesIO(files[file])) as archive:
        inside = archive.read("perimetres.shp")
    new, feature = _move_binary(form, inside, rng, how)
    return file, repacked(files[file], {"perimetres.shp": new}), feature


def _move_binary(form: str, content: bytes, rng: random.Random, how: str) -> tuple[bytes, int]:
    """Move vertices where the bytes of their coordinates stand."""
    rings = [
        (number, [tuple(point) for point in shapely.get_coordinates(ring).tolist()])
        for number, shape in enumerate(_frame(form).geometry, start=1)
        for ring in shapely.get_rings(shapely.get_parts(shape))
    ]
    feature, ring = rng.choice(rings)
    points = [rng.choice(ring)]
    if how == "axes swapped":
        points = [point for number, each in rings for point in each if number == feature]
    move = _MOVES.get(how, _MOVES["nudged"])
    for x, y in dict.fromkeys(points if how != "unclosed" else ring[-1:]):
        old, new = struct.pack("<2d", x, y), struct.pack("<2d", *move(x, y, rng))
        at = content.rfind(old)
        if how == "unclosed":
            content = content[:at] + new + content[at + len(old) :]
        else:
            content = content.replace(old, new)
    return content, feature


def _move_text(content: bytes, rng: random.Random, how: str) -> tuple[bytes, int]:
    document = json.loads(content)
    number = rng.randrange(len(_SHAPES))
    geometry = document["features"][number]["geometry"]
    parts = geometry["coordinates"]
    rings = parts if geometry["type"] == "Polygon" else [ring for part in parts for ring in part]
    ring = rng.choice(rings)
    move = _MOVES.get(how, _MOVES["nudged"])
    if how == "axes swapped":
        for each in rings:
            each[:] = [[y, x] for x, y in each]
    elif how == "unclosed":
        ring[-1] = list(move(*ring[-1], rng))
    else:
        old = rng.choice(ring)
        new = list(move(*old, rng))
        ring[:] = [new if point == old else point for point in ring]
    return json.dumps(document).encode(), number + 1


def damage_document(content: bytes, rng: random.Random) -> bytes:
    """Damage what a GeoJSON says around its coordinates."""
    document = json.loads(content)
    feature = rng.choice(document["features"])
    inside = feature["properties"]
    name = rng.choice(["EPSG:2154", "EPSG:0", "EPSG:4171", "x", ""])
    edits: dict[str, Callable[[], object]] = {
        "drop": lambda: document["features"].remove(feature),
        "crs": lambda: document.update(crs={"type": "name", "properties": {"name": name}}),
        "no crs": lambda: document.pop("crs", None),
        "no geometry": lambda: feature.update(geometry=rng.choice([None, {}, {"type": "Point"}])),
        "attribute": lambda: inside.update(
            {rng.choice(list(inside)): rng.choice([None, "", 5, True, "principale", "A ", ["A"]])}
        ),
        "no attributes": lambda: feature.update(properties=None),
    }
    edits[rng.choice(list(edits))]()
    return json.dumps(document).encode()


def damage_archive(content: bytes, rng: random.Random) -> bytes:
    """Damage one member of an archive, or lose it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = rng.choice(archive.namelist())
        inside = archive.read(name)
    return repacked(content, {name: rng.choice([None, b"", any_bytes(inside, rng)])})

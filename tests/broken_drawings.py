"""Drawings to break, one fault at a time, and how each fault must be told."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import stat
import struct
import tempfile
import warnings
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

Files = dict[str, bytes]
"""Name → content; the first one is read."""

Expected = tuple[str, int, str, str, str]
"""File, feature, column, part of the message, part of the remedy."""

RING = [[2.0, 48.0], [2.1, 48.0], [2.1, 48.1], [2.0, 48.1], [2.0, 48.0]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}
LAMBERT = [[650_000 + 9 * x, 6_800_000 + 9 * y] for x, y in ((0, 0), (9, 0), (9, 9), (0, 0))]
CRS_LAMBERT = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
CRS_UTM = {"type": "name", "properties": {"name": "EPSG:32631"}}
CRS_WGS84 = {"type": "name", "properties": {"name": "EPSG:4326"}}
PARTS = ("shp", "shx", "dbf", "prj", "cpg")
ALL = tuple(f"perimetres.{part}" for part in ("geojson", "gpkg", "zip", *PARTS))
LOCAL = 'LOCAL_CS["plan de ville",UNIT["metre",1]]'


def polygon(*rings: Sequence[object]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def ring(*points: tuple[float, float]) -> list[list[float]]:
    """Return a closed ring, in hundredths of a degree from (2°, 48°)."""
    return [[2 + x / 100, 48 + y / 100] for x, y in (*points, points[0])]


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return ring((west, south), (east, south), (east, north), (west, north))


def geojson(*geometries: object, members: object = None, **properties: object) -> bytes:
    """Return a text whose features have these geometries; members go to its top."""
    features = [
        {
            "type": "Feature",
            "properties": {"structure_id": f"S{number}", **properties},
            "geometry": geometry,
        }
        for number, geometry in enumerate(geometries, start=1)
    ]
    top = members if isinstance(members, dict) else {}
    return json.dumps({"type": "FeatureCollection", **top, "features": features}).encode()


def told(
    content: bytes, row: int, column: str, message: str, remedy: str
) -> tuple[Files, Expected]:
    name = "perimetres.geojson"
    return {name: content}, (name, row, column, message, remedy)


def shape(
    geometry: object, message: str, remedy: str, members: object = None
) -> tuple[Files, Expected]:
    """Return a case whose second feature has that geometry."""
    content = geojson(SQUARE, geometry)
    if members is not None:
        content = geojson(polygon(LAMBERT), geometry, members=members)
    return told(content, 2, "geometry", message, remedy)


def frame(crs: object = 2154) -> gpd.GeoDataFrame:
    """Return two squares near Paris, with accents in their attributes."""
    shapes = [shapely.box(x, 6_800_000, x + 900, 6_800_900) for x in (650_000, 660_000)]
    columns = {"structure_id": ["Épône", "B"], "nature": ["extension", None]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=2154).to_crs(crs)


def written(data: gpd.GeoDataFrame, extension: str, **options: object) -> Files:
    """Return the files that GDAL writes of a frame, the data set first."""
    folder = Path(tempfile.mkdtemp())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # names cut to ten characters
            data.to_file(folder / f"perimetres.{extension}", **options)
        paths = sorted(folder.iterdir(), key=lambda path: (path.suffix != f".{extension}", path))
        return {path.name: path.read_bytes() for path in paths}
    finally:
        shutil.rmtree(folder)


@cache
def kept_files(extension: str) -> tuple[tuple[str, bytes], ...]:
    return tuple(written(frame(), extension).items())


def gpkg(*statements: str | tuple[str, tuple[object, ...]]) -> bytes:
    """Return a sound GeoPackage after some SQL."""
    base = sqlite3.connect(":memory:")
    base.deserialize(dict(kept_files("gpkg"))["perimetres.gpkg"])
    (triggers,) = zip(
        *base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"), strict=True
    )
    for trigger in triggers:  # they call functions that only GDAL has
        base.execute(f'DROP TRIGGER "{trigger}"')
    for statement in statements:
        base.execute(*((statement,) if isinstance(statement, str) else statement))
    base.commit()
    content = base.serialize()
    base.close()
    return content


def packaged(message: str, remedy: str, content: bytes, row: int = 0) -> tuple[Files, Expected]:
    column = "geometry" if row else ""
    return {"perimetres.gpkg": content}, ("perimetres.gpkg", row, column, message, remedy)


def blob(wkb: bytes | None) -> tuple[str, tuple[object, ...]]:
    """Return the SQL that gives a geometry to the second feature."""
    header = b"GP\0\1" + struct.pack("<i", 2154)
    return "UPDATE perimetres SET geom = ? WHERE fid = 2", (wkb and header + wkb,)


def wkb(kind: int, *points: tuple[float, float]) -> bytes:
    inside = struct.pack("<I", len(points)) + b"".join(struct.pack("<2d", *p) for p in points)
    return struct.pack("<BII", 1, kind, 1) + inside


ARC = (
    struct.pack("<BII", 1, 10, 1)
    + struct.pack("<BI", 1, 8)
    + wkb(0, (0, 0), (1, 1), (2, 0), (1, -1), (0, 0))[9:]
)


def archive(*members: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    with io.BytesIO() as stream:
        with zipfile.ZipFile(stream, "w", packing) as packed, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the same name twice
            for name, content in members:
                packed.writestr(name, content)
        return stream.getvalue()


def zipped(content: bytes, message: str, remedy: str) -> tuple[Files, Expected]:
    return {"perimetres.zip": content}, ("perimetres.zip", 0, "", message, remedy)


def link() -> bytes:
    info = zipfile.ZipInfo("perimetres.geojson")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with io.BytesIO() as stream:
        with zipfile.ZipFile(stream, "w") as packed:
            packed.writestr(info, "/etc/passwd")
        return stream.getvalue()


def encrypted() -> bytes:
    content = bytearray(archive(("perimetres.geojson", geojson(SQUARE))))
    for mark, flag in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.find(mark) + flag] |= 1
    return bytes(content)


def spoilt() -> bytes:
    content = bytearray(archive(("a.geojson", geojson(SQUARE)), packing=zipfile.ZIP_STORED))
    content[60] ^= 0xFF
    return bytes(content)


SOUND = geojson(SQUARE)
KML = b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"/>'
ADD_LAYER = (
    "CREATE TABLE autre (fid INTEGER PRIMARY KEY, geom BLOB)",
    "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('autre', 'features')",
    "INSERT INTO gpkg_geometry_columns VALUES ('autre', 'geom', 'POLYGON', 2154, 0, 0)",
    "ALTER TABLE perimetres RENAME TO premier",
    "UPDATE gpkg_contents SET table_name = 'premier' WHERE table_name = 'perimetres'",
    "UPDATE gpkg_geometry_columns SET table_name = 'premier' WHERE table_name = 'perimetres'",
)
EIGHT = polygon(ring((0, 0), (9, 9), (9, 0), (0, 9)))
OVERLAP = {"type": "MultiPolygon", "coordinates": [[box(0, 0, 9, 9)], [box(5, 5, 12, 12)]]}
MIXED = {
    "type": "GeometryCollection",
    "geometries": [SQUARE, {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}],
}
NAN = geojson(SQUARE, polygon([*RING[:2], [2.1, "NaN"], *RING[3:]])).replace(b'"NaN"', b"NaN")
ZERO = polygon(ring((0, 0), (9, 9), (4, 4)))

CASES: dict[str, tuple[Files, Expected]] = {
    "empty file": told(b" \n", 0, "", "fichier vide", "dans QGIS"),
    "text cut": told(SOUND[:-9], 0, "", "coupé ou abîmé : JSON", "dans QGIS"),
    "not UTF-8": told(SOUND.replace(b"S1", b"\xe9"), 0, "", "pas en UTF-8", "dans QGIS"),
    "nested without end": told(b'{"a":' + b"[" * 90_000, 0, "", "coupé ou abîmé", "dans QGIS"),
    "TopoJSON": told(b'{"type": "Topology"}', 0, "", "« Topology »", "format GeoJSON"),
    "bare geometry": told(json.dumps(SQUARE).encode(), 0, "", "« Polygon »", "format GeoJSON"),
    "no feature": told(geojson(), 0, "", "la couche est vide", "dessinez"),
    "null geometry": shape(None, "géométrie absente ou vide", "supprimez-le"),
    "empty polygon": shape(polygon(), "géométrie absente ou vide", "supprimez-le"),
    "point": shape({"type": "Point", "coordinates": [2, 48]}, "de type point", "polygones"),
    "collection with a line": shape(MIXED, "contient des lignes", "polygones"),
    "unknown geometry": shape({"type": "Circle"}, "« Circle »", "dans QGIS"),
    "unclosed ring": shape(polygon(RING[:-1]), "anneau non fermé", "Réparer les géométries"),
    "unclosed hole": shape(polygon(RING, box(1, 1, 2, 2)[:-1]), "anneau non fermé", "Réparer"),
    "ring of three positions": shape(polygon([*RING[:2], RING[0]]), "moins de quatre", "Réparer"),
    "NaN": told(NAN, 2, "geometry", "ne sont pas des nombres", "dessinez"),
    "null coordinate": shape(polygon([*RING[:2], [None, 48], *RING[3:]]), "des nombres", "dess"),
    "text coordinate": shape(polygon([*RING[:2], ["2", 48], *RING[3:]]), "des nombres", "dess"),
    "true coordinate": shape(polygon([*RING[:2], [True, 48], *RING[3:]]), "des nombres", "dess"),
    "one coordinate": shape(polygon([*RING[:2], [2.1], *RING[3:]]), "des nombres", "dess"),
    "huge coordinate": shape(polygon([*RING[:2], [10**400, 48], *RING[3:]]), "des nombres", "des"),
    "flat coordinates": shape(polygon([2, 48, 3, 48]), "des nombres", "dessinez"),
    "crs unknown": told(
        geojson(SQUARE, members={"crs": {"properties": {"name": "EPSG:99999"}}}),
        *(0, "", "« EPSG:99999 » inconnu", "SCR"),
    ),
    "crs null": told(geojson(SQUARE, members={"crs": None}), 0, "", "« crs »", "EPSG:2154"),
    "metres without crs": shape(polygon(LAMBERT), "du Lambert-93 (EPSG:2154)", "SCR EPSG:4326"),
    "metres said to be degrees": told(
        geojson(polygon(LAMBERT), members={"crs": CRS_WGS84}),
        *(1, "geometry", "pas des degrés (SCR : WGS 84 (EPSG:4326))", "GeoPackage"),
    ),
    "swapped axes": shape(
        polygon([[y, x] for x, y in RING]), "axes inversés", "Permuter les coordonnées"
    ),
    "swapped axes in Lambert": shape(
        polygon([[y, x] for x, y in LAMBERT]), "axes inversés", "Permuter", {"crs": CRS_LAMBERT}
    ),
    "degrees said to be Lambert": shape(
        SQUARE, "en degrés, alors que le système", "EPSG:2154", {"crs": CRS_LAMBERT}
    ),
    "in Italy": shape(
        polygon([[x + 10.5, y - 6] for x, y in RING]), "de 12,50000° à 12,60000°", "SCR"
    ),
    "beyond the pole": shape(
        polygon([*RING[:3], [2.0, 120.0], RING[0]]), "hors de ce que le système", "SCR"
    ),
    "beyond the Earth": shape(
        polygon([*RING[:2], [1e300, 48], *RING[3:]]), "dépassent un milliard", "supprimez-le"
    ),
    "beyond the projection": told(
        geojson(polygon([*LAMBERT[:2], [1e9, 1e9], LAMBERT[0]]), members={"crs": CRS_UTM}),
        *(1, "geometry", "hors de ce que le système WGS 84 / UTM", "fond de carte"),
    ),
    "edges without end": shape(
        polygon([LAMBERT[0], [1e9, 6.8e6], [1e9, 1e9], LAMBERT[0]]),
        *("arêtes démesurées", "sommets lointains", {"crs": CRS_LAMBERT}),
    ),
    "figure of eight": shape(
        EIGHT, "se recoupe, près de longitude 2,04500°, latitude 48,04500°", "Vérifier la validité"
    ),
    "overlapping parts": shape(OVERLAP, "polygone qui se recoupe", "Vérifier la validité"),
    "part within another": shape(
        {"type": "MultiPolygon", "coordinates": [[box(0, 0, 9, 9)], [box(1, 1, 4, 4)]]},
        *("des parties se recouvrent", "Vérifier la validité"),
    ),
    "hole outside": shape(
        polygon(box(0, 0, 9, 9), box(20, 20, 29, 29)), "un trou sort du contour", "corrigez"
    ),
    "no surface": shape(ZERO, "sans surface", "redessinez"),
    "half a square metre": shape(
        polygon(box(0, 0, 0.0006, 0.0006)), "moins d’un mètre carré", "redessinez"
    ),
    "no structure_id": told(
        geojson(SQUARE, nature="principal").replace(b"structure_id", b"structure"),
        *(0, "structure_id", "« structure_id » absente", "« structure »"),
    ),
    "no known attribute": told(
        SOUND.replace(b"structure_id", b"nom"), 0, "", "trouvé : « nom »", "structure_id, volet"
    ),
    "attribute twice": told(
        geojson(SQUARE, Structure_ID="x"), 0, "structure_id", "plusieurs fois", "gardez un seul"
    ),
    "empty structure": told(
        SOUND.replace(b'"S1"', b"null"), 1, "structure_id", "cellule vide", "plie-nord"
    ),
    "unknown nature": told(
        geojson(SQUARE, nature="principale"), 1, "nature", "« principale »", "« principal »"
    ),
    "true for a text": told(geojson(SQUARE, nature=True), 1, "nature", "booléen", "type Texte"),
    "list for a text": told(geojson(SQUARE, etat=["x"]), 1, "etat", "composée", "type Texte"),
    "not a feature": told(
        b'{"type": "FeatureCollection", "features": [{"properties": {"structure_id": "a"}}]}',
        *(1, "geometry", "« Feature »", "dans QGIS"),
    ),
    "GeoPackage named GeoJSON": told(gpkg(), 0, "", "contenu est un GeoPackage", "l’extension"),
    "KML": ({"perimetres.kml": KML}, ("perimetres.kml", 0, "", "KML", "GeoPackage ou GeoJSON")),
    "KML named GeoJSON": told(KML, 0, "", "KML", "GeoPackage ou GeoJSON"),
    "GeoPackage cut": packaged("des pages de la base", "dans QGIS", gpkg()[:-4096]),
    "GeoPackage cut in its header": packaged("des pages de la base", "dans QGIS", gpkg()[:50]),
    "GeoPackage spoilt": packaged(
        "coupé ou abîmé", "dans QGIS", gpkg()[:4096] + b"\xff" * (len(gpkg()) - 4096)
    ),
    "SQLite without layers": packaged(
        "pas un GeoPackage", "dans QGIS", gpkg("DROP TABLE gpkg_geometry_columns")
    ),
    "layer without CRS": packaged(
        "aucun système", "EPSG:2154", gpkg("UPDATE gpkg_geometry_columns SET srs_id = -1")
    ),
    "local CRS": packaged(
        *("ni géographique ni projeté", "EPSG:2154"),
        gpkg(("UPDATE gpkg_spatial_ref_sys SET organization = 'X', definition = ?", (LOCAL,))),
    ),
    "two layers": packaged("« autre », « premier »", "nommez-la", gpkg(*ADD_LAYER)),
    "points only": packaged(
        *("« autre » (point)", "exportez la seule couche"),
        gpkg(
            "ALTER TABLE perimetres RENAME TO autre",
            "UPDATE gpkg_contents SET table_name = 'autre'",
            "UPDATE gpkg_geometry_columns SET table_name = 'autre', geometry_type_name = 'POINT'",
        ),
    ),
    "arc": packaged("courbe", "Segmenter", gpkg(blob(ARC)), 2),
    "unclosed in a GeoPackage": packaged(
        "non fermé", "Réparer", gpkg(blob(wkb(3, (0, 0), (1, 0), (1, 1), (0, 1)))), 2
    ),
    "NaN in a GeoPackage": packaged(
        "nombres", "dess", gpkg(blob(wkb(3, (0, 0), (1, float("nan")), (1, 1), (0, 0)))), 2
    ),
    "geometry spoilt": packaged("abîmée, illisible", "QGIS", gpkg(blob(b"\1\3\0")), 2),
    "geometry null": packaged("absente", "dessinez", gpkg(blob(None)), 2),
    "archive named shapefile": (
        {"perimetres.shp": archive(("a.geojson", SOUND))},
        ("perimetres.shp", 0, "", "est une archive zip", "extension"),
    ),
    "archive cut": zipped(archive(("a.geojson", SOUND))[:-9], "coupée ou abîmée", "refaites"),
    "archive spoilt": zipped(spoilt(), "un fichier n’en sort pas", "refaites"),
    "path upwards": zipped(archive(("../a.geojson", SOUND)), "sort de son dossier", "refaites"),
    "path with a drive": zipped(archive(("C:\\a.geojson", SOUND)), "sort de son", "refaites"),
    "absolute path": zipped(archive(("/a.geojson", SOUND)), "sort de son dossier", "refaites"),
    "link": zipped(link(), "contient un lien", "refaites"),
    "password": zipped(encrypted(), "mot de passe", "refaites"),
    "archive in an archive": zipped(
        archive(("a.zip", archive(("a.geojson", SOUND)))), "en contient une autre", "refaites"
    ),
    "archive that swells": zipped(
        archive(("a.geojson", b" " * 11_000_000)), "enfle plus de 200", "refaites"
    ),
    "crowded archive": zipped(
        archive(*[(f"{n}.txt", b"") for n in range(201)]), "201 fichiers", "refaites"
    ),
    "two layers in an archive": zipped(
        archive(("a.geojson", SOUND), ("b/c.gpkg", gpkg())),
        *("« a.geojson », « b/c.gpkg »", "une seule couche"),
    ),
    "no layer in an archive": zipped(
        archive(("lisezmoi.txt", b"x")), "sans couche ; trouvé : « lisezmoi.txt »", "une seule"
    ),
}

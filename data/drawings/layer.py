"""A drawn layer, whatever file it comes from: shapes, attributes, limits."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage.wording import whole
from data.study.cells import Refusal
from data.study.faults import Findings, count, quoted
from data.study.tables import DESSINS
from data.study.text_tables import TextTable
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

GEOMETRY = "geometry"
"""Column that the findings about a drawing name."""

KNOWN = tuple(column.name for column in DESSINS.columns)
"""Attributes that are read."""


@dataclass(frozen=True)
class Wanted:
    """What a drawn file is read for.

    Attributes
    ----------
    columns
        Attributes that are read.
    layer
        Name of the layer that wins in a GeoPackage.
    things
        What the layer holds, in French, plural.
    polygons_only
        Whether points and lines are refused.
    """

    columns: tuple[str, ...]
    layer: str
    things: str
    polygons_only: bool = True

    @property
    def expected(self) -> str:
        """The geometry that is expected, in French."""
        shapes = "un polygone" if self.polygons_only else "un point, une ligne ou un polygone"
        return f"{shapes} est attendu"


PERIMETERS = Wanted(KNOWN, "perimetres", "périmètres")

MAX_VERTICES = 2_000_000
MAX_FEATURES = 200_000

SAVE_AGAIN = (
    "dans QGIS, enregistrez de nouveau la couche : clic droit, Exporter, Sauvegarder les entités "
    "sous, format GeoPackage"
)
DECLARE_CRS = (
    "dans QGIS, donnez son système à la couche (clic droit, SCR de la couche), puis exportez-la "
    "avec un SCR défini, par exemple EPSG:2154 ou EPSG:4326"
)
_AS_POLYGONS = "dans QGIS, exportez une couche de polygones, ou dessinez le contour du périmètre"
_REDRAW = "dans QGIS, dessinez la surface de cet élément, ou supprimez-le"
_CLOSE = (
    "dans QGIS, ouvrez la boîte à outils, lancez Réparer les géométries, puis exportez le résultat"
)
_SIMPLIFY = (
    "dans QGIS, simplifiez les contours à 1 m (Vecteur, Outils de géométrie, Simplifier), puis "
    "exportez le résultat"
)
_RING_POINTS = 4
_MAX_COORDINATE = 1e9
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_TYPE_NAMES = {
    shapely.GeometryType.POINT: "point",
    shapely.GeometryType.MULTIPOINT: "points",
    shapely.GeometryType.LINESTRING: "ligne",
    shapely.GeometryType.LINEARRING: "ligne",
    shapely.GeometryType.MULTILINESTRING: "lignes",
}

_MIXED = Refusal(
    "collection qui mêle des points, des lignes ou des surfaces",
    "dans QGIS, faites un élément de chaque sorte de géométrie",
)
ONE_POSITION = Refusal("ligne sans longueur", _REDRAW)
NO_GEOMETRY = Refusal("géométrie absente ou vide", _REDRAW)
UNCLOSED = Refusal("anneau non fermé : son dernier sommet n’est pas son premier", _CLOSE)
SHORT_RING = Refusal("anneau de moins de quatre sommets, qui n’entoure rien", _CLOSE)
NOT_NUMBERS = Refusal(
    "géométrie dont des coordonnées ne sont pas des nombres (vides, NaN ou texte)", _REDRAW
)
OFF_THE_EARTH = Refusal(
    "géométrie dont des coordonnées dépassent un milliard, hors de la Terre en toute unité",
    _REDRAW,
)
CURVED = Refusal(
    "géométrie courbe (arcs) ; un polygone à côtés droits est attendu",
    "dans QGIS, lancez Segmenter par angle maximal (boîte à outils), puis exportez le résultat",
)


@dataclass(frozen=True)
class Layer:
    """What a file draws, before anything is checked on the Earth.

    Attributes
    ----------
    crs
        Of the shapes; None when a finding says why there is none.
    rows
        Number of each feature in its file, from 1, shape (features,).
    shapes
        Geometries in two dimensions, x first, polygons unless more is wanted; None where a
        finding says why.
    names
        Attributes in file order, as written.
    attributes
        Attribute → raw values, or why there is none, shape (features,) each; unknown attributes
        may be left out.
    crs_assumed
        Whether the format, not the file, says the system (GeoJSON).
    """

    crs: CRS | None
    rows: NDArray[np.int64]
    shapes: NDArray[np.object_]
    names: tuple[str, ...]
    attributes: Mapping[str, Sequence[object]]
    crs_assumed: bool = False


def fault(file: str, message: str, remedy: str = SAVE_AGAIN) -> Findings:
    """Return the error of a file as a whole."""
    return Findings((Notice(file, 0, "", message, remedy),))


def too_large(file: str, *, vertices: int = 0, features: int = 0) -> Findings:
    """Return the error of a file with too many vertices or features, nothing when there are few."""
    found = []
    if vertices > MAX_VERTICES:
        message = f"{count(vertices, 'sommet')} dans le fichier, {whole(MAX_VERTICES)} au plus"
        found.append(Notice(file, 0, GEOMETRY, message, _SIMPLIFY))
    if features > MAX_FEATURES:
        message = f"{count(features, 'élément')} dans le fichier, {whole(MAX_FEATURES)} au plus"
        remedy = "dans QGIS, regroupez par structure (Vecteur, Outils de géotraitement, Regrouper)"
        found.append(Notice(file, 0, "", message, remedy))
    return Findings(tuple(found))


def split_refusals(
    read: Iterable[object], rows: NDArray[np.int64], file: str
) -> tuple[NDArray[np.object_], Findings]:
    """Return shapes with None where one was refused, and an error for each refusal."""
    shapes = np.empty(len(rows), dtype=object)
    faults = []
    for at, shape in enumerate(read):
        if isinstance(shape, Refusal):
            faults.append(Notice(file, int(rows[at]), GEOMETRY, shape.message, shape.remedy))
        else:
            shapes[at] = shape
    return shapes, Findings(tuple(faults))


def shaped(shape: shapely.Geometry, wanted: Wanted) -> shapely.Geometry | Refusal:
    """Return a geometry in two dimensions, or why it is not one that is wanted."""
    if wanted.polygons_only:
        return polygonal(shape)
    leaves = np.array(_leaves(shape), dtype=object)
    parts = shapely.get_parts(leaves)
    parts = shapely.force_2d(parts[~shapely.is_empty(parts)])
    dimensions = np.unique(shapely.get_dimensions(parts))
    if len(dimensions) > 1:
        return _MIXED
    if not len(parts) or dimensions[0] > 1:
        return polygonal(shape)
    return _points_or_lines(parts, int(dimensions[0]))


def _points_or_lines(parts: NDArray[np.object_], dimension: int) -> shapely.Geometry | Refusal:
    refused = refused_positions(shapely.get_coordinates(parts))
    if refused is not None:
        return refused
    if dimension and not shapely.length(parts).all():
        return ONE_POSITION
    if len(parts) == 1:
        return parts[0]
    return shapely.multilinestrings(parts) if dimension else shapely.multipoints(parts)


def polygonal(shape: shapely.Geometry) -> shapely.Geometry | Refusal:
    """Return the surface of a geometry in two dimensions, or why it is none.

    A collection keeps its polygons when only points are lost.
    """
    kind = shapely.get_type_id(shape)
    leaves = [shape] if kind in _POLYGONS else _leaves(shape)
    others = [leaf for leaf in leaves if shapely.get_type_id(leaf) not in _POLYGONS]
    if len(others) == len(leaves) and others and kind in _TYPE_NAMES:
        message = f"géométrie de type {_TYPE_NAMES[kind]} ; un polygone est attendu"
        return Refusal(message, _AS_POLYGONS)
    if any(shapely.get_dimensions(leaf) > 0 for leaf in others):
        return Refusal("collection qui contient des lignes ; un polygone est attendu", _AS_POLYGONS)
    surfaces = [leaf for leaf in leaves if shapely.get_type_id(leaf) in _POLYGONS]
    parts = shapely.get_parts(np.array(surfaces, dtype=object))
    parts = shapely.force_2d(parts[~shapely.is_empty(parts)])
    return _sound(parts)


def _leaves(shape: shapely.Geometry) -> list[shapely.Geometry]:
    waiting, leaves = [shape], []
    while waiting:
        each = waiting.pop()
        if shapely.get_type_id(each) == shapely.GeometryType.GEOMETRYCOLLECTION:
            waiting += list(shapely.get_parts(each))[::-1]
        else:
            leaves.append(each)
    return leaves


def _sound(parts: NDArray[np.object_]) -> shapely.Geometry | Refusal:
    if not len(parts):
        return NO_GEOMETRY
    refused = refused_positions(shapely.get_coordinates(parts))
    if refused is not None:
        return refused
    if (shapely.get_num_coordinates(shapely.get_rings(parts)) < _RING_POINTS).any():
        return SHORT_RING
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def refused_positions(xy: NDArray[np.float64]) -> Refusal | None:
    """Return why positions cannot be computed with, None when they can."""
    if not np.isfinite(xy).all():
        return NOT_NUMBERS
    return OFF_THE_EARTH if (np.abs(xy) > _MAX_COORDINATE).any() else None


def text_table(
    layer: Layer, file: str, wanted: Wanted = PERIMETERS
) -> tuple[TextTable | None, Findings]:
    """Return the attributes as a table of texts; None when nothing can be made of them."""
    names = [_composed(name).strip().lower() for name in layer.names]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        return None, Findings(
            tuple(
                Notice(file, 0, name, f"attribut {quoted(name)} présent plusieurs fois", _ONE_NAME)
                for name in doubled
            )
        )
    if not set(wanted.columns) & set(names):
        found = ", ".join(names) or "aucun attribut"
        message = f"aucun attribut connu dans la couche ; trouvé : {quoted(found)}"
        remedy = f"dans QGIS, ajoutez à la couche les champs {', '.join(wanted.columns)} et "
        remedy += "remplissez-les"
        return None, fault(file, message, remedy)
    columns: dict[str, list[str]] = {}
    refusals: dict[str, dict[int, Refusal | None]] = {}
    for name, written in zip(names, layer.names, strict=True):
        values = layer.attributes[written] if name in wanted.columns else [""] * len(layer.rows)
        texts = [cell_text(value) for value in values]
        refusals[name] = {
            int(layer.rows[at]): text for at, text in enumerate(texts) if isinstance(text, Refusal)
        }
        columns[name] = ["" if isinstance(text, Refusal) else text for text in texts]
    cells = pd.DataFrame(columns, index=pd.Index(layer.rows, dtype="int64"), dtype="str")
    return TextTable(file, 0, cells.drop(columns="", errors="ignore"), refusals), Findings()


_ONE_NAME = "dans QGIS, gardez un seul champ de ce nom, capitales ou minuscules"


def cell_text(value: object) -> str | Refusal:
    """Return the text of an attribute, or why it has none.

    >>> cell_text(12.0), cell_text(None)
    ('12', '')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, (str, Refusal)):
        return _composed(value) if isinstance(value, str) else value
    if isinstance(value, bool):
        return _not_text("oui ou non (booléen)")
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, (int, float)) and math.isfinite(value):
        return number_text(Decimal(repr(value)))
    return _not_text("composée (liste, objet ou données binaires)")


def number_text(number: Decimal) -> str:
    """Return a number in plain digits: neither exponent nor needless decimals.

    >>> number_text(Decimal("12.00")), number_text(Decimal("1E+3"))
    ('12', '1000')
    """
    return f"{number.normalize():f}"


def _not_text(what: str) -> Refusal:
    return Refusal(
        f"valeur {what} ; un texte est attendu",
        "dans QGIS, donnez au champ le type Texte et saisissez de nouveau la valeur",
    )


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)

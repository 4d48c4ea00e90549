"""Perimeters drawn in QGIS: a file of polygons to exact WGS84 shapes and typed attributes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.model import InputFile
from data.drawings.geojson import read_geojson
from data.drawings.geometry import place_shapes
from data.drawings.geopackage import read_geopackage
from data.drawings.layer import GEOMETRY, KNOWN, PERIMETERS, Wanted, fault, text_table
from data.drawings.shapefile import read_shapefile
from data.drawings.sources import find_source
from data.study.faults import Findings
from data.study.table_reader import TypedTable, read_table
from data.study.tables import DESSINS
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from data.drawings.layer import Layer
    from data.drawings.sources import Digest, Source


@dataclass(frozen=True)
class DrawnTable:
    """Drawn perimeters of one file.

    Attributes
    ----------
    typed
        Of `tables.DESSINS`; `row` is the feature's number in its file, from 1.
    shapes
        WGS84 polygons and multipolygons, valid, in the order of `typed.frame`, shape (features,);
        None where an error was told of the geometry.
    inputs
        Each file read, a shapefile's parts one by one; `rows` counts features.
    """

    typed: TypedTable
    shapes: NDArray[np.object_]
    inputs: tuple[InputFile, ...]


def read_drawn(path: Path) -> tuple[DrawnTable | None, Findings]:
    """Return the perimeters drawn in a file, None when nothing can be said of its features.

    Coordinates come to WGS84 by `geo.crs.to_wgs84`; a polygon is repaired only when every reading
    of it gives one area (`drawn_repair`), and two features alike are one.

    Parameters
    ----------
    path
        `.geojson`, `.json`, `.gpkg`, `.shp` (its other parts beside it), or one of them alone in a
        `.zip`.

    Returns
    -------
    DrawnTable, Findings
        All the faults of all features at once; an incomplete table comes with an error.
    """
    source, digests, findings = find_source(path)
    if source is None:
        return None, findings
    table, found = drawn_table(source, path.name, digests)
    return table, findings + found


def drawn_table(
    source: Source, file: str, digests: Sequence[Digest] = ()
) -> tuple[DrawnTable | None, Findings]:
    """Return the perimeters drawn in a data set, as `read_drawn` does those of its file.

    Parameters
    ----------
    file
        What messages name.
    digests
        Files that it was read from.
    """
    layer, findings = read_layer(source, file)
    if layer is None:
        return None, findings
    if not len(layer.rows):
        return None, findings + fault(
            file, "aucun périmètre : la couche est vide", "dessinez un polygone par périmètre"
        )
    shapes, found = place_shapes(layer, file)
    findings += found
    typed, found = _attributes(layer, file)
    findings += found
    if typed is None:
        return None, findings
    inputs = tuple(
        InputFile(each.name, len(layer.rows) * each.lists_features, each.sha256) for each in digests
    )
    typed, shapes, found = _merged(typed, shapes)
    return DrawnTable(typed, shapes, inputs), findings + found


def read_layer(
    source: Source, file: str, wanted: Wanted = PERIMETERS
) -> tuple[Layer | None, Findings]:
    """Return the layer of a data set, None when nothing can be said of its features."""
    if source.format == "gpkg":
        return read_geopackage(source.parts["gpkg"], file, wanted)
    if source.format == "shp":
        return read_shapefile(source.parts, file, wanted)
    (content,) = source.parts.values()
    return read_geojson(content, file, wanted)


def _attributes(layer: Layer, file: str) -> tuple[TypedTable | None, Findings]:
    text, findings = text_table(layer, file)
    if text is None:
        return None, findings
    typed, found = read_table(text, DESSINS)
    return typed, findings + found


def _merged(
    typed: TypedTable, shapes: NDArray[np.object_]
) -> tuple[TypedTable, NDArray[np.object_], Findings]:
    """Return features once each: alike are those of the same attributes and the same points."""
    believed = typed.usable(*KNOWN) & ~shapely.is_missing(shapes)
    drawings = shapely.to_wkb(shapely.normalize(shapes))
    first: dict[tuple[object, ...], int] = {}
    kept = np.ones(len(shapes), bool)
    warnings = []
    values = zip(*(typed.frame[name] for name in KNOWN), drawings, strict=True)
    for at, key in enumerate(values):
        if not believed[at]:
            continue
        row, twin = int(typed.frame["row"].iloc[at]), first.setdefault(key, at)
        kept[at] = twin == at
        if twin != at:
            message = f"identique à l’élément {typed.frame['row'].iloc[twin]} : compté une fois"
            remedy = "supprimez l’un des deux dans QGIS"
            warnings.append(Notice(typed.file, row, GEOMETRY, message, remedy))
    once = replace(
        typed,
        frame=typed.frame[kept].reset_index(drop=True),
        empty=typed.empty[kept].reset_index(drop=True),
        refused=typed.refused[kept].reset_index(drop=True),
    )
    return once, shapes[kept], Findings((), tuple(warnings))

"""Large projects drawn in QGIS: surfaces, lines and points, with their attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.model import InputFile
from data.drawings.files import read_layer
from data.drawings.geometry import place_shapes
from data.drawings.layer import Wanted, fault, text_table
from data.drawings.sources import find_source
from data.projects.checks import check_projects
from data.projects.frames import check_alike, make_frame
from data.study.sources_tables import PROJETS_DESSINES
from data.study.table_reader import read_table

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from data.drawings.layer import Layer
    from data.study.faults import Findings
    from data.study.table_reader import TypedTable

WANTED = Wanted(
    tuple(column.name for column in PROJETS_DESSINES.columns),
    "grands_projets",
    "grands projets",
    polygons_only=False,
)
"""What a drawn file of projects is read for."""

_NEEDED = ("projet_id", "nom", "programme")


def read_projects(
    path: Path,
) -> tuple[gpd.GeoDataFrame | None, tuple[InputFile, ...], Findings]:
    """Return the projects drawn in a file, None when nothing can be said of its features.

    Points may have a radius of influence, `rayon_m`; of surfaces and lines it is told and
    ignored. Features of one `projet_id` are one project.

    Parameters
    ----------
    path
        `.geojson`, `.json`, `.gpkg`, `.shp` (its other parts beside it), or one of them alone in a
        `.zip`.

    Returns
    -------
    GeoDataFrame, tuple of InputFile, Findings
        Columns `PROJECT_COLUMNS`, sorted by content; an incomplete frame comes with an error.
    """
    file = path.name
    source, digests, findings = find_source(path)
    if source is None:
        return None, (), findings
    layer, found = read_layer(source, file, WANTED)
    findings += found
    if layer is None:
        return None, (), findings
    inputs = tuple(
        InputFile(each.name, len(layer.rows) * each.lists_features, each.sha256) for each in digests
    )
    if not len(layer.rows):
        message, remedy = "aucun projet : la couche est vide", "dessinez au moins un élément"
        return None, inputs, findings + fault(file, message, remedy)
    frame, found = _projects(layer, file)
    return frame, inputs, findings + found


def _projects(layer: Layer, file: str) -> tuple[gpd.GeoDataFrame | None, Findings]:
    shapes, findings = place_shapes(layer, file)
    text, found = text_table(layer, file, WANTED)
    findings += found
    if text is None:
        return None, findings
    typed, found = read_table(text, PROJETS_DESSINES)
    findings += found
    if typed is None:
        return None, findings
    points = shapely.get_dimensions(layer.shapes) == 0
    findings += check_projects(typed, points=points)
    frame = _frame(typed, shapes)
    return frame, findings + check_alike(frame)


def _frame(typed: TypedTable, shapes: np.ndarray) -> gpd.GeoDataFrame:
    believed = typed.usable(*_NEEDED) & ~shapely.is_missing(shapes)
    table = typed.frame[believed].reset_index(drop=True)
    kept = shapes[believed]
    surface = shapely.get_dimensions(kept) > 0
    table["rayon_m"] = np.where(surface, np.nan, table["rayon_m"])
    return make_frame(table, file=typed.file, shapes=kept, communes=[()] * len(table))

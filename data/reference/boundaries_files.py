"""The communes drawn by a file of the user: their codes, their polygons in WGS84."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from coverage.wording import whole
from data.fetch.copies import digest
from data.reference.admin_express import (
    CODE_COLUMNS,
    PARQUET,
    code_column,
    contour_layers,
    read_files,
    unpack,
)
from geo.crs import WGS84_EPSG, require_crs
from geo.errors import CrsError, DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.reference.admin_express import ContourLayer

_SURFACES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_UNREADABLE = (OSError, ValueError, DataSourceError, DataLayerError, pa.ArrowException)


def contours_digest(path: Path) -> str:
    """Return one SHA-256 of everything that reading `path` opens, hexadecimal.

    Names count with contents, the folder that holds them does not: moving a delivery changes
    nothing.

    Raises
    ------
    DataUnavailableError
        When nothing there draws communes.
    """
    _require(path)
    if path.is_file() and path.suffix.lower() != ".shp":
        return digest(path)
    files = read_files(contour_layers(path))
    parts = sorted(f"{file.name} {digest(file)}" for file in files)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_contours(path: Path) -> pd.Series:
    """Return the polygon of each code drawn, sorted by code (WGS84, longitude first).

    Several elements of one code in one layer are its parts, united. A code without polygon is
    left out.

    Raises
    ------
    DataUnavailableError
        When nothing there draws communes, a layer has no column of codes or no declared
        coordinate system, two layers draw the same code, or a file is unreadable.
    """
    _require(path)
    with _unpacked(path) as place:
        drawn = [_layer(layer) for layer in contour_layers(place)]
    together = pd.concat(drawn)
    twice = together.index[together.index.duplicated()].unique()
    if len(twice):
        raise DataUnavailableError(
            f"« {path.name} » dessine deux fois {whole(len(twice))} communes, dont {twice[0]} : ne "
            "gardez qu’une édition et qu’une projection de chaque territoire"
        )
    drawn_once: pd.Series = together.sort_index()
    return drawn_once


def united(shapes: pd.Series) -> pd.Series:
    """Return one polygon a code, those of a repeated code put together."""
    if shapes.index.is_unique:
        return shapes
    groups = shapes.groupby(level=0)
    together = {code: shapely.union_all(group.to_numpy(dtype=object)) for code, group in groups}
    return pd.Series(together, dtype=object)


def _require(path: Path) -> None:
    if not path.exists():
        raise DataUnavailableError(f"contours introuvables : « {path} » n’existe pas")


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """Yield where to read: the path itself, or what its archive holds."""
    if path.suffix.lower() != ".zip":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="zones-blanches-") as name:
        unpack(path, Path(name))
        yield Path(name)


def _layer(layer: ContourLayer) -> pd.Series:
    """Return the polygons of one layer by code."""
    frame = _frame(layer)
    name = layer.name or layer.path.name
    column = code_column(frame.columns)
    if not column:
        shown = ", ".join(map(str, frame.columns[:12]))
        raise DataUnavailableError(
            f"couche « {name} » sans colonne de codes : {', '.join(CODE_COLUMNS)} attendu, dans "
            f"n’importe quelle casse ; colonnes trouvées : {shown}"
        )
    codes = frame[column].astype("string").str.strip()
    shapes = _polygons(_to_wgs84(frame, name))
    drawn = pd.Series(shapes, index=pd.Index(codes, dtype=object), dtype=object)
    named = drawn.index.notna() & (drawn.index != "")
    return united(drawn[drawn.notna().to_numpy() & named])


def _frame(layer: ContourLayer) -> gpd.GeoDataFrame:
    try:
        if layer.path.suffix.lower() in PARQUET:
            return gpd.read_parquet(layer.path)
        return gpd.read_file(layer.path, layer=layer.name, engine="pyogrio")
    except _UNREADABLE as error:
        raise DataUnavailableError(
            f"contours « {layer.path.name} » illisibles ({error}) ; téléchargez-les de nouveau"
        ) from error


def _to_wgs84(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    try:
        require_crs(frame)
    except (CrsError, AttributeError) as error:
        raise DataUnavailableError(f"couche « {name} » : {error}") from error
    # Vertex by vertex: points added along edges would not be the same on both sides of a border.
    return frame.to_crs(WGS84_EPSG)


def _polygons(frame: gpd.GeoDataFrame) -> list[shapely.Geometry | None]:
    """Return flat, valid surfaces; None where there is none."""
    flat = shapely.force_2d(frame.geometry.to_numpy(dtype=object))
    valid = shapely.make_valid(flat, method="structure", keep_collapsed=False)
    kept = np.isin(shapely.get_type_id(valid), _SURFACES) & ~shapely.is_empty(valid)
    return [shape if keep else None for shape, keep in zip(valid, kept, strict=True)]

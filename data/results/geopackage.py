"""A GeoPackage with its QGIS styles inside, the same bytes for the same layers.

GDAL writes it. What varies from one run to the next is fixed: dates are those of no clock, rows
come in the order given. The bytes still follow the versions of GDAL and SQLite, which the
pinned `pyogrio` carries.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyogrio
import shapely

from geo.crs import WGS84_EPSG
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from data.results.tables import Table

GEOMETRY = "geom"
NO_CLOCK = "1970-01-01T00:00:00.000Z"
"""The only date that the file holds."""

_GDAL_OPTIONS = {
    "OGR_CURRENT_DATE": NO_CLOCK,
    # The file is a draft in a scratch folder: a crash loses nothing that exists.
    "OGR_SQLITE_SYNCHRONOUS": "OFF",
}
# Read without a remark by QGIS and GDAL of several years ago.
_VERSION = {"VERSION": "1.2"}


@dataclass(frozen=True)
class Layer:
    """One table of the file.

    Attributes
    ----------
    about
        What it holds, in French.
    shapes
        WGS84 polygons or points of the rows, None where unknown; None for a table without
        geometry.
    style
        QML of its default style; a layer without geometry has none.
    """

    name: str
    about: str
    table: Table
    shapes: NDArray[np.object_] | None = None
    geometry_type: Literal["MultiPolygon", "Point"] = "MultiPolygon"
    style: str = ""


def geopackage(layers: Sequence[Layer], metadata: Mapping[str, str]) -> bytes:
    """Return the GeoPackage of these layers, in this order, then their styles.

    Parameters
    ----------
    metadata
        Said of the whole file, by name.

    Raises
    ------
    OutputError
        When the scratch folder of the machine refuses the draft.
    """
    try:
        with tempfile.TemporaryDirectory() as scratch, _gdal_options():
            path = Path(scratch) / "etude.gpkg"
            for layer in layers:
                _write(path, layer, metadata)
            pyogrio.write_arrow(
                _styles(layers),
                path,
                layer="layer_styles",
                driver="GPKG",
                layer_options={"FID": "id"},
            )
            return path.read_bytes()
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise OutputError(
            f"écriture impossible dans le dossier temporaire « {tempfile.gettempdir()} » : y "
            "libérer de la place, ou en choisir un autre par la variable TMPDIR"
        ) from error


@contextmanager
def _gdal_options() -> Iterator[None]:
    """Set GDAL's options for the time of the writing; they belong to the whole process."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _GDAL_OPTIONS}
    pyogrio.set_gdal_config_options(_GDAL_OPTIONS)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _write(path: Path, layer: Layer, metadata: Mapping[str, str]) -> None:
    table, geometry = _typed(layer.table), {}
    if layer.shapes is not None:
        table = table.append_column(GEOMETRY, _wkb(layer.shapes))
        geometry = {
            "geometry_name": GEOMETRY,
            "geometry_type": layer.geometry_type,
            "crs": f"EPSG:{WGS84_EPSG}",
        }
    pyogrio.write_arrow(
        table,
        path,
        layer=layer.name,
        driver="GPKG",
        dataset_options=_VERSION,
        dataset_metadata=dict(metadata),
        layer_options={"DESCRIPTION": layer.about},
        **geometry,
    )


def _typed(table: Table) -> pa.Table:
    """Return a table with its numbers as numbers and what is empty as unknown."""
    types = dict.fromkeys(table.whole, pa.int64()) | dict.fromkeys(table.decimal, pa.float64())
    return pa.table(
        {
            name: pa.array([text or None for text in cells], pa.string()).cast(
                types.get(name, pa.string())
            )
            for name, cells in table.columns.items()
        }
    )


def _wkb(shapes: NDArray[np.object_]) -> pa.Array:
    """Return geometries as WKB, every polygon as a multipolygon: a layer has one type."""
    whole = shapes.copy()
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    whole[single] = shapely.multipolygons(shapes[single].reshape(-1, 1))
    return pa.array(shapely.to_wkb(whole, byte_order=1), pa.binary())


def _styles(layers: Sequence[Layer]) -> pa.Table:
    """Return the table in which QGIS looks for the styles of a GeoPackage."""
    styled = [layer for layer in layers if layer.style]
    texts = {
        "f_table_catalog": [""] * len(styled),
        "f_table_schema": [""] * len(styled),
        "f_table_name": [layer.name for layer in styled],
        "f_geometry_column": [GEOMETRY] * len(styled),
        "styleName": [layer.name for layer in styled],
        "styleQML": [layer.style for layer in styled],
        "styleSLD": [""] * len(styled),
    }
    more_texts = {
        "description": [layer.about for layer in styled],
        "owner": [""] * len(styled),
        "ui": [None] * len(styled),
    }
    return pa.table(
        {
            "id": pa.array(range(1, len(styled) + 1), pa.int64()),
            **{name: pa.array(cells, pa.string()) for name, cells in texts.items()},
            "useAsDefault": pa.array([True] * len(styled), pa.bool_()),
            **{name: pa.array(cells, pa.string()) for name, cells in more_texts.items()},
            "update_time": pa.array([0] * len(styled), pa.timestamp("ms", "UTC")),
        }
    )

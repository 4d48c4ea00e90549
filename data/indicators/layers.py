"""Polygons that public bodies publish, with all their attributes, in WGS84 and valid.

Unlike the perimeters of a study (`data.drawings`), nobody here can be asked to draw again: what
is invalid is repaired, and counted.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from data.drawings.archives import list_members, read_members
from data.drawings.repair import mend
from data.indicators.public_tables import content_of, entry_of, fault, listed, plain_name, warning
from data.study.faults import Findings, count
from geo.crs import require_crs, to_wgs84
from geo.cutting import polygons
from geo.errors import CrsError

if TYPE_CHECKING:
    from pathlib import Path
    from zipfile import ZipInfo

    from numpy.typing import NDArray

    from coverage.model import InputFile

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".zip")
_IN_ARCHIVE = (".geojson", ".gpkg", ".json", ".shp")
"""Formats of a layer inside an archive, the preferred one first."""

_WGS84 = "wgs84"
_ONE_LAYER = "gardez dans l’archive une seule couche : GeoJSON, GeoPackage ou Shapefile"


@dataclass(frozen=True)
class PublicLayer:
    """A layer of polygons.

    Attributes
    ----------
    attributes
        By folded name (`plain_name`); row n of the file at position n − 1.
    shapes
        WGS84, valid polygons, in the order of `attributes`; None when there is none.
    """

    file: str
    attributes: pd.DataFrame
    shapes: NDArray[np.object_]
    entry: InputFile


def read_layer(path: Path) -> tuple[PublicLayer | None, Findings]:
    """Return the polygons of a public file, None with a fault when it cannot be read."""
    content, findings = content_of(path)
    if content is None:
        return None, findings
    source, findings = _source(path, content)
    if source is None:
        return None, findings
    try:
        frame = gpd.read_file(source)
        crs = require_crs(frame)
        drawn = frame.geometry.to_numpy(dtype=object)
        shapes, repaired = _valid(drawn)
        placed = to_wgs84(shapes, crs)
        placed, _ = _valid(placed)
    except CrsError as error:
        return None, fault(path, str(error))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, IndexError):
        return None, fault(path, "fichier coupé ou abîmé : la couche ne se lit pas")
    entry = entry_of(path, len(frame), content)
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    attributes.columns = [plain_name(str(name)) for name in attributes.columns]
    return PublicLayer(entry.name, attributes, placed, entry), findings + _told(
        entry.name, shapes, repaired
    )


def layer_fields(path: Path) -> tuple[str, ...]:
    """Return the folded names of the attributes of a layer, none when it cannot be read."""
    content, _ = content_of(path)
    if content is None:
        return ()
    source, _ = _source(path, content)
    try:
        fields = () if source is None else gpd.read_file(source, rows=1).columns
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, IndexError):
        return ()
    return tuple(plain_name(str(name)) for name in fields)


def _source(path: Path, content: bytes) -> tuple[str | io.BytesIO | None, Findings]:
    """Return what holds the layer: the file, or the right member of an archive."""
    if path.suffix.lower() != ".zip":
        return str(path), Findings()
    members, findings = list_members(content, path.name)
    if findings.faults:
        return None, findings
    member = _national(members)
    if member is None:
        names = listed(each.filename for each in members)
        return None, fault(
            path, f"archive dont aucune couche n’est à choisir : {names}", _ONE_LAYER
        )
    if member.filename.lower().endswith(".shp"):
        return f"/vsizip/{path}/{member.filename}", Findings()
    contents, findings = read_members(content, [member], path.name)
    return (io.BytesIO(contents[0]) if contents else None), findings


def _national(members: tuple[ZipInfo, ...]) -> ZipInfo | None:
    """Return the one layer of an archive, or the one in WGS84: it holds the whole country."""
    found = [each for each in members if each.filename.lower().endswith(_IN_ARCHIVE)]
    if len(found) > 1:
        found = [each for each in found if _WGS84 in each.filename.lower()]
    found.sort(key=lambda each: _IN_ARCHIVE.index("." + each.filename.lower().rpartition(".")[2]))
    return found[0] if found else None


def _valid(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], int]:
    """Return valid polygons, and how many were not; None where there is no polygon."""
    kept = np.full(len(shapes), None, dtype=object)
    given = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    surfaces = polygons(shapely.force_2d(shapes[given]))
    given, surfaces = given[~shapely.is_empty(surfaces)], surfaces[~shapely.is_empty(surfaces)]
    invalid = int((~shapely.is_valid(surfaces)).sum())
    mended = mend(surfaces)
    kept[given] = mended.shapes
    for at in mended.refused:
        rebuilt = polygons(np.array([shapely.make_valid(surfaces[at])], dtype=object))[0]
        kept[given[at]] = None if rebuilt.is_empty else rebuilt
    return kept, invalid


def _told(file: str, shapes: NDArray[np.object_], repaired: int) -> Findings:
    findings = Findings()
    if repaired:
        found = count(repaired, "polygone invalide réparé", "polygones invalides réparés")
        findings += warning(
            file, "geometry", f"{found} (contours qui se recoupent)", "rien à faire"
        )
    missing = int(shapely.is_missing(shapes).sum())
    if missing:
        found = count(missing, "élément")
        findings += warning(file, "geometry", f"{found} sans surface, non employé", "rien à faire")
    return findings

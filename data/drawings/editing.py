"""Drawn perimeters one by one, and the files of a study with one added, changed or taken away.

A GeoJSON in WGS84 is changed in place: what does not change keeps its bytes. Any other layer is
written anew as GeoJSON, whole: each surface as the study reads it, each attribute, known or not.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from data.drawings.files import read_layer
from data.drawings.geometry import place_shapes
from data.drawings.layer import KNOWN, PERIMETERS, cell_text
from data.drawings.sources import find_source
from data.drawings.splice import splice
from data.study.faults import Findings, quoted
from data.study.folder import SHAPEFILE_PARTS
from data.study.tables import PERIMETRES
from geo.crs import is_wgs84
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from data.drawings.layer import Layer
    from data.drawings.sources import Source
    from data.drawings.splice import Spliced

GEOJSON = "geojson"
NEW_FILE = f"{PERIMETRES.name}.{GEOJSON}"
"""Where the first drawing goes; `_SPARE` when that name is already another thing's."""

_SPARE = f"{PERIMETRES.name}.dessins.{GEOJSON}"
_IN_QGIS = "corriger ce fichier dans QGIS, puis le déposer"


@dataclass(frozen=True, eq=False)
class DrawnFile:
    """A file of drawn perimeters.

    Attributes
    ----------
    paths
        The files that go with it: several for a shapefile.
    layer
        With every attribute, known or not; None when it cannot be read.
    placed
        Its shapes in WGS84 as the study reads them, None where refused, shape (features,).
    text
        Of a GeoJSON, None for another format.
    faults
        What keeps it from being read, or written anew.
    in_place
        Whether its text is changed, and not written anew.
    """

    name: str
    paths: tuple[str, ...]
    layer: Layer | None
    placed: NDArray[np.object_]
    text: Spliced | None
    faults: tuple[Notice, ...]
    in_place: bool = False


@dataclass(frozen=True, eq=False)
class Drawing:
    """A drawn perimeter: the feature `at` (from 0) of its file.

    Attributes
    ----------
    texts
        Known attribute → text, empty when there is none.
    shape
        In WGS84: as drawn where it is changed in place, else as read; None when unreadable.
    """

    file: DrawnFile
    at: int
    texts: Mapping[str, str]
    shape: shapely.Geometry | None

    @property
    def tag(self) -> str:
        """What tells it from any other drawing: of its attributes and its points."""
        told = json.dumps([dict(self.texts), self.file.name, self.at]).encode()
        points = b"" if self.shape is None else shapely.to_wkb(self.shape)
        return sha256(told + points).hexdigest()[:24]


@dataclass(frozen=True)
class Changed:
    """What a change writes.

    Attributes
    ----------
    files
        Path → content.
    removed
        Paths that go.
    converted
        Name of the file that was written anew under another format, empty when none was.
    """

    files: Mapping[str, bytes]
    removed: tuple[str, ...] = ()
    converted: str = ""


def drawn_files(paths: Sequence[Path]) -> tuple[DrawnFile, ...]:
    """Return what files of drawings hold; one that cannot be read comes with its faults."""
    return tuple(_drawn_file(path) for path in paths)


def drawings_of(files: Iterable[DrawnFile]) -> tuple[Drawing, ...]:
    """Return every drawing, file by file, in their order there."""
    return tuple(_drawing(file, at) for file in files for at in range(len(file.placed)))


def with_added(
    files: Sequence[DrawnFile], texts: Mapping[str, str], geometry: Mapping[str, Any]
) -> Changed:
    """Return what adds a drawing: to the first file that is changed in place, else to a new one."""
    for file in files:
        if file.text is not None and file.in_place:
            return Changed({file.name: file.text.added(_feature(_named(file, texts), geometry))})
    feature = _feature(dict(texts), geometry)
    taken = {path.lower() for file in files for path in file.paths}
    return Changed({_SPARE if NEW_FILE in taken else NEW_FILE: _collection([feature])})


def with_changed(
    drawing: Drawing, texts: Mapping[str, str], geometry: Mapping[str, Any] | None
) -> Changed:
    """Return what changes a drawing.

    Parameters
    ----------
    geometry
        None when it stays as it is, to the last byte.

    Raises
    ------
    InputErrors
        When its file cannot be written anew with nothing lost.
    """
    name, text, changed = _in_geojson(drawing.file)
    feature = json.loads(text.feature(drawing.at))
    properties = (feature.get("properties") or {}) | _named(drawing.file, texts)
    if geometry is not None:
        feature.pop("bbox", None)
        feature["geometry"] = dict(geometry)
    written = text.replaced(drawing.at, _dumped(feature | {"properties": properties}))
    return replace(changed, files={name: written})


def without(drawing: Drawing) -> Changed:
    """Return what takes a drawing away; its file goes with the last one.

    Raises
    ------
    InputErrors
        As `with_changed`.
    """
    if len(drawing.file.placed) == 1:
        return Changed({}, drawing.file.paths)
    name, text, changed = _in_geojson(drawing.file)
    return replace(changed, files={name: text.without(drawing.at)})


def _named(file: DrawnFile, texts: Mapping[str, str]) -> dict[str, str]:
    """Return attributes under the names that their file gives them, whatever their case."""
    names = () if file.layer is None else file.layer.names
    own = {name.strip().lower(): name for name in names}
    return {own.get(name, name): text for name, text in texts.items()}


def _drawn_file(path: Path) -> DrawnFile:
    source, _, findings = find_source(path)
    name, paths = path.name, _paths(path)
    layer = None
    if source is not None:
        layer, found = _whole_layer(source, name)
        findings += found
    if source is None or layer is None:
        return DrawnFile(name, paths, None, np.empty(0, object), None, findings.faults)
    placed, found = place_shapes(layer, name)
    text = splice(*source.parts.values()) if source.format == GEOJSON else None
    in_place = path.suffix.lower() != ".zip" and layer.crs is not None and is_wgs84(layer.crs)
    faults = (findings + found).faults
    return DrawnFile(name, paths, layer, placed, text, faults, text is not None and in_place)


def _whole_layer(source: Source, name: str) -> tuple[Layer | None, Findings]:
    """Return a layer with all its attributes: readers take those that they are asked for."""
    layer, findings = read_layer(source, name)
    if layer is None:
        return None, findings
    every = tuple(dict.fromkeys(each.strip().lower() for each in (*layer.names, *KNOWN)))
    return read_layer(source, name, replace(PERIMETERS, columns=every))


def _paths(path: Path) -> tuple[str, ...]:
    if path.suffix.lower() != ".shp":
        return (path.name,)
    beside = {f"{path.stem}.{part}".lower() for part in SHAPEFILE_PARTS}
    parts = [each.name for each in path.parent.iterdir() if each.name.lower() in beside]
    return (path.name, *sorted(parts))


def _drawing(file: DrawnFile, at: int) -> Drawing:
    layer = file.layer
    assert layer is not None  # noqa: S101 - a file without layer has no feature
    texts = dict.fromkeys(KNOWN, "")
    for name, values in layer.attributes.items():
        known, text = name.strip().lower(), cell_text(values[at])
        if known in texts and isinstance(text, str):
            texts[known] = text.strip()
    shape = layer.shapes[at] if file.in_place else file.placed[at]
    return Drawing(file, at, texts, shape)


def _in_geojson(file: DrawnFile) -> tuple[str, Spliced, Changed]:
    """Return a file as a GeoJSON in WGS84: its name, its text, and what else its writing does."""
    if file.text is not None and file.in_place:
        return file.name, file.text, Changed({})
    if file.layer is None or file.faults:
        raise InputErrors([_not_rewritten(file, fault.message) for fault in file.faults])
    features = [_rewritten(file, file.layer, at) for at in range(len(file.placed))]
    extension = file.name.rpartition(".")[2].lower()
    name = file.name if extension == GEOJSON else f"{file.name}.{GEOJSON}"
    gone = tuple(path for path in file.paths if path != name)
    return name, splice(_collection(features)), Changed({}, gone, file.name)


def _rewritten(file: DrawnFile, layer: Layer, at: int) -> str:
    """Return a feature as text, its surface as the study reads it."""
    geometry = shapely.geometry.mapping(file.placed[at])
    if file.text is not None:
        return _dumped(json.loads(file.text.feature(at)) | {"geometry": geometry})
    properties = {name: _plain(values[at]) for name, values in layer.attributes.items()}
    lost = [name for name, value in properties.items() if isinstance(value, _Lost)]
    if lost:
        message = f"élément {at + 1}, valeur de {quoted(lost[0])} qu’un GeoJSON n’écrit pas"
        raise InputErrors([_not_rewritten(file, message)])
    return _feature(properties, geometry)


def _not_rewritten(file: DrawnFile, why: str) -> Notice:
    message = f"couche qui ne peut pas être récrite en GeoJSON : {why}"
    return Notice(file.name, 0, "", message, _IN_QGIS)


class _Lost:
    """Stands for a value that JSON does not write."""


def _plain(value: object) -> object:
    """Return an attribute as JSON writes it: a number stays exact, or becomes its text."""
    if isinstance(value, Decimal):
        number = int(value) if value == value.to_integral_value() else float(value)
        return number if Decimal(repr(number)) == value else str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else _Lost()
    known = value is None or isinstance(value, (str, bool, int, float, list, dict))
    return value if known else _Lost()


def _feature(properties: Mapping[str, Any], geometry: Mapping[str, Any]) -> str:
    content = {"type": "Feature", "properties": dict(properties), "geometry": dict(geometry)}
    return _dumped(content)


def _dumped(feature: Mapping[str, Any]) -> str:
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))


def _collection(features: Sequence[str]) -> bytes:
    listed = ",\n".join(features)
    return f'{{"type":"FeatureCollection","features":[\n{listed}\n]}}\n'.encode()

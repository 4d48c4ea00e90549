"""Drawn perimeters and drawn projects of several dossiers, each written as one GeoJSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import orjson
import pandas as pd
import shapely

from data.consolidate.model import Part, Told
from data.study.faults import count
from data.study.sources_tables import PROJETS, PROJETS_DESSINES
from data.study.tables import DESSINS, PERIMETRES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

    from data.consolidate.identifiers import Identifiers
    from data.consolidate.model import Dossier, Outcome

PERIMETERS_FILE = f"{PERIMETRES.name}.geojson"
PROJECTS_FILE = f"{PROJETS.name}.geojson"

_Feature = tuple[tuple[str, ...], bytes]
"""Texts of the properties, and the geometry as WKB, normalised so that alike ones are equal."""

_Filed = dict[str, list[tuple[_Feature, bytes]]]
"""Dossier → its features, each with its geometry as drawn."""


@dataclass(frozen=True)
class Drawn:
    """One file of drawings.

    Attributes
    ----------
    content
        GeoJSON, None when nothing is drawn.
    balance
        Dossier → how many features of each outcome.
    """

    content: bytes | None
    balance: Mapping[str, Counter[Outcome]]
    part: Part


def joined_perimeters(dossiers: Sequence[Dossier], identifiers: Identifiers) -> Drawn:
    """Return the drawn perimeters of all dossiers, alike ones once, ordered by content."""
    columns = [column.name for column in DESSINS.columns]
    filed: _Filed = {}
    for each in dossiers:
        for table in each.drawn:
            frame = table.typed.frame
            frame = frame.assign(structure_id=_final(frame["structure_id"], each, identifiers))
            filed.setdefault(each.label, []).extend(_features(frame, table.shapes, columns))
    return _joined(filed, columns, "perimetres (dessins)")


def joined_projects(dossiers: Sequence[Dossier], identifiers: Identifiers) -> Drawn:
    """Return the drawn projects of all dossiers, alike ones once, ordered by content."""
    columns = [column.name for column in PROJETS_DESSINES.columns]
    filed: _Filed = {}
    for each in dossiers:
        if each.projects is not None:
            frame: gpd.GeoDataFrame = each.projects
            names = [identifiers.of(each.label, "projet_id", str(t)) for t in frame["projet_id"]]
            table = pd.DataFrame(frame.drop(columns="geometry")).assign(projet_id=names)
            filed[each.label] = _features(table, frame.geometry.to_numpy(), columns)
    return _joined(filed, columns, "grands_projets (dessins)")


def _final(names: pd.Series, dossier: Dossier, identifiers: Identifiers) -> list[str]:
    return [identifiers.of(dossier.label, "structure_id", str(name)) for name in names]


def _features(
    frame: pd.DataFrame, shapes: NDArray[np.object_], columns: Sequence[str]
) -> list[tuple[_Feature, bytes]]:
    texts = zip(*([_text(value) for value in frame[name]] for name in columns), strict=True)
    alike = shapely.to_wkb(shapely.normalize(shapes)).tolist()
    drawn = shapely.to_wkb(shapes).tolist()
    return list(zip(zip(texts, alike, strict=True), drawn, strict=True))


def _text(value: object) -> str:
    """Return a typed value as the reader reads it back."""
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value)


def _joined(filed: _Filed, columns: Sequence[str], table: str) -> Drawn:
    kept: dict[_Feature, list[bytes]] = {}
    holders: defaultdict[_Feature, list[str]] = defaultdict(list)
    balance: dict[str, Counter[Outcome]] = {}
    for label, features in filed.items():
        own: defaultdict[_Feature, list[bytes]] = defaultdict(list)
        for feature, drawing in features:
            own[feature].append(drawing)
        balance[label] = Counter({"lues": len(features)})
        for feature, drawings in own.items():
            holders[feature].append(label)
            before = kept.get(feature, [])
            kept[feature] = before + drawings[len(before) :]
            balance[label]["gardees"] += len(kept[feature]) - len(before)
        balance[label]["doublons"] = len(features) - balance[label]["gardees"]
    shared = Counter(tuple(sorted(labels)) for labels in holders.values() if len(labels) > 1)
    told = [
        Told("doublon", table, "", labels, _same(number), "gardés une fois")
        for labels, number in shared.items()
    ]
    written = [(feature[0], drawing) for feature in sorted(kept) for drawing in kept[feature]]
    return Drawn(_geojson(written, columns) if written else None, balance, Part(tuple(told)))


def _same(number: int) -> str:
    return f"{count(number, 'dessin identique', 'dessins identiques')}, au point près"


def _geojson(features: Sequence[tuple[tuple[str, ...], bytes]], columns: Sequence[str]) -> bytes:
    listed = [
        {
            "type": "Feature",
            "properties": {name: text for name, text in zip(columns, texts, strict=True) if text},
            "geometry": shapely.geometry.mapping(shapely.from_wkb(drawing)),
        }
        for texts, drawing in features
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": listed}) + b"\n"

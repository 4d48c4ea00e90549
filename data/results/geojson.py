"""GeoJSON as RFC 7946 wants it: WGS84, right-hand rule, at most six decimals, bbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

DECIMALS = 6


def geometries_json(
    geometries: Collection[Any] | NDArray[np.object_],
) -> list[tuple[bytes, list[float] | None]]:
    """Return each geometry as GeoJSON text with its bounds (west, south, east, north).

    Parameters
    ----------
    geometries
        In WGS84; None is written `null`, without bounds.
    """
    shapes = np.fromiter(geometries, dtype=object, count=len(geometries))
    snapped = shapely.orient_polygons(shapely.set_precision(shapes, 10**-DECIMALS))
    rounded = shapely.transform(snapped, lambda xy: np.round(xy, DECIMALS))
    bounds = shapely.bounds(rounded)
    return [
        (b"null", None) if shape is None else (text.encode(), box.tolist())
        for shape, text, box in zip(
            rounded, shapely.to_geojson(rounded).tolist(), bounds, strict=True
        )
    ]


def feature_collection(
    ids: Sequence[str],
    geometries: Sequence[tuple[bytes, list[float] | None]],
    properties: Sequence[Mapping[str, Any]],
    provenance: Mapping[str, Any],
) -> bytes:
    """Return a FeatureCollection in the order given, with `bbox` and `provenance`."""
    features = [
        orjson.dumps(
            {
                "type": "Feature",
                "id": name,
                **({"bbox": box} if box else {}),
                "geometry": orjson.Fragment(shape),
                "properties": record,
            }
        )
        for name, (shape, box), record in zip(ids, geometries, properties, strict=True)
    ]
    boxes = np.array([box for _, box in geometries if box])
    whole = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)] if len(boxes) else None
    head = {
        "type": "FeatureCollection",
        **({"bbox": [float(x) for x in whole]} if whole else {}),
        "provenance": provenance,
    }
    return orjson.dumps(head)[:-1] + b',"features":[\n' + b",\n".join(features) + b"\n]}\n"

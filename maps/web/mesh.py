"""The base of the map: every commune of the country, its borders shared, written once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from maps.encoding import encode_shapes, line_texts, number_letters
from maps.web.topology import topology

if TYPE_CHECKING:
    from collections.abc import Collection

    from geo.territory import Territory
    from maps.web.topology import Topology

_CODE_VERSION = "1"
"""To be raised when the same territory would give another text."""

LEVELS = ("epci", "ept", "arrondissement", "departement", "region")
"""Levels whose codes are named beside the communes."""


def mesh_digest(territory: Territory) -> str:
    """Return what names the mesh of a territory in addresses: it changes when the mesh may."""
    units = territory.units
    digest = hashlib.sha256(_CODE_VERSION.encode())
    for column in (units.index, *(units[name] for name in ("name", "departement", "region"))):
        digest.update("\n".join(column).encode())
    digest.update(np.asarray(units["population"], dtype="<i8").tobytes())
    for geometries in (units.geometry, territory.holes.geometry):
        shapes = shapely.to_wkb(np.asarray(geometries.values, dtype=object))
        digest.update(b"".join(shape or b"-" for shape in shapes))
    digest.update(orjson.dumps([territory.names[level] for level in LEVELS]))
    return digest.hexdigest()[:24]


def mesh_json(territory: Territory, regions: Collection[str] = ()) -> bytes:
    """Return the mesh as JSON, the same for the same territory.

    `lignes` are the shared borders in the manner of `maps.encoding`, one after the other.
    `contours` says which ones make each commune: communes apart by semicolons, rings by commas;
    0 is the next line not met yet, else twice how far back from it plus one, plus one if
    backwards. A commune without geometry has an empty text there.

    Parameters
    ----------
    regions
        Those whose communes it has; none: all of them.
    """
    units, holes = territory.units, territory.holes
    if regions:
        units = units[units["region"].isin(regions)]
        holes = holes[holes["region"].isin(regions)]
    found = topology(np.asarray(units.geometry.values, dtype=object))
    content: dict[str, Any] = {
        "millesime": territory.vintage,
        "code": " ".join(units.index),
        "nom": units["name"].tolist(),
        "departement": units["departement"].tolist(),
        "region": units["region"].tolist(),
        "population": [None if n < 0 else n for n in units["population"].tolist()],
        "noms": {level: territory.names[level] for level in LEVELS},
        "lignes": _lines(found),
        "contours": _rings(found, len(units)),
        "lacunes": [text for text in encode_shapes(holes.geometry.to_numpy()) if text],
    }
    return orjson.dumps(content)


def _lines(found: Topology) -> str:
    alone = np.zeros(len(found.line_of), dtype=np.intp)
    return ",".join(text for _, text in line_texts(found.points, found.line_of, alone))


def _rings(found: Topology, units: int) -> str:
    """Return the lines of each ring of each unit."""
    met = np.maximum.accumulate(found.arc) + 1
    new = np.diff(met, prepend=0) > 0
    numbers = np.where(new, 0, ((met - 1 - found.arc) << 1 | found.reverse) + 1)
    letters, used = number_letters(numbers)
    ends = np.cumsum(used)
    begins = np.flatnonzero(np.append(True, found.ring_of[1:] != found.ring_of[:-1])[: len(ends)])
    rings: list[list[str]] = [[] for _ in range(units)]
    spans = zip(
        found.shape_of[begins].tolist(),
        (ends - used)[begins].tolist(),
        np.append(ends[begins[1:] - 1], ends[-1:]).tolist(),
        strict=True,
    )
    for unit, start, stop in spans:
        rings[unit].append(letters[start:stop])
    return ";".join(",".join(own) for own in rings)

"""Where popups stand: a point inside each commune, and inside what each zone holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from maps.encoding import SCALE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from maps.scope import Scope

Anchors = list[list[int] | None]
"""Longitude and latitude in ten-thousandths of a degree, None where nothing is drawn."""


def commune_anchors(scope: Scope, texts: list[str]) -> Anchors:
    """Return a point inside each commune.

    Parameters
    ----------
    texts
        Shapes of the communes, empty for those that vanish; empty when none is drawn alone.
    """
    anchors = _steps(scope.shapes)
    drawn = [bool(text) for text in texts] or [True] * len(anchors)
    return [anchor if here else None for anchor, here in zip(anchors, drawn, strict=True)]


def zone_anchors(scope: Scope, communes: Anchors) -> Anchors:
    """Return a point inside the most populated place of each zone, a commune or a part of one."""
    atoms = scope.atoms
    here = np.array([anchor is not None for anchor in communes], dtype=bool)[atoms.commune]
    population = scope.communes["population"].to_numpy(dtype=float, na_value=0)[atoms.commune]
    order = np.lexsort((population * atoms.share, here))
    best = np.full(len(scope.zones), -1, dtype=np.intp)
    best[atoms.zone[order]] = order
    anchors = [communes[atoms.commune[atom]] if atom >= 0 else None for atom in best.tolist()]
    parts = np.flatnonzero((best >= 0) & (atoms.cut & here)[best])
    inside = _steps(scope.coverage.atoms.shapes[atoms.rows[best[parts]]])
    for zone, anchor in zip(parts.tolist(), inside, strict=True):
        anchors[zone] = anchor
    return anchors


def _steps(shapes: NDArray[np.object_]) -> Anchors:
    points = shapely.point_on_surface(shapes)
    xy = np.stack([shapely.get_x(points), shapely.get_y(points)], axis=1)
    known = ~np.isnan(xy).any(axis=1)
    steps = np.rint(np.nan_to_num(xy) * SCALE).astype(np.int64).tolist()
    return [step if here else None for step, here in zip(steps, known, strict=True)]

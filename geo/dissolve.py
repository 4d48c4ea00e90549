"""Dissolve and simplify the polygons of a clean coverage, shared borders kept shared.

Parts of cut polygons do not share the vertices of their neighbours where a cut ends on a common
border: they are united by overlay, and the seams this leaves are closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.threads import in_threads, workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


SEAM_DEG = 1e-5
"""A ring thinner than this (a metre) is a seam between two parts, not a hole."""


def dissolve(
    geometries: NDArray[np.object_],
    labels: NDArray[Any] | Sequence[Any],
    *,
    cut: NDArray[np.bool_] | None = None,
) -> dict[Any, Any]:
    """Return the union of the polygons of each label, by sorted label.

    Parameters
    ----------
    geometries
        Polygons of a clean coverage, None where unknown, shape (units,); in WGS84 when some
        are cut, else in any CRS.
    labels
        Label of each polygon, sortable, shape (units,).
    cut
        Which ones are parts of a polygon of that coverage; none by default.

    Returns
    -------
    dict
        Label → polygon or multipolygon; None when no unit of the label has a geometry.

    Examples
    --------
    >>> row = np.array([shapely.box(x, 0, x + 1, 1) for x in range(3)] + [None])
    >>> {label: shape and shape.area for label, shape in dissolve(row, [0, 0, 1, 2]).items()}
    {0: 2.0, 1: 1.0, 2: None}
    """
    values, group = np.unique(np.asarray(labels), return_inverse=True)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(values)))[:-1]
    rows = np.split(order, ends) if len(values) else []
    unions = np.full(len(values), None, dtype=object)
    if cut is None:
        unions[:] = [_union(geometries[own]) for own in rows]
    else:
        # The largest first, dealt like cards: every thread gets about as much.
        dealt = np.argsort([-len(own) for own in rows], kind="stable")
        hands = [dealt[turn :: workers()] for turn in range(workers())]
        for hand, found in zip(
            hands,
            in_threads(
                lambda hand: [_patched(geometries[rows[k]], cut[rows[k]]) for k in hand], hands
            ),
            strict=True,
        ):
            unions[hand] = found
    return dict(zip(values.tolist(), unions.tolist(), strict=True))


def simplify(geometries: NDArray[np.object_], *, tolerance: float) -> NDArray[np.object_]:
    """Return lighter polygons of a clean coverage; common borders stay common, None stays None.

    Parameters
    ----------
    geometries
        Polygons, None where unknown, shape (units,).
    tolerance
        In the units of the coordinates: corners whose triangle has an area under its square go.
    """
    known = ~shapely.is_missing(geometries)
    lighter = np.full(len(geometries), None, dtype=object)
    if known.any():
        lighter[known] = shapely.coverage_simplify(geometries[known], tolerance)
    return lighter


def _union(shapes: NDArray[np.object_]) -> Any:  # noqa: ANN401 - shapely publishes no types
    known = shapes[~shapely.is_missing(shapes)]
    return shapely.coverage_union_all(known) if len(known) else None


def _patched(shapes: NDArray[np.object_], cut: NDArray[np.bool_]) -> Any:  # noqa: ANN401 - same
    whole = _union(shapes[~cut])
    if not cut.any():
        return whole
    patches = shapely.union_all(shapes[cut])
    return _seamless(patches if whole is None else shapely.union(whole, patches))


def _seamless(shape: Any) -> Any:  # noqa: ANN401 - same
    """Return a polygon without the thin rings that an overlay of neighbours leaves."""
    polygons = shapely.get_parts(shape)
    rings, owner = shapely.get_rings(polygons, return_index=True)
    outer = np.append(True, owner[1:] != owner[:-1])
    areas = shapely.area(shapely.polygons(rings))
    kept = outer | (2 * areas > SEAM_DEG * shapely.length(rings))
    filled = shapely.polygons(rings[kept], indices=owner[kept])
    return filled[0] if len(filled) == 1 else shapely.multipolygons(filled)

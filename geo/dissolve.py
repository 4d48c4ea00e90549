"""Dissolve and simplify the polygons of a clean coverage, shared borders kept shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def dissolve(
    geometries: NDArray[np.object_], labels: NDArray[Any] | Sequence[Any]
) -> dict[Any, Any]:
    """Return the union of the polygons of each label, by sorted label.

    Parameters
    ----------
    geometries
        Polygons of a clean coverage in any CRS, None where unknown, shape (units,).
    labels
        Label of each polygon, sortable, shape (units,).

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
    cuts = np.cumsum(np.bincount(group, minlength=len(values)))[:-1]
    parts = np.split(geometries[order], cuts) if len(values) else []
    return dict(zip(values.tolist(), map(_union, parts), strict=True))


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

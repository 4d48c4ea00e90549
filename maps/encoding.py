"""Polygons as short texts: whole ten-thousandths of a degree, differences, 64 characters.

Each number is a difference from the point before (the first from zero), folded to be positive
(zigzag) and cut in groups of five bits, lowest first, a sixth bit telling that more follow.
The alphabet needs no escape in JSON nor in HTML. Rings of a shape are joined by commas; what
is a hole follows from the even-odd rule. The page's `codec.js` reads it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SCALE = 10_000
"""Steps in a degree: about eleven metres north to south."""

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

_BYTES = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
_CHUNKS = 5
_SMALLEST_RING = 3


def encode_shapes(geometries: Sequence[object] | NDArray[np.object_]) -> list[str]:
    """Return each polygon or multipolygon as a text, empty for None and for what vanishes.

    Points shared by two shapes stay shared: both are rounded alike.

    Parameters
    ----------
    geometries
        In WGS84, shape (shapes,).

    Examples
    --------
    >>> encode_shapes([shapely.box(0, 0, 0.0002, 0.0001), None])
    ['EAACDAAB', '']
    """
    shapes = np.asarray(geometries, dtype=object)
    texts = [""] * len(shapes)
    steps, ring, shape_of = rounded_rings(shapes)
    for number, text in line_texts(steps, ring, shape_of):
        texts[number] = f"{texts[number]},{text}" if texts[number] else text
    return texts


def rounded_rings(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.intp]]:
    """Return the rings of polygons in whole steps, without their closing point.

    Returns
    -------
    steps, ring, shape_of
        Longitude and latitude of each point, shape (points, 2); its ring; its polygon.
        Rings that rounding leaves fewer than three points are not there.
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    steps = np.rint(points * SCALE).astype(np.int64)
    if len(rings):
        kept = _worth_keeping(steps, ring)
        steps, ring = steps[kept], ring[kept]
    return steps, ring, owner[part][ring]


def _worth_keeping(steps: NDArray[np.int64], ring: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Drop repeated points, the closing point, and rings with fewer than three left."""
    same_ring = np.append(ring[1:] == ring[:-1], False)
    repeated = np.append((steps[1:] == steps[:-1]).all(axis=1), False)
    kept: NDArray[np.bool_] = same_ring & ~(repeated & same_ring)
    counts = np.bincount(ring[kept], minlength=int(ring[-1]) + 1)
    kept &= counts[ring] >= _SMALLEST_RING
    return kept


def line_texts(
    steps: NDArray[np.int64], ring: NDArray[np.intp], shape_of: NDArray[np.intp]
) -> list[tuple[int, str]]:
    """Return (shape, text) of each ring or line, in order; shapes start afresh from zero."""
    if not len(steps):
        return []
    change = np.diff(steps, axis=0, prepend=0)
    first_of_shape = np.append(True, shape_of[1:] != shape_of[:-1])
    change[first_of_shape] = steps[first_of_shape]
    folded = ((change << 1) ^ (change >> 63)).ravel()
    letters, used = number_letters(folded)
    per_point = used.reshape(-1, 2).sum(axis=1)
    starts = np.flatnonzero(np.append(True, ring[1:] != ring[:-1]))
    ends = np.cumsum(np.add.reduceat(per_point, starts))
    begins = np.append(0, ends[:-1])
    owners = shape_of[starts].tolist()
    spans = zip(owners, begins.tolist(), ends.tolist(), strict=True)
    return [(owner, letters[begin:end]) for owner, begin, end in spans]


def number_letters(values: NDArray[np.int64]) -> tuple[str, NDArray[np.int64]]:
    """Return positive numbers written one after the other, and the letters each one takes."""
    chunks = (values[:, None] >> (5 * np.arange(_CHUNKS))) & 31
    used = np.maximum(1, _CHUNKS - np.argmax(chunks[:, ::-1] > 0, axis=1))
    used[values == 0] = 1
    column = np.arange(_CHUNKS)
    chunks |= np.where(column < used[:, None] - 1, 32, 0)
    return _BYTES[chunks[column < used[:, None]]].tobytes().decode(), used

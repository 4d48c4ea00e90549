"""Parts of communes as a clean coverage: every border shared, nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from maps.pieces import united
from maps.tiling import tiled


def test_neighbours_get_the_end_of_a_drawn_border() -> None:
    west, east = shapely.box(0, 0, 0.01, 0.01), shapely.box(0.01, 0, 0.02, 0.01)
    south, north = shapely.box(0, 0, 0.01, 0.004), shapely.box(0, 0.004, 0.01, 0.01)
    shapes = np.array([south, north, east, None], dtype=object)
    assert not shapely.coverage_is_valid(shapes[:3])
    found = tiled(shapes, np.array([True, True, False, False]), np.array([west], dtype=object))
    assert shapely.coverage_is_valid(found[:3])
    assert [shape.area for shape in found[:3]] == [shape.area for shape in shapes[:3]]
    assert found[3] is None


def test_ends_that_two_neighbours_computed_apart_are_made_one() -> None:
    squares = [shapely.box(x, 0, x + 0.01, 0.01) for x in (0, 0.01)]
    shapes = np.array(
        [
            part
            for x, y in ((0, 0.004), (0.01, 0.004_000_3))
            for part in (shapely.box(x, 0, x + 0.01, y), shapely.box(x, y, x + 0.01, 0.01))
        ],
        dtype=object,
    )
    found = tiled(shapes, np.ones(4, dtype=bool), np.array(squares, dtype=object))
    assert shapely.coverage_is_valid(found)
    points = {tuple(point) for point in shapely.get_coordinates(found).tolist()}
    assert len(points) == 6 + 3


def test_a_commune_parted_between_its_islands_stays_as_it_is() -> None:
    islands = np.array([shapely.box(0, 0, 0.01, 0.01), shapely.box(0.02, 0, 0.03, 0.01)])
    whole = np.array([shapely.union_all(islands)], dtype=object)
    found = tiled(islands, np.ones(2, dtype=bool), whole)
    assert shapely.equals_exact(found, islands).all()


def test_ends_at_the_corners_of_a_commune_move_to_them() -> None:
    square = shapely.box(0, 0, 0.01, 0.01)
    shapes = np.array(
        [
            shapely.Polygon([(0, 0), (0.01, 0), (0.009_999, 0.01)]),
            shapely.Polygon([(0, 0), (0.009_999, 0.01), (0, 0.01)]),
        ]
    )
    found = tiled(shapes, np.ones(2, dtype=bool), np.array([square], dtype=object))
    assert shapely.coverage_is_valid(found)
    assert sum(shape.area for shape in found) == pytest.approx(square.area, rel=1e-12)


def test_a_dense_drawn_border_does_not_end_in_one_point() -> None:
    square = shapely.box(0, 0, 0.01, 0.01)
    line = [(0.005, y) for y in np.linspace(0, 0.01, 20_001)]
    west = shapely.Polygon([(0, 0), *line, (0, 0.01)])
    east = shapely.Polygon([(0.01, 0), (0.01, 0.01), *line[::-1]])
    found = tiled(np.array([west, east]), np.ones(2, dtype=bool), np.array([square]))
    assert shapely.coverage_is_valid(found)
    assert [shape.area for shape in found] == pytest.approx([5e-5, 5e-5], rel=1e-3)


def test_a_border_that_is_not_shared_loses_no_face() -> None:
    shapes = np.array(
        [shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 1), shapely.box(1, 1, 2, 2)], dtype=object
    )
    assert united(shapes, np.zeros(3))[0.0].area == pytest.approx(4)

"""Projections, geodesic measures, shared borders, dissolve, live index."""

from __future__ import annotations

import doctest
import importlib
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.borders import shared_borders
from geo.crs import geodesic_area_km2, geodesic_length_m, legal_epsg, require_crs
from geo.dissolve import dissolve, simplify
from geo.errors import CrsError
from geo.index import LiveIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.territory import Territory

ONE_DEGREE_KM2 = 12_308.778_361_469
"""Area of the box from (0°, 0°) to (1°, 1°), whose sides are geodesics but for the north one."""


def row_of_boxes(count: int) -> NDArray[np.object_]:
    return np.array([shapely.box(x, 45, x + 1, 46) for x in range(count)], dtype=object)


@pytest.mark.parametrize("name", ["geo.crs", "geo.dissolve", "geo.index"])
def test_examples_of_the_docstrings_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("departement", "epsg"),
    [
        ("75", 2154),
        ("2B", 2154),
        ("971", 5490),
        ("972", 5490),
        ("973", 2972),
        ("974", 2975),
        ("975", 4467),
        ("976", 4471),
        ("977", 5490),
        ("978", 5490),
    ],
)
def test_legal_projection_of_each_place(departement: str, epsg: int) -> None:
    assert legal_epsg(departement) == epsg


@pytest.mark.parametrize("departement", ["987", "", "1", "69M"])
def test_legal_projection_refuses_what_is_no_departement(departement: str) -> None:
    with pytest.raises(CrsError, match="aucune projection légale"):
        legal_epsg(departement)


def test_a_frame_without_crs_is_refused() -> None:
    bare = gpd.GeoSeries([shapely.Point(2, 48)])
    with pytest.raises(CrsError, match="aucun système de coordonnées"):
        require_crs(bare)
    assert require_crs(bare.set_crs(2154)).to_epsg() == 2154


def test_area_is_geodesic_and_takes_off_holes_whatever_their_direction() -> None:
    outer = shapely.box(0, 0, 1, 1)
    inner = shapely.box(0.4, 0.4, 0.6, 0.6)
    areas = geodesic_area_km2(
        [
            outer,
            shapely.difference(outer, inner),
            shapely.Polygon(outer.exterior, [inner.exterior.reverse()]),
            shapely.MultiPolygon([outer, shapely.box(3, 0, 4, 1)]),
            inner,
            None,
            shapely.Polygon(),
            shapely.Point(2, 48),
        ]
    )
    assert areas[0] == pytest.approx(ONE_DEGREE_KM2)
    assert areas[1] == areas[2] == pytest.approx(areas[0] - areas[4])
    assert areas[3] == pytest.approx(2 * areas[0])
    assert np.isnan(areas[5])
    assert areas[6] == areas[7] == 0


def test_area_of_nothing() -> None:
    assert geodesic_area_km2([]).tolist() == []


def test_metres_are_never_taken_for_degrees() -> None:
    lambert = shapely.box(650_000, 6_860_000, 651_000, 6_861_000)
    with pytest.raises(CrsError, match="longitude"):
        geodesic_area_km2([lambert])
    with pytest.raises(CrsError, match="longitude"):
        shared_borders(np.array([lambert, shapely.box(651_000, 6_860_000, 652_000, 6_861_000)]))
    with pytest.raises(CrsError, match="longitude"):
        geodesic_length_m(np.array([[0.0, 91.0]]), np.array([[0.0, 0.0]]))


def test_neighbours_share_an_edge_not_a_point() -> None:
    left, right = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    corner, none = shapely.box(2, 1, 3, 2), None
    borders = shared_borders(np.array([corner, right, none, left], dtype=object))
    assert borders[["left", "right"]].to_numpy().tolist() == [[1, 3]]
    assert borders["length_m"].tolist() == pytest.approx([Geod(ellps="WGS84").inv(1, 0, 1, 1)[2]])


def test_an_edge_of_one_metre_is_not_enough() -> None:
    height = 0.9 / 111_000
    pair = np.array([shapely.box(0, 0, 1, height), shapely.box(1, 0, 2, height)])
    assert shared_borders(pair).empty
    assert len(shared_borders(pair, min_length_m=0.5)) == 1


@pytest.mark.parametrize("shapes", [[], [None]])
def test_borders_of_nothing(shapes: list[None]) -> None:
    assert shared_borders(np.array(shapes, dtype=object)).empty


@pytest.mark.parametrize("departement", ["2A", "93", "974"])
def test_borders_match_naive_intersections(france: Territory, departement: str) -> None:
    rows = france.resolve("departement", departement)
    inside = france.borders["left"].isin(rows) & france.borders["right"].isin(rows)
    found = {(row.left, row.right): row.length_m for row in france.borders[inside].itertuples()}
    flat = france.units.geometry.iloc[rows].to_crs(legal_epsg(departement)).to_numpy(dtype=object)
    expected = {}
    for left, right in shapely.STRtree(flat).query(flat, predicate="intersects").T.tolist():
        length = shapely.length(shapely.intersection(flat[left], flat[right]))
        if left < right and length > 1:
            expected[int(rows[left]), int(rows[right])] = length
    assert found == pytest.approx(expected, rel=0.005)


def test_dissolve_keeps_area_and_skips_what_has_no_geometry() -> None:
    shapes = np.append(row_of_boxes(4), [None, None])
    zones = dissolve(shapes, np.array(["b", "a", "a", "b", "a", "c"]))
    assert list(zones) == ["a", "b", "c"]
    assert zones["a"].equals(shapely.box(1, 45, 3, 46))
    assert zones["b"].geom_type == "MultiPolygon"
    assert zones["c"] is None


def test_dissolve_of_nothing() -> None:
    assert dissolve(np.array([], dtype=object), []) == {}


def test_simplified_neighbours_still_share_their_border() -> None:
    wave = [(1 + 0.01 * (y % 2), 45 + y / 10) for y in range(11)]
    left = shapely.Polygon([(0, 45), *wave, (0, 46)])
    right = shapely.Polygon([(2, 46), *wave[::-1], (2, 45)])
    lighter = simplify(np.array([left, None, right], dtype=object), tolerance=0.1)
    assert lighter[1] is None
    assert shapely.get_num_coordinates(lighter[0]) < shapely.get_num_coordinates(left)
    assert shapely.coverage_is_valid(lighter[[0, 2]])


def test_simplify_of_nothing() -> None:
    assert simplify(np.array([None], dtype=object), tolerance=1).tolist() == [None]


corners = st.integers(-20, 20)
boxes = st.builds(
    lambda x, y, w, h: shapely.box(x, y, x + w, y + h),
    corners,
    corners,
    st.integers(1, 8),
    st.integers(1, 8),
)
diamonds = boxes.map(lambda box: box.centroid.buffer(3, quad_segs=1))
edits = st.lists(
    st.tuples(st.booleans(), st.integers(0, 12), boxes | diamonds), min_size=1, max_size=40
)


@settings(deadline=None)
@given(
    start=st.dictionaries(st.integers(0, 12), boxes | diamonds), edits=edits, x=corners, y=corners
)
def test_live_index_equals_brute_force(
    start: dict[int, shapely.Polygon],
    edits: list[tuple[bool, int, shapely.Polygon]],
    x: int,
    y: int,
) -> None:
    held = dict(start)
    index = LiveIndex(held.items())
    for adding, number, shape in edits:
        if adding and number not in held:
            held[number] = shape
            index.insert(number, shape)
        elif not adding and number in held:
            del held[number]
            index.delete(number)
    point, frame = shapely.Point(x, y), shapely.box(x, y, x + 5, y + 2)
    assert len(index) == len(held)
    assert index.covering(x, y) == tuple(k for k in sorted(held) if held[k].covers(point))
    met = tuple(k for k in sorted(held) if held[k].intersects(frame))
    assert index.intersecting((x, y, x + 5, y + 2)) == met


def test_live_index_refuses_what_it_cannot_hold() -> None:
    index = LiveIndex([(1, shapely.box(0, 0, 1, 1)), (2, None), (3, shapely.Polygon())])
    assert len(index) == 1
    assert 1 in index
    assert 2 not in index
    with pytest.raises(ValueError, match="déjà dans l’index"):
        index.insert(1, shapely.box(0, 0, 1, 1))
    with pytest.raises(ValueError, match="géométrie vide"):
        index.insert(4, None)
    with pytest.raises(KeyError):
        index.delete(9)
    with pytest.raises(ValueError, match="ouest ≤ est"):
        index.intersecting((2, 0, 1, 1))


def test_live_index_answers_which_unit_holds_a_point(france: Territory) -> None:
    index = LiveIndex(enumerate(france.units.geometry))
    rows = index.covering(2.3499, 48.8530)
    assert france.codes[list(rows)].tolist() == ["75104"]
    assert index.covering(-30.0, 40.0) == ()

"""What was drawn in any system comes to WGS84, and what cannot come is refused."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from geo.crs import (
    crs_label,
    declared_crs,
    outside_angles,
    points_between,
    positions_to_wgs84,
    shift_accuracy_m,
    to_wgs84,
    within_area_of_use,
)
from geo.errors import CrsError

AT_HOME = {
    2154: (2.35, 48.85),
    27572: (2.35, 48.85),
    3857: (2.35, 48.85),
    32631: (2.35, 48.85),
    5490: (-61.5, 16.2),
    2972: (-53.0, 4.5),
    2975: (55.5, -21.1),
    4471: (45.1, -12.8),
    4467: (-56.2, 46.9),
    4326: (2.35, 48.85),
    4171: (2.35, 48.85),
}
"""EPSG code → a place of its area of use."""

CLARKE = 'DATUM["perdu",SPHEROID["Clarke 1880",6378249.2,293.46]]'
GREENWICH = 'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]'
NO_DATUM = f'GEOGCS["perdu",{CLARKE},{GREENWICH}]'
ODD_METHOD = f'PROJCS["odd",{NO_DATUM},PROJECTION["Lambert_Cooformal"],UNIT["Meter",1]]'


def flat(*shapes: shapely.Geometry | None) -> np.ndarray:
    return np.array(shapes, dtype=object)


@pytest.mark.parametrize("epsg", AT_HOME)
def test_a_point_goes_and_comes_back(epsg: int) -> None:
    crs = declared_crs(f"EPSG:{epsg}")
    home = np.array([AT_HOME[epsg]])
    there = Transformer.from_crs(4326, epsg, always_xy=True)
    drawn = np.column_stack(there.transform(*home.T))
    assert np.abs(positions_to_wgs84(drawn, crs) - home).max() < 1e-8
    (placed,) = to_wgs84(flat(shapely.Point(drawn[0])), crs)
    assert shapely.distance(placed, shapely.Point(home[0])) < 1e-8
    assert shift_accuracy_m(flat(shapely.Point(drawn[0])), crs) <= 2
    assert within_area_of_use(np.hstack([home, home]), crs).all()


def test_lambert_93_places_a_known_point() -> None:
    # The origin of the projection: 3° E, 46.5° N is (700,000 m, 6,600,000 m).
    (place,) = positions_to_wgs84(np.array([[7e5, 6.6e6]]), declared_crs("EPSG:2154"))
    assert place == pytest.approx((3.0, 46.5), abs=1e-12)


@pytest.mark.parametrize("crs", ["EPSG:4326", "OGC:CRS84", "urn:ogc:def:crs:EPSG::4979"])
def test_wgs84_comes_back_untouched(crs: str) -> None:
    shapes = flat(shapely.box(2, 48, 3.1, 49.7), None)
    placed = to_wgs84(shapes, declared_crs(crs))
    assert placed is not shapes
    assert placed[1] is None
    assert shapely.equals_exact(placed[0], shapes[0], 0)


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:2154",
        "urn:ogc:def:crs:EPSG::2154",
        "http://www.opengis.net/def/crs/EPSG/0/2154",
        "EPSG:5698",  # with heights
        CRS.from_epsg(2154).to_wkt(),
        CRS.from_epsg(2154).to_wkt("WKT1_ESRI"),
    ],
)
def test_a_system_has_many_names(name: str) -> None:
    crs = declared_crs(name)
    assert crs_label(crs) == "RGF93 v1 / Lambert-93 (EPSG:2154)"
    assert crs.area_of_use is not None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("EPSG:99999", "inconnu"),
        ("Lambert 93", "inconnu"),
        ("+proj=lcc +nadgrids=@a.gsb", "inconnu"),
        ("GEOGCS[", "inconnu"),
        ("EPSG:4978", "géocentrique"),
        ("EPSG:5720", "vertical"),
        ('LOCAL_CS["plan",UNIT["metre",1]]', "local"),
    ],
)
def test_a_system_that_cannot_serve_is_refused(name: str, message: str) -> None:
    with pytest.raises(CrsError, match=message):
        declared_crs(name)


@pytest.mark.parametrize("definition", [NO_DATUM, ODD_METHOD])
def test_a_datum_that_nothing_ties_to_wgs84_is_refused(definition: str) -> None:
    crs = declared_crs(definition)
    for ask in (to_wgs84, shift_accuracy_m):
        with pytest.raises(CrsError, match="aucun passage connu"):
            ask(flat(shapely.box(2, 48, 3, 49)), crs)


def test_the_accuracy_of_old_datums_is_known() -> None:
    place = flat(shapely.Point(330_000, 7_650_000))
    assert shift_accuracy_m(place, declared_crs("EPSG:2971")) == 10
    bound = NO_DATUM.replace("293.46]", "293.46],TOWGS84[-168,-60,320,0,0,0,0]")
    assert shift_accuracy_m(flat(shapely.Point(2, 48)), declared_crs(bound)) == np.inf


@given(
    epsg=st.sampled_from(sorted(AT_HOME)),
    east=st.floats(0.001, 0.2),
    north=st.floats(-0.2, 0.2),
)
@settings(max_examples=60, deadline=None)
def test_edges_stay_straight_within_five_centimetres(epsg: int, east: float, north: float) -> None:
    crs = declared_crs(f"EPSG:{epsg}")
    there = Transformer.from_crs(4326, epsg, always_xy=True)
    lon, lat = AT_HOME[epsg]
    edge = shapely.LineString(
        np.column_stack(there.transform([lon, lon + east], [lat, lat + north]))
    )
    points = shapely.get_coordinates(to_wgs84(flat(edge), crs))
    middles = (points[1:] + points[:-1]) / 2
    drawn = shapely.points(np.column_stack(there.transform(*middles.T)))
    metre = 1 / 111_000 if crs.is_geographic else 1.0
    assert (shapely.distance(drawn, edge) <= 0.05 * metre).all()


def test_points_are_added_by_the_unit_of_the_system() -> None:
    side = flat(shapely.box(0, 0, 10_000, 100))
    assert points_between(side, declared_crs("EPSG:2154")).tolist() == [18]
    assert points_between(side, declared_crs("EPSG:4326")).tolist() == [0]
    paris = declared_crs("EPSG:4807")  # in grades: 0.01° is 0.0111 gr
    assert points_between(flat(shapely.box(0, 52, 0.105, 52.105)), paris).tolist() == [36]
    for epsg, shape in ((2154, side), (4807, flat(shapely.box(0, 52, 0.105, 52.105)))):
        crs = declared_crs(f"EPSG:{epsg}")
        added = shapely.get_num_coordinates(to_wgs84(shape, crs)) - shapely.get_num_coordinates(
            shape
        )
        assert added.tolist() == points_between(shape, crs).tolist()
    assert points_between(flat(), paris).tolist() == []


def test_a_system_is_used_at_home_or_elsewhere() -> None:
    bounds = np.array([[2, 48, 3, 49], [5, 48, 7, 49], [-61.5, 16, -61.4, 16.1]])
    assert within_area_of_use(bounds, declared_crs("EPSG:32631")).tolist() == [True, False, False]
    assert within_area_of_use(bounds, declared_crs("EPSG:4326")).all()
    fiji = declared_crs("EPSG:3460")  # across the antimeridian
    place = np.array([[178.0, -18, 178.1, -17.9], [2, 48, 3, 49]])
    assert within_area_of_use(place, fiji).tolist() == [True, False]


def test_angles_are_told_from_metres() -> None:
    places = np.array([[2.0, 48], [48, 2], [-179, 80], [80, -179], [100, 100], [650_000, 6.8e6]])
    wgs84 = declared_crs("EPSG:4326")
    assert outside_angles(places, wgs84).tolist() == [False] * 4 + [True] * 2
    assert not outside_angles(places, declared_crs("EPSG:2154")).any()
    assert not outside_angles(np.array([[190.0, 54]]), declared_crs("EPSG:4807")).any()  # grades


def test_what_a_projection_cannot_place_is_infinite() -> None:
    far = np.array([[1e9, 1e9], [500_000, 5_300_000]])
    placed = positions_to_wgs84(far, declared_crs("EPSG:32631"))
    assert np.isinf(placed[0]).all()
    assert np.isfinite(placed[1]).all()

"""Drawn perimeters over squares: shares, statuses and zones that can be found by hand.

Squares are 0.01° wide, so a share of their width is a share of their area, but for the curve
of the parallels in the projection (under 1e-4).
"""

from __future__ import annotations

from dataclasses import replace
from math import pi
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
from agreement import agreed
from builders import CELL_DEG, drawn, grid_territory, make_study, need, perimeter, post
from pyproj import Transformer
from shapely import MultiPolygon, Point, box, transform

from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Sequence

    import naive

    from geo.territory import Territory

A, B = "01001", "01002"
WEST, SOUTH = 3.0, 46.0
ONE = grid_territory(1)
TWO = grid_territory(2)
TO_DEGREES = Transformer.from_crs(2154, 4326, always_xy=True)
TO_METRES = Transformer.from_crs(4326, 2154, always_xy=True)
Row = dict[str, Any]
Polygon = Any


def cells(west: float, south: float, east: float, north: float) -> Polygon:
    """Return a box whose sides are counted in squares from the corner of the first."""
    return box(
        WEST + west * CELL_DEG,
        SOUTH + south * CELL_DEG,
        WEST + east * CELL_DEG,
        SOUTH + north * CELL_DEG,
    )


def disc(col: float, row: float, radius_m: float) -> Polygon:
    """Return a disc of the projection, its centre counted in squares."""
    centre = Point(TO_METRES.transform(WEST + col * CELL_DEG, SOUTH + row * CELL_DEG))
    round_ = centre.buffer(radius_m, quad_segs=64)
    return transform(round_, TO_DEGREES.transform, interleaved=False)


def reference(
    shapes: Sequence[Row],
    perimeters: Sequence[Row] = (),
    territory: Territory = ONE,
    *,
    needs: Sequence[Row] | None = None,
    posts: Sequence[Row] | None = None,
    **settings: Any,  # noqa: ANN401 - any parameter of the method
) -> naive.Reference:
    """Return what reference and engine agree on; 100 h are needed in each unit by default."""
    study = make_study(
        [post("S"), post("T")] if posts is None else posts,
        perimeters,
        [need(code, 100) for code in territory.codes] if needs is None else needs,
        shapes=shapes,
        **settings,
    )
    return agreed(compute(study, territory))


def named(signature: tuple[tuple[str, str], ...]) -> str:
    return " ".join(s if nature == "principal" else f"{s}:{nature}" for s, nature in signature)


def shares(found: naive.Reference, code: str = A) -> dict[str, Any]:
    """Return the share of each set of perimeters, to be compared within 1e-3."""
    return {
        named(atom.signature): pytest.approx(atom.share, abs=1e-3) for atom in found.atoms[code]
    }


def zones(found: naive.Reference) -> set[frozenset[str]]:
    """Return zones as sets of « commune perimeters »."""
    return {
        frozenset(
            f"{found.parts[place].atom.unit} {named(found.parts[place].atom.signature)}".strip()
            for place in zone
        )
        for zone in found.zones
    }


def joined(*sets: Sequence[str]) -> set[frozenset[str]]:
    return {frozenset(places) for places in sets}


def statuses(found: naive.Reference) -> dict[str, str]:
    return {code: unit.statut for code, unit in found.units.items()}


# --- one drawing over one square ----------------------------------------------------------


@pytest.mark.parametrize(
    ("nature", "statut"), [("principal", "couverte"), ("extension", "limitrophe")]
)
def test_a_drawing_over_half_a_square_cuts_it(nature: str, statut: str) -> None:
    found = reference([drawn("S", cells(0, 0, 0.51, 1), nature)])
    here = "S" if nature == "principal" else "S:extension"
    assert shares(found) == {"": 0.49, here: 0.51}
    assert statuses(found) == {A: statut}
    assert found.units[A].mixte
    assert zones(found) == joined([A], [f"{A} {here}"])


def test_the_rest_of_a_square_may_be_what_it_shows() -> None:
    found = reference([drawn("S", cells(0, 0, 0.49, 1))])
    assert statuses(found) == {A: "non_couverte"}
    assert found.units[A].mixte


def test_a_disc_inside_a_square() -> None:
    found = reference([drawn("S", disc(0.5, 0.5, 300))])
    area = ONE.units["area_km2"].iloc[0] * 1e6
    share = pi * 300**2 / area
    assert shares(found) == {"": 1 - share, "S": share}


def test_two_discs_in_one_commune_are_one_atom() -> None:
    discs = [drawn("S", disc(0.25, 0.5, 150)), drawn("S", disc(0.75, 0.5, 150))]
    found = reference(discs)
    assert [len(found.atoms[A]), len(found.zones)] == [2, 2]
    alone = reference(discs[:1])
    assert found.atoms[A][1].share == pytest.approx(2 * alone.atoms[A][1].share, rel=1e-6)


def test_the_hole_of_a_ring_is_not_covered() -> None:
    ring = cells(0.2, 0.2, 0.8, 0.8) - cells(0.4, 0.4, 0.6, 0.6)
    assert shares(reference([drawn("S", ring)])) == {"": 0.68, "S": 0.32}


def test_a_drawing_over_the_sea_covers_what_it_holds_of_land() -> None:
    assert shares(reference([drawn("S", cells(-9, -9, 0.6, 9))])) == {"": 0.4, "S": 0.6}
    assert shares(reference([drawn("S", cells(-9, -9, -1, 9))])) == {"": 1}
    assert shares(reference([drawn("S", cells(-9, -9, 9, 9))])) == {"S": 1}


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (0.0099, {"": 1}),
        (0.0101, {"": 0.9899, "S": 0.0101}),
        (0.9899, {"": 0.0101, "S": 0.9899}),
        (0.9901, {"S": 1}),
    ],
)
def test_slivers_under_one_percent_cut_nothing(width: float, expected: dict[str, float]) -> None:
    found = reference([drawn("S", cells(0, 0, width, 1))])
    assert shares(found) == expected
    assert found.units[A].mixte == (len(expected) > 1)


@pytest.mark.parametrize("offset_m", [-0.05, -0.001, 0, 0.001, 0.05])
def test_a_border_along_a_commune_edge_cuts_nothing(offset_m: float) -> None:
    found = reference([drawn("S", cells(0, 0, 1 + offset_m / 770, 1))], territory=TWO)
    assert [shares(found, code) for code in (A, B)] == [{"S": 1}, {"": 1}]
    assert all(atom.shape is None for atoms in found.atoms.values() for atom in atoms)
    assert statuses(found) == {A: "couverte", B: "non_couverte"}
    assert zones(found) == joined([f"{A} S"], [B])


# --- several perimeters -------------------------------------------------------------------


def test_drawings_of_one_structure_are_united_first() -> None:
    overlapping = [drawn("S", cells(0, 0, 0.6, 1)), drawn("S", cells(0.4, 0, 0.95, 1))]
    assert shares(reference(overlapping)) == {"": 0.05, "S": 0.95}
    # Neither of these would cut the square alone.
    slivers = [drawn("S", cells(0, 0, 0.006, 1)), drawn("S", cells(0.5, 0, 0.506, 1))]
    assert shares(reference(slivers)) == {"": 0.988, "S": 0.012}
    assert shares(reference([*slivers[:1], drawn("T", slivers[1]["geometry"])])) == {"": 1}


@pytest.mark.parametrize("order", [1, -1])
def test_the_strongest_nature_wins_where_drawings_of_one_structure_overlap(order: int) -> None:
    rows = [
        drawn("S", cells(0, 0, 0.9, 1), "extension"),
        drawn("S", cells(0, 0, 0.6, 1), "extension_dotee"),
        drawn("S", cells(0, 0, 0.2, 1)),
    ]
    expected = {"": 0.1, "S:extension": 0.3, "S:extension_dotee": 0.4, "S": 0.2}
    found = reference(rows[::order])
    assert shares(found) == expected
    # An extension to which a post was given counts as principal.
    assert found.units[A].shares == pytest.approx(
        {"principale": 0.6, "extension": 0.3, "": 0.1}, abs=1e-3
    )
    assert zones(found) == joined([A], [f"{A} S:extension"], [f"{A} S", f"{A} S:extension_dotee"])


def test_a_principal_drawing_inside_an_extension_by_code() -> None:
    found = reference([drawn("S", cells(0, 0, 0.3, 1))], [perimeter("S", A, "extension")])
    assert shares(found) == {"S:extension": 0.7, "S": 0.3}
    assert (statuses(found), found.units[A].mixte) == ({A: "limitrophe"}, True)


def test_an_extension_drawn_inside_a_principal_code_cuts_nothing() -> None:
    found = reference([drawn("S", cells(0, 0, 0.3, 1), "extension")], [perimeter("S", A)])
    assert shares(found) == {"S": 1}


def test_two_structures_that_share_a_square_make_one_zone() -> None:
    found = reference([drawn("S", cells(0, 0, 0.3, 1)), drawn("T", cells(0.3, 0, 1, 1))])
    assert shares(found) == {"S": 0.3, "T": 0.7}
    assert zones(found) == joined([f"{A} S", f"{A} T"])
    assert (statuses(found), found.units[A].mixte) == ({A: "couverte"}, False)
    assert found.units[A].structures == ("S", "T")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # What both hold, or neither, is under 1 % and joins S, which is the larger.
        (0.592, {"S": 0.6, "T": 0.4}),
        (0.608, {"S": 0.608, "T": 0.392}),
        (0.58, {"S": 0.58, "S T": 0.02, "T": 0.4}),
        (0.62, {"": 0.02, "S": 0.6, "T": 0.38}),
    ],
)
def test_small_atoms_join_the_largest(start: float, expected: dict[str, float]) -> None:
    found = reference([drawn("S", cells(0, 0, 0.6, 1)), drawn("T", cells(start, 0, 1, 1))])
    assert shares(found) == expected


# --- what does not cover ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "posts"),
    [
        ({"volet": "coordinateur"}, None),
        ({"etat": "a_confirmer"}, None),
        ({"etat": "conteste"}, None),
        ({}, [post("T")]),
        ({}, [post("S", volet="coordinateur")]),
        ({}, [post("S", 0)]),
    ],
)
def test_drawings_out_of_force_cover_nothing(held: dict[str, str], posts: list[Row] | None) -> None:
    found = reference([drawn("S", cells(0, 0, 0.6, 1), **held)], posts=posts)
    assert shares(found) == {"": 1}
    assert statuses(found) == {A: "non_couverte"}


def test_the_planner_says_which_states_of_drawings_count() -> None:
    rows = [
        drawn("S", cells(0, 0, 0.6, 1), etat="a_confirmer"),
        drawn("T", cells(0, 0, 0.3, 1)),
    ]
    found = reference(rows, etats_perimetres=("a_confirmer",))
    assert shares(found) == {"": 0.4, "S": 0.6}


def test_no_drawing_reaches_a_unit_without_geometry() -> None:
    territory = grid_territory(2, without_geometry={B})
    found = reference([drawn("S", cells(-1, -1, 3, 3))], territory=territory)
    assert [shares(found, code) for code in (A, B)] == [{"S": 1}, {"": 1}]
    held = reference([drawn("S", cells(0, 0, 0.5, 1))], [perimeter("S", B)], territory)
    assert shares(held, B) == {"S": 1}


# --- islands ------------------------------------------------------------------------------


def archipelago() -> Territory:
    """Return one commune of two islands, three fifths and two fifths of it."""
    territory = grid_territory(1)
    islands = MultiPolygon([cells(0, 0, 0.6, 1), cells(2, 0, 2.4, 1)])
    shapes = gpd.GeoSeries([islands], index=territory.units.index, crs=4326)
    return replace(territory, units=territory.units.set_geometry(shapes))


def test_a_drawing_over_one_island_of_a_commune() -> None:
    found = reference([drawn("S", cells(1.9, -1, 3, 2))], territory=archipelago())
    assert shares(found) == {"": 0.6, "S": 0.4}


def test_islands_of_one_commune_and_one_status_are_two_zones() -> None:
    rows = [drawn("S", cells(-1, -1, 1, 2)), drawn("T", cells(1.9, -1, 3, 2))]
    found = reference(rows, territory=archipelago())
    assert zones(found) == joined([f"{A} S"], [f"{A} T"])
    assert not found.units[A].mixte


# --- zones --------------------------------------------------------------------------------


def test_a_strip_over_two_squares_makes_two_zones() -> None:
    found = reference([drawn("S", cells(0, 0.4, 2, 1))], territory=TWO)
    assert zones(found) == joined([A, B], [f"{A} S", f"{B} S"])


@pytest.mark.parametrize("offset_m", [-0.05, 0, 0.05])
def test_parts_that_meet_at_a_point_are_apart(offset_m: float) -> None:
    # The drawing follows the edge of the squares, but for an offset that leaves slivers.
    edge = 1 + offset_m / 770
    row = drawn("S", cells(0, 0, edge, 0.5) | cells(edge, 0.5, 2, 1))
    found = reference([row], territory=TWO)
    assert zones(found) == joined([A], [B], [f"{A} S"], [f"{B} S"])


def test_a_region_ends_a_zone_of_parts() -> None:
    territory = grid_territory(2, codes=(A, "2A004"))
    found = reference([drawn("S", cells(0, 0.4, 2, 1))], territory=territory)
    assert zones(found) == joined([A], ["2A004"], [f"{A} S"], ["2A004 S"])


def test_a_part_joins_the_whole_square_beside_it() -> None:
    found = reference([drawn("S", cells(0, 0, 1.4, 1))], territory=TWO)
    assert zones(found) == joined([f"{A} S", f"{B} S"], [B])


@pytest.mark.parametrize(("depth_m", "count"), [(0.5, 3), (2, 2)])
def test_a_metre_of_edge_joins_two_parts(depth_m: float, count: int) -> None:
    # S holds the south of the first square and, in the second, a part that begins 0.5 or 2 m
    # before the top of it: they share that much edge. What is left on either side always joins.
    top = 0.5 - depth_m / 1112
    row = drawn("S", cells(0, 0, 1, 0.5) | cells(1, top, 2, 1))
    found = reference([row], territory=grid_territory(2))
    covered = [zone for zone in zones(found) if any(place.endswith("S") for place in zone)]
    assert len(covered) == count - 1


def scaled(territory: Territory, factor: float) -> Territory:
    """Return the same squares, larger."""
    shapes = territory.units.geometry.scale(factor, factor, origin=(WEST, SOUTH))
    return replace(territory, units=territory.units.set_geometry(shapes))


def test_long_edges_stay_straight_in_degrees_on_both_sides() -> None:
    # Two squares of 0.1°, one above the other: their common edge bends by a metre in the
    # projection. A drawing along it meets the same bend, whatever its own corners are, so that
    # the south-west and the north-east still meet at a point.
    territory = scaled(grid_territory(1, 2), 10)
    south_west, north_east = cells(0, 0, 4, 10), cells(4, 10, 10, 20)
    found = reference([drawn("S", south_west | north_east)], territory=territory)
    assert [shares(found, code) for code in (A, B)] == [{"": 0.6, "S": 0.4}, {"": 0.4, "S": 0.6}]
    assert zones(found) == joined([A], [B], [f"{A} S"], [f"{B} S"])


# --- hours --------------------------------------------------------------------------------


def test_need_is_spread_by_area_with_the_largest_remainder() -> None:
    found = reference([drawn("S", cells(0, 0, 0.57, 1))], needs=[need(A, 10)])
    # 4.3 and 5.7: the hour that remains goes to .7.
    assert [part.readings.need_h for part in found.parts.values()] == [4, 6]


def test_each_class_of_need_is_spread_alone() -> None:
    found = reference(
        [drawn("S", cells(0, 0, 0.57, 1))],
        needs=[need(A, 1, name) for name in ("etat", "hopitaux", "prives")],
    )
    assert [part.readings.need_h for part in found.parts.values()] == [0, 3]


def test_a_square_cut_in_two_falls_short_by_parts() -> None:
    found = reference([drawn("S", cells(0, 0, 0.7, 1))], needs=[need(A, 100_000)])
    bare, held = found.parts.values()
    assert held.readings.need_h == pytest.approx(70_000, abs=100)
    assert bare.statut == "non_couverte"
    # 35,000 h for 70,000 in the part, of 100,000 in the commune. Status and gravity are those
    # of the part.
    unit = found.units[A]
    assert (unit.statut, unit.gravite, unit.mixte) == ("capacite_insuffisante", held.gravite, True)
    assert float(held.readings.rate) == pytest.approx(0.5, abs=1e-3)
    assert float(unit.rate) == pytest.approx(0.35, abs=1e-9)
    deficits = {
        found.parts[place].statut: found.proved_deficit(zone)
        for zone in found.zones
        for place in zone
    }
    assert deficits["capacite_insuffisante"] == held.readings.need_h - 35_000
    assert deficits["non_couverte"] == bare.readings.need_h

"""Large projects: hours by year, shares by area, length and number, what falls outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import shapely
from builders import CELL_DEG, grid_territory
from hypothesis import given, settings
from hypothesis import strategies as st
from project_builders import frame_of, project, study_of
from pyproj import Transformer

from coverage.frames import CONTRACTS
from coverage.origins.contributions import MICRO
from coverage.origins.influence import influences
from coverage.origins.projects import (
    in_force,
    project_contributions,
    project_sites,
    total_micro,
    year_micro,
)
from coverage.parameters import CLASSES, Parameters
from coverage.rounding import largest_remainder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.origins.contributions import Contributions

GRID = grid_territory(4, 3, without_geometry=("01012",))
CELL = CELL_DEG
WEST, SOUTH = 3.0, 46.0
LAMBERT = Transformer.from_crs(4326, 2154, always_xy=True)


def at(col: float, row: float) -> tuple[float, float]:
    """Return a position counted in cells of the grid."""
    return WEST + col * CELL, SOUTH + row * CELL


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(*at(west, south), *at(east, north))


def placed(found: Contributions) -> dict[str, int]:
    """Return millionths of hours by unit code, shared as the need shares them."""
    by_unit: dict[str, int] = {}
    for place, micro in zip(found.table["place"], found.table["micro"], strict=True):
        own = found.places[place]
        parts = largest_remainder(int(micro), own.weights)
        for unit, part in zip(own.units.tolist(), parts, strict=True):
            code = str(GRID.codes[unit])
            by_unit[code] = by_unit.get(code, 0) + part
    return by_unit


@pytest.mark.parametrize(
    ("given_", "hours"),
    [
        ({"montant_eur": 1_000_000.0}, Fraction(2500, 3)),
        ({"montant_eur": 1_500_000.0, "part_main_oeuvre": 0.7, "taux_effort": 0.1}, 3500),
        ({"montant_eur": 300.0, "taux_effort": 0.07}, Fraction(35, 100)),
        ({"montant_eur": 600.0, "programme": "grand_paris_express"}, 1),
        ({"montant_eur": 600.0, "programme": "jop"}, 1),
        ({"montant_eur": 600.0, "programme": "canal_seine_nord"}, Fraction(2, 3)),
        ({"heures": 12.5, "montant_eur": 600.0}, Fraction(25, 2)),
    ],
)
def test_amounts_become_hours_at_the_rate_of_the_charter(
    given_: dict[str, Any], hours: Fraction
) -> None:
    row = project("p", **{"heures": float("nan")} | given_)
    methode = Parameters(taux_effort=Fraction(1, 15))
    if given_.get("programme") == "canal_seine_nord":
        assert total_micro(row, methode) == round(hours * MICRO)
    else:
        assert total_micro(row, Parameters()) == round(Fraction(hours) * MICRO)


def test_a_project_without_hours_nor_amount_has_none() -> None:
    assert total_micro(project("p", heures=float("nan")), Parameters()) is None
    assert total_micro(project("p", heures=0.0), Parameters()) == 0


@given(
    total=st.integers(0, 10**15),
    start=st.dates(date(2015, 1, 1), date(2030, 12, 31)),
    days=st.integers(0, 6000),
)
def test_the_years_of_a_project_sum_to_it(total: int, start: date, days: int) -> None:
    end = start + timedelta(days=days)
    years = [year_micro(total, start, end, year) for year in range(start.year, end.year + 1)]
    assert sum(years) == total
    assert min(years) >= 0
    assert year_micro(total, start, end, start.year - 1) == 0
    assert year_micro(total, start, end, end.year + 1) == 0


def test_a_year_takes_its_inclusive_days() -> None:
    spread = (1_461 * MICRO, date(2022, 1, 1), date(2025, 12, 31))  # 1 h a day, 2024 is a leap year
    assert [year_micro(*spread, year) // MICRO for year in range(2021, 2027)] == [
        *(0, 365, 365, 366, 365, 0)
    ]
    assert year_micro(MICRO, date(2023, 12, 31), date(2023, 12, 31), 2023) == MICRO


def test_an_ended_programme_brings_nothing() -> None:
    row = project("p", box(0, 0, 1, 1), fin=date(2022, 12, 31))
    found = project_contributions(study_of(row), GRID)
    assert found.table.empty
    assert found.aside.empty
    assert project_sites(study_of(row), GRID).empty
    assert len(in_force(frame_of([row]), 2022)) == 1


def test_a_date_not_given_is_no_limit() -> None:
    open_ = project("p", box(0, 0, 1, 1), heures=float("nan"), debut=None, fin=None)
    sites = project_sites(study_of(open_), GRID)
    assert sites["unit"].tolist() == [0]
    assert project_contributions(study_of(open_), GRID).table.empty


def test_a_rectangle_shares_by_area() -> None:
    row = project("p", box(0.5, 0.2, 2.5, 0.8))
    found = project_contributions(study_of(row), GRID)
    hours = placed(found)
    whole = sum(hours.values())
    assert whole == year_micro(3600 * MICRO, row["debut"], row["fin"], 2023)
    shares = [hours[code] / whole for code in ("01001", "01002", "01003")]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=1e-5)
    (place,) = found.places
    assert place.label == "projet:p"
    assert place.shape.equals(row["geometry"])
    assert found.table["class_"].tolist() == [CLASSES.index("bailleurs")]
    assert found.table["item"].tolist() == ["p"]
    assert found.table["source"].tolist() == ["grands_projets.geojson"]


def test_areas_are_those_that_shapely_measures_in_the_legal_projection() -> None:
    shape = shapely.Polygon([at(*xy) for xy in ((0.3, 0.1), (3.7, 0.4), (2.9, 1.9), (0.6, 1.2))])
    (found,) = influences(frame_of([project("p", shape)]), GRID).values()

    def plane(geometry: Any) -> Any:  # noqa: ANN401 - shapely
        fine = shapely.segmentize(geometry, 0.02)  # edges are straight in WGS84 between these
        return shapely.transform(fine, lambda xy: np.column_stack(LAMBERT.transform(*xy.T)))

    expected = {}
    for unit, square in enumerate(GRID.units.geometry):
        area = shapely.intersection(plane(square), plane(shape)).area if square else 0
        if area:
            expected[unit] = area
    assert found.units.tolist() == sorted(expected)
    measured = np.array(found.weights) / 1e6
    assert measured == pytest.approx(
        [expected[unit] for unit in sorted(expected)], rel=1e-5
    )  # snapped to 1 mm
    assert found.outside == pytest.approx(0, abs=1e-4)


def test_a_line_shares_by_length_and_tells_what_is_outside() -> None:
    line = shapely.LineString([at(-1, 0.5), at(1.5, 0.5)])
    found = project_contributions(study_of(project("p", line)), GRID)
    hours = placed(found)
    whole = sum(hours.values())
    assert hours["01001"] / whole == pytest.approx(2 / 3, abs=1e-4)
    assert hours["01002"] / whole == pytest.approx(1 / 3, abs=1e-4)
    assert any("40,0" in notice.message for notice in found.warnings)
    assert found.aside.empty


def test_a_point_with_a_radius_shares_by_the_area_of_its_circle() -> None:
    row = project("p", shapely.Point(at(1, 0.5)), rayon_m=200.0)
    found = influences(frame_of([row]), GRID)["p"]
    assert found.kind == "surface"
    assert [str(GRID.codes[unit]) for unit in found.units] == ["01001", "01002"]
    assert found.weights[0] == pytest.approx(found.weights[1], rel=1e-3)
    assert sum(found.weights) / 1e6 == pytest.approx(np.pi * 200**2, rel=1e-3)


def test_a_bare_point_is_wholly_in_its_unit_and_points_count_alike() -> None:
    points = shapely.MultiPoint([at(0.5, 0.5), at(0.6, 0.5), at(2.5, 1.5), at(9, 9)])
    found = project_contributions(study_of(project("p", points)), GRID)
    hours = placed(found)
    assert set(hours) == {"01001", "01007"}
    assert hours["01001"] == pytest.approx(2 * hours["01007"], abs=2)
    assert sum(hours.values()) == year_micro(
        3600 * MICRO, date(2022, 1, 1), date(2024, 12, 31), 2023
    )
    assert all(place.shape.geom_type == "Point" for place in found.places)
    assert any("25" in notice.message for notice in found.warnings)


def test_a_point_on_a_border_is_in_one_unit() -> None:
    (found,) = influences(frame_of([project("p", shapely.Point(at(1, 1)))]), GRID).values()
    assert found.units.tolist() == [0]
    assert found.weights == (1,)


def test_communes_share_by_area_and_by_people_when_one_has_none() -> None:
    plain = project("p", communes=("01001", "01002"))
    found = influences(frame_of([plain]), GRID)["p"]
    assert found.weights[0] == pytest.approx(found.weights[1], rel=1e-4)
    bare = project("q", communes=("01001", "01012"))
    told = project_contributions(study_of(bare), GRID)
    assert told.places[0].weights == (1000, 2100)
    assert told.places[0].shape is None
    assert "population" in told.warnings[0].message


def test_features_of_one_project_are_their_union_counted_once() -> None:
    halves = [project("p", box(0, 0, 0.6, 1)), project("p", box(0.4, 0, 2, 1), row=2)]
    found = project_contributions(study_of(*halves), GRID)
    assert len(found.table) == 1
    assert found.table["micro"].tolist() == [
        year_micro(3600 * MICRO, date(2022, 1, 1), date(2024, 12, 31), 2023)
    ]
    assert found.places[0].weights[0] == pytest.approx(found.places[0].weights[1], rel=1e-4)


def test_features_may_each_have_their_source_and_certainty() -> None:
    rows = [
        project("p", box(0, 0, 1, 1), source="b", fiabilite="certain"),
        project("p", box(1, 0, 2, 1), row=2, source="a", fiabilite="approximatif"),
    ]
    for order in (rows, rows[::-1]):
        found = project_contributions(study_of(*order), GRID)
        assert found.table["source"].tolist() == ["a ; b"]
        assert set(project_sites(study_of(*order), GRID)["fiabilite"]) == {"approximatif"}


def test_a_project_that_touches_nothing_is_set_aside_with_its_hours() -> None:
    rows = [project("mer", box(20, 20, 21, 21)), project("large", shapely.Point(at(30, 30)))]
    found = project_contributions(study_of(*rows), GRID)
    assert found.table.empty
    assert found.aside["objet"].tolist() == ["large", "mer"]
    expected = year_micro(3600 * MICRO, date(2022, 1, 1), date(2024, 12, 31), 2023) / MICRO
    assert found.aside["heures"].tolist() == [expected, expected]
    assert len(found.warnings) == 2
    assert project_sites(study_of(*rows), GRID).empty


def test_hours_without_a_period_are_set_aside_whole() -> None:
    found = project_contributions(study_of(project("p", box(0, 0, 1, 1), fin=None)), GRID)
    assert found.table.empty
    assert found.aside["heures"].tolist() == [3600.0]


def test_sites_name_each_unit_of_each_project_in_force() -> None:
    rows = [
        project("b", box(0.5, 0, 1.5, 1), heures=float("nan"), fiabilite="certain"),
        project("a", communes=("01003",)),
    ]
    sites = project_sites(study_of(*rows), GRID)
    assert sites[["projet_id", "unit"]].to_numpy().tolist() == [["a", 2], ["b", 0], ["b", 1]]
    assert sites["shape"].iloc[0] is None
    assert sites["shape"].iloc[1].equals(rows[0]["geometry"])
    assert sites["fiabilite"].tolist() == ["", "certain", "certain"]


def test_no_file_of_projects_brings_nothing() -> None:
    study = replace(study_of(), projects=None)
    assert project_contributions(study, GRID).table.empty
    assert list(project_sites(study, GRID).columns)[-2:] == ["unit", "shape"]


def test_contracts_of_the_same_programme_are_told_once() -> None:
    contract = pl.DataFrame({"programme": ["npnru", "npnru", ""]}, schema={"programme": pl.String})
    contracts = pl.concat([CONTRACTS.to_frame(), contract], how="diagonal")
    study = replace(
        study_of(project("p", box(0, 0, 1, 1)), project("q", box(0, 0, 1, 1))),
        contracts=contracts,
    )
    (notice,) = project_contributions(study, GRID).warnings
    assert "npnru" in notice.message
    assert notice.remedy
    none = replace(study, contracts=CONTRACTS.to_frame())
    assert project_contributions(none, GRID).warnings == ()


coordinate = st.floats(-1.0, 5.0)
corner = st.tuples(coordinate, coordinate)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[Any, float]:
    """Draw a surface, a line, points with a radius or bare."""
    kind = draw(st.sampled_from(("surface", "ligne", "cercle", "point")))
    if kind in ("cercle", "point"):
        points = draw(st.lists(corner, min_size=1, max_size=4))
        shape = shapely.MultiPoint([at(*xy) for xy in points])
        return shape, draw(st.floats(50, 3000)) if kind == "cercle" else float("nan")
    corners = draw(st.lists(corner, min_size=3, max_size=6, unique=True))
    if kind == "ligne":
        return shapely.LineString([at(*xy) for xy in corners]), float("nan")
    hull = shapely.MultiPoint([at(*xy) for xy in corners]).convex_hull
    return (hull if hull.geom_type == "Polygon" else box(0, 0, 1, 1)), float("nan")


def total_of(rows: Sequence[dict[str, Any]]) -> int:
    seen = {row["projet_id"]: total_micro(row, Parameters()) or 0 for row in rows}
    return sum(seen.values())


@settings(max_examples=12)
@given(
    drawn=st.lists(st.tuples(shapes(), st.integers(0, 10**6), st.dates()), min_size=1, max_size=4),
    seed=st.randoms(use_true_random=False),
)
def test_hours_in_are_hours_out_over_years_and_units_in_any_order(
    drawn: list[tuple[tuple[Any, float], int, date]],
    seed: Any,  # noqa: ANN401 - a Random
) -> None:
    rows = []
    for number, ((shape, radius), hours, day) in enumerate(drawn):
        start = date(2021 + day.year % 2, day.month, min(day.day, 28))
        rows.append(
            project(
                f"p{number}",
                shape,
                row=number + 1,
                rayon_m=radius,
                heures=hours / 7,
                debut=start,
                fin=start + timedelta(days=900),
            )
        )
    shuffled = list(rows)
    seed.shuffle(shuffled)
    kept = lost = 0
    again = project_contributions(study_of(*shuffled, year=2023), GRID)
    for year in range(2021, 2026):
        found = project_contributions(study_of(*rows, year=year), GRID)
        assert year != 2023 or placed(found) == placed(again)
        kept += sum(placed(found).values())
        lost += round(found.aside["heures"].sum() * MICRO)
    assert kept + lost == total_of(rows)

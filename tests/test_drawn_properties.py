"""What must hold of every study with drawn perimeters, tried on small random ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import naive_atoms
import numpy as np
import pytest
import shapely
from agreement import agreed, keys_of
from builders import CELL_DEG, drawn, make_study, shuffled
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import Point, box
from small_studies import SQUARES, STRUCTURES, few, studies

from coverage.study import compute

if TYPE_CHECKING:
    import pandas as pd

    from coverage.model import Atoms, Coverage, Study

WEST, SOUTH = 3.0, 46.0
COLS, ROWS = 4, 3
ODD = 0.00137
"""Added to positions, so that no two parts have the same area but for the last digits."""
FOREIGN = (2154, 2154, 32631, 3857, 27572)
"""Projections that perimeters are drawn in."""
NATURES = ("principal", "principal", "extension", "extension_dotee")
Row = dict[str, Any]
Polygon = Any
SAME = 1e-5
"""Of a unit: how far areas may differ, as cuts are straight in metres and shapes in degrees."""
some = settings(few, max_examples=tried(10))


# --- drawings -----------------------------------------------------------------------------


@cache
def mover(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def moved(shape: Polygon, source: int, target: int) -> Polygon:
    return shapely.transform(shape, mover(source, target).transform, interleaved=False)


def cells(west: float, south: float, east: float, north: float) -> Polygon:
    """Return a box in WGS84, its sides counted in squares."""
    corner, far = (west, south), (east, north)
    return box(
        *(WEST + corner[0] * CELL_DEG, SOUTH + corner[1] * CELL_DEG),
        *(WEST + far[0] * CELL_DEG, SOUTH + far[1] * CELL_DEG),
    )


hundredths = st.integers(0, 99).map(lambda n: n / 100 + ODD)


@st.composite
def discs(draw: st.DrawFn, radii: tuple[int, int] = (150, 1_600)) -> Polygon:
    """Return a disc, or a ring, of some projection."""
    epsg = draw(st.sampled_from(FOREIGN))
    col = draw(st.integers(-1, COLS)) + draw(hundredths)
    row = draw(st.integers(-1, ROWS)) + draw(hundredths)
    centre = moved(Point(WEST + col * CELL_DEG, SOUTH + row * CELL_DEG), 4326, epsg)
    radius = draw(st.integers(*radii))
    shape = centre.buffer(radius)
    if draw(st.booleans()):
        shape -= centre.buffer(radius * draw(st.sampled_from([0.3, 0.7, 0.95])))
    return moved(shape, epsg, 4326)


@st.composite
def inside_one_commune(draw: st.DrawFn) -> Polygon:
    """Return a disc that one square holds: it covers from 0.3 to 40 % of it."""
    col, row = draw(st.integers(0, COLS - 1)), draw(st.integers(0, ROWS - 1))
    centre = moved(Point(WEST + (col + 0.5) * CELL_DEG, SOUTH + (row + 0.5) * CELL_DEG), 4326, 2154)
    return moved(centre.buffer(draw(st.integers(30, 330))), 2154, 4326)


@st.composite
def slivers(draw: st.DrawFn) -> Polygon:
    """Return a strip of some thousandths of a square along an edge between columns."""
    col = draw(st.integers(0, COLS))
    width = draw(st.integers(2, 20)) / 1000 + 0.00031
    south = draw(st.integers(0, ROWS - 1))
    return cells(col, south, col + width, south + draw(st.sampled_from([1, 1, 2])))


@st.composite
def blocks(draw: st.DrawFn) -> Polygon:
    """Return whole squares whose outer border is moved by some millimetres to some metres."""
    col, row = draw(st.integers(0, COLS - 1)), draw(st.integers(0, ROWS - 1))
    shape = cells(col, row, col + draw(st.integers(1, 3)), row + draw(st.integers(1, 2)))
    offset = draw(st.sampled_from([0, 0, 0.03, -0.03, 0.3, -0.3, 7, -7, 30, -30]))
    in_metres = moved(shapely.segmentize(shape, CELL_DEG), 4326, 2154)
    return moved(in_metres.buffer(offset, join_style="mitre"), 2154, 4326)


@st.composite
def side_by_side(draw: st.DrawFn) -> list[Polygon]:
    """Return two drawings that share a border across the squares, one of them two islands."""
    col, row = (draw(st.integers(0, side - 1)) + draw(hundredths) for side in (COLS, ROWS))
    shapes = [cells(-1, -1, col, row), cells(col, -1, COLS + 1, row)]
    if draw(st.booleans()):
        shapes[0] |= cells(col + 0.3, row + 0.2, COLS + 1, row + 0.9)
    return [shapely.segmentize(shape, CELL_DEG / 4) for shape in shapes]


@st.composite
def drawings(draw: st.DrawFn) -> list[Row]:
    alone = st.one_of(discs(), inside_one_commune(), slivers(), blocks())
    shapes = draw(st.lists(st.one_of(alone.map(lambda shape: [shape]), side_by_side()), max_size=4))
    volets, etats = ["facilitateur"] * 8 + ["coordinateur"], ["valide"] * 8 + ["a_confirmer"]
    return [
        drawn(
            draw(st.sampled_from(STRUCTURES)),
            shape,
            draw(st.sampled_from(NATURES)),
            volet=draw(st.sampled_from(volets)),
            etat=draw(st.sampled_from(etats)),
        )
        for group in shapes
        for shape in group
    ]


@st.composite
def drawn_studies(draw: st.DrawFn) -> Study:
    """Return a study of codes with drawings added, as the same structures may file both."""
    study = draw(studies())
    # Fewer codes: where they hold everything, drawings change little.
    kept = draw(st.integers(0, len(study.perimeters)))
    return with_drawings(
        replace(study, perimeters=study.perimeters.iloc[:kept]),
        draw(drawings().filter(bool)),
    )


def with_drawings(study: Study, rows: list[Row]) -> Study:
    return replace(study, drawn=make_study([], [], shapes=rows).drawn)


# --- properties ---------------------------------------------------------------------------


@settings(few, max_examples=tried(20))
@given(drawn_studies())
def test_drawn_studies_agree_with_the_reference(study: Study) -> None:
    agreed(compute(study, SQUARES))


@some
@given(drawn_studies())
def test_atoms_cover_their_unit_and_zones_tile_the_territory(study: Study) -> None:
    coverage = compute(study, SQUARES)
    assert_covered(coverage.atoms)
    assert_tiled(coverage)


def assert_covered(atoms: Atoms) -> None:
    """Check that the atoms of a unit cover it and do not overlap."""
    table = atoms.table
    assert (table["share"] > 0).all()
    assert table.groupby("unit")["share"].sum().to_numpy() == pytest.approx(1, abs=1e-9)
    assert list(table["unit"].unique()) == list(range(len(SQUARES)))
    for unit, rows in table.groupby("unit"):
        shapes = atoms.shapes[rows.index]
        if len(rows) == 1:
            assert shapes[0] is None
            continue
        whole = naive_atoms.unit_shape(SQUARES, str(SQUARES.codes[unit]))
        parts = [naive_atoms.projected(shape, 2154) for shape in shapes]
        areas = np.array([part.area for part in parts])
        assert areas / whole.area == pytest.approx(rows["share"].to_numpy(), abs=SAME)
        united = shapely.union_all(parts)
        assert united.symmetric_difference(whole).area < SAME * whole.area
        assert areas.sum() - united.area < SAME * whole.area
        assert (rows["share"] >= naive_atoms.EPSILON).all()


@some
@given(drawn_studies(), st.integers(0, 2**16))
def test_the_order_of_drawings_changes_nothing(study: Study, seed: int) -> None:
    assert everything(compute(study, SQUARES)) == everything(
        compute(shuffled(study, seed), SQUARES)
    )


def everything(coverage: Coverage) -> dict[str, Any]:
    tables = {name: plain(getattr(coverage, name)) for name in ("communes", "zones", "regions")}
    return tables | {
        "atoms": plain(coverage.atoms.table),
        "signatures": coverage.atoms.signatures,
        "shapes": [shapely.to_wkb(shape) for shape in coverage.atoms.shapes],
        "zone_atoms": {name: rows.tolist() for name, rows in coverage.zone_atoms.items()},
        "certificates": list(coverage.certificates.items()),
        "totals": coverage.totals,
    }


def plain(table: pd.DataFrame) -> list[tuple[Any, dict[str, Any]]]:
    """Return rows in order, NaN as None so that they compare."""
    return list(table.astype(object).where(table.notna(), None).to_dict("index").items())


def assert_tiled(coverage: Coverage) -> None:
    """Check that each atom is in one zone, and that all that zones count adds up."""
    table = coverage.atoms.table
    placed = np.concatenate(list(coverage.zone_atoms.values()))
    assert sorted(placed) == list(range(len(table)))
    assert list(coverage.zone_atoms) == list(coverage.zones.index) == sorted(coverage.zones.index)
    zones, communes = coverage.zones, coverage.communes
    assert zones["besoin_h"].sum() == communes["besoin_h"].sum()
    assert zones["besoin_etat_h"].sum() == communes["besoin_etat_h"].sum()
    assert zones["population"].sum() == SQUARES.population.sum()
    land = SQUARES.units["area_km2"].sum()
    assert zones["surface_km2"].sum() == pytest.approx(land, rel=1e-9)
    for by_class, hours in zip(zones["besoin_par_classe"], zones["besoin_h"], strict=True):
        assert sum(by_class.values()) == hours
    parts = communes[["part_principale", "part_extension", "part_non_couverte"]]
    assert parts.sum(axis="columns").to_numpy() == pytest.approx(1, abs=1e-9)


@some
@given(
    drawn_studies(),
    st.sampled_from(STRUCTURES),
    st.one_of(discs(), inside_one_commune(), slivers(), blocks()),
)
def test_one_more_principal_drawing_uncovers_nothing(
    study: Study, name: str, shape: Polygon
) -> None:
    # By share of area, as the status that a commune shows is that of the part with most need:
    # a drawing that splits the covered part may leave the largest part to the uncovered one.
    filed = study.drawn.drop(columns="row").to_dict("records")
    before = compute(study, SQUARES)
    after = compute(with_drawings(study, [*filed, drawn(name, shape)]), SQUARES)
    bare = [
        c.communes.loc[:, "part_non_couverte"].to_numpy(dtype=np.float64) for c in (before, after)
    ]
    # Parts under 1 % join the largest part, which may be uncovered.
    joined = 0.01 * max(len(signatures) for signatures in by_unit(after).values())
    assert (bare[1] <= bare[0] + joined).all()
    assert (bare[1][bare[0] == 0] == 0).all()


def by_unit(coverage: Coverage) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for code, signature in keys_of(coverage):
        found.setdefault(code, []).append(signature)
    return found

"""Communes that drawn borders cut: every point of the map in the status of its own atom."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from builders import drawn, make_study, need, perimeter, post, shuffled
from fake_coverage import (
    CUT,
    HOSTILE,
    PARTS_ONLY,
    WITHOUT_SHAPE,
    drawn_coverage,
    drawn_study,
    fake_territory,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from map_reading import data_of, polygon

from coverage.atoms import cover_of
from coverage.shapes import atom_shapes
from coverage.study import compute
from maps.encoding import SCALE
from maps.map import build_map
from maps.statuses import STYLES

if TYPE_CHECKING:
    from coverage.model import Coverage

REGIONAL = ("32", "84")
MARGIN_DEG = 0.001
"""Further than this from any border, simplifying cannot have moved a point to another side."""

Data = dict[str, Any]


@pytest.fixture(scope="module")
def regional() -> str:
    return build_map(drawn_coverage(regions=REGIONAL))


@pytest.fixture(scope="module")
def national() -> str:
    return build_map(drawn_coverage())


def pieces(data: Data) -> list[tuple[int, int, Any]]:
    """Return (style, zone, polygon) of all that the page fills with a colour."""
    parts, patches, communes, shapes = (
        data["parts"],
        data["patches"],
        data["communes"],
        data["shapes"],
    )
    if not shapes["communes"]:
        rows = zip(patches["style"], patches["zone"], shapes["patches"], strict=True)
    else:
        cut = set(parts["commune"])
        whole = zip(communes["style"], communes["zone"], shapes["communes"], strict=True)
        rows = [row for number, row in enumerate(whole) if number not in cut]
        rows += zip(parts["style"], parts["zone"], shapes["parts"], strict=True)
    return [(style, zone, polygon(text)) for style, zone, text in rows]


def expected_status(coverage: Coverage, atom: int) -> set[str]:
    """Return the statuses that who covers an atom allows, whatever its zone says."""
    signature = coverage.atoms.signatures[coverage.atoms.table["signature"].iloc[atom]]
    cover = cover_of(signature)
    if cover == "principale":
        return {"donnee_manquante", "capacite_insuffisante", "couverte"}
    return {"limitrophe"} if cover == "extension" else {"non_couverte"}


def check_points(coverage: Coverage, seed: int, count: int) -> None:
    """Draw points over the land: each falls in one piece and one zone, those of its atom."""
    data = data_of(build_map(coverage))
    drawn_pieces = pieces(data)
    outlines = [polygon(text) for text in data["shapes"]["zones"]]
    zone_of = {a: zone for zone, rows in coverage.zone_atoms.items() for a in rows.tolist()}
    shapes = atom_shapes(coverage.atoms, coverage.territory)
    inner = shapely.buffer(shapes, -MARGIN_DEG)
    rng = np.random.default_rng(seed)
    for x, y in rng.uniform((3, 46), (3.06, 46.03), size=(count, 2)):
        here = shapely.Point(x, y)
        own = [a for a in np.flatnonzero(~shapely.is_missing(inner)) if inner[a].contains(here)]
        if not own:
            continue
        steps = shapely.Point(x * SCALE, y * SCALE)
        found = [(style, zone) for style, zone, shape in drawn_pieces if shape.contains(steps)]
        assert len(found) == 1
        style, zone = found[0]
        assert STYLES[style].status in expected_status(coverage, own[0])
        assert STYLES[style].status == coverage.zones["statut"][zone_of[own[0]]]
        assert data["zones"]["id"][zone] == zone_of[own[0]]
        assert [data["zones"]["id"][n] for n, o in enumerate(outlines) if o.contains(steps)] == [
            zone_of[own[0]]
        ]


def check_tiling(data: Data, slack: int = 0) -> None:
    """Pieces leave no gap and do not overlap: rounded, they still add up to the régions.

    Rounding may turn a sliver over: the slack is for it, in square steps.
    """
    area = sum(shape.area for _, _, shape in pieces(data))
    regions = sum(polygon(region["shape"]).area for region in data["regions"])
    zones = sum(polygon(text).area for text in data["shapes"]["zones"])
    assert [regions, zones] == pytest.approx([area, area], rel=0, abs=slack)


@pytest.mark.parametrize("regions", [REGIONAL, ()])
def test_every_point_is_in_the_status_of_its_atom(regions: tuple[str, ...]) -> None:
    check_points(drawn_coverage(regions=regions), seed=1, count=1500)


def test_pieces_tile_the_land(regional: str, national: str) -> None:
    check_tiling(data_of(regional))
    check_tiling(data_of(national))


corners = st.tuples(st.integers(-10, 70), st.integers(-10, 40))
drawings = st.lists(
    st.tuples(
        st.lists(corners, min_size=3, max_size=5, unique=True),
        st.sampled_from(["principal", "extension"]),
        st.sampled_from(["A", "B"]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25, deadline=None)
@given(drawings, st.integers(0, 99), st.sampled_from([REGIONAL, ()]))
def test_whatever_is_drawn_is_drawn_true(
    given_drawings: list[tuple[list[tuple[int, int]], str, str]],
    seed: int,
    regions: tuple[str, ...],
) -> None:
    shapes = []
    for points, nature, structure in given_drawings:
        hull = shapely.convex_hull(
            shapely.MultiPoint([(3 + x / 1e3, 46 + y / 1e3) for x, y in points])
        )
        if hull.area:
            shapes.append(drawn(structure, hull, nature))
    territory = fake_territory()
    study = make_study(
        [post("A", "1/10"), post("B", 3)],
        [perimeter("B", "01005", "extension")],
        [need(code, 4_000) for code in territory.codes],
        shapes=shapes,
        regions=regions,
    )
    coverage = compute(study, territory)
    check_points(coverage, seed, count=60)
    # Half the smallest part that there may be, 1 % of a square of a hundred steps.
    check_tiling(data_of(build_map(coverage)), slack=50)


def test_an_uncovered_part_is_never_green(regional: str) -> None:
    data = data_of(regional)
    row = data["communes"]["code"].split().index(CUT)
    parts = [n for n, commune in enumerate(data["parts"]["commune"]) if commune == row]
    told = [STYLES[data["parts"]["style"][n]].status for n in parts]
    assert told[0] == "non_couverte"
    assert "non_couverte" not in told[1:]
    assert sum(data["parts"]["share"][n] for n in parts) == pytest.approx(1000, abs=1)
    assert data["hatched"] == []
    assert "commune coupée par un périmètre dessiné" in regional


def test_the_part_that_a_commune_shows_has_its_style(regional: str) -> None:
    data = data_of(regional)
    parts, communes = data["parts"], data["communes"]
    rows = list(zip(parts["commune"], parts["shown"], parts["style"], parts["zone"], strict=True))
    for commune, held in groupby(rows, key=lambda row: row[0]):
        shown = [(style, zone) for _, yes, style, zone in held if yes]
        assert shown == [(communes["style"][commune], communes["zone"][commune])]


def test_a_zone_of_parts_alone_is_drawn_and_listed(regional: str, national: str) -> None:
    for page in (regional, national):
        data = data_of(page)
        zone = data["zones"]["id"].index(PARTS_ONLY)
        assert zone not in data["communes"]["zone"]
        outline = polygon(data["shapes"]["zones"][zone])
        assert outline.area == pytest.approx(np.pi * 40**2, rel=0.25)
        assert outline.contains(shapely.Point(data["anchorOfZone"][zone]))
        assert f'data-zone="{zone}">{PARTS_ONLY}</button>' in page


def test_the_popup_of_a_zone_stands_in_what_it_holds(regional: str) -> None:
    data = data_of(regional)
    for text, anchor in zip(data["shapes"]["zones"], data["anchorOfZone"], strict=True):
        assert bool(text) == bool(anchor)
        assert not text or polygon(text).contains(shapely.Point(anchor))


def test_a_part_too_thin_to_be_seen_leaves_its_commune_hatched() -> None:
    coverage = drawn_coverage(regions=REGIONAL)
    shapes = coverage.atoms.shapes.copy()
    unit = coverage.territory.codes.tolist().index(CUT)
    bare, held = np.flatnonzero(coverage.atoms.table["unit"] == unit)
    west, south, east, north = shapely.union_all(shapes[[bare, held]]).bounds
    shapes[held] = shapely.box(west, south, west + 0.00001, north)
    shapes[bare] = shapely.box(west + 0.00001, south, east, north)
    thin = replace(coverage, atoms=replace(coverage.atoms, shapes=shapes))
    page = build_map(thin)
    data = data_of(page)
    assert data["hatched"] == [data["communes"]["code"].split().index(CUT)]
    assert "commune mixte" in page


def test_drawings_in_force_are_lines_of_a_regional_map(regional: str, national: str) -> None:
    data = data_of(regional)
    assert [drawing["name"] for drawing in data["drawn"]] == [
        f"{HOSTILE} : extension, validé",
        "Maison de l’emploi : périmètre principal, validé",
    ]
    disc, slanted = (polygon(drawing["lines"]) for drawing in data["drawn"])
    assert disc.contains(shapely.Point(30400, 460100))
    assert slanted.bounds == (29000, 459500, 30260, 460500)
    assert "Périmètres dessinés (2)" in regional
    assert data_of(national)["drawn"] == []
    assert 'id="dessins"' not in national


def test_drawings_elsewhere_are_left_out() -> None:
    data = data_of(build_map(drawn_coverage(regions=("32",))))
    assert [drawing["name"] for drawing in data["drawn"]] == [f"{HOSTILE} : extension, validé"]


def test_order_of_drawings_changes_nothing() -> None:
    study, territory = drawn_study(regions=REGIONAL), fake_territory()
    pages = {build_map(compute(shuffled(study, seed), territory)) for seed in (1, 2)}
    assert pages == {build_map(compute(study, territory))}


def test_counts_stay_those_of_communes(regional: str) -> None:
    communes = data_of(regional)["communes"]
    assert len(communes["code"].split()) == 18
    assert f"Commune {WITHOUT_SHAPE} ({WITHOUT_SHAPE}) – non couverte." in regional

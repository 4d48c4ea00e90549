"""Drawn perimeters on the real communes, against the naive reference.

A third of the structures or more draw what they hold, in the legal projection of the place:
discs of some kilometres, communes united whose border is moved by a few centimetres to some
hundred metres, quartiers prioritaires. Others file codes over the same ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from agreement import agreed
from builders import drawn, make_study, need, perimeter, post, seeded
from effort import chosen
from part_of_france import regions_alone
from pyproj import Transformer

from coverage.parameters import CLASSES
from coverage.study import compute
from geo.crs import legal_epsg

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    import naive

    from coverage.model import Coverage, Study
    from geo.territory import Territory

PLACES = {"rhone": ("69",), "corse": ("2A", "2B"), "reunion": ("974",)}
AROUND = {"rhone": ("84", "27"), "corse": ("94",), "reunion": ("04",)}
"""Régions that perimeters drawn in a place may reach."""

QPV = Path(__file__).parents[2] / "shared/data/qpv/qpv_2024_contours_valides.geojson"
MOVES_M = (0.03, -0.03, 0.3, -3, 30, -30, 300)
SAMPLE = 70
Row = dict[str, Any]
Shape = Any


@dataclass(frozen=True)
class Ground:
    """Where a study is drawn: units and their shapes in the legal projection."""

    codes: tuple[str, ...]
    shapes: dict[str, Shape]
    to_degrees: Transformer

    def in_degrees(self, shape: Shape) -> Shape:
        return shapely.transform(shape, self.to_degrees.transform, interleaved=False)

    def disc(self, rng: random.Random, radius_m: float) -> Shape:
        centre = self.shapes[rng.choice(self.codes)].representative_point()
        return self.in_degrees(centre.buffer(radius_m, quad_segs=32))

    def communes(self, rng: random.Random, count: int, move_m: float) -> Shape:
        """Return the communes nearest to one, united, their outer border moved."""
        first = self.shapes[rng.choice(self.codes)]
        nearest = sorted(self.shapes.values(), key=lambda shape: shape.centroid.distance(first))
        united = shapely.union_all(nearest[:count])
        return self.in_degrees(united.buffer(move_m, join_style="mitre"))


def ground(territory: Territory, departements: Sequence[str]) -> Ground:
    inside = territory.units[territory.units["departement"].isin(departements)]
    inside = inside[inside.geometry.notna()]
    epsg = legal_epsg(departements[0])
    return Ground(
        tuple(inside.index),
        dict(zip(inside.index, inside.geometry.to_crs(epsg), strict=True)),
        Transformer.from_crs(epsg, 4326, always_xy=True),
    )


def quartiers(departements: Sequence[str]) -> list[Shape]:
    """Return the quartiers prioritaires, repaired as they would be when read."""
    if not QPV.exists():
        return []
    frame = gpd.read_file(QPV)
    here = frame["insee_com"].str.startswith(tuple(departements))
    return [shape for shape in frame.geometry[here] if shape.is_valid]


def draw_study(territory: Territory, name: str, seed: int) -> Study:
    rng = seeded(seed)
    departements = PLACES[name]
    place = ground(territory, departements)
    natures = ("principal", "principal", "extension", "extension_dotee")
    names = [f"S{number:02d}" for number in range(1, 13)]
    shapes = [
        drawn(structure, place.disc(rng, rng.uniform(5_000, 25_000)), rng.choice(natures))
        for structure in (names[0], names[1], names[1], names[2])
    ]
    for structure in (names[2], names[3], names[4]):
        moved = place.communes(rng, rng.randint(3, 20), rng.choice(MOVES_M))
        shapes.append(drawn(structure, moved, rng.choice(natures)))
    shapes += [drawn(names[5], shape) for shape in quartiers(departements)]
    # None of these covers: a coordinator's, one to confirm, one without a post.
    far = place.disc(rng, 25_000)
    shapes += [
        drawn("coordination", far, volet="coordinateur"),
        drawn(names[6], far, etat="a_confirmer"),
        drawn("sans_poste", far),
    ]
    perimeters = [
        perimeter(rng.choice(names), code, rng.choice(natures))
        for code in rng.sample(place.codes, len(place.codes) * 3 // 5)
    ]
    return make_study(
        [*_posts(rng, names), post("coordination", volet="coordinateur")],
        perimeters,
        _needs(rng, place.codes),
        shapes=shapes,
    )


def _posts(rng: random.Random, names: Sequence[str]) -> list[Row]:
    scopes = (CLASSES, CLASSES, ("etat", "operateurs_etat"), ("collectivites", "bailleurs"))
    return [
        post(name, rng.choice(["1/4", "1/2", "1", "2"]), classes=rng.choice(scopes))
        for name in (*names, *names[:4])
    ]


def _needs(rng: random.Random, codes: Sequence[str]) -> list[Row]:
    return [
        need(code, rng.choice([0, rng.randint(1, 300), rng.randint(1, 30_000)]), name)
        for code in rng.sample(codes, min(SAMPLE, len(codes) * 4 // 5))
        for name in rng.sample(CLASSES, rng.choice([1, 2]))
    ]


Decided = tuple["Coverage", "naive.Reference"]


@pytest.fixture(
    scope="module",
    params=[(name, seed) for name in PLACES for seed in chosen((1, 2), 1)],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def decided(request: pytest.FixtureRequest, france: Territory) -> Decided:
    territory = regions_alone(france, AROUND[request.param[0]])
    coverage = compute(draw_study(territory, *request.param), territory)
    return coverage, agreed(coverage)


def test_shares_rates_statuses_and_zones_agree(decided: Decided) -> None:
    coverage, reference = decided
    cut = [code for code, atoms in reference.atoms.items() if len(atoms) > 1]
    assert len(cut) >= 5
    assert len({reference.units[code].statut for code in cut}) > 1
    assert any(reference.units[code].mixte for code in cut)
    shares = coverage.atoms.table.groupby("unit")["share"].sum().to_numpy()
    assert shares == pytest.approx(np.ones(len(coverage.territory)), abs=1e-9)


def test_areas_and_hours_of_zones_add_up(decided: Decided) -> None:
    coverage, reference = decided
    assert coverage.zones["besoin_h"].sum() == sum(reference.total.needs.values())
    land = coverage.territory.units["area_km2"].sum()
    assert coverage.zones["surface_km2"].sum() == pytest.approx(land, rel=1e-9)
    assert coverage.zones["population"].sum() == coverage.territory.population.sum()

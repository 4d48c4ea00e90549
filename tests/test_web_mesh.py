"""The mesh of the map: every commune, every border once, the same bytes each time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from fake_coverage import WITHOUT_SHAPE, fake_territory

from maps.encoding import ALPHABET, SCALE, encode_shapes
from maps.web.mesh import mesh_digest, mesh_json
from maps.web.topology import topology

if TYPE_CHECKING:
    from geo.territory import Territory

Ring = list[tuple[int, int]]
PLACE_OF = {letter: place for place, letter in enumerate(ALPHABET)}


class Mesh:
    """A reader of its own, from the words of `mesh_json`."""

    def __init__(self, body: bytes) -> None:
        self.content: dict[str, Any] = json.loads(body)
        self.codes: list[str] = self.content["code"].split(" ")
        self.lines = self._lines()
        self.refs = [self._refs(text) for text in self._contours()]

    def _lines(self) -> list[Ring]:
        x = y = 0
        lines = []
        for text in self.content["lignes"].split(","):
            values = [
                value // 2 if value % 2 == 0 else -(value + 1) // 2 for value in numbers(text)
            ]
            line = []
            for dx, dy in zip(values[::2], values[1::2], strict=True):
                x, y = x + dx, y + dy
                line.append((x, y))
            lines.append(line)
        return lines

    def _contours(self) -> list[str]:
        contours: list[str] = self.content["contours"].split(";")
        assert len(contours) == len(self.codes)
        self.met = 0
        return contours

    def _refs(self, text: str) -> list[list[tuple[int, bool]]]:
        rings = []
        for part in text.split(",") if text else []:
            ring = []
            for number in numbers(part):
                if number:
                    ring.append((self.met - 1 - (number - 1) // 2, (number - 1) % 2 == 1))
                else:
                    ring.append((self.met, False))
                    self.met += 1
            rings.append(ring)
        return rings

    def rings(self, unit: int) -> list[Ring]:
        """Return the closed rings of a unit, checked to go from end to end."""
        found = []
        for refs in self.refs[unit]:
            ring: Ring = []
            for line, reverse in refs:
                points = self.lines[line][::-1] if reverse else self.lines[line]
                assert not ring or ring[-1] == points[0]
                ring += points if not ring else points[1:]
            assert ring[0] == ring[-1]
            found.append(ring)
        return found

    def area(self, unit: int) -> float:
        """Return the area of a unit by the even-odd rule, in squared degrees."""
        shapes = [shapely.Polygon(np.array(ring) / SCALE) for ring in self.rings(unit)]
        whole = shapely.Polygon()
        for shape in shapes:
            whole = whole.symmetric_difference(shape.buffer(0))
        return float(whole.area)


def numbers(text: str) -> list[int]:
    found, value, shift = [], 0, 0
    for letter in text:
        digit = PLACE_OF[letter]
        value |= (digit & 31) << shift
        shift += 5
        if not digit & 32:
            found.append(value)
            value = shift = 0
    return found


def rounded(shape: Any) -> float:  # noqa: ANN401 - shapely publishes no types
    points = shapely.transform(shape, lambda xy: np.rint(xy * SCALE) / SCALE)
    return float(shapely.area(shapely.make_valid(points)))


def test_two_squares_share_one_line() -> None:
    squares = np.array([shapely.box(0, 0, 0.01, 0.01), shapely.box(0.01, 0, 0.02, 0.01)])
    found = topology(squares)
    assert found.lines == 3
    assert sorted(np.bincount(found.arc).tolist()) == [1, 1, 2]
    (shared,) = np.flatnonzero(np.bincount(found.arc) == 2)
    assert sorted(found.reverse[found.arc == shared].tolist()) == [False, True]


def test_an_enclave_is_the_hole_of_its_neighbour() -> None:
    inner = shapely.box(0.01, 0.01, 0.02, 0.02)
    outer = shapely.box(0, 0, 0.03, 0.03).difference(inner)
    found = topology(np.array([outer, inner, None]))
    assert found.lines == 2
    assert np.bincount(found.arc).tolist() == [1, 2]
    assert found.shape_of.tolist() == [0, 0, 1]


def test_nothing_makes_nothing() -> None:
    found = topology(np.array([None, None]))
    assert found.lines == 0
    assert len(found.arc) == 0


def test_a_fold_flattened_by_rounding_still_closes() -> None:
    spike = shapely.Polygon(
        [
            (0, 0),
            (0.01, 0),
            (0.01, 0.004999),
            (0.03, 0.005),
            (0.01, 0.005001),
            (0.01, 0.01),
            (0, 0.01),
        ]
    )
    beside = shapely.Polygon([(0.01, 0.005001), (0.03, 0.005), (0.03, 0.01), (0.01, 0.01)])
    territory = fake_territory()
    units = territory.units.copy()
    units["geometry"] = [spike, beside, *[None] * (len(units) - 2)]
    mesh = Mesh(mesh_json(replace(territory, units=units)))
    assert mesh.area(0) == pytest.approx(1e-4)
    assert mesh.area(1) == pytest.approx(rounded(beside))


def test_every_unit_with_geometry_is_there_and_no_other() -> None:
    territory = fake_territory()
    mesh = Mesh(mesh_json(territory))
    for unit, (code, shape) in enumerate(territory.units.geometry.items()):
        assert mesh.codes[unit] == code
        if code == WITHOUT_SHAPE:
            assert mesh.refs[unit] == []
        else:
            assert mesh.area(unit) == pytest.approx(rounded(shape))
    assert mesh.content["lacunes"] == encode_shapes(territory.holes.geometry)


def test_same_territory_same_bytes_another_another_digest() -> None:
    territory = fake_territory()
    assert mesh_json(territory) == mesh_json(fake_territory())
    assert mesh_digest(territory) == mesh_digest(fake_territory())
    assert mesh_digest(territory) != mesh_digest(fake_territory(overseas=True))
    units = territory.units.copy()
    units.loc["01001", "population"] = 7
    assert mesh_digest(replace(territory, units=units)) != mesh_digest(territory)


def test_france_is_whole_and_its_borders_are_shared(france: Territory) -> None:
    mesh = Mesh(mesh_json(france))
    shapes = france.units.geometry.to_numpy()
    drawn = np.array([bool(rings) for rings in mesh.refs])
    assert (drawn == ~shapely.is_missing(shapes)).all()
    owners = np.zeros(len(mesh.lines), dtype=int)
    for unit in range(len(mesh.codes)):
        mesh.rings(unit)
        for line in {line for ring in mesh.refs[unit] for line, _ in ring}:
            owners[line] += 1
    assert set(owners.tolist()) == {1, 2}
    # Neighbours in the territory are neighbours in the mesh: rounding opened no border.
    sides: dict[int, list[int]] = {}
    for unit, rings in enumerate(mesh.refs):
        for line in {line for ring in rings for line, _ in ring}:
            sides.setdefault(line, []).append(unit)
    pairs = {tuple(units) for units in sides.values() if len(units) == 2}
    long = france.borders[france.borders["length_m"] > 40]
    lost = set(zip(long["left"].tolist(), long["right"].tolist(), strict=True)) - pairs
    assert not lost
    for unit in range(0, len(mesh.codes), 97):
        if drawn[unit]:
            assert mesh.area(unit) == pytest.approx(shapely.area(shapes[unit]), rel=0.02)

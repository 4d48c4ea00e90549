"""What a folder gives: drawn perimeters beside or instead of codes, whatever the file order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from toy import STUDY, toy_territory, write_study

from coverage.frames import DRAWN_COLUMNS
from data.study.reader import read_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coverage.model import Study

TOY = toy_territory()
NO_CODES = {name: text for name, text in STUDY.items() if name != "perimetres.csv"}


def square(structure_id: str, west: float, nature: str = "principal") -> dict[str, object]:
    east, south, north = west + 0.05, 45.9, 45.95
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"structure_id": structure_id, "nature": nature},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def drawing(*features: dict[str, object]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def read(folder: Path, files: Mapping[str, str | bytes]) -> Study:
    return read_study(write_study(folder, files), TOY)


ONE, TWO, THREE = square("B", 5.3), square("A", 5.4), square("A", 5.3, "extension")


def test_drawn_files_add_up_with_each_other_and_with_codes(tmp_path: Path) -> None:
    files = {"perimetres.geojson": drawing(ONE, TWO), "Perimetres.json": drawing(THREE)}
    study = read(tmp_path, {**STUDY, **files})
    assert tuple(study.drawn.columns) == DRAWN_COLUMNS
    assert len(study.perimeters) == 4
    assert study.drawn[["file", "row", "structure_id", "nature"]].to_numpy().tolist() == [
        ["Perimetres.json", 1, "A", "extension"],
        ["perimetres.geojson", 2, "A", "principal"],
        ["perimetres.geojson", 1, "B", "principal"],
    ]
    assert study.drawn.crs.to_epsg() == 4326
    assert {entry.name: entry.rows for entry in study.inputs}["perimetres.geojson"] == 2


def test_where_a_feature_stands_changes_nothing_but_its_place(tmp_path: Path) -> None:
    """Features permuted, then dealt otherwise between the files."""
    deals = (
        {"perimetres.geojson": drawing(ONE, TWO), "perimetres.json": drawing(THREE)},
        {"perimetres.geojson": drawing(TWO, ONE), "perimetres.json": drawing(THREE)},
        {"perimetres.geojson": drawing(THREE), "perimetres.json": drawing(TWO, ONE)},
    )
    read_as = [
        read(tmp_path / str(number), {**NO_CODES, **files}).drawn.drop(columns=["file", "row"])
        for number, files in enumerate(deals)
    ]
    assert read_as[0].to_wkb().equals(read_as[1].to_wkb())
    assert read_as[0].to_wkb().equals(read_as[2].to_wkb())


@pytest.mark.parametrize("codes", [{}, {"perimetres.csv": "structure_id;niveau;code\n"}])
def test_codes_may_be_left_out_when_perimeters_are_drawn(
    codes: dict[str, str], tmp_path: Path
) -> None:
    study = read(tmp_path, {**NO_CODES, **codes, "perimetres.geojson": drawing(ONE)})
    assert study.perimeters.empty
    assert not study.warnings


def test_a_perimeter_drawn_for_nobody_is_told_by_its_feature(tmp_path: Path) -> None:
    files = {**STUDY, "perimetres.geojson": drawing(ONE, square("AB", 5.3))}
    with pytest.raises(InputErrors) as caught:
        read(tmp_path, files)
    (fault,) = caught.value.faults
    assert (fault.file, fault.row, fault.column) == ("perimetres.geojson", 2, "structure_id")
    assert "« AB » absente de structures.csv" in fault.message


def test_a_study_without_drawing_has_an_empty_frame(tmp_path: Path) -> None:
    drawn = read(tmp_path, STUDY).drawn
    assert drawn.empty
    assert tuple(drawn.columns) == DRAWN_COLUMNS

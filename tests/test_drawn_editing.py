"""Drawn perimeters added, changed, taken away: read back, and nothing else moves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import broken_drawings as draw
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy import toy_territory

from coverage.atoms import build_atoms, structure_shares
from coverage.reach import reach_of
from data.drawings.editing import (
    NEW_FILE,
    Changed,
    drawings_of,
    drawn_files,
    with_added,
    with_changed,
    without,
)
from data.drawings.files import read_drawn
from data.drawings.outline import outline_text, read_outline
from data.drawings.splice import splice
from data.study.folder import list_folder
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from data.drawings.editing import Drawing, DrawnFile
    from data.drawings.files import DrawnTable

TEXTS = {"structure_id": "B", "volet": "facilitateur", "nature": "extension", "etat": "valide"}
TRIANGLE = {
    "type": "Polygon",
    "coordinates": [[[2.3, 48.8], [2.4, 48.8], [2.35, 48.9], [2.3, 48.8]]],
}
BYTES = (
    b'\xef\xbb\xbf{"type": "FeatureCollection", "name": "dessins", "features": [\n'
    b'  {"type":"Feature","id":7,"properties":{"STRUCTURE_ID":"A","note":"\\u00e9t\\u00e9"},'
    b'"geometry":{"type":"Polygon","coordinates":'
    b"[[[2.350000000,48.85],[2.36,48.85,12],[2.36,48.86],[2.350000000,48.85]]]}} ,\n"
    b'  { "type":"Feature", "properties":{"STRUCTURE_ID":"B","nature":"extension"},"geometry":'
    b'{"type":"Polygon","coordinates":[[[2.4,48.8],[2.5,48.8],[2.5,48.9],[2.4,48.8]]]} }\n],\n'
    b'"licence": "libre" }\n'
)


def laid(folder: Path, files: Mapping[str, bytes]) -> tuple[DrawnFile, ...]:
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return drawn_files(list_folder(folder)[0].drawn)


def after(folder: Path, files: Mapping[str, bytes], changed: Changed) -> tuple[DrawnFile, ...]:
    kept = {name: content for name, content in files.items() if name not in changed.removed}
    return laid(folder, {**kept, **changed.files})


def tables(folder: Path) -> list[DrawnTable]:
    found = []
    for path in list_folder(folder)[0].drawn:
        table, findings = read_drawn(path)
        assert findings.faults == ()
        assert table is not None
        found.append(table)
    return found


def told(drawing: Drawing) -> tuple[object, ...]:
    shape = drawing.file.placed[drawing.at]
    return (*drawing.texts.values(), shapely.to_wkb(shape))


def layer(form: str) -> draw.Files:
    """Return a layer whose features are written anew, with attributes that nobody reads."""
    if form == "zip":
        return {"perimetres.zip": draw.archive(("couche.geojson", BYTES.lstrip(b"\xef\xbb\xbf")))}
    frame = draw.frame().assign(remarque=["été", None], rang=[12, 7], part=[0.1, 2.5])
    return draw.written(frame, form)


FORMS = ("geojson", "gpkg", "shp", "zip")


def test_a_drawing_added_leaves_every_byte_of_the_others(tmp_path: Path) -> None:
    files = {NEW_FILE: BYTES}
    changed = with_added(laid(tmp_path, files), TEXTS, TRIANGLE)
    new = changed.files[NEW_FILE]
    before, _, end = BYTES.rpartition(b"\n]")
    assert new.startswith(before)
    assert new.endswith(end)
    assert changed.removed == ()
    drawings = drawings_of(after(tmp_path, files, changed))
    assert [each.texts["structure_id"] for each in drawings] == ["A", "B", "B"]
    assert drawings[2].texts == TEXTS
    assert shapely.equals(drawings[2].shape, shapely.geometry.shape(TRIANGLE))
    assert with_added(laid(tmp_path, files), TEXTS, TRIANGLE) == changed


def test_a_first_drawing_makes_a_file(tmp_path: Path) -> None:
    changed = with_added((), TEXTS, TRIANGLE)
    (table,) = (after(tmp_path, {}, changed), tables(tmp_path))[1]
    assert table.typed.frame.iloc[0].drop("row").to_dict() == TEXTS
    # A layer that is not changed in place stays as it is: the new drawing goes beside.
    files = layer("gpkg")
    changed = with_added(laid(tmp_path, files), TEXTS, TRIANGLE)
    assert list(changed.files) == [NEW_FILE]
    assert [
        len(each.shapes) for each in (after(tmp_path, files, changed), tables(tmp_path))[1]
    ] == [1, 2]
    spoilt = laid(tmp_path, {NEW_FILE: b"{"})
    assert NEW_FILE not in with_added(spoilt, TEXTS, TRIANGLE).files


def test_attributes_changed_leave_the_geometry_and_the_rest_to_the_byte(tmp_path: Path) -> None:
    files = {NEW_FILE: BYTES}
    drawing = drawings_of(laid(tmp_path, files))[1]
    changed = with_changed(drawing, {"nature": "principal", "etat": "conteste"}, None)
    first, second = (splice(content).feature(1) for content in (BYTES, changed.files[NEW_FILE]))
    assert json.loads(second)["geometry"] == json.loads(first)["geometry"]
    assert json.loads(second)["properties"] == {
        "STRUCTURE_ID": "B",
        "nature": "principal",
        "etat": "conteste",
    }
    assert changed.files[NEW_FILE].replace(second.encode(), first.encode()) == BYTES


def test_an_outline_changed_keeps_what_else_the_feature_says(tmp_path: Path) -> None:
    drawing = drawings_of(laid(tmp_path, {NEW_FILE: BYTES}))[0]
    content = with_changed(drawing, {}, TRIANGLE).files[NEW_FILE]
    feature = json.loads(splice(content).feature(0))
    assert (feature["id"], feature["properties"]["note"]) == (7, "été")
    assert feature["geometry"] == TRIANGLE
    assert splice(content).feature(1) == splice(BYTES).feature(1)


def test_a_drawing_taken_away_and_the_file_with_the_last_one(tmp_path: Path) -> None:
    files = {NEW_FILE: BYTES}
    for gone in (0, 1):
        left = after(tmp_path, files, without(drawings_of(laid(tmp_path, files))[gone]))
        assert left[0].text is not None
        assert left[0].text.feature(0) == splice(BYTES).feature(1 - gone)
    alone = without(drawings_of(laid(tmp_path, files))[0]).files
    assert without(drawings_of(laid(tmp_path, alone))[0]) == Changed({}, (NEW_FILE,))
    parts = {name.upper(): content for name, content in layer("shp").items()} | {
        "perimetres.qpj": b"x",
        "perimetres.csv": b"structure_id\n",
    }
    drawn = drawings_of(laid(tmp_path, parts))
    one = after(tmp_path, parts, without(drawn[0]))
    (last,) = drawings_of(one)
    assert {path.name for path in tmp_path.iterdir()} == {
        "PERIMETRES.SHP.geojson",
        "perimetres.csv",
    }
    assert last.texts["structure_id"] == "B"


@pytest.mark.parametrize("form", FORMS)
def test_another_layer_is_written_anew_with_nothing_lost(form: str, tmp_path: Path) -> None:
    files = layer(form)
    before = drawings_of(laid(tmp_path, files))
    known = [
        {name: values[each.at] for name, values in each.file.layer.attributes.items()}
        for each in before
        if each.file.layer is not None
    ]
    changed = with_changed(before[0], {"etat": "conteste"}, None)
    assert changed.converted == next(iter(files))
    new = drawings_of(after(tmp_path, files, changed))
    assert new[0].texts == {**before[0].texts, "etat": "conteste"}
    assert [told(each)[-1] for each in new] == [told(each)[-1] for each in before]
    assert told(new[1]) == told(before[1])
    (content,) = changed.files.values()
    written = [json.loads(splice(content).feature(at))["properties"] for at in (0, 1)]
    for old, properties in zip(known, written, strict=True):
        for name, value in old.items():
            kept = properties.get(name, "" if name == "etat" else None)
            assert name == "etat" or str(kept) == str(value) or kept == float(value)
    assert len(tables(tmp_path)) == 1


def test_a_layer_that_would_lose_something_is_refused(tmp_path: Path) -> None:
    blobs = draw.gpkg(
        "ALTER TABLE perimetres ADD COLUMN photo BLOB",
        "UPDATE perimetres SET photo = x'00' WHERE fid = 2",
    )
    faulty = draw.gpkg(draw.blob(None))
    for content, why in ((blobs, "photo"), (faulty, "géométrie absente ou vide")):
        drawing = drawings_of(laid(tmp_path, {"perimetres.gpkg": content}))[0]
        with pytest.raises(InputErrors, match=f"récrite en GeoJSON : .*{why}"):
            with_changed(drawing, {}, TRIANGLE)
        with pytest.raises(InputErrors):
            without(drawing)


def test_a_faulty_drawing_can_be_mended(tmp_path: Path) -> None:
    eight = draw.polygon([[2, 48], [2.1, 48.1], [2.1, 48], [2, 48.1], [2, 48]])
    files = {NEW_FILE: draw.geojson(eight, None, draw.SQUARE)}
    drawings = drawings_of(laid(tmp_path, files))
    assert [each.file.placed[each.at] is None for each in drawings] == [True, True, False]
    assert outline_text(drawings[0].shape).splitlines()[1] == "2.1 48.1"
    assert drawings[1].shape is None
    content = with_changed(drawings[0], {}, TRIANGLE).files
    content = with_changed(drawings_of(laid(tmp_path, content))[1], {}, TRIANGLE).files
    laid(tmp_path, content)
    assert len(tables(tmp_path)[0].shapes) == 3


def test_the_tag_of_a_drawing_is_its_own(tmp_path: Path) -> None:
    files = {NEW_FILE: draw.geojson(draw.SQUARE, draw.SQUARE, TRIANGLE)}
    tags = [each.tag for each in drawings_of(laid(tmp_path, files))]
    assert len(set(tags)) == 3
    assert tags == [each.tag for each in drawings_of(laid(tmp_path, files))]


def test_the_share_of_a_written_drawing_is_that_of_its_file(tmp_path: Path) -> None:
    """The reach of one drawing is the reach of a study that files it alone (`test_drawing.py`)."""
    territory = toy_territory()
    text = "2.3512345 48.82\n2.45 48.82\n2,45 ; 48,9512345\n2.35 48.95\n"
    text += "trou\n2.38 48.85\n2.42 48.85\n2.42 48.88"
    geometry, _ = read_outline(text)
    assert geometry is not None
    laid(tmp_path, with_added((), TEXTS, geometry).files)
    shape = tables(tmp_path)[0].shapes[0]
    found = structure_shares(build_atoms(reach_of(shape, territory), territory))
    assert [str(territory.codes[unit]) for unit in found["unit"]] == ["75101", "75102", "93066"]
    assert outline_text(shape).startswith("2.3512345 48.82\n")


coordinates = st.tuples(st.floats(-5, 9, allow_nan=False), st.floats(42, 51, allow_nan=False))
outlines = st.lists(
    st.lists(
        # A point twice would close a ring before its end.
        st.lists(coordinates, min_size=3, max_size=6, unique=True),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(outlines)
def test_an_outline_is_read_back_to_the_last_digit(
    surfaces: list[list[list[tuple[float, float]]]],
) -> None:
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in surfaces]
    shape = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    geometry, findings = read_outline(outline_text(shape))
    assert findings.faults == ()
    assert geometry is not None
    assert shapely.equals_identical(shapely.geometry.shape(geometry), shape)


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from("acr"), max_size=6), st.integers(0, 9))
def test_changes_one_after_the_other_do_what_a_list_would(
    tmp_path: Path, steps: list[str], pick: int
) -> None:
    files: dict[str, bytes] = {NEW_FILE: BYTES}
    naive = ["A", "B"]
    for number, step in enumerate(steps):
        drawn = laid(tmp_path, files)
        drawings, texts = drawings_of(drawn), TEXTS | {"structure_id": f"S{number}"}
        at = pick % len(naive) if naive else 0
        if step == "a" or not naive:
            changed = with_added(drawn, texts, TRIANGLE)
            naive.append(texts["structure_id"])
        elif step == "c":
            changed = with_changed(drawings[at], texts, TRIANGLE)
            naive[at] = texts["structure_id"]
        else:
            changed = without(drawings[at])
            del naive[at]
        files = {k: v for k, v in files.items() if k not in changed.removed} | dict(changed.files)
    found = [each.texts["structure_id"] for each in drawings_of(laid(tmp_path, files))]
    assert found == naive


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 0, "aucun sommet"),
        ("2 48\n2 49", 1, "2 sommets ; un contour en a trois au moins"),
        ("2 48\n2 4x\n3 49\n3 48", 2, "« 2 4x » n’est pas une position"),
        ("2 48\n2 49\n3 49\ntrou\n2.1 48.9", 4, "1 sommet ; un contour"),
        ("trou\n2 48\n2 49\n3 49", 1, "trou qu’aucun contour n’entoure"),
        ("{", 0, "coupé ou abîmé"),
        ('{"type": "FeatureCollection", "features": []}', 0, "0 élément ; un seul est attendu"),
        ('{"type": "Polygon", "crs": {}, "coordinates": []}', 0, "déclare un système"),
        ("[1, 2]", 0, "n’est pas une géométrie GeoJSON"),
    ],
)
def test_an_outline_badly_written_is_told(text: str, line: int, why: str) -> None:
    geometry, findings = read_outline(text)
    assert geometry is None
    assert [(each.row, why in each.message) for each in findings.faults] == [(line, True)]
    assert all(each.remedy for each in findings.faults)


def test_every_line_badly_written_is_told_at_once() -> None:
    _, findings = read_outline("a\n2 48\nb\n2 49\n3 49\npartie\nc")
    assert [each.row for each in findings.faults] == [1, 3, 7]


def test_a_geojson_is_pasted() -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": TRIANGLE}
    for document in (TRIANGLE, feature, {"type": "FeatureCollection", "features": [feature]}):
        assert read_outline(f"  {json.dumps(document)}")[0] == TRIANGLE


def test_a_text_of_one_feature_is_changed_too() -> None:
    one = b' {"type": "Feature", "properties": {}, "geometry": null} '
    assert splice(one).replaced(0, "{}") == b" {} "
    both = splice(one).added('{"a": 1}')
    assert json.loads(both)["features"][1] == {"a": 1}
    assert splice(both).feature(0) == one.decode().strip()
    none = b'{"features": [ ], "type": "FeatureCollection"}'
    assert json.loads(splice(none).added("{}"))["features"] == [{}]

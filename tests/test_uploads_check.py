"""A deposit read in a process of its own: what is found is what `verifier` would say."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
from books import edited_book, one_sheet, saved, sound_book
from bounded_functions import map_drivers
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from toy import STUDY, toy_territory, write_study
from upload_archives import told, zipped

from data.study.reader import read_study
from data.uploads.accept import Accepted, accept
from data.uploads.bounded import Bounded, Outcome, run_bounded
from data.uploads.check import CheckLimits, _read, check_upload, laid_over, lay_files
from data.uploads.databases import database_refusals
from data.uploads.reading import read_deposit
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = {name: text.encode() for name, text in STUDY.items()}
TOY = ["toy", "toy_territory"]
SETTINGS = FILES["etude.toml"]


def read(folder: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """Return what the bounded process says, without the process."""
    accepted = accept("etude.zip", zipped(files))
    assert told(accepted) == []
    folder.mkdir(exist_ok=True)
    lay_files(accepted.files, folder / "etude")
    return read_deposit(str(folder / "etude"), TOY)


def geopackage(folder: Path, *statements: str) -> bytes:
    path = folder / "couche.gpkg"
    frame = gpd.GeoDataFrame(
        {"structure_id": ["A"]}, geometry=[box(5.31, 45.91, 5.39, 45.99)], crs="EPSG:4326"
    )
    frame.to_file(path, driver="GPKG", layer="perimetres")
    base = sqlite3.connect(path)
    for statement in statements:
        base.execute(statement)
    base.commit()
    base.close()
    return path.read_bytes()


def test_a_sound_deposit_is_read_as_its_folder_and_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    steps: list[tuple[str, int, int]] = []
    report = check_upload(
        accept("etude.zip", zipped(FILES)),
        toy_territory,
        on_progress=lambda *step: steps.append(step),
    )
    assert report.faults == report.warnings == ()
    assert report.summary["nom"] == "Essai"
    assert (report.summary["structures"], report.summary["besoins"]) == (2, 4)
    assert [done for _, done, _ in steps] == [0, 1, 2, 3]
    assert list(tmp_path.iterdir()) == []


def test_faults_are_those_of_the_folder_all_at_once(tmp_path: Path) -> None:
    files = {
        **FILES,
        "postes.csv": b"structure_id;volet;etp\nA;facilitateur;-1\nZ;facilitateur;1\n",
        "besoins.csv": b"commune;donneur_ordre;heures\n99999;etat;1\n",
    }
    with pytest.raises(InputErrors) as expected:
        read_study(write_study(tmp_path / "dossier", files), toy_territory())
    found = read(tmp_path, files)
    assert [Notice(*each) for each in found["faults"]] == list(expected.value.faults)
    assert [Notice(*each) for each in found["warnings"]] == list(expected.value.warnings)
    assert len(found["faults"]) == 3
    assert found["summary"] == {}


def test_a_workbook_reads_as_the_folder_does(tmp_path: Path) -> None:
    files = {"etude.toml": SETTINGS, "etude.xlsx": saved(sound_book())}
    found = read(tmp_path, files)
    assert found == read(tmp_path / "tables", FILES)
    assert found["summary"]["postes"] == 4


def test_applications_and_scenarios_are_read_too(tmp_path: Path) -> None:
    files = {**FILES, "candidatures/x.toml": b"a = 1\n", "scenarios/y.toml": b"b = 2\n"}
    found = read(tmp_path, files)
    assert {each[0] for each in found["faults"]} == {"candidatures/x.toml", "scenarios/y.toml"}


def test_the_example_comes_out_of_its_archive_byte_for_byte(example_folder: Path) -> None:
    paths = (path for path in example_folder.rglob("*") if path.is_file())
    files = {path.relative_to(example_folder).as_posix(): path.read_bytes() for path in paths}
    assert accept("exemple.zip", zipped(files, top="exemple/")).files == files


def test_what_accept_refused_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bounded, "run", lambda _self: pytest.fail("started"))
    report = check_upload(accept("e.zip", b"PK\x03\x04"), toy_territory)
    (fault,) = report.as_data()["faults"]
    assert fault.keys() == {"file", "row", "column", "message", "remedy"}
    assert fault["file"] == "e.zip"


@pytest.mark.parametrize("state", ["duree", "memoire", "arretee", "echouee"])
def test_a_reading_that_ends_badly_is_told_with_a_remedy(state: Any) -> None:  # noqa: ANN401
    warned = (Notice("a", 0, "", "b"),)
    report = _read(Outcome(state, message="la lecture a fini", cause="X"), warned)
    assert report.warnings == warned
    assert [fault.message for fault in report.faults] == ["la lecture a fini (X)"]
    assert report.faults[0].remedy


@pytest.mark.parametrize("fault", [1, [], ["a", 1.5, "", "", ""], ["a", True, "", "", ""]])
def test_a_finding_that_is_not_one_is_told(fault: object) -> None:
    value = {"faults": [fault], "warnings": [], "summary": {}}
    assert "illisible" in str(_read(Outcome("rendue", value), ()).faults[0])


@pytest.mark.parametrize("value", [None, [], {}, {"faults": []}, {"faults": 1}])
def test_an_answer_that_is_not_one_is_told(value: object) -> None:
    assert "illisible" in str(_read(Outcome("rendue", value), ()).faults[0])


def test_out_of_time_or_memory_or_killed_is_told() -> None:
    accepted = accept("etude.zip", zipped(FILES))
    report = check_upload(accepted, toy_territory, limits=CheckLimits(seconds=0.3))
    assert "plus de temps" in report.faults[0].message
    report = check_upload(accepted, toy_territory, limits=CheckLimits(memory_bytes=60_000_000))
    assert len(report.faults) == 1
    timers = []

    def start(running: Bounded) -> None:
        timers.append(threading.Timer(0.3, running.kill))
        timers[0].start()

    report = check_upload(accepted, toy_territory, on_start=start)
    timers[0].join()
    assert "arrêtée" in report.faults[0].message


def test_a_file_joins_or_replaces_those_of_the_study() -> None:
    beside = {"Besoins.csv": b"old", "postes.csv": b"p"}
    assert laid_over(beside, {"besoins.csv": b"new"}) == {"besoins.csv": b"new", "postes.csv": b"p"}


def test_a_file_never_leaves_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leaves"):
        lay_files({"../x": b""}, tmp_path / "etude")
    assert not (tmp_path / "x").exists()


def test_an_ordinary_geopackage_is_sound_and_read(tmp_path: Path) -> None:
    content = geopackage(tmp_path)
    assert b"CREATE TRIGGER" in content
    assert database_refusals(content) == []
    found = read(tmp_path, {**FILES, "perimetres.gpkg": content})
    assert found["faults"] == []
    assert found["summary"]["perimetres_dessines"] == 1


def test_no_file_passes_for_one_that_opens_others() -> None:
    outcome = run_bounded(map_drivers, [], seconds=60, memory_bytes=2_000_000_000)
    drivers = set(outcome.value)
    assert {"GeoJSON", "GPKG", "ESRI Shapefile"} <= drivers
    assert not drivers & {"GDALG", "OGR_VRT", "HTTP", "WFS", "OAPIF", "EEDA", "PLSCENES", "CSW"}


DANGERS = [
    ("CREATE TRIGGER piege AFTER INSERT ON perimetres BEGIN DELETE FROM perimetres; END", "piege"),
    ("CREATE VIEW vue AS SELECT load_extension('x') FROM perimetres", "vue"),
    ("CREATE VIRTUAL TABLE f USING fts5(a, 'USING rtree(')", "virtuelle"),
]


@pytest.mark.parametrize(("statement", "told_of"), DANGERS)
def test_a_geopackage_that_could_act_is_refused(
    statement: str, told_of: str, tmp_path: Path
) -> None:
    content = geopackage(tmp_path, statement)
    for name, given_content in (
        ("perimetres.gpkg", content),
        ("sources/couche.gpkg", content),
        ("sources/couche.zip", zipped({"couche.gpkg": content})),
    ):
        found = read(tmp_path / name.replace("/", "-"), {**FILES, name: given_content})
        ((file, _, _, message, remedy),) = found["faults"]
        assert file == name
        assert told_of in message
        assert remedy


@cache
def sound_geopackage() -> bytes:
    with tempfile.TemporaryDirectory() as room:
        return geopackage(Path(room))


@given(st.data())
@settings(max_examples=30)
def test_a_spoilt_geopackage_is_told_or_read(data: st.DataObject) -> None:
    content = bytearray(sound_geopackage())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(16, len(content) - 1))] = data.draw(st.integers(0, 255))
    database_refusals(bytes(content[: data.draw(st.integers(16, len(content)))]))


def long_cell(_folder: Path) -> dict[str, bytes]:
    words = "mot " * 50_000
    return {**FILES, "structures.csv": f'structure_id,nom\nA,Alpha\nB,"{words}"\n'.encode()}


def long_book_cell(_folder: Path) -> dict[str, bytes]:
    book = edited_book(lambda book: book["structures"].cell(2, 2, "mot " * 8_000))
    return {"etude.toml": SETTINGS, "etude.xlsx": book}


def endless_cell(_folder: Path) -> dict[str, bytes]:
    return {**FILES, "structures.csv": b'structure_id,nom\nA,"' + b"x\n" * 100_000}


def controls(_folder: Path) -> dict[str, bytes]:
    return {**FILES, "structures.csv": b"structure_id,nom\nA,Al\x07pha\x1b[2J\nB,B\x00ta\n"}


def wide_book(_folder: Path) -> dict[str, bytes]:
    return {**FILES, "indicateurs.xlsx": one_sheet([["x"] * 2_000])}


def deep_toml(_folder: Path) -> dict[str, bytes]:
    return {**FILES, "candidatures/x.toml": b"a = " + b"[" * 100_000}


@pytest.mark.parametrize("build", [long_cell, long_book_cell, endless_cell, wide_book, deep_toml])
def test_odd_contents_are_read_or_told(
    build: Callable[[Path], dict[str, bytes]], tmp_path: Path
) -> None:
    found = read(tmp_path, build(tmp_path))
    assert found["summary"] or found["faults"]
    assert all(each[3] and len(each[3]) < 1_000 for each in found["faults"])


def test_faults_are_told_up_to_a_point_and_the_rest_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = b"structure_id,volet,etp\n" + b"A,facilitateur,-1\n" * 5
    files = {**FILES, "postes.csv": rows}
    every = read(tmp_path / "tout", files)["faults"]
    monkeypatch.setattr("data.uploads.reading._MOST_TOLD", 3)
    first, *others = read(tmp_path / "borne", files)["faults"]
    assert others == every[:3]
    assert f"{len(every) - 3} erreurs de plus" in first[3]


def test_control_characters_in_a_table_are_no_text(tmp_path: Path) -> None:
    accepted = accept("e.zip", zipped(controls(tmp_path)))
    assert isinstance(accepted, Accepted)
    assert "n’est pas du texte" in told(accepted)[0]

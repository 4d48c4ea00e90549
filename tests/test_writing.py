"""Results appear whole or not at all: killed at any moment, on a full disk, in a wrong place."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api import pipeline
from data.results import places, writing
from data.results.geopackage import Layer, geopackage
from data.results.places import check_folder
from data.results.tables import Table
from data.results.writing import recover, write_file, write_folder
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
ONE = {"resume.json": "un", "communes.csv": "un", "carte.html": "un" * 50_000}
TWO = {"resume.json": "deux", "zones.geojson": "deux" * 70_000, "LISEZMOI.txt": "deux"}
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="fork and SIGKILL are of POSIX")


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def two_renames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do as on a system that cannot exchange two folders."""
    monkeypatch.setattr(writing, "_exchange", lambda _one, _other: False)


def test_results_replace_results_and_leave_nothing_beside(tmp_path: Path) -> None:
    out = tmp_path / "sortie"
    for files in (ONE, TWO, ONE):
        write_folder(out, files)
        assert content(out) == files
    assert names(tmp_path) == ["sortie"]


@pytest.mark.usefixtures("two_renames")
def test_two_renames_do_as_well(tmp_path: Path) -> None:
    test_results_replace_results_and_leave_nothing_beside(tmp_path)


def test_missing_parents_and_links_are_followed(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b" / "sortie"
    check_folder(out)
    assert names(tmp_path) == []
    write_folder(out, ONE)
    link = tmp_path / "lien"
    link.symlink_to(out)
    write_folder(link, TWO)
    assert link.is_symlink()
    assert content(out) == TWO


# A worker forks children that replace A by B and B by A, and kills each at a random moment or
# just before its n-th change of the disk. It says what it finds after each kill.
WORKER = """
import os, random, signal, sys, time
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
import test_writing as t
from data.results import writing

out, mode, way = Path(sys.argv[3]), sys.argv[4], sys.argv[5]
if way == "renames":
    writing._exchange = lambda one, other: False
rng = random.Random(2023)
CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "open", "ctypes.dlsym"}

def child(round, fatal):
    left = [fatal]
    def count(event, arguments):
        if event in CHANGES:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    if fatal:
        sys.addaudithook(count)
        writing.write_folder(out, t.TWO)
        os._exit(0)
    while True:
        writing.write_folder(out, t.TWO if round % 2 else t.ONE)
        round += 1

def state():
    if not out.exists():
        return "absent"
    found = t.content(out)
    return "one" if found == t.ONE else "two" if found == t.TWO else "mixed"

for round in range(1, 400):
    if mode == "steps":
        writing.write_folder(out, t.ONE)
    process = os.fork()
    if not process:
        child(round, round if mode == "steps" else 0)
    if mode == "random":
        time.sleep(rng.uniform(0, 0.05))
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    before = state()
    writing.recover(out)
    left = [path for path in out.parent.iterdir() if path != out]
    print(before, state(), len(left), flush=True)
    if mode == "random" and round == 80 or mode == "steps" and os.WIFEXITED(status):
        break
"""


def killed(tmp_path: Path, mode: str, way: str) -> list[tuple[str, str, str]]:
    """Return what stood after each kill, what stood once recovered, and how much was left."""
    out = tmp_path / "sortie"
    write_folder(out, ONE)
    command = [sys.executable, "-c", WORKER, str(ROOT), str(ROOT / "tests"), str(out), mode, way]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return [
        (line.split()[0], line.split()[1], line.split()[2]) for line in done.stdout.split("\n")[:-1]
    ]


@POSIX
@pytest.mark.parametrize("mode", ["random", "steps"])
def test_killed_at_any_moment_the_folder_is_one_or_the_other(tmp_path: Path, mode: str) -> None:
    seen = killed(tmp_path, mode, "exchange")
    assert len(seen) >= (60 if mode == "random" else 15)
    if sys.platform == "linux":
        assert {before for before, _, _ in seen} == {"one", "two"}
    assert {after for _, after, _ in seen} == {"one", "two"}
    assert {left for _, _, left in seen} == {"0"}


@POSIX
@pytest.mark.parametrize("mode", ["random", "steps"])
def test_killed_between_two_renames_the_next_run_puts_back(tmp_path: Path, mode: str) -> None:
    seen = killed(tmp_path, mode, "renames")
    assert {before for before, _, _ in seen} <= {"one", "two", "absent"}
    assert {after for _, after, _ in seen} == {"one", "two"}
    assert {left for _, _, left in seen} == {"0"}
    if mode == "steps":
        assert [after for before, after, _ in seen if before == "absent"] == ["one"]


def test_the_only_complete_copy_is_never_deleted(tmp_path: Path) -> None:
    out = tmp_path / "sortie"
    for kind in ("precedent", "nouveau"):
        left = tmp_path / f".sortie-{kind}-0123abcd"
        write_folder(out, ONE)
        out.rename(left)
        (tmp_path / ".sortie-brouillon-89abcdef").mkdir()
        check_folder(out)
        assert content(out) == ONE
        assert names(tmp_path) == ["sortie"]


def test_neighbours_of_other_folders_are_left_alone(tmp_path: Path) -> None:
    others = [".sortie-nouveau-b-precedent-0123abcd", ".sortie-2-brouillon-0123abcd", ".sortie-x"]
    for name in others:
        (tmp_path / name).mkdir()
    write_folder(tmp_path / "sortie", ONE)
    assert names(tmp_path) == sorted([*others, "sortie"])


@POSIX
def test_what_a_running_program_holds_is_left_alone(tmp_path: Path) -> None:
    left = tmp_path / ".sortie-nouveau-0123abcd"
    left.mkdir()
    with writing._locked(left) as mine:
        assert mine
        recover(tmp_path / "sortie")
        assert names(tmp_path) == [left.name]
    recover(tmp_path / "sortie")
    assert names(tmp_path) == ["sortie"]


def failing(number: int) -> Callable[[int], None]:
    def refuse(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "disque plein"),
        (errno.EACCES, "ouvert dans un autre programme"),
        (errno.EIO, f"code {errno.EIO}"),
    ],
)
def test_a_disk_that_refuses_leaves_the_previous_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    out = tmp_path / "sortie"
    write_folder(out, ONE)
    monkeypatch.setattr(os, "fsync", failing(number))
    with pytest.raises(OutputError, match=f"{said}.*intacts"):
        write_folder(out, TWO)
    with pytest.raises(OutputError, match=said):
        write_file(tmp_path / "a.csv", "texte")
    assert content(out) == ONE
    assert names(tmp_path) == ["sortie"]


@pytest.mark.usefixtures("two_renames")
def test_a_second_rename_refused_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "sortie"
    write_folder(out, ONE)
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if "-nouveau-" in path.name and target == out:
            raise PermissionError(errno.EACCES, "no")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OutputError, match="intacts"):
        write_folder(out, TWO)
    assert content(out) == ONE
    assert names(tmp_path) == ["sortie"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, for who may mount one."""
    disk = tmp_path / "disque"
    disk.mkdir()
    if not mounted("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)):
        pytest.skip("this machine does not let tests mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)  # noqa: S607 - wherever it is


def mounted(*words: str) -> bool:
    if sys.platform != "linux" or os.geteuid():
        return False
    return not subprocess.run(["mount", *words], check=False, capture_output=True).returncode  # noqa: S607


def test_a_full_disk_leaves_the_previous_results(small_disk: Path) -> None:
    out = small_disk / "sortie"
    write_folder(out, ONE)
    with pytest.raises(OutputError, match="disque plein"):
        write_folder(out, {"resume.json": "x" * 2_000_000})
    assert content(out) == ONE
    assert names(small_disk) == ["sortie"]


def test_a_full_scratch_disk_is_said_in_french(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    long = Layer("longue", "", Table({"texte": ["x" * 1000] * 3000}))
    with pytest.raises(OutputError, match="dossier temporaire"):
        geopackage([long], {})
    assert names(small_disk) == []


def test_a_nearly_full_disk_is_refused_before_computing(small_disk: Path) -> None:
    with pytest.raises(OutputError, match=r"presque plein : il reste \d Mo.*il en faut 50"):
        check_folder(small_disk / "sortie")


def test_a_disk_nearly_full_by_its_own_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LEAST_FREE_BYTES", 10**18)
    with pytest.raises(OutputError, match="presque plein"):
        check_folder(tmp_path / "sortie")


def test_a_disk_that_is_read_only_is_refused_before_computing(small_disk: Path) -> None:
    write_folder(small_disk / "sortie", ONE)
    assert mounted("-o", "remount,ro", str(small_disk))
    with pytest.raises(OutputError, match="lecture seule"):
        check_folder(small_disk / "sortie")
    with pytest.raises(OutputError, match="lecture seule"):
        check_folder(small_disk / "autre" / "sortie")


def test_the_root_of_a_disk_is_refused(small_disk: Path) -> None:
    with pytest.raises(OutputError, match="racine d’un disque"):
        check_folder(small_disk)


def test_places_that_cannot_hold_results_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "fichier"
    file.write_text("")
    letters = tmp_path / "documents"
    letters.mkdir()
    (letters / "lettre.txt").write_text("garder")
    for out, said in (
        (file, "est un fichier"),
        (file / "sortie", "un fichier se trouve sur le chemin"),
        (letters, "autre chose que des résultats"),
        (tmp_path / ("x" * 300), "nom trop long"),
    ):
        with pytest.raises(OutputError, match=said):
            check_folder(out)
        with pytest.raises(OutputError, match=said):
            write_folder(out, ONE)
    assert names(letters) == ["lettre.txt"]
    assert names(tmp_path) == ["documents", "fichier"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
def test_a_place_of_the_system_is_refused() -> None:
    with pytest.raises(OutputError, match="impossible d’écrire dans « /proc »"):
        check_folder(Path("/proc/zones/sortie"))


def test_a_project_saved_among_results_is_not_deleted(tmp_path: Path) -> None:
    out = tmp_path / "sortie"
    write_folder(out, ONE)
    (out / "etude.gpkg-wal").write_text("")
    write_folder(out, TWO)
    (out / "carte.qgz").write_text("travail")
    with pytest.raises(OutputError, match=r"carte\.qgz"):
        write_folder(out, ONE)
    assert content(out) == TWO | {"carte.qgz": "travail"}


def test_nothing_is_computed_for_a_place_that_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(pipeline, "read_and_compute", never)
    study = tmp_path / "etude"
    (study / "tables").mkdir(parents=True)
    for out in (study, study / "r", study / "tables" / "r", tmp_path, Path("/proc/zones/r")):
        with pytest.raises(OutputError):
            pipeline.calculate(study, out, on_step=lambda _: None)


def test_a_study_reached_by_a_link_is_still_the_study(tmp_path: Path) -> None:
    study = tmp_path / "etude"
    study.mkdir()
    (tmp_path / "lien").symlink_to(study)
    with pytest.raises(OutputError, match="dans le dossier de l’étude"):
        check_folder(tmp_path / "lien" / "r", study=study)
    check_folder(tmp_path / "etude-2", study=study)

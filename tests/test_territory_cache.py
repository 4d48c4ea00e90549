"""The cached territory: written whole, checked at each load, built by one process at a time."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from filelock import FileLock

from data.paths import CACHE_VARIABLE
from data.reference import locks, territory
from data.reference.store import Tables
from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def tables() -> Tables:
    """Return a country of three units, the last one without geometry."""
    codes = ["10001", "10002", "97501"]
    columns = ["name", "departement", "region", "epci", "ept", "arrondissement"]
    units = gpd.GeoDataFrame(
        {column: [f"{column} {code}" for code in codes] for column in columns},
        index=pd.Index(codes, name="code"),
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), None],
        crs=4326,
    )
    holes = gpd.GeoDataFrame({"region": ["44"]}, geometry=[shapely.box(5, 5, 6, 6)], crs=4326)
    borders = pd.DataFrame({"left": [0], "right": [1], "length_m": [110_574.4]})
    meanings = [
        ("commune", "10001", "Un", 0),
        ("departement", "10", "Aube", 0),
        ("departement", "10", "Aube", 1),
        ("departement", "975", "Saint-Pierre", 2),
    ]
    return Tables(
        units, borders, holes, pd.DataFrame(meanings, columns=["niveau", "code", "name", "row"])
    )


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Build three units in place of France, in a cache of its own; count the builds."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    made: list[str] = []

    def build(say: Callable[[str], None], _chosen: object) -> tuple[Tables, None]:
        say("construit")
        made.append("built")
        return tables(), None

    monkeypatch.setattr(territory, "_build", build)
    return made


def stored(tmp_path: Path) -> Path:
    (folder,) = (tmp_path / "cache").glob("territoire-*")
    return folder


def test_the_second_load_builds_nothing(tmp_path: Path, builds: list[str]) -> None:
    first, second = territory.load_territory(), territory.load_territory()
    assert builds == ["built"]
    assert first.units.equals(second.units)
    assert second.resolve("departement", "10").tolist() == [0, 1]
    assert second.names["departement"] == {"10": "Aube", "975": "Saint-Pierre"}
    assert second.units.geometry.iloc[2] is None
    assert second.borders.equals(tables().borders)
    assert second.holes.equals(tables().holes)
    assert second.members["ept"] == {}
    assert {path.name for path in (tmp_path / "cache").iterdir()} <= {
        stored(tmp_path).name,
        "territoire.lock",
    }


@pytest.mark.parametrize(
    "name",
    ["units.parquet", "borders.parquet", "holes.parquet", "codes.parquet", "manifest.json"],
)
@pytest.mark.parametrize("removed", [True, False])
def test_an_altered_cache_is_built_again(
    tmp_path: Path, builds: list[str], name: str, *, removed: bool
) -> None:
    territory.load_territory()
    path = stored(tmp_path) / name
    if removed:
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    said: list[str] = []
    assert len(territory.load_territory(on_step=said.append)) == 3
    assert builds == ["built", "built"]
    assert said[0] == "Le territoire en cache est altéré : il est reconstruit."
    territory.load_territory()
    assert len(builds) == 2


def test_a_failed_build_leaves_no_trace(
    tmp_path: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise DataUnavailableError("pas de réseau")

    monkeypatch.setattr(territory, "_build", fail)
    with pytest.raises(DataUnavailableError, match="pas de réseau"):
        territory.load_territory()
    assert not list((tmp_path / "cache").glob("*territoire-*"))
    assert not builds


def test_one_builds_while_the_other_waits_and_says_so(tmp_path: Path, builds: list[str]) -> None:
    waiting, said = Event(), []

    def say(line: str) -> None:
        said.append(line)
        waiting.set()

    (tmp_path / "cache").mkdir()
    with FileLock(tmp_path / "cache" / "territoire.lock"):
        other = Thread(target=territory.load_territory, kwargs={"on_step": say})
        other.start()
        assert waiting.wait(timeout=30)
        assert not builds
    other.join(timeout=30)
    assert said[0].endswith("attente de sa fin…")
    assert builds == ["built"]


def test_a_cache_that_cannot_be_written_is_told(
    tmp_path: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(DataUnavailableError, match=CACHE_VARIABLE):
        territory.load_territory()
    assert not builds


def test_a_lock_held_too_long_is_told(
    tmp_path: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_WAIT_S", 0.1)
    (tmp_path / "cache").mkdir()
    with (
        FileLock(tmp_path / "cache" / "territoire.lock"),
        pytest.raises(DataUnavailableError, match="attendez sa fin ou arrêtez-la"),
    ):
        territory.load_territory()
    assert not builds


def test_a_store_that_does_not_read_back_is_told(
    builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(territory, "write_store", lambda _tables, _folder: None)
    with pytest.raises(DataUnavailableError, match="ne se relit pas"):
        territory.load_territory()
    assert builds == ["built"]

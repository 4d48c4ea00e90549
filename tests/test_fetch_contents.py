"""What is inside received files, what a study takes of them, and what is declared of them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from publisher import GOOD, NEWER, declared

from data.fetch.checks import check
from data.fetch.contents import FORMATS, columns_found
from data.fetch.copies import Copy
from data.fetch.deposit import deposit, require_study
from data.reference.sources import HTTP, DeclaredSource, sources
from data.study.tables import TABLES
from geo.errors import DataUnavailableError, OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def workbook(sheets: dict[str, Sequence[Sequence[str]]]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(content)
    return content.getvalue()


def packed(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return content.getvalue()


def parquet(columns: Sequence[str]) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table({name: [1] for name in columns}), content)
    return content.getvalue()


BOOK = workbook(
    {
        "Lisez-moi": [["Insee"]],
        "Composition": [["Zones d’emploi"], ["Libellé long", "Autre", "Encore"], ["CODGEO", "ZE"]],
    }
)
FEATURES = {
    "type": "FeatureCollection",
    "bbox": [0, 1, 2, 3],
    "features": [{"type": "Feature", "properties": {"code_qp": "QN1", "lib": "x"}}],
}


@pytest.mark.parametrize(
    ("file", "content", "found"),
    [
        ("a.csv", b"\xef\xbb\xbfDate;Code commune\r\n1;2", ("Date", "Code commune")),
        ("a.csv", "Département,Nom, Âge\n".encode("cp1252"), ("Département", "Nom", "Âge")),
        ("a.csv", b'"a;b",c,d\n', ("a;b", "c", "d")),
        ("a.csv", b"x\ty\n", ("x", "y")),
        ("a.csv", b"seule", ("seule",)),
        ("a.json", b'[{"id": 1, "nom": null}, {"siret": ""}]\n', ("id", "nom", "siret")),
        ("a.json", b'{"service": [{"id": "1", "pivot": []}]}', ("id", "pivot")),
        ("a.json", b'{"marches": {"marche": [{"objet": 1}]}}', ("objet",)),
        ("a.geojson", json.dumps(FEATURES).encode(), ("code_qp", "lib")),
        ("a.parquet", parquet(["uid", "geometry"]), ("uid", "geometry")),
        ("a.xlsx", BOOK, ("CODGEO", "ZE")),
        ("a.zip", packed({"x/Z_1.xlsx": BOOK}), ("CODGEO", "ZE")),
        ("a.7z", b"7z\xbc\xaf\x27\x1c...", ()),
        ("a.gpkg", b"anything", ()),
    ],
)
def test_columns_are_found_in_every_format(
    file: str, content: bytes, found: tuple[str, ...]
) -> None:
    members = ("*Z_*.xlsx",) if file == "a.zip" else ()
    source = declared(file=file, sheet="Composition", columns=("CODGEO", "ZE"), members=members)
    assert columns_found(io.BytesIO(content), source) == found


def test_a_first_record_longer_than_what_is_read_is_not_guessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("data.fetch.contents._HEAD_BYTES", 40)
    content = json.dumps([{"a": 1}, {"b": "x" * 100}, {"c": 1}]).encode()
    assert columns_found(io.BytesIO(content), declared(file="a.json")) == ("a",)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("a.json", b'[{"id": 1}, {"id": ', "la fin manque"),
        ("a.json", b'{"error_code": 5}', "aucune liste d’éléments"),
        ("a.parquet", parquet(["x"])[:-9], "ce n’est pas un fichier .parquet entier"),
        ("a.xlsx", b"PK not a workbook", "ce n’est pas un fichier .xlsx entier"),
        ("a.xlsx", workbook({"Feuil1": [["x"]]}), "feuille « Composition » absente"),
        ("a.zip", packed({"lisezmoi.txt": b""}), "il manque *Z_*.xlsx"),
        ("a.zip", packed({"Z_1.xlsx": b"x" * 99})[:-30], "ce n’est pas un fichier .zip entier"),
        (
            "a.zip",
            packed({"Z_1.xlsx": BOOK}).replace(BOOK[50:60], bytes(10), 1),
            "archive abîmée",
        ),
        ("a.7z", b"PK", "ce n’est pas une archive 7z"),
    ],
)
def test_what_is_not_of_its_format_is_told(file: str, content: bytes, said: str) -> None:
    source = declared(file=file, sheet="Composition", members=("*Z_*.xlsx",))
    with pytest.raises(DataUnavailableError) as error:
        columns_found(io.BytesIO(content), source)
    assert said in str(error.value)


def held(tmp_path: Path, source: DeclaredSource, content: bytes) -> Copy:
    path = tmp_path / source.file
    path.write_bytes(content)
    return Copy(path, "", len(content), "", "", "", "", ())


def test_a_file_is_put_in_the_study_and_never_over_another(tmp_path: Path) -> None:
    study = tmp_path / "étude"
    with pytest.raises(OutputError, match="nouvelle-etude"):
        require_study(study)
    study.mkdir()
    require_study(study)
    source = declared()
    path, outcome = deposit(held(tmp_path, source, GOOD), source, study)
    assert (path, outcome) == (study / "sources" / "defm.csv", "depose")
    assert deposit(held(tmp_path, source, GOOD), source, study)[1] == "identique"
    newer = held(tmp_path, source, NEWER)
    with pytest.raises(OutputError, match="--remplacer"):
        deposit(newer, source, study)
    assert path.read_bytes() == GOOD
    assert deposit(newer, source, study, replace=True)[1] == "remplace"
    assert path.read_bytes() == NEWER
    assert [p.name for p in path.parent.iterdir()] == ["defm.csv"]


def test_an_archive_gives_the_one_file_that_a_study_reads(tmp_path: Path) -> None:
    source = declared(file="qpv.zip", deposit="qpv.geojson", members=("*WGS84.geojson",))
    archive = packed({"GEOJSON/qp_LB93.geojson": b"x", "GEOJSON/qp_WGS84.geojson": b"y"})
    path, _ = deposit(held(tmp_path, source, archive), source, tmp_path)
    assert path.read_bytes() == b"y"
    kept = declared(file="qpv.zip", deposit="qpv.zip")
    assert deposit(held(tmp_path, kept, archive), kept, tmp_path / "x")[0].read_bytes() == archive


def test_a_study_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "sources").touch()
    with pytest.raises(OutputError, match="ne s’écrit pas"):
        deposit(held(tmp_path, declared(), GOOD), declared(), tmp_path)


@pytest.mark.parametrize("source", [s for s in sources().values() if s.kind == HTTP], ids=str)
def test_declared_files_are_complete_and_unpinned(source: DeclaredSource) -> None:
    assert source.address.startswith("https://")
    assert "." + source.file.rpartition(".")[2] in FORMATS
    assert source.use
    assert source.largest_mb
    assert source.licence.startswith("Licence Ouverte")
    assert (source.sha256, source.integrity, source.package, source.version) == ("",) * 4
    assert source.columns or source.file.endswith(".7z")
    if source.deposit:
        packed_alone = source.file.endswith(".zip") and len(source.members) == 1
        same = source.deposit.rpartition(".")[2] == source.file.rpartition(".")[2]
        assert same or packed_alone
        name = source.deposit.partition(".")[0]
        assert name.startswith("sources/") or name in {table.name for table in TABLES} | {"marches"}


def test_the_directory_is_asked_without_personal_data() -> None:
    address = sources()["annuaire"].address
    assert "select=" in address
    for word in ("telephone", "courriel", "personne", "site_internet", "formulaire"):
        assert word not in address


def test_a_long_list_of_new_columns_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(",".join(f"c{n}" for n in range(20)))
    with pytest.raises(DataUnavailableError, match=r"« c7 » et 12 autres"):
        check(path, declared())

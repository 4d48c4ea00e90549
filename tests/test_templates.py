"""An empty study: whole or not at all, readable by spreadsheets, and clear about what it lacks."""

from __future__ import annotations

import codecs
import csv
import tomllib
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest
from toy import STUDY, toy_territory, write_study

from api.cli import main
from coverage.parameters import Parameters, definitions
from data.study.award_tables import AWARD_TABLES
from data.study.faults import format_faults
from data.study.folder import list_folder
from data.study.proposal_tables import PROPOSAL_TABLES
from data.study.reader import read_study
from data.study.sources_tables import SOURCE_TABLES
from data.study.tables import TABLES
from data.study.templates import new_study, settings_text, study_files
from geo.errors import InputErrors, OutputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("as_csv", [False, True])
@pytest.mark.parametrize("made", [False, True])
def test_a_new_study_says_what_to_fill(made: bool, as_csv: bool, tmp_path: Path) -> None:  # noqa: FBT001
    folder = tmp_path / "region" / "étude"
    if made:
        folder.mkdir(parents=True)
    new_study(folder, as_csv=as_csv)
    with pytest.raises(InputErrors) as caught:
        read_study(folder, toy_territory())
    text = format_faults(caught.value.faults, caught.value.warnings)
    for part in ("aucune structure", "aucun poste", "aucun périmètre", "etude.nom", "etude.annee"):
        assert part in text
    assert len(caught.value.faults) == 5
    assert [path.name for path in folder.parent.iterdir()] == ["étude"]


def named(folder: Path) -> str:
    """The settings of a new study once its name and year are given."""
    text = (folder / "etude.toml").read_text(encoding="utf-8")
    return text.replace('nom = ""', 'nom = "Essai"').replace("# annee", "annee")


def test_a_new_study_once_filled_is_read_without_warning(tmp_path: Path) -> None:
    new_study(tmp_path / "etude", as_csv=True)
    write_study(tmp_path / "etude", {**STUDY, "etude.toml": named(tmp_path / "etude")})
    study = read_study(tmp_path / "etude", toy_territory())
    assert study.parameters == Parameters()
    assert not study.warnings


def test_a_new_workbook_filled_under_the_examples_reads_as_the_csv_files_do(tmp_path: Path) -> None:
    new_study(tmp_path / "etude")
    path = tmp_path / "etude" / "etude.xlsx"
    book = openpyxl.load_workbook(path)
    for table in TABLES:
        for row in csv.DictReader(STUDY[table.file].splitlines()):
            book[table.name].append([row.get(column.name) for column in table.columns])
    book.save(path)
    (tmp_path / "etude" / "etude.toml").write_text(named(tmp_path / "etude"), encoding="utf-8")
    study = read_study(tmp_path / "etude", toy_territory())
    expected = read_study(write_study(tmp_path / "csv"), toy_territory())
    for found, wanted in (
        (study.structures, expected.structures),
        (study.posts, expected.posts),
        (study.perimeters, expected.perimeters),
        (study.needs, expected.needs),
        (study.exhaustiveness, expected.exhaustiveness),
    ):
        pd.testing.assert_frame_equal(
            found.drop(columns="row"), wanted.drop(columns="row"), check_dtype=False
        )


def test_every_parameter_uncommented_is_its_default(tmp_path: Path) -> None:
    names = "|".join(definitions())
    lines = (
        settings_text().replace('nom = ""', 'nom = "E"').replace("# annee", "annee").splitlines()
    )
    bare = [line[2:] if line[2:].split(" ")[0] in names.split("|") else line for line in lines]
    assert set(tomllib.loads("\n".join(bare))["methode"]) == set(definitions())
    folder = write_study(tmp_path, {**STUDY, "etude.toml": "\n".join(bare)})
    assert read_study(folder, toy_territory()).parameters == Parameters()


def test_csv_tables_open_right_in_a_french_spreadsheet(tmp_path: Path) -> None:
    new_study(tmp_path / "etude", as_csv=True)
    for table in TABLES:
        content = (tmp_path / "etude" / table.file).read_bytes()
        assert content.startswith(codecs.BOM_UTF8)
        assert content.endswith(b"\r\n")
        assert content.decode("utf-8-sig").strip().split(";") == [
            column.name for column in table.columns
        ]


@pytest.mark.parametrize("as_csv", [False, True])
def test_the_instructions_tell_every_column_where_it_is(as_csv: bool) -> None:  # noqa: FBT001
    readme = study_files(as_csv=as_csv)["LISEZMOI.txt"].decode("utf-8-sig")
    assert "fictifs" in readme
    assert "\r\n" in readme
    for table in TABLES:
        assert (table.file if as_csv else f"feuille {table.name}") in readme
        for column in table.columns:
            assert f"\r\n  {column.name}\r\n" in readme
            assert column.description in readme


@pytest.mark.parametrize("as_csv", [False, True])
def test_a_new_study_holds_one_form_of_its_tables_and_always_the_same_bytes(
    as_csv: bool,  # noqa: FBT001
) -> None:
    files = study_files(as_csv=as_csv)
    tables = [table.file for table in TABLES] if as_csv else ["etude.xlsx"]
    assert sorted(files) == sorted(["LISEZMOI.txt", "etude.toml", *tables])
    assert files == study_files(as_csv=as_csv)


@pytest.mark.parametrize("as_csv", [False, True])
def test_a_complete_study_has_the_tables_of_sources_too(as_csv: bool, tmp_path: Path) -> None:  # noqa: FBT001
    files = study_files(as_csv=as_csv, complete=True)
    plain = study_files(as_csv=as_csv)
    tables = (*SOURCE_TABLES, *PROPOSAL_TABLES, *AWARD_TABLES)
    own = [table.file if as_csv else f"{table.name}.xlsx" for table in tables]
    assert sorted(files) == sorted([*plain, *own])
    # What goes to the structures is the same, and the settings.
    assert all(files[name] == plain[name] for name in plain if name != "LISEZMOI.txt")
    readme = files["LISEZMOI.txt"].decode("utf-8-sig")
    for table, name in zip(tables, own, strict=True):
        assert f"\r\n{name} (facultatif)\r\n" in readme
        for column in table.columns:
            assert f"\r\n  {column.name}\r\n" in readme
    arguments = ["nouvelle-etude", str(tmp_path / "e"), "--complet", *["--csv"] * as_csv]
    assert main(arguments) == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "e").iterdir()} == files


@pytest.mark.parametrize("as_csv", [False, True])
def test_tables_of_sources_left_empty_say_nothing(as_csv: bool, tmp_path: Path) -> None:  # noqa: FBT001
    folder = tmp_path / "etude"
    new_study(folder, as_csv=as_csv, complete=True)
    if not as_csv:
        (folder / "etude.xlsx").unlink()
    write_study(folder, {**STUDY, "etude.toml": named(folder)})
    study = read_study(folder, toy_territory())
    assert study.services is None
    assert study.projects is None
    assert not study.warnings


def test_the_instructions_name_official_files_that_a_study_takes(tmp_path: Path) -> None:
    readme = study_files(complete=True)["LISEZMOI.txt"].decode("utf-8-sig")
    names = ["marches.json", "marches.parquet", "decp.csv", "services_etat.json"]
    names += [f"grands_projets{suffix}" for suffix in (".geojson", ".gpkg", ".shp")]
    for name in names:
        assert name.removeprefix("grands_projets") in readme
        (tmp_path / name).write_text("")
    (tmp_path / "sources").mkdir()
    files, found = list_folder(tmp_path)
    assert not found.warnings
    read = [*files.contracts, *files.directories, *files.projects]
    assert sorted(path.name for path in read) == sorted(names)


def test_a_filled_folder_or_a_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("x")
    for folder, word in ((tmp_path, "déjà rempli"), (tmp_path / "note.txt", "est un fichier")):
        with pytest.raises(OutputError, match=word):
            new_study(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.write_bytes", fail)
    with pytest.raises(OutputError, match="impossible à écrire"):
        new_study(tmp_path / "etude")
    assert not list(tmp_path.iterdir())

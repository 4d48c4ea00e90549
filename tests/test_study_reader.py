"""Sound studies: what is read, what is warned about, and what never changes the result."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from toy import STUDY, toy_territory, write_study

from coverage.parameters import CLASSES, Parameters
from data.study.reader import read_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coverage.model import Study

TOY = toy_territory()
FRAMES = ("structures", "posts", "perimeters", "needs", "exhaustiveness")


def read(folder: Path, files: Mapping[str, str | bytes] = STUDY) -> Study:
    return read_study(write_study(folder, files), TOY)


def assert_same(one: Study, two: Study) -> None:
    for frame in FRAMES:
        left, right = (getattr(study, frame).drop(columns="row") for study in (one, two))
        pd.testing.assert_frame_equal(left, right)
    for field in ("name", "year", "regions", "parameters", "call", "fictional"):
        assert getattr(one, field) == getattr(two, field)


def table(name: str) -> list[list[str]]:
    """Return the cells of a table of the sound study; none is quoted but one."""
    lines = STUDY[name].replace('"Bêta, à l’est"', "Bêta¤ à l’est").splitlines()
    return [[cell.replace("¤", ",") for cell in line.split(",")] for line in lines]


def written(rows: list[list[str]], delimiter: str = ";", end: str = "\n") -> str:
    return "".join(delimiter.join(row) + end for row in rows)


def test_the_sound_study_is_read_whole(tmp_path: Path) -> None:
    study = read(tmp_path)
    assert (study.name, study.year, study.regions) == ("Essai", 2023, ("11",))
    assert study.parameters == replace(Parameters(), seuil_reponse=Fraction(2, 3))
    assert study.call == {"budget_eur": 5_400_000}
    assert not study.fictional
    assert not study.warnings
    assert study.structures.index.tolist() == ["A", "B"]
    assert study.structures.loc["B", "nom"] == "Bêta, à l’est"
    assert study.structures["heures_par_etp"].tolist() == [32_000, pd.NA]
    assert study.structures.loc["A", ["lon", "lat"]].tolist() == [2.35, 48.85]
    assert study.needs["annee"].tolist() == [0, 2023, 0, 2022]
    assert study.needs["heures"].sum() == 34_000.5
    assert study.exhaustiveness["departement"].tolist() == ["75", ""]


def test_posts_keep_exact_values_and_repeats(tmp_path: Path) -> None:
    posts = read(tmp_path).posts
    assert posts["row"].tolist() == [3, 4, 2, 5]  # sorted by poste_id, empty first
    assert posts["etp"].tolist() == [1, 1, Fraction(1, 2), Fraction(5, 4)]
    assert posts["donneurs_ordre"].tolist() == [CLASSES, CLASSES, ("etat", "prives"), CLASSES]
    assert posts["debut"].tolist() == [None, None, date(2023, 7, 1), None]
    assert posts["fin"].tolist() == [None, None, date(2024, 6, 30), None]


def test_empty_cells_of_perimeters_take_their_defaults(tmp_path: Path) -> None:
    perimeters = read(tmp_path).perimeters.set_index("code")
    assert perimeters.loc["75056", ["volet", "nature", "etat"]].tolist() == [
        "facilitateur",
        "principal",
        "valide",
    ]


def test_dtypes_are_those_of_the_model_even_without_optional_tables(tmp_path: Path) -> None:
    whole = read(tmp_path / "whole")
    required = {name: text for name, text in STUDY.items() if not name.startswith(("bes", "exh"))}
    bare = read(tmp_path / "bare", required)
    for frame in FRAMES:
        expected = getattr(whole, frame).dtypes
        pd.testing.assert_series_equal(getattr(bare, frame).dtypes, expected)
    assert whole.structures.dtypes.astype(str).to_dict() == {
        "row": "int64",
        "nom": "str" if pd.__version__ >= "3" else "object",
        "siret": "str" if pd.__version__ >= "3" else "object",
        "statut_juridique": "str" if pd.__version__ >= "3" else "object",
        "heures_par_etp": "Int64",
        "lon": "float64",
        "lat": "float64",
    }
    assert str(whole.needs["annee"].dtype) == "int64"
    assert str(whole.needs["heures"].dtype) == "float64"
    assert {warning.file for warning in bare.warnings} == {"besoins.csv", "exhaustivite.csv"}
    assert "inconnus" in bare.warnings[0].message


def test_inputs_carry_rows_and_digests(tmp_path: Path) -> None:
    inputs = {item.name: item for item in read(tmp_path).inputs}
    assert inputs.keys() == STUDY.keys()
    assert {name: item.rows for name, item in inputs.items()} == {
        "etude.toml": 0,
        "structures.csv": 2,
        "postes.csv": 4,
        "perimetres.csv": 4,
        "besoins.csv": 4,
        "exhaustivite.csv": 2,
    }
    for name, item in inputs.items():
        assert item.sha256 == sha256(STUDY[name].encode()).hexdigest()


CSV_FILES = [name for name in STUDY if name.endswith(".csv")]


def variants() -> dict[str, dict[str, bytes]]:
    """Return the tables of the sound study as other hands would have written them."""
    tables = {name: table(name) for name in CSV_FILES}
    semicolons = {name: written(rows) for name, rows in tables.items()}
    return {
        "windows-1252": {name: text.encode("cp1252") for name, text in semicolons.items()},
        "bom": {name: text.encode("utf-8-sig") for name, text in semicolons.items()},
        "carriage returns": {
            name: written(rows, end="\r\n").encode() for name, rows in tables.items()
        },
        "tabs": {name: written(rows, "\t").encode() for name, rows in tables.items()},
        "columns permuted": {
            name: written([row[::-1] for row in rows]).encode() for name, rows in tables.items()
        },
        "rows permuted": {
            name: written([rows[0], *rows[:0:-1]]).encode() for name, rows in tables.items()
        },
        "blank lines": {name: written(rows, end="\n\n").encode() for name, rows in tables.items()},
        "loose headers and cells": {
            name: written(
                [[f" {cell.upper()} " for cell in rows[0]], *rows[1:]], end=" \n"
            ).encode()
            for name, rows in tables.items()
            if name != "perimetres.csv"
        },
        "decimal commas, thousands, French dates": {
            "besoins.csv": semicolons["besoins.csv"]
            .replace("1500.5", "1\u202f500,5")
            .replace("12500", "12 500")
            .encode(),
            "postes.csv": semicolons["postes.csv"]
            .replace("0.5", "0,5")
            .replace("2023-07-01", "01/07/2023")
            .encode(),
            "structures.csv": semicolons["structures.csv"].replace("2.35", "2,35").encode(),
        },
        "lost zeros": {
            "perimetres.csv": semicolons["perimetres.csv"]
            .replace("01004", "1004")
            .replace(";01;", ";1;")
            .encode(),
            "besoins.csv": semicolons["besoins.csv"]
            .replace("01004", "1004.0")
            .replace("2A004", "2a004")
            .encode(),
        },
        "values in capitals": {
            "perimetres.csv": semicolons["perimetres.csv"]
            .replace("extension", "EXTENSION")
            .encode(),
            "postes.csv": semicolons["postes.csv"]
            .replace("etat|prives", " Prives | ETAT")
            .encode(),
        },
    }


@pytest.mark.parametrize("variant", variants())
def test_other_writings_read_as_the_same_study(variant: str, tmp_path: Path) -> None:
    files = variants()[variant]
    assert any(content.decode("latin-1") != STUDY[name] for name, content in files.items())
    assert_same(read(tmp_path / "one"), read(tmp_path / "two", {**STUDY, **files}))


def test_quoted_line_breaks_keep_spreadsheet_lines(tmp_path: Path) -> None:
    files = dict(STUDY)
    files["structures.csv"] = files["structures.csv"].replace("Alpha", '"Alpha\net\nsuite"')
    study = read(tmp_path, files)
    assert study.structures.loc["A", "nom"] == "Alpha\net\nsuite"
    assert study.structures["row"].tolist() == [2, 3]


def test_file_names_may_be_in_capitals(tmp_path: Path) -> None:
    files = {name.upper(): text for name, text in STUDY.items()}
    assert_same(read(tmp_path / "one"), read(tmp_path / "two", files))


@pytest.mark.parametrize("source", ["profil", "autre"])
def test_same_key_adds_up_only_with_distinct_sources(source: str, tmp_path: Path) -> None:
    more = f"75101,etat,1,2023,,{source}\n75101,etat,2,2022,,{source}\n"
    files = {**STUDY, "besoins.csv": STUDY["besoins.csv"] + more}
    if source == "autre":
        assert len(read(tmp_path, files).needs) == 6
        return
    with pytest.raises(InputErrors) as caught:
        read(tmp_path, files)
    (fault,) = caught.value.faults
    assert (fault.row, fault.column) == (6, "commune")
    assert "déjà déclaré ligne 5" in fault.message


def test_settings_are_exact_and_complete(tmp_path: Path) -> None:
    text = (
        '\ufeffformat_version = 1\n[etude]\nnom = " Démo "\nannee = 2025\nregions = ["04", "11"]\n'
        "millesime_cog = 2026\nfictif = true\n[methode]\nmontee_en_charge = 0.3\n"
        'seuil_reponse = "0,9"\nseuil_reponse_etat = 1\nheures_par_etp = 40_000\n'
        'etats_perimetres = ["conteste", "valide"]\nbesoin_requis_non_couverte = false\n'
        "[appel]\nbudget_eur = 1e6\n"
    )
    study = read(tmp_path, {**STUDY, "etude.toml": text})
    assert (study.name, study.year, study.fictional) == ("Démo", 2025, True)
    assert study.regions == ("04", "11")
    assert study.call == {"budget_eur": 1_000_000}
    assert study.parameters == replace(
        Parameters(),
        montee_en_charge=Fraction(3, 10),
        seuil_reponse=Fraction(9, 10),
        seuil_reponse_etat=Fraction(1),
        heures_par_etp=40_000,
        etats_perimetres=("valide", "conteste"),
        besoin_requis_non_couverte=False,
    )


def test_regions_default_to_all(tmp_path: Path) -> None:
    text = 'format_version = 1\n[etude]\nnom = "E"\nannee = 2023\n'
    study = read(tmp_path, {**STUDY, "etude.toml": text})
    assert study.regions == ()
    assert study.parameters == Parameters()
    assert study.call == {}

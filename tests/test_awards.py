"""The tables of what follows an award: read whole, refused with place and remedy, joined."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from awards_filed import AWARD_HEAD, FILES, REPORT_HEAD, TOY, conventions, reported
from region_studies import ALPES, PARIS, folder, joined
from toy import write_study

from coverage.frames import AWARD_COLUMNS, REPORT_COLUMNS
from data.study.reader import read_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.model import Study

REGIONS = {"alpes": ALPES, "paris": PARIS}


def read(path: Path, files: dict[str, str] = FILES) -> Study:
    return read_study(write_study(path, files), TOY)


def faults(path: Path, files: dict[str, str]) -> list[tuple[int, str, str]]:
    with pytest.raises(InputErrors) as refused:
        read(path, files)
    return [(each.row, each.column, each.message) for each in refused.value.faults]


def test_conventions_and_reports_are_read_exactly(tmp_path: Path) -> None:
    study = read(tmp_path)
    assert tuple(study.awards.columns) == AWARD_COLUMNS
    assert tuple(study.reports.columns) == REPORT_COLUMNS
    third = study.awards.set_index("convention_id").loc["C3"]
    assert (third["etp"], third["cents"]) == (Fraction(1), 3_122_000)
    assert (third["mise_en_oeuvre"], third["recrutement"]) == (date(2023, 9, 1), None)
    first = study.reports.iloc[0]
    assert (first["rapport"], first["beneficiaires_etp"]) == ("annuel", Fraction(37, 2))
    assert first["structures_inclusives"] is None


def test_a_study_without_them_has_none(tmp_path: Path) -> None:
    without = {k: v for k, v in FILES.items() if k not in {"conventions.csv", "resultats.csv"}}
    study = read(tmp_path, without)
    assert (len(study.awards), len(study.reports)) == (0, 0)
    assert tuple(study.awards.columns) == AWARD_COLUMNS
    assert tuple(study.reports.columns) == REPORT_COLUMNS


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("X,A,,facilitateur,1,P9,,,2023-01-01,,,1", "poste_id", "poste « P9 » absent de"),
        ("X,A,,facilitateur,1,P3,,,2023-01-01,,,1", "poste_id", "autre structure"),
        ("X,Z,,facilitateur,1,,,,2023-01-01,,,1", "structure_id", "structure « Z » absente"),
        ("X,A,,facilitateur,1,,Y,,2023-01-01,,,1", "renouvelle", "convention « Y » absente"),
        ("X,A,,facilitateur,1,,X,,2023-01-01,,,1", "renouvelle", "se renouvelle elle-même"),
        ("X,A,,facilitateur,1,,,,2023-02-01,2023-01-01,,1", "mise_en_oeuvre", "avant la conv"),
        ("X,A,,facilitateur,1,,,,2023-01-01,,,1.005", "montant_eur", "pas au centime"),
        ("X,A,,facilitateur,0,,,,2023-01-01,,,1", "etp", ""),
        ("X,A,,facilitateur,1,,,,,,,1", "debut", ""),
    ],
)
def test_a_wrong_convention_is_told_at_its_cell(
    row: str, column: str, message: str, tmp_path: Path
) -> None:
    ((line, where, said),) = faults(tmp_path, conventions(row))
    assert (line, where) == (2, column)
    assert message in said


def test_renewals_are_a_chain(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        conventions(
            "C1,A,,facilitateur,1,,,,2022-01-01,,,1",
            "C2,A,,facilitateur,1,,C1,,2023-01-01,,,1",
            "C3,A,,facilitateur,1,,C1,,2023-01-01,,,1",
            "C4,B,,facilitateur,1,,C2,,2024-01-01,,,1",
            "C5,A,,facilitateur,1,,C3,,2022-06-01,,,1",
            "C6,A,,facilitateur,1,,C7,,2022-06-01,,,1",
            "C7,A,,facilitateur,1,,C6,,2022-06-01,,,1",
        ),
    )
    assert [(row, message.split(" ", 1)[0]) for row, _, message in found] == [
        (4, "convention"),
        (5, "la"),
        (6, "convention"),
        (7, "convention"),
        (8, "convention"),
    ]
    assert "déjà renouvelée ligne 3" in found[0][2]


def test_reports_are_of_conventions_and_once_a_day(tmp_path: Path) -> None:
    row = "C1,annuel,2023-07-10,1,1,1,1,1,1,1"
    assert {(row, column) for row, column, _ in faults(tmp_path / "a", reported(row, row))} == {
        (3, "convention_id")
    }
    ((line, column, message),) = faults(tmp_path / "b", reported(row.replace("C1", "C9")))
    assert (line, column) == (2, "convention_id")
    assert "convention « C9 » absente de conventions.csv" in message
    alone = {name: text for name, text in FILES.items() if name != "conventions.csv"}
    ((line, _, message),) = faults(tmp_path / "c", alone)
    assert line == 2
    assert "sans table « conventions »" in message


def test_conventions_of_two_regions_keep_apart(tmp_path: Path) -> None:
    """Both give C1 and C2 to conventions of their own: renamed, renewals and reports too."""
    own = (
        "C1,plie,demande,facilitateur,1,P1,,,2022-07-01,,,1\n"
        "C2,plie,,facilitateur,1,P1,C1,,2023-07-01,,,1\n"
    )
    files = {
        "conventions.csv": AWARD_HEAD + own,
        "resultats.csv": REPORT_HEAD + "C1,annuel,2023-07-10,1,1,1,1,1,1,1\n",
    }
    made = [folder(tmp_path / name, own, also=files) for name, own in REGIONS.items()]
    study = joined(tmp_path / "france", *made).study
    assert study.awards["convention_id"].tolist() == ["11-C1", "11-C2", "84-C1", "84-C2"]
    assert study.awards["renouvelle"].tolist() == ["", "11-C1", "", "84-C1"]
    assert set(study.awards["poste_id"]) == set(study.posts["poste_id"]) - {""}
    assert study.reports["convention_id"].tolist() == ["11-C1", "84-C1"]

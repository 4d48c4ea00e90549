"""Broken studies: every fault with its file, line, column, reason and remedy, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from broken_cases import EDITED
from toy import STUDY, toy_territory, write_study

from data.study.reader import read_study
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from broken_cases import Edit, Expected

TOY = toy_territory()


def faults(folder: Path, files: Mapping[str, str | bytes | None]) -> tuple[Notice, ...]:
    kept = {name: content for name, content in files.items() if content is not None}
    with pytest.raises(InputErrors) as caught:
        read_study(write_study(folder, kept), TOY)
    return caught.value.faults


def matches(notice: Notice, expected: Expected) -> bool:
    file, row, column, message, remedy = expected
    place = (notice.file, notice.row, notice.column) == (file, row, column)
    return place and message in notice.message and remedy in notice.remedy


def edited(*edits: Edit) -> dict[str, str]:
    files = dict(STUDY)
    for file, old, new in edits:
        assert old in files[file], (file, old)
        files[file] = files[file].replace(old, new, 1)
    return files


@pytest.mark.parametrize("case", EDITED)
def test_each_fault_is_told_alone(case: str, tmp_path: Path) -> None:
    edit, expected = EDITED[case]
    found = faults(tmp_path, edited(edit))
    assert len(found) == 1, found
    assert matches(found[0], expected), found[0]


TOGETHER = (
    *("empty name", "false SIRET key", "fractional productivity", "latitude missing"),
    *("post twice", "post of nobody", "no ETP", "empty item in a list", "end before beginning"),
    *("perimeter of nobody", "unknown code", "unknown nature", "unknown state"),
    *(
        "absurd hours",
        "need of an unknown commune",
        "need of an unknown class",
        "year out of range",
    ),
    *("département outside its région", "unknown vintage"),
)


def test_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    found = list(faults(tmp_path, edited(*(EDITED[case][0] for case in TOGETHER))))
    for case in TOGETHER:
        (notice,) = [notice for notice in found if matches(notice, EDITED[case][1])]
        found.remove(notice)
    assert not found


ABSENT = {
    "no settings": ("etude.toml", "nouvelle-etude"),
    "no structures": ("structures.csv", "une structure par ligne"),
    "no posts": ("postes.csv", "un poste par ligne"),
    "no perimeters": ("perimetres.csv", "un périmètre par ligne"),
}


@pytest.mark.parametrize("case", ABSENT)
def test_required_files_are_asked_for(case: str, tmp_path: Path) -> None:
    file, remedy = ABSENT[case]
    (fault,) = faults(tmp_path, {**STUDY, file: None})
    assert matches(fault, (file, 0, "", "fichier obligatoire absent", remedy))


NOT_READ: dict[str, tuple[dict[str, str | None], Expected]] = {
    "drawn perimeters in a format not read": (
        {"perimetres.csv": None, "perimetres.kml": "<kml/>"},
        ("perimetres.kml", 0, "", "dessinés en .kml, non lus", "GeoPackage"),
    ),
    "part of a shapefile": (
        {"Perimetres.dbf": "x", "perimetres.prj": "x"},
        ("Perimetres.dbf", 0, "", "sans perimetres.shp", "ajoutez"),
    ),
    "workbook of another format": (
        {"structures.csv": None, "postes.csv": None, "etude.ods": "x"},
        ("etude.ods", 0, "", "OpenDocument (.ods), non lu", "CSV UTF-8"),
    ),
    "table in a workbook with macros": (
        {"besoins.csv": None, "Besoins.xlsm": "x"},
        ("Besoins.xlsm", 0, "", "macros (.xlsm), non lu", ".xlsx"),
    ),
    "table in an old workbook, beside its CSV": (
        {"besoins.xls": "x"},
        ("besoins.xls", 0, "", "97-2003", ".xlsx"),
    ),
    "the same file twice": (
        {"Postes.csv": STUDY["postes.csv"]},
        ("postes.csv", 0, "", "« Postes.csv »", "qu’un"),
    ),
    "structures without rows": (
        {"structures.csv": "structure_id;nom\n"},
        ("structures.csv", 0, "", "aucune structure", "une structure par ligne"),
    ),
    "perimeters that are empty": (
        {"perimetres.csv": ""},
        ("perimetres.csv", 0, "", "fichier vide", "en-têtes"),
    ),
    "settings in Windows-1252": (
        {"etude.toml": STUDY["etude.toml"].replace("Essai", "Été").encode("cp1252")},
        ("etude.toml", 3, "", "UTF-8", "UTF-8"),
    ),
    "settings that are no table": (
        {"etude.toml": "format_version = 1\netude = 3\n"},
        ("etude.toml", 2, "etude", "doit être une table", "[etude]"),
    ),
}


@pytest.mark.parametrize("case", NOT_READ)
def test_what_is_not_read_is_never_passed_over(case: str, tmp_path: Path) -> None:
    edits, expected = NOT_READ[case]
    found = faults(tmp_path, {**STUDY, **edits})
    assert [notice for notice in found if matches(notice, expected)], found
    assert not [notice for notice in found if "fichier obligatoire absent" in notice.message], found


def test_a_folder_missing_or_not_a_folder_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("x")
    for name, message in (("absent", "introuvable"), ("note.txt", "n’est pas un dossier")):
        with pytest.raises(InputErrors) as caught:
            read_study(tmp_path / name, TOY)
        (fault,) = caught.value.faults
        assert matches(fault, ("", 0, "", message, "nouvelle-etude"))


def test_an_unreadable_file_is_one_fault_and_the_others_are_still_read(tmp_path: Path) -> None:
    (tmp_path / "postes.csv").mkdir()
    files = {**edited(EDITED["unknown code"][0]), "postes.csv": None}
    unreadable, code = sorted(faults(tmp_path, files), key=lambda notice: -notice.row)[::-1]
    assert matches(unreadable, ("postes.csv", 0, "", "fichier illisible", "droits"))
    assert code.column == "code"


def test_ten_thousand_bad_codes_are_all_told(tmp_path: Path) -> None:
    rows = "".join(f"A,commune,X{number:05d}\n" for number in range(10_000))
    found = faults(tmp_path, {**STUDY, "perimetres.csv": f"structure_id,niveau,code\n{rows}"})
    assert [notice.row for notice in found] == list(range(2, 10_002))
    assert {notice.column for notice in found} == {"code"}


def test_warnings_travel_with_the_faults(tmp_path: Path) -> None:
    files = {**edited(EDITED["unknown code"][0]), "notes.txt": "x"}
    with pytest.raises(InputErrors) as caught:
        read_study(write_study(tmp_path, files), TOY)
    assert [warning.file for warning in caught.value.warnings] == ["notes.txt"]

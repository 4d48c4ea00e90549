"""Warnings: said with their place and remedy, grouped, and never in the way of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from toy import STUDY, toy_territory, write_study

from data.study.reader import read_study

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coverage.model import Study

TOY = toy_territory()


def read(folder: Path, files: Mapping[str, str | bytes] = STUDY) -> Study:
    return read_study(write_study(folder, files), TOY)


def test_repairs_are_one_warning_a_column(tmp_path: Path) -> None:
    rows = "".join(f"A,commune,{code}\n" for code in ["1004", "1033", "1004", "1033.0", "2a004"])
    files = {**STUDY, "perimetres.csv": f"structure_id,niveau,code\n{rows}A,departement,1\n"}
    (warning,) = read(tmp_path, files).warnings
    assert (warning.file, warning.row, warning.column) == ("perimetres.csv", 0, "code")
    assert warning.message.startswith("6 codes réparés")
    assert "« 1004 » lu « 01004 » (ligne 2)" in warning.message
    assert warning.message.endswith(", …")
    assert warning.remedy


WARNED = {
    "unknown column": (
        {"postes.csv": STUDY["postes.csv"].replace("financement", "financements")},
        ("postes.csv", 1, "financements", "inconnue, ignorée", "« financement »"),
    ),
    "windows-1252": (
        {"structures.csv": STUDY["structures.csv"].encode("cp1252")},
        ("structures.csv", 0, "", "Windows-1252", "accents"),
    ),
    "opinion on a structure unknown here": (
        {"avis.csv": "structure_id,instance,date,avis\nZ,copil,2023-05-12,favorable\n"},
        ("avis.csv", 2, "structure_id", "« Z », absente de", "vérifiez"),
    ),
    "unknown file": (
        {"notes.docx": "x"},
        ("notes.docx", 0, "", "fichier inconnu, ignoré", "retirez-le"),
    ),
    "misnamed table": (
        {"besoin.csv": "x", "besoins.csv": None},
        ("besoin.csv", 0, "", "fichier inconnu", "« besoins.csv »"),
    ),
    "former commune": (
        {
            "exhaustivite.csv": None,
            "perimetres.csv": STUDY["perimetres.csv"] + "A,,,commune,01091,\n",
        },
        ("perimetres.csv", 6, "code", "01091 (Châtillon) lu comme 01033 (Valserhône)", "le lieu"),
    ),
    "title above the header": (
        {"postes.csv": "Nos postes\n\n" + STUDY["postes.csv"]},
        ("postes.csv", 1, "", "1 ligne au-dessus des en-têtes", "titre"),
    ),
    "comments": (
        {"postes.csv": STUDY["postes.csv"] + "# à revoir\n#,,,,,,,\n"},
        ("postes.csv", 6, "", "2 lignes commencent par « # »", "enlevez"),
    ),
    "needs without rows": (
        {"besoins.csv": "commune;donneur_ordre;heures\n"},
        ("besoins.csv", 0, "", "tous les besoins sont inconnus", "besoins.csv"),
    ),
    "whole and parts of Paris": (
        {"besoins.csv": STUDY["besoins.csv"] + "75056,etat,9,,,\n75102,etat,1,2022,,\n"},
        ("besoins.csv", 6, "commune", "« 75056 » et, au même endroit, sous « 75101 »", "deux fois"),
    ),
    "commune déléguée and its commune": (
        {"besoins.csv": STUDY["besoins.csv"] + "01091,etat,9,,,\n01033,etat,1,,,\n"},
        ("besoins.csv", 6, "commune", "etat déclarés à la fois sous « 01091 »", "deux fois"),
    ),
    "source that no need names": (
        {"exhaustivite.csv": "donneur_ordre,source\netat,profils\n"},
        ("exhaustivite.csv", 2, "source", "« profils » absente de besoins", "« profil »"),
    ),
    "longitude and latitude swapped": (
        {"structures.csv": STUDY["structures.csv"].replace("2.35,48.85", "48.85,2.35")},
        ("structures.csv", 2, "lon", "échangées", "longitude"),
    ),
    "unlikely productivity": (
        {"structures.csv": STUDY["structures.csv"].replace("32000", "320")},
        ("structures.csv", 2, "heures_par_etp", "hors de l’usage", "tel quel"),
    ),
    "column without effect yet": (
        {"structures.csv": "structure_id,nom,deja_porteuse_facilitateur\nA,a,oui\nB,b,\n"},
        ("structures.csv", 0, "deja_porteuse_facilitateur", "sans effet", "propositions"),
    ),
    "label like a known one": (
        {"postes.csv": STUDY["postes.csv"].replace("aap_2023", "AAP 2023")},
        ("postes.csv", 5, "financement", "« aap 2023 » n’est pas", "« aap_2023 »"),
    ),
    "programme like a known one": (
        {"besoins.csv": STUDY["besoins.csv"].replace("npnru", "npru")},
        ("besoins.csv", 3, "programme", "« npru » n’est pas", "« npnru »"),
    ),
    "number for a région": (
        {"etude.toml": STUDY["etude.toml"].replace('"11"', '"4"')},
        ("etude.toml", 0, "etude.regions", "« 4 » lu « 04 » (ligne 5)", "zéros"),
    ),
}


@pytest.mark.parametrize("case", WARNED)
def test_warnings_name_place_and_remedy_without_stopping(case: str, tmp_path: Path) -> None:
    edits, (file, row, column, message, remedy) = WARNED[case]
    files = {name: text for name, text in {**STUDY, **edits}.items() if text is not None}
    found = read(tmp_path, files).warnings
    (warning,) = [each for each in found if each.file == file and message in each.message]
    assert (warning.row, warning.column) == (row, column)
    assert remedy in warning.remedy


def test_paris_filed_whole_for_another_class_is_not_warned_about(tmp_path: Path) -> None:
    more = "75056,prives,9,,,\n75056,etat,9,2022,,\n"
    assert not read(tmp_path, {**STUDY, "besoins.csv": STUDY["besoins.csv"] + more}).warnings


def test_other_labels_pass_in_lower_case(tmp_path: Path) -> None:
    posts = STUDY["postes.csv"].replace("socle", "AAP_2031").replace("aap_2023", "mécénat")
    study = read(tmp_path, {**STUDY, "postes.csv": posts})
    assert not study.warnings
    assert set(study.posts["financement"]) == {"", "aap_2031", "mécénat"}


def test_hidden_files_and_instructions_are_ignored(tmp_path: Path) -> None:
    hidden = {".DS_Store": "x", "~$structures.csv": "x", "Thumbs.db": "x", "LISEZMOI.txt": "x"}
    study = read(tmp_path, {**STUDY, **hidden})
    assert not study.warnings
    assert len(study.inputs) == len(STUDY)

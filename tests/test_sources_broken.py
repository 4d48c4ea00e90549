"""Broken tables and files of sources, through the command line: told, and nothing written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from broken_source_files import HEADERS, LINE, OFFICIAL, REFUSED, WARNED, official
from broken_sources import table
from explained import explained
from test_mutations import INSIDE
from toy import STUDY, toy_territory

from api import pipeline
from api.cli import main
from coverage.sites import find_sites
from data.reference import territory as reference
from data.study.reader import read_study

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from broken_sources import Files, Told

TOY = toy_territory()
CASES = [(family, name) for family, cases in REFUSED.items() for name in cases]
_TOLD = re.compile(
    r"^  - (?:(?=ligne|élément|colonne|clé)"
    r"(?:(?:ligne|élément)s? [0-9, \u202f]+(?: et [^:,]+)?)?(?:, )?"
    r"(?:(?:colonne|clé) « [^»]+ »)? : )?(.+)$",
    re.MULTILINE,
)
"""A finding as it is printed: its place, then its message."""


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pipeline, reference):
        monkeypatch.setattr(module, "load_territory", lambda **_: TOY)


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the sound study with more files, some of them in folders of their own."""
    for name, content in {**STUDY, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def holdings(folder: Path) -> dict[Path, bytes | None]:
    """Return all that a folder holds: path → bytes, None for a folder."""
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def is_told(words: str, told: Told) -> bool:
    """Tell whether a finding is printed with its file, line, column, message and remedy."""
    file, row, column, message, remedy = told
    place = f"(?:ligne|élément)s? (?:[0-9]+, )*{row}\\b" if row else ""
    blocks = re.findall(rf"^{re.escape(file)} : .*\n((?: .*\n)+)", f"{words}\n", re.MULTILINE)
    findings = re.findall(r"^  - (.+)\n      → (.+)$", "".join(blocks), re.MULTILINE)
    return any(
        re.match(place, text)
        and (not column or f"« {column} »" in text)
        and message in text
        and remedy in cure
        for text, cure in findings
    )


def check_words(words: str, folder: Path) -> None:
    assert (found := _TOLD.findall(words))
    assert not (mute := [text for text in found if not explained(text)]), mute
    assert str(folder) not in words
    assert not (inside := INSIDE.search(words)), (inside, words)


def test_there_are_broken_sources_enough() -> None:
    assert len(CASES) >= 100
    assert len(WARNED) >= 40


@pytest.mark.parametrize(("family", "name"), CASES)
def test_a_broken_source_is_told_and_nothing_is_written(
    family: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, told = REFUSED[family][name]
    study = write(tmp_path / "étude", files)
    before = holdings(tmp_path)
    assert main(["calculer", str(study), "-o", str(tmp_path / "résultats")]) == 1
    assert holdings(tmp_path) == before
    words = "\n".join(capsys.readouterr())
    assert is_told(words, told), words
    # Nothing else is wrong: one fault draws no crowd of others.
    errors = words.partition("Erreurs (")[2].partition("Avertissements (")[0]
    assert re.match("[12] erreurs?\\)", errors), words
    assert re.findall("^([^ ].*) : [12] erreurs?$", errors, re.MULTILINE) == [told[0]]
    check_words(words, tmp_path)


@pytest.mark.parametrize("name", WARNED)
def test_a_doubtful_source_is_told_and_the_study_stands(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, told = WARNED[name]
    study = write(tmp_path / "étude", files)
    before = holdings(tmp_path)
    assert main(["verifier", str(study)]) == 0
    assert holdings(tmp_path) == before
    words = "\n".join(capsys.readouterr())
    assert is_told(words, told), words
    check_words(words, tmp_path)


# --- what is read all the same ------------------------------------------------------------


def read(folder: Path, files: Files) -> int:
    """Return how many contracts a study has."""
    return len(read_study(write(folder, files), TOY).contracts)


def test_the_official_table_is_read_under_the_name_of_the_planner_s_own(tmp_path: Path) -> None:
    assert read(tmp_path, {"marches.csv": f"{HEADERS}{LINE}\n"}) == 1


def test_odd_official_contracts_are_read(tmp_path: Path) -> None:
    odd = (
        {"dateNotification": "2021-09-16+02:00", "id": "a"},
        {"titulaires": [[{"titulaire": {"id": " 356 "}}]], "id": "b"},
        {"considerationsSociales": ["Clause sociale"], "id": "c"},
        {"objet": "été", "id": "d"},
    )
    text = official(*odd)
    for number, content in enumerate((text, text.replace("\\u00e9", "é").encode("cp1252"))):
        assert read(tmp_path / str(number), {"marches-2023.json": content}) == len(odd)
    assert "id" in OFFICIAL


def test_rows_set_aside_keep_their_amount_and_place_in_the_file(tmp_path: Path) -> None:
    files = table("marches", {}, {"marche_id": "M2", "lieu_code": "", "lieu_type": ""})
    study = read_study(write(tmp_path, files), TOY)
    (row,) = study.contracts_aside.to_dicts()
    assert (row["row"], row["contract_id"], row["amount_cents"]) == (3, "M2", 150_000_000)
    assert len(study.contracts) == 1


@pytest.mark.parametrize("name", ["places that buy nothing", "no service of the State"])
def test_a_file_without_services_says_nothing_of_them(name: str, tmp_path: Path) -> None:
    study = read_study(write(tmp_path, WARNED[name][0]), TOY)
    assert study.services is None
    assert find_sites(study, TOY).services is None


def test_a_service_of_two_files_is_told_once(tmp_path: Path) -> None:
    directory = (
        '{"service":[{"id":"V1","nom":"Préfecture","pivot":[{"type_service_local":"prefecture",'
        '"code_insee_commune":["01033"]}]}]}'
    )
    files = {**table("services_etat", {}), "services_etat.json": directory}
    study = read_study(write(tmp_path, files), TOY)
    assert study.services is not None
    assert study.services["commune"].tolist() == ["01004"]
    told = [notice.message for notice in study.warnings if notice.column == "service_id"]
    assert told == [
        "1 service déjà dans un autre fichier, sous le même identifiant : lu une fois, dans le "
        "premier"
    ]

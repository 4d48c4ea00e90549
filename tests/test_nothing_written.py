"""Every broken study of the tests, through `calculer`: refused, told, and nothing written.

From the folder to the words on the screen: exit code 1, the fault with its file, line and remedy,
no trace of the inside, no results, and not a byte changed beside the study.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import broken_cases
import broken_drawings
import broken_workbooks
import pytest
from books import SETTINGS
from explained import explained
from test_broken_studies import ABSENT, NOT_READ, edited
from test_mutations import INSIDE
from toy import STUDY, toy_territory, write_study

from api import pipeline
from api.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from broken_cases import Expected

Files = dict[str, str | bytes]
Case = tuple[Files, "Expected"]

TOY = toy_territory()
WITHOUT_CODES = {name: text for name, text in STUDY.items() if name != "perimetres.csv"}


def _tables() -> dict[str, Case]:
    cases: dict[str, Case] = {
        name: (dict(edited(edit)), expected)
        for name, (edit, expected) in broken_cases.EDITED.items()
    }
    for name, (file, remedy) in ABSENT.items():
        cases[name] = _with({file: None}), (file, 0, "", "fichier obligatoire absent", remedy)
    return cases | {name: (_with(edits), told) for name, (edits, told) in NOT_READ.items()}


def _with(edits: Mapping[str, str | bytes | None]) -> Files:
    changed = {**STUDY, **edits}
    return {name: content for name, content in changed.items() if content is not None}


def _workbooks() -> dict[str, Case]:
    book = broken_workbooks.BOOK
    cases: dict[str, Case] = {
        name: ({**SETTINGS, book: broken_workbooks.broken_book(name)}, expected)
        for name, (_, expected) in broken_workbooks.EDITED.items()
    }
    for name, (make, message, remedy) in broken_workbooks.NOT_WORKBOOKS.items():
        cases[name] = {**SETTINGS, book: make()}, (book, 0, "", message, remedy)
    return cases


def _drawings() -> dict[str, Case]:
    return {
        name: ({**WITHOUT_CODES, **files}, expected)
        for name, (files, expected) in broken_drawings.CASES.items()
        if "perimetres.kml" not in files  # told by the folder: `NOT_READ`
    }


FAMILIES = {"tables": _tables(), "workbooks": _workbooks(), "drawings": _drawings()}
CASES = [(family, name) for family, cases in FAMILIES.items() for name in cases]


_TOLD = re.compile(
    r"^  - (?:(?=ligne|élément|colonne|clé)"
    r"(?:(?:ligne|élément)s? [0-9, \u202f]+(?: et [^:,]+)?)?(?:, )?"
    r"(?:(?:colonne|clé) « [^»]+ »)? : )?(.+)$",
    re.MULTILINE,
)
"""A finding as it is printed: its place, then its message."""


def holdings(folder: Path) -> dict[Path, bytes | None]:
    """Return all that a folder holds: path → bytes, None for a folder."""
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def lines_told(words: str) -> set[int]:
    """Return the numbers of lines and features that a list of faults gives."""
    lists = re.findall(r"(?:ligne|élément)s? ([0-9, \u202f]+)", words)
    return {int(number) for each in lists for number in re.findall("[0-9]+", each)}


def test_there_are_broken_studies_enough() -> None:
    assert len(CASES) >= 60
    assert all(len(cases) >= 50 for cases in FAMILIES.values())


@pytest.mark.parametrize(("family", "name"), CASES)
def test_a_broken_study_is_told_and_nothing_is_written(
    family: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files, (file, row, _, message, remedy) = FAMILIES[family][name]
    monkeypatch.setattr(pipeline, "load_territory", lambda **_: TOY)
    study = write_study(tmp_path / "étude", files)
    before = holdings(tmp_path)
    assert main(["calculer", str(study), "-o", str(tmp_path / "résultats")]) == 1
    assert holdings(tmp_path) == before
    printed = capsys.readouterr()
    words = printed.out + printed.err
    assert file in words
    assert message in words
    assert remedy in words.partition("→")[2]
    assert not row or row in lines_told(words)
    told = _TOLD.findall(words)
    assert told
    assert all(map(explained, told)), told
    assert str(tmp_path) not in words
    assert not (found := INSIDE.search(words)), (found, words)
    assert not re.search(r"(^|[\s«(])/[\w.]+/|\b(data|geo|coverage|api)[./]\w+[./]", words), words

"""Workbooks: read as the same study as CSV files, or refused cell by cell with the remedy."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest
from books import (
    FIRST_SHEET,
    SETTINGS,
    TABLE_NAMES,
    cells,
    edited_book,
    one_sheet,
    other_hand,
    raw_sheet,
    repacked,
    saved,
    sound_book,
)
from broken_workbooks import BOOK, EDITED, NOT_WORKBOOKS, broken_book, each, sheet
from hypothesis import given
from hypothesis import strategies as st
from toy import STUDY, toy_territory, write_study

from data.study.faults import format_faults
from data.study.reader import read_study
from data.study.tables import STRUCTURES
from data.workbooks import archive as workbooks_archive
from data.workbooks.cells import number_text
from data.workbooks.reader import read_workbook
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from broken_cases import Expected

    from coverage.model import Study

TOY = toy_territory()
SOUND = saved(sound_book())
SMALL = one_sheet([["a"]])
FRAMES = ("structures", "posts", "perimeters", "needs", "exhaustiveness")


def read(folder: Path, files: Mapping[str, str | bytes]) -> Study:
    return read_study(write_study(folder, {**SETTINGS, **files}), TOY)


def faults(folder: Path, files: Mapping[str, str | bytes]) -> tuple[Notice, ...]:
    with pytest.raises(InputErrors) as caught:
        read(folder, files)
    return caught.value.faults


def matches(notice: Notice, expected: Expected) -> bool:
    file, row, column, message, remedy = expected
    place = (notice.file, notice.row, notice.column) == (file, row, column)
    return place and message in notice.message and remedy in notice.remedy


def assert_same(one: Study, two: Study, *, shift: int = 0) -> None:
    for frame in FRAMES:
        left, right = getattr(one, frame), getattr(two, frame)
        pd.testing.assert_frame_equal(left.assign(row=left["row"] + shift), right)


@pytest.mark.parametrize("case", EDITED)
def test_each_fault_is_told_alone(case: str, tmp_path: Path) -> None:
    found = faults(tmp_path, {BOOK: broken_book(case)})
    assert len(found) == 1, found
    assert matches(found[0], EDITED[case][1]), found[0]


@pytest.mark.parametrize("case", NOT_WORKBOOKS)
def test_what_is_not_a_workbook_is_one_fault(case: str, tmp_path: Path) -> None:
    make, message, remedy = NOT_WORKBOOKS[case]
    found = faults(tmp_path, {BOOK: make()})
    assert len(found) == 1, found
    assert matches(found[0], (BOOK, 0, "", message, remedy)), found[0]


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks_archive, "MAX_BYTES", 1000)
    tables, findings = read_workbook(SOUND, BOOK)
    assert tables is None
    assert "taille anormale" in findings.faults[0].message


def test_faults_of_several_sheets_are_told_together_by_sheet(tmp_path: Path) -> None:
    cases = ("formula never computed", "code turned into a date", "division by zero")
    found = faults(tmp_path, {BOOK: edited_book(each(*(EDITED[case][0] for case in cases)))})
    assert len(found) == len(cases)
    text = format_faults(found)
    for case in cases:
        file, row, column, *_ = EDITED[case][1]
        assert f"\n{file} : 1 erreur\n  - ligne {row}, colonne « {column} »" in text


def test_a_workbook_reads_as_the_csv_files(tmp_path: Path) -> None:
    content = SOUND
    study = read(tmp_path / "book", {BOOK: content})
    assert_same(read(tmp_path / "csv", STUDY), study)
    assert not study.warnings
    (entry,) = [entry for entry in study.inputs if entry.name == BOOK]
    assert (entry.rows, entry.sha256) == (16, sha256(content).hexdigest())


@pytest.mark.parametrize("date_1904", [False, True])
@pytest.mark.parametrize("titles", [0, 3])
def test_another_hand_reads_as_the_csv_files(
    *, date_1904: bool, titles: int, tmp_path: Path
) -> None:
    study = read(tmp_path / "book", {BOOK: other_hand(date_1904=date_1904, titles=titles)})
    assert_same(read(tmp_path / "csv", STUDY), study, shift=titles)
    told = {(warning.file, warning.message.partition(" : ")[0]) for warning in study.warnings}
    repaired = "2 codes réparés (zéro perdu, décimale ou casse)"
    assert (f"{BOOK}, feuille Périmetres", repaired) in told
    above = {message for _, message in told if "réparé" not in message}
    assert above == ({"1 ligne au-dessus des en-têtes, hors du tableau"} if titles else set())


def test_a_workbook_a_table_reads_as_the_csv_files(tmp_path: Path) -> None:
    files = {f"{name}.xlsx": one_sheet(cells(name)) for name in TABLE_NAMES}
    study = read(tmp_path / "books", {**files, "~$postes.xlsx": b"locked"})
    assert_same(read(tmp_path / "csv", STUDY), study)
    assert not study.warnings
    assert {entry.name: entry.rows for entry in study.inputs}["postes.xlsx"] == 4


def test_files_of_both_kinds_add_up(tmp_path: Path) -> None:
    book = sound_book()
    book.remove(book["besoins"])
    study = read(tmp_path / "both", {BOOK: saved(book), "besoins.csv": STUDY["besoins.csv"]})
    assert_same(read(tmp_path / "csv", STUDY), study)


@pytest.mark.parametrize(
    ("files", "first", "second"),
    [
        ({"postes.csv": STUDY["postes.csv"], BOOK: SOUND}, "postes.csv", sheet("postes")),
        (
            {**STUDY, "postes.xlsx": one_sheet(cells("postes"))},
            "postes.csv",
            "postes.xlsx, feuille Feuil1",
        ),
        (
            {BOOK: SOUND, "postes.xlsx": one_sheet(cells("postes"))},
            "postes.xlsx, feuille Feuil1",
            sheet("postes"),
        ),
    ],
)
def test_a_table_given_twice_is_a_fault_that_names_both(
    files: dict[str, str | bytes], first: str, second: str, tmp_path: Path
) -> None:
    (fault,) = faults(tmp_path, files)
    assert matches(
        fault, (first, 0, "", f"« postes » donnée plusieurs fois : {first} ; {second}", "gardez")
    )


def test_headers_without_rows_leave_no_choice(tmp_path: Path) -> None:
    book = sound_book()
    for name in ("postes", "besoins"):
        book[name].delete_rows(2, 9)
    files = {BOOK: saved(book), "postes.csv": STUDY["postes.csv"]}
    study = read(tmp_path, files)
    assert len(study.posts) == 4
    (warning,) = [warning for warning in study.warnings if warning.file == sheet("besoins")]
    assert matches(warning, (sheet("besoins"), 0, "", "aucun besoin déclaré", "remplissez"))


def test_sheets_of_one_table_are_chosen_by_name_or_not_at_all(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("Brouillon", "Postes"):
        added = book.create_sheet(name)
        for row in cells("postes"):
            added.append(row)
    files = {name: text for name, text in STUDY.items() if name != "postes.csv"}
    study = read(tmp_path / "named", {**files, "postes.xlsx": saved(book)})
    (warning,) = study.warnings
    assert matches(
        warning, ("postes.xlsx, feuille Brouillon", 0, "", "« Postes » qui est lue", "une seule")
    )
    book["Postes"].title = "Copie"
    (fault,) = faults(tmp_path / "not", {**files, "postes.xlsx": saved(book)})
    assert matches(fault, ("postes.xlsx", 0, "", "« Brouillon », « Copie »", "nommez « postes »"))


def test_other_sheets_are_said_hidden_ones_are_read(tmp_path: Path) -> None:
    book = sound_book()
    book["besoins"].sheet_state = "hidden"
    book.create_sheet("structure").append(["x"])
    book.create_sheet("Lisez-moi").append(["Mode d’emploi"])
    book.create_sheet("Feuil9")
    study = read(tmp_path, {BOOK: saved(book)})
    assert len(study.needs) == 4
    hidden, unknown = study.warnings
    assert matches(hidden, (sheet("besoins"), 0, "", "feuille masquée, lue", "affichez-la"))
    assert matches(unknown, (sheet("structure"), 0, "", "ignorée", "noms connus"))


def test_titles_comments_and_notes_beside_the_table_may_be_merged(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        posts = book["postes"]
        posts.insert_rows(1, 2)
        posts["A1"], posts["J4"], posts["A8"] = "Nos postes en 2023", "à revoir", "# fin"
        for span in ("A1:H1", "J4:J6", "A8:H9"):
            posts.merge_cells(span)

    study = read(tmp_path, {BOOK: edited_book(edit)})
    assert study.posts["row"].tolist() == [5, 6, 4, 7]
    told = [warning.message for warning in study.warnings]
    assert told == [
        "1 ligne au-dessus des en-têtes, hors du tableau",
        "colonne n° 10 sans nom, ignorée",
        "1 ligne commence par « # » : commentaire, hors du tableau",
    ]


def test_faults_in_columns_that_are_not_read_do_not_matter(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["postes"]["I1"], book["postes"]["I2"], book["postes"]["I3"] = "note", "=1/2", "#REF!"

    (warning,) = read(tmp_path, {BOOK: edited_book(edit)}).warnings
    assert matches(warning, (sheet("postes"), 1, "note", "inconnue, ignorée", "colonnes connues"))


def test_a_formula_in_a_header_is_told_on_its_cell(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["postes"]["D1"] = '="etp"'

    found = faults(tmp_path, {BOOK: edited_book(edit)})
    assert matches(found[0], (sheet("postes"), 1, "", "en-tête D1 : formule sans valeur", "collez"))
    assert matches(found[1], (sheet("postes"), 1, "etp", "« etp » absente", "ajoutez-la"))


def test_odd_but_sound_xml_is_read() -> None:
    """Cells without references, prefixes, strings inside, results of formulas that are text."""
    plain = (
        '<row><c t="inlineStr"><is><t>structure_id</t></is></c>'
        '<c t="inlineStr"><is><t>nom</t></is></c></row>'
        '<row r="4"><c><v>1004</v></c><c t="str"><f>B1</f><v>Bê&amp;ta</v></c></row>'
        '<row><c t="str"><f>A4&amp;""</f><v></v></c><c t="d"><v>2023-07-01</v></c></row>'
    )
    prefixed = plain.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    for rows, prefix in ((plain, ""), (prefixed, "x")):
        content = repacked(one_sheet([["a"]]), {FIRST_SHEET: raw_sheet(rows, prefix=prefix)})
        tables, findings = read_workbook(content, "structures.xlsx", STRUCTURES)
        assert tables is not None
        assert not findings.faults
        text = tables["structures"]
        assert text is not None
        assert text.cells.index.tolist() == [4, 5]
        assert text.cells["structure_id"].tolist() == ["1004", ""]
        assert text.cells["nom"].tolist() == ["Bê&ta", "01/07/2023"]
        assert list(text.refusals) == ["nom"]


def test_numbers_are_written_as_the_spreadsheet_holds_them() -> None:
    assert number_text(1e-13) == number_text(-0.0) == number_text(-1e-13) == "0"
    assert number_text(1 / 3) == "0,333333333333"
    assert number_text(1e-7) == "0,0000001"
    assert number_text(99.99999999999999999) == "100"


@given(st.data())
def test_a_damaged_workbook_never_breaks_the_reader(data: st.DataObject) -> None:
    content = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    tables, findings = read_workbook(bytes(content), BOOK)
    assert tables is not None or findings.faults


SHEET_BYTES = st.lists(
    st.sampled_from(
        (
            *("<row>", '<row r="2">', "</row>", '<c r="A1">', '<c r="B9" t="s">', '<c t="e">'),
            *("<c>", "</c>", "<v>", "</v>", "1", "x", "<f>", "</f>", "&lt;"),
            *('<c r="1">', '<c r="zzzzzz9"/>', '<c r="zzzz9">', '<row r="99999999999">'),
        )
    ),
    max_size=24,
).map("".join)


@given(SHEET_BYTES)
def test_a_sheet_of_any_xml_never_breaks_the_reader(rows: str) -> None:
    content = repacked(SMALL, {FIRST_SHEET: raw_sheet(rows)})
    tables, findings = read_workbook(content, "structures.xlsx", STRUCTURES)
    assert tables is not None or findings.faults


SOUND = saved(sound_book())
SMALL = one_sheet([["a"]])

"""A row changed, added or removed in the files of a study: nothing else moves."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from toy import STUDY, toy_territory

from data.edited.change import added, blockers, changed, removed
from data.edited.check import Typed, row_faults
from data.edited.filed import filed_tables
from data.edited.rows import filed_rows
from data.edited.words import added_words, changed_words, removed_words
from data.study.csv_files import decode, read_csv
from data.study.place_names import PlaceNames
from data.study.proposal_tables import AVIS_DEPOSES, FINANCEMENTS
from data.study.sources_tables import EVERY_TABLE, MARCHES
from data.study.tables import BESOINS, PERIMETRES, POSTES, STRUCTURES, TABLES
from data.workbooks.writer import study_workbook
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.edited.change import Rewritten
    from data.edited.filed import Held
    from data.edited.rows import FiledRows
    from data.study.tables import Table

FILES = {name: text.encode() for name, text in STUDY.items()}
ROWS = {table.name: list(csv.DictReader(STUDY[table.file].splitlines())) for table in TABLES}
NAMES = PlaceNames(toy_territory())
NEW_POST = {"poste_id": "P9", "structure_id": "B", "volet": "facilitateur", "etp": "0.80"}


def book(**sheets: list[list[str]]) -> bytes:
    """The toy study as the workbook of all tables, and other sheets."""
    made = openpyxl.load_workbook(io.BytesIO(study_workbook(ROWS)))
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


FORMS = {
    "csv": FILES,
    "workbook": {"etude.toml": FILES["etude.toml"], "etude.xlsx": study_workbook(ROWS)},
    "separate": {
        "etude.toml": FILES["etude.toml"],
        **{f"{table.name}.xlsx": study_workbook(ROWS, tables=[table]) for table in TABLES},
    },
}


def held(files: Mapping[str, bytes], table: Table) -> Held:
    found = filed_tables(files).held(table)
    assert found is not None
    return found


def rows_of(files: Mapping[str, bytes], table: Table) -> FiledRows:
    rows = filed_rows(held(files, table))
    assert rows is not None
    return rows


def written(files: Mapping[str, bytes], made: Rewritten | None) -> dict[str, bytes]:
    assert made is not None
    return {**files, made.path: made.content}


@pytest.fixture(params=list(FORMS))
def files(request: pytest.FixtureRequest) -> Mapping[str, bytes]:
    return FORMS[request.param]


def test_a_row_is_changed_added_and_removed_in_the_form_that_the_study_has(
    files: Mapping[str, bytes],
) -> None:
    before = rows_of(files, POSTES)
    last = before.rows[-1]
    made = changed(held(files, POSTES), last, {**last.cells, "etp": "0,80", "fin": "2024-1-1"})
    files = written(files, made)
    assert made is not None
    now = rows_of(files, POSTES).row(made.line)
    assert now is not None
    assert {**last.cells, "etp": now.cells["etp"], "fin": "2024-1-1"} == dict(now.cells)
    assert now.cells["etp"] in ("0,8", "0.8")

    made = added(filed_tables(files), files, POSTES, NEW_POST)
    files = written(files, made)
    after = rows_of(files, POSTES)
    assert after.rows[-1].line == made.line
    assert after.rows[-1].cells["poste_id"] == "P9"
    assert len(after.rows) == len(before.rows) + 1

    files = written(files, removed(held(files, POSTES), after.rows[-1]))
    assert [row.cells for row in rows_of(files, POSTES).rows] == [
        row.cells for row in after.rows[:-1]
    ]
    assert {row.line for row in rows_of(files, STRUCTURES).rows} == {2, 3}


def test_a_value_that_says_the_same_changes_nothing(files: Mapping[str, bytes]) -> None:
    row = rows_of(files, POSTES).rows[0]
    same = {**row.cells, "etp": "0,500", "volet": "Facilitateur", "debut": "1/7/2023"}
    assert changed(held(files, POSTES), row, same) is None


def test_a_table_without_file_is_begun(files: Mapping[str, bytes]) -> None:
    paid = {"poste_id": "P1", "financeur": "Ville", "type": "collectivite", "annee": "2023"}
    made = added(filed_tables(files), files, FINANCEMENTS, {**paid, "montant_eur": "1200,5"})
    assert (made.path, made.line) == ("financements.csv", 2)
    assert made.content.startswith(b"\xef\xbb\xbfposte_id;financeur;type;annee;montant_eur\r\n")
    assert rows_of(written(files, made), FINANCEMENTS).rows[0].cells["montant_eur"] == "1200,5"


def test_a_table_that_the_workbook_lacks_gets_a_sheet() -> None:
    rows = {name: rows for name, rows in ROWS.items() if name != "besoins"}
    tables = [table for table in TABLES if table is not BESOINS]
    files = {"etude.xlsx": study_workbook(rows, tables=tables)}
    need = {"commune": "01004", "donneur_ordre": "etat", "heures": "12"}
    files = written(files, added(filed_tables(files), files, BESOINS, need))
    assert rows_of(files, BESOINS).rows[0].cells["commune"] == "01004"
    assert len(rows_of(files, POSTES).rows) == 4


CELL = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=6) | (
    st.sampled_from(['a"b', "x;y", "deux\nlignes", " bord ", "é", "#"])
)
WRITINGS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([";", ",", "\t"]),
        "lineterminator": st.sampled_from(["\r\n", "\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    }
)


def line_text(cells: Sequence[str], **writing: Any) -> str:  # noqa: ANN401
    buffer = io.StringIO(newline="")
    csv.writer(buffer, **writing).writerow(cells)
    return buffer.getvalue()


@settings(max_examples=40)
@given(
    rows=st.lists(st.tuples(st.sampled_from(["A", "B"]), CELL, CELL), min_size=1, max_size=6),
    writing=WRITINGS,
    codec=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    prefix=st.booleans(),
    ended=st.booleans(),
    data=st.data(),
)
def test_lines_of_a_csv_that_do_not_change_keep_their_bytes(
    rows: list[tuple[str, str, str]],
    writing: dict[str, Any],
    codec: str,
    prefix: bool,  # noqa: FBT001
    ended: bool,  # noqa: FBT001
    data: st.DataObject,
) -> None:
    """A table of structures with a column of its own, a comment, a blank line and a title."""
    end, plain = writing["lineterminator"], writing | {"quoting": csv.QUOTE_MINIMAL}
    above = [["Titre", ""], ["structure_id", "nom", "Suivi"], ["# note", "", ""], ["", "", ""]]
    lines = [line_text(each, **writing) for each in (*above, *rows)]
    lines[-1] = lines[-1] if ended else lines[-1].removesuffix(end)
    declared = f"sep={writing['delimiter']}{end}" if prefix else ""
    content = (declared + "".join(lines)).encode(codec)
    assume(decode(content, "")[0] == declared + "".join(lines))
    found = held({"structures.csv": content}, STRUCTURES)
    before = filed_rows(found)
    assert before is not None
    assert [tuple(row.cells.values()) for row in before.rows] == [
        tuple(cell.strip() for cell in row) for row in rows
    ]

    at = data.draw(st.integers(0, len(rows) - 1))
    row, place = before.rows[at], len(above) + at
    kind = data.draw(st.sampled_from(["changed", "added", "removed"]))
    if kind == "changed":
        remade = changed(found, row, {**row.cells, "nom": "Œuvre neuve"})
        rows[at] = (rows[at][0], "Œuvre neuve", rows[at][2])
        lines[place] = line_text(rows[at], **plain)
    elif kind == "removed":
        remade = removed(found, row)
        del rows[at], lines[place]
    else:
        filing = filed_tables({"structures.csv": content})
        remade = added(filing, {}, STRUCTURES, {"structure_id": "C", "nom": "Neuf"})
        rows.append(("C", "Neuf", ""))
        lines.append(line_text(rows[-1], **plain))
    assert remade is not None
    ends = [each if each.endswith(end) else each + end for each in lines[:-1]]
    expected = "".join([*ends, lines[-1]])
    if content.startswith(BOM_UTF8) or not remade.content.startswith(BOM_UTF8):
        assert remade.content == (declared + expected).encode(codec)
    else:  # the encoding of the file could not hold it
        assert remade.content == expected.encode("utf-8-sig")
    read, _ = read_csv(remade.content, "structures.csv", STRUCTURES)
    assert read is not None
    assert [tuple(each) for each in read.cells.to_numpy()] == rows


def faults_of(table: Table, cells: Mapping[str, str], at: int | None = None) -> dict[str, str]:
    filing = filed_tables(FILES)
    row = None if at is None else rows_of(FILES, table).rows[at]
    found = row_faults(Typed(table, cells, row), filing, NAMES, 2023)
    assert len({fault.column for fault in found}) == len(found)
    return {fault.column: f"{fault.message} → {fault.remedy}" for fault in found}


def test_a_sound_row_has_no_fault() -> None:
    assert faults_of(POSTES, NEW_POST) == {}
    for table in TABLES:
        row = rows_of(FILES, table).rows[1]
        assert faults_of(table, row.cells, 1) == {}, (table.name, row)


@pytest.mark.parametrize(
    ("table", "cells", "told"),
    [
        (
            POSTES,
            {"structure_id": "C", "volet": "facilitateurs", "etp": "60", "fin": "31/02/2024"},
            {
                "structure_id": "structure « C » absente de structures.csv",
                "volet": "vouliez-vous dire « facilitateur » ?",
                "etp": "attendu : nombre plus grand que 0 et au plus 50",
                "fin": "n’existe pas au calendrier",
            },
        ),
        (POSTES, {}, {"structure_id": "cellule vide", "volet": "cellule vide", "etp": "vide"}),
        (POSTES, NEW_POST | {"poste_id": "P1"}, {"poste_id": "déjà pris ligne 2"}),
        (POSTES, NEW_POST | {"debut": "2/1/2023", "fin": "1/1/2023"}, {"fin": "avant le début"}),
        (
            PERIMETRES,
            {"structure_id": "A", "niveau": "commune", "code": "99999"},
            {"code": "« 99999 »"},
        ),
        (
            BESOINS,
            {"commune": "01004", "donneur_ordre": "etat", "heures": "1"},
            {"commune": "besoin déjà déclaré"},
        ),
        (
            STRUCTURES,
            {"structure_id": "# C", "nom": "Service, 06 12 34 56 78", "lon": "2"},
            {"structure_id": "commentaire", "nom": "téléphone", "lat": "« lat » vide"},
        ),
        (STRUCTURES, {"structure_id": "C", "nom": "=1+1"}, {"nom": "un tableur le calculerait"}),
        (STRUCTURES, {"structure_id": "C", "nom": "a\0b"}, {"nom": "caractères illisibles"}),
        (
            AVIS_DEPOSES,
            {"instance": "copil", "date": "1/2/2023", "avis": "refuse"},
            {"structure_id": "avis sur rien", "motif": "sans motif"},
        ),
    ],
)
def test_what_is_wrong_in_a_row_is_told_by_column(
    table: Table, cells: dict[str, str], told: dict[str, str]
) -> None:
    found = faults_of(table, cells)
    assert found.keys() == told.keys()
    assert all(part in found[column] for column, part in told.items())


def test_what_a_file_already_holds_does_not_block_the_rest_of_its_row() -> None:
    files = FILES | {
        "structures.csv": b"structure_id;nom\nA;voir 06 12 34 56 78\n",
    }
    (row,) = rows_of(files, STRUCTURES).rows
    typed = Typed(STRUCTURES, {**row.cells, "siret": "35600000000048"}, row)
    assert row_faults(typed, filed_tables(files), NAMES, 2023) == ()


def test_a_line_too_short_or_too_long_is_mended_and_its_neighbour_left_alone() -> None:
    text = "poste_id;structure_id;volet;etp\nP1;A\nP2;B;facilitateur;1;reste;;\n"
    files = FILES | {"postes.csv": text.encode()}
    short, long = rows_of(files, POSTES).rows
    assert long.excess == ("reste",)
    made = changed(held(files, POSTES), short, {**short.cells, **NEW_POST})
    assert made is not None
    assert made.content.decode().splitlines()[1:] == [
        "P9;B;facilitateur;0,8",
        "P2;B;facilitateur;1;reste;;",
    ]
    made = changed(held(files, POSTES), long, long.cells)
    assert made is not None
    assert made.content.decode().splitlines()[1:] == ["P1;A", "P2;B;facilitateur;1"]
    assert "cellules en trop retirées : reste" in changed_words(POSTES, long, long.cells)
    assert removed(held(files, POSTES), long).content.decode().count("\n") == 2


def test_a_workbook_that_would_lose_something_is_left_alone() -> None:
    files = {"etude.xlsx": book(Suivi=[["relance"]])}
    (told,) = blockers(held(files, POSTES))
    assert "« Suivi »" in told.message
    with pytest.raises(InputErrors, match="Suivi"):
        added(filed_tables(files), files, POSTES, NEW_POST)
    files = {"etude.xlsx": book(avis=[[column.name for column in AVIS_DEPOSES.columns]])}
    assert blockers(held(files, POSTES)) == ()
    files = written(files, added(filed_tables(files), files, POSTES, NEW_POST))
    assert "avis" in openpyxl.load_workbook(io.BytesIO(files["etude.xlsx"])).sheetnames


def test_a_formula_never_computed_is_not_made_empty() -> None:
    made = openpyxl.load_workbook(io.BytesIO(study_workbook(ROWS)))
    made["besoins"]["C2"] = "=1+1"
    buffer = io.BytesIO()
    made.save(buffer)
    files = {"etude.xlsx": buffer.getvalue()}
    assert [(each.row, each.column) for each in blockers(held(files, POSTES))] == [(2, "heures")]
    with pytest.raises(InputErrors, match="pas sûre"):
        added(filed_tables(files), files, POSTES, NEW_POST)


def test_a_table_that_two_files_fill_is_told_and_empty_ones_are_not_chosen() -> None:
    both = filed_tables(FILES | FORMS["workbook"])
    assert "donnée plusieurs fois" in both.rivals(POSTES)[0].message
    headers = {"postes.csv": b"structure_id,volet,etp\n"}
    filing = filed_tables(FORMS["workbook"] | headers)
    assert filing.rivals(POSTES) == ()
    chosen = filing.held(POSTES)
    assert chosen is not None
    assert chosen.path == "etude.xlsx"


def test_the_official_record_of_contracts_is_no_table() -> None:
    assert filed_tables({"marches.csv": b"id,lieuExecution_code\n1,2\n"}).held(MARCHES) is None


def test_a_damaged_workbook_is_not_taken_for_an_absent_one() -> None:
    filing = filed_tables({"etude.xlsx": b"PK rien"})
    found = filing.held(POSTES)
    assert found is not None
    assert blockers(found)
    assert filing.held(FINANCEMENTS) is None
    with pytest.raises(InputErrors):
        added(filing, {"etude.xlsx": b"PK rien"}, POSTES, NEW_POST)


def test_every_table_may_be_begun_by_its_example() -> None:
    for table in EVERY_TABLE:
        cells = {column.name: column.example for column in table.columns}
        made = added(filed_tables({}), {}, table, cells)
        (row,) = rows_of({made.path: made.content}, table).rows
        assert changed(held({made.path: made.content}, table), row, cells) is None, table.name


def test_a_row_is_found_by_what_it_says_wherever_it_went() -> None:
    rows = rows_of(FILES, POSTES)
    first, second, twin, last = rows.rows
    assert rows.seen(last.mark, 2) == last
    assert rows.seen(twin.mark, twin.line) == twin
    assert second.mark == twin.mark
    assert rows.seen(twin.mark, 9) is None
    assert rows.seen("rien", first.line) is None


def test_a_change_says_what_it_is() -> None:
    first, *_, last = rows_of(FILES, POSTES).rows
    cells = {**last.cells, "etp": "0,8", "fin": "1/7/2024"}
    assert changed_words(POSTES, last, cells) == (
        "postes : ligne 5 modifiée (etp : 1.25 → 0,8 ; fin : vide → 01/07/2024)"
    )
    assert added_words(POSTES, NEW_POST) == (
        "postes : ligne ajoutée (poste_id : P9 ; structure_id : B ; volet : facilitateur ; "
        "etp : 0.80)"
    )
    assert removed_words(POSTES, first).endswith("; etp : 0.5 ; …)")

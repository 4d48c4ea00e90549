"""The workbook to fill: explained, read back the same, never a formula, always the same bytes."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.study.cells import parse_number
from data.study.tables import BESOINS, POSTES, STRUCTURES, TABLES, Column, Table
from data.workbooks.reader import read_workbook
from data.workbooks.writer import (
    EXAMPLE,
    README_SHEET,
    column_help,
    study_workbook,
    typed_value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.cell_range import CellRange
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

EACH_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@pytest.fixture(scope="module")
def template() -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(study_workbook()))


def read_back(content: bytes, table: Table) -> list[dict[str, str]]:
    tables, findings = read_workbook(content, "etude.xlsx")
    assert tables is not None
    assert not findings.faults
    text = tables[table.name]
    assert text is not None
    return [dict(row) for row in text.cells.to_dict("records")]


def test_the_same_rows_give_the_same_bytes() -> None:
    rows = {"postes": [{"poste_id": "P1", "etp": "0,5", "debut": "01/07/2023"}]}
    assert study_workbook() == study_workbook()
    assert study_workbook(rows) == study_workbook(rows)
    for content in (study_workbook(), study_workbook(rows)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            dates = {part.date_time for part in archive.infolist()}
            stamps = set(re.findall(rb"20\d\d-\d\d-\d\dT", archive.read("docProps/core.xml")))
        assert dates == {(1980, 1, 1, 0, 0, 0)}
        assert stamps == {b"2023-01-01T"}


@EACH_TABLE
def test_each_sheet_has_the_headers_of_its_table_alone_explained(
    template: Workbook, table: Table
) -> None:
    sheet = template[table.name]
    assert [cell.value for cell in sheet[1]] == [column.name for column in table.columns]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.startswith("A1:")
    colours = {True: set(), False: set()}
    for cell, column in zip(sheet[1], table.columns, strict=True):
        note = cell.comment.text
        need = "obligatoire" if column.required else "facultative"
        assert f"Colonne {need}." in note
        for part in (column.description, column.example, *column.choices):
            assert part in note
        colours[column.required].add(cell.fill.start_color.rgb)
    assert all(len(group) <= 1 for group in colours.values())
    assert not colours[True] & colours[False]


def validations(sheet: Worksheet) -> list[DataValidation]:
    return list(sheet.data_validations.dataValidation)


def span(rule: DataValidation) -> CellRange:
    (only,) = rule.sqref.ranges
    return only


@EACH_TABLE
def test_known_values_are_proposed_and_only_closed_lists_refuse_others(
    template: Workbook, table: Table
) -> None:
    sheet = template[table.name]
    rules = {span(rule).min_col: rule for rule in validations(sheet)}
    chosen = [at for at, column in enumerate(table.columns, start=1) if column.choices]
    assert sorted(rules) == chosen
    for at in chosen:
        column, rule = table.columns[at - 1], rules[at]
        assert rule.formula1 == f'"{",".join(column.choices)}"'
        assert len(rule.formula1) <= 257, "a spreadsheet refuses a longer list"
        assert bool(rule.showErrorMessage) is (column.kind != "classes")
        assert rule.errorStyle == (None if column.kind == "enum" else "warning")
        assert span(rule).max_row == 1_048_576


@EACH_TABLE
def test_what_is_not_a_number_nor_a_date_is_text_so_that_codes_keep_their_zeros(
    template: Workbook, table: Table
) -> None:
    sheet = template[table.name]
    for at, column in enumerate(table.columns, start=1):
        expected = {"date": "dd/mm/yyyy", "whole": "General", "decimal": "General"}
        found = sheet.cell(2, at).number_format
        assert found == expected.get(column.kind, "General" if column.kind == "etp" else "@")


def test_the_example_says_it_is_fictional_and_is_not_read(template: Workbook) -> None:
    content = study_workbook()
    for table in TABLES:
        assert template[table.name].cell(2, 1).value.startswith("# EXEMPLE FICTIF")
        assert list(table.example) == [column.name for column in table.columns]
        assert read_back(content, table) == []
    _, findings = read_workbook(content, "etude.xlsx")
    assert findings.warnings == ()
    assert all("commence par « # »" in notice.message for notice in findings.warnings)


def test_the_first_sheet_tells_how_to_fill_every_column(template: Workbook) -> None:
    assert template.sheetnames == [README_SHEET, *(table.name for table in TABLES)]
    told = [str(cell.value) for row in template[README_SHEET] for cell in row if cell.value]
    text = "\n".join(told)
    for words in ("EXEMPLE FICTIF", "obligatoire", "format Texte", "a_confirmer"):
        assert words in text
    for table in TABLES:
        assert any(table.description in line for line in told)
        for column in table.columns:
            assert column.name in told
            assert column.description in told


def test_an_example_left_in_a_joined_study_stays_an_example() -> None:
    rows = {"besoins": [BESOINS.example, {"commune": "01004", "heures": "12"}]}
    content = study_workbook(rows)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["besoins"]
    assert sheet.cell(2, 1).value.startswith(EXAMPLE)
    assert [row["commune"] for row in read_back(content, BESOINS)] == ["01004"]


@pytest.mark.parametrize("text", ["=1+1", "+33", "-x", "@SUM(A1)", "http://a.fr", "{=1}", "=cmd|x"])
def test_nothing_typed_becomes_a_formula_or_a_link(text: str) -> None:
    content = study_workbook({"structures": [{"structure_id": text, "nom": text, "siret": text}]})
    sheet = openpyxl.load_workbook(io.BytesIO(content))["structures"]
    assert [(cell.value, cell.data_type) for cell in sheet[2][:3]] == [(text, "s")] * 3
    assert not sheet._hyperlinks
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name) for name in archive.namelist() if "sheets/" in name]
    assert not any(b"<f>" in part or b"<f " in part for part in parts)


def test_only_the_tables_asked_for_get_a_sheet() -> None:
    content = study_workbook({"besoins": []}, tables=[BESOINS])
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == [README_SHEET, "besoins"]


def test_help_says_each_thing_once() -> None:
    column = STRUCTURES.column("statut_juridique")
    assert column_help(column) == [
        "Colonne facultative.",
        "Statut juridique.",
        f"Valeurs : {', '.join(column.choices)}.",
        "Exemple fictif : association",
    ]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=20
).filter(lambda text: not text.startswith("#"))
NUMBERS = st.decimals(0, 10**12 - 1, places=12, allow_nan=False).map(
    lambda number: f"{number:f}".rstrip("0").rstrip(".").replace(".", ",") or "0"
)


def cells_of(column: Column) -> st.SearchStrategy[str]:
    if column.kind == "date":
        return st.sampled_from(["", "01/07/2023", "29/02/2024", "pas une date"])
    if column.kind in ("whole", "decimal", "etp"):
        return st.sampled_from(["", "007", "1,50", "1E5"]) | NUMBERS
    return TEXTS


ROWS = st.lists(
    st.fixed_dictionaries({column.name: cells_of(column) for column in POSTES.columns}), max_size=4
)


def same_value(written: str, read: str, column: Column) -> bool:
    if column.kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", read):
        return f"{read[8:]}/{read[5:7]}/{read[:4]}" == written
    if column.kind in ("whole", "decimal", "etp") and parse_number(written) is not None:
        return parse_number(written) == parse_number(read)
    return written.strip() == read.strip()


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_every_row_is_read_back_with_not_a_digit_lost(rows: list[Mapping[str, str]]) -> None:
    content = study_workbook({"postes": rows})
    filled = [row for row in rows if any(cell.strip() for cell in row.values())]
    read = read_back(content, POSTES)
    assert len(read) == len(filled)
    for row, back in zip(filled, read, strict=True):
        for column in POSTES.columns:
            text = unicodedata.normalize("NFC", row[column.name])
            assert same_value(text, back[column.name], column), column.name


@given(text=NUMBERS)
def test_a_number_is_a_number_only_where_no_digit_is_lost(text: str) -> None:
    value = typed_value(text, BESOINS.column("heures"))
    number = parse_number(text)
    assert number is not None
    if isinstance(value, float):
        assert number == Decimal(repr(value))
    else:
        assert value == text
        assert len(re.sub(r"\D", "", text).lstrip("0")) > 15

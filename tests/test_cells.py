"""Cells: numbers, dates, lists, SIRET, ETP and codes as planners and spreadsheets write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import toy_territory

from coverage.parameters import CLASSES
from data.study.cells import Refusal, parse_cell, parse_number, siret_is_valid
from data.study.columns import parse_column
from data.study.filed_codes import repaired
from data.study.tables import BESOINS, POSTES, STRUCTURES, TABLES

NARROW, NO_BREAK, FIGURE, THIN = "\u202f", "\u00a0", "\u2007", "\u2009"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("1500.5", "1500.5"),
        ("1500,5", "1500.5"),
        ("1 500,5", "1500.5"),
        (f"12{NARROW}500", "12500"),
        (f"1{NO_BREAK}234{NARROW}567,25", "1234567.25"),
        (f"1{THIN}000{FIGURE}000", "1000000"),
        ("-3,0573", "-3.0573"),
        ("35000.0", "35000"),
    ],
)
def test_numbers_are_read_exactly(text: str, number: str) -> None:
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["1.234,5", "1,234,567", "1e5", "1 23", "12 5000", "007", ",5", "5,", "+5", "5 h", "٣", "nan"],
)
def test_doubtful_numbers_are_refused(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize("text", ["inf", "1 000 000 000 000 000", "9" * 13, "1\n000", "9" * 5000])
def test_endless_or_broken_numbers_are_refused(text: str) -> None:
    assert parse_number(text) is None


def test_etp_are_exact_fractions_in_their_range() -> None:
    etp = POSTES.column("etp")
    assert parse_cell("0,1", etp) == Fraction(1, 10)
    assert parse_cell("50", etp) == 50
    assert parse_cell("0,000000000001", etp) == Fraction(1, 10**12)
    for text in ("0", "0,0", "-1", "50,01", "1/2"):
        assert isinstance(parse_cell(text, etp), Refusal)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2023-07-01", date(2023, 7, 1)),
        ("01/07/2023", date(2023, 7, 1)),
        ("1/7/2023", date(2023, 7, 1)),
        ("29/02/2024", date(2024, 2, 29)),
    ],
)
def test_dates_are_read_day_first(text: str, value: date) -> None:
    assert parse_cell(text, POSTES.column("debut")) == value


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("29/02/2023", "calendrier"),
        ("07/13/2023", "calendrier"),
        ("01/07/23", "date"),
        ("juillet 2023", "date"),
        ("45108", "date"),
        ("0203-01-01", "année"),
    ],
)
def test_impossible_dates_are_refused_with_their_reason(text: str, word: str) -> None:
    refusal = parse_cell(text, POSTES.column("debut"))
    assert isinstance(refusal, Refusal)
    assert word in refusal.message
    assert refusal.remedy


def test_enumerations_tolerate_case_and_propose_the_nearest_value() -> None:
    volet = POSTES.column("volet")
    assert parse_cell("FACILITATEUR", volet) == "facilitateur"
    refusal = parse_cell("facilitatrice", volet)
    assert isinstance(refusal, Refusal)
    assert "facilitateur, coordinateur" in refusal.message
    assert "« facilitateur »" in refusal.remedy
    accented = parse_cell("État", BESOINS.column("donneur_ordre"))
    assert isinstance(accented, Refusal)
    assert "« etat »" in accented.remedy


def test_lists_come_in_the_order_of_classes_without_repeats() -> None:
    column = POSTES.column("donneurs_ordre")
    assert parse_cell("prives | Etat|etat", column) == ("etat", "prives")
    for text in ("etat|", "|etat", "etat||prives", "etat;prives"):
        assert isinstance(parse_cell(text, column), Refusal)


def test_siret_keys_follow_luhn_and_the_exception_of_la_poste() -> None:
    assert siret_is_valid("35600000000048")  # its seat passes Luhn, not the sum of digits
    assert siret_is_valid("35600000049837")  # a post office: sum of digits 45, not Luhn
    assert not siret_is_valid("35600000049838")
    assert siret_is_valid("73282932000074")
    assert not siret_is_valid("73282932000075")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("7,32829E+13", "format Texte"),
        ("732829320", "14 chiffres"),
        ("73282932000075", "recopié"),
        ("5880034000018", "« 05880034000018 »"),
        ("SIRET inconnu", "14 chiffres"),
    ],
)
def test_wrong_siret_are_explained(text: str, remedy: str) -> None:
    refusal = parse_cell(text, STRUCTURES.column("siret"))
    assert isinstance(refusal, Refusal)
    assert remedy in refusal.remedy


def test_siret_may_be_spaced() -> None:
    assert parse_cell(f"732 829 320{NO_BREAK}00074", STRUCTURES.column("siret")) == "73282932000074"


def test_identifiers_hold_no_list_separator() -> None:
    for text in ("a|b", "a\nb", "a\tb"):
        assert isinstance(parse_cell(text, STRUCTURES.column("structure_id")), Refusal)


@pytest.mark.parametrize(
    ("code", "niveau", "read"),
    [
        ("1004", "commune", "01004"),
        ("1004.0", "commune", "01004"),
        ("1004,0", "commune", "01004"),
        ("75101,00", "commune", "75101"),
        ("2a004", "commune", "2A004"),
        ("1", "departement", "01"),
        ("1", "region", "01"),
        ("4.0", "region", "04"),
        ("11", "arrondissement", "011"),
        ("200 054 781", "epci", "200054781"),
        ("9999", "commune", ""),
        ("4", "departement", ""),
        ("01", "commune", ""),
    ],
)
def test_codes_are_repaired_only_into_codes_that_exist(code: str, niveau: str, read: str) -> None:
    assert repaired(code, niveau, toy_territory().members[niveau]) == read


def test_columns_have_the_documented_dtypes_and_defaults() -> None:
    dtypes = {
        "structure_id": "str",
        "siret": "str",
        "heures_par_etp": "Int64",
        "lon": "float64",
        "volet": "str",
        "etp": "object",
        "donneurs_ordre": "object",
        "debut": "object",
        "code": "str",
    }
    for table in TABLES:
        for column in table.columns:
            filled = parse_column(pd.Series([column.example], dtype="str"), column)
            assert not filled.refused.any(), (table.name, column.name)
            expected = pd.Series([], dtype=dtypes.get(column.name, filled.parsed.dtype)).dtype
            assert filled.parsed.dtype == expected
    empty = pd.Series(["", "  "], dtype="str")
    assert parse_column(empty, POSTES.column("donneurs_ordre")).parsed.tolist() == [CLASSES] * 2
    assert parse_column(empty, POSTES.column("debut")).parsed.tolist() == [None, None]
    assert parse_column(empty, STRUCTURES.column("lon")).parsed.isna().all()
    assert parse_column(empty, STRUCTURES.column("nom")).refused.all()


@given(st.lists(st.one_of(st.from_regex(r"-?[0-9 ]{1,9}[.,]?[0-9]{0,3}", fullmatch=True))))
def test_whole_columns_of_decimals_read_as_single_cells(texts: list[str]) -> None:
    column = BESOINS.column("heures")
    read = parse_column(pd.Series(texts, dtype="str"), column)
    for at, text in enumerate(text.strip() for text in texts):
        alone = parse_cell(text, column) if text else Refusal("", "")
        assert read.refused[at] == isinstance(alone, Refusal)
        if isinstance(alone, Decimal):
            assert read.parsed.iloc[at] == float(alone)

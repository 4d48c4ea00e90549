"""CSV files: encodings, delimiters, odd records, and the lines a planner sees."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.study.csv_files import read_csv
from data.study.tables import BESOINS

if TYPE_CHECKING:
    from data.study.text_tables import TextTable


def read(content: bytes | str) -> TextTable:
    raw = content if isinstance(content, bytes) else content.encode()
    table, findings = read_csv(raw, "t.csv")
    assert table is not None
    assert not findings.faults
    return table


def fault(content: bytes | str) -> tuple[int, str, str]:
    raw = content if isinstance(content, bytes) else content.encode()
    _, findings = read_csv(raw, "t.csv")
    (notice,) = findings.faults
    assert notice.file == "t.csv"
    assert notice.remedy
    return notice.row, notice.column, notice.message


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", codecs.BOM_UTF8])
def test_delimiters_line_ends_and_boms_read_alike(delimiter: str, end: str, bom: bytes) -> None:
    lines = [("nom", "code"), ("Éloïse", "01"), ("Zoé", "2A")]
    text = end.join(delimiter.join(line) for line in lines) + end
    cells = read(bom + text.encode()).cells
    assert cells.to_dict("list") == {"nom": ["Éloïse", "Zoé"], "code": ["01", "2A"]}
    assert cells.index.tolist() == [2, 3]


def test_windows_1252_is_read_and_said() -> None:
    table, findings = read_csv("nom;note\nÉvry – l’Œuvre;1 €\n".encode("cp1252"), "t.csv")
    assert table is not None
    assert table.cells["nom"].tolist() == ["Évry – l’Œuvre"]
    (warning,) = findings.warnings
    assert "Windows-1252" in warning.message
    assert not findings.faults


def test_decomposed_accents_are_composed() -> None:
    assert read("nom\nE\u0301vry\n").cells["nom"].tolist() == ["Évry"]


def test_header_names_are_trimmed_and_lowered() -> None:
    assert list(read(" Nom ;CODE\na;b\n").cells.columns) == ["nom", "code"]


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks() -> None:
    table = read('nom;code\n"Alpha ;\r\nsuite";1\n"dit ""Bêta""";2\nGamma;3\n')
    assert table.cells["nom"].tolist() == ["Alpha ;\r\nsuite", 'dit "Bêta"', "Gamma"]
    assert table.cells.index.tolist() == [2, 3, 4]


def test_blank_lines_are_left_out_but_counted() -> None:
    table = read("\n;\nnom;code\n\na;1\n;\n  ; \n;;;\nb;2\n\n")
    assert table.header_row == 3
    assert table.cells.index.tolist() == [5, 9]


def test_blank_cells_in_excess_are_cut_off() -> None:
    table = read("nom;code;;\na;1;;\nb;2\nc;3;;;;\n")
    assert table.cells.to_dict("list") == {"nom": ["a", "b", "c"], "code": ["1", "2", "3"]}
    assert table.cells.index.tolist() == [2, 3, 4]


def test_a_header_alone_is_a_table_without_rows() -> None:
    assert len(read("nom;code\n").cells) == 0
    assert len(read("nom").cells) == 0


def test_a_nameless_column_is_ignored_and_said_when_it_is_filled() -> None:
    table, findings = read_csv(b"nom;;code\na;x;1\n", "t.csv")
    assert table is not None
    assert list(table.cells.columns) == ["nom", "code"]
    assert "n° 2" in findings.warnings[0].message
    assert not read_csv(b"nom;;code\na;;1\n", "t.csv")[1].warnings


@pytest.mark.parametrize("content", [b"", b"\n\n", codecs.BOM_UTF8, b" ; \n;;\n"])
def test_an_empty_file_is_a_fault(content: bytes) -> None:
    assert fault(content) == (0, "", "fichier vide")


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_that_declares_the_delimiter_is_no_line(first: str, end: str) -> None:
    table = read(f"{first}{end}nom, prénom;code{end}a, b;1{end}")
    assert table.header_row == 1
    assert table.cells.to_dict("list") == {"nom, prénom": ["a, b"], "code": ["1"]}
    assert table.cells.index.tolist() == [2]


def test_the_declared_delimiter_wins_over_the_likely_one() -> None:
    assert list(read("sep=\t\na;b;c\td\n1\t2\n").cells.columns) == ["a;b;c", "d"]


def test_titles_above_the_header_are_passed_and_said() -> None:
    titles = "Besoins; hôpitaux, écoles, routes, ponts\n\nannée 2023\n"
    text = titles + "source;heures;donneur_ordre;commune\nx;1,5;etat;01004\n"
    table, findings = read_csv(text.encode(), "t.csv", BESOINS)
    assert table is not None
    assert table.header_row == 4
    assert table.cells["heures"].tolist() == ["1,5"]
    (warning,) = findings.warnings
    assert (warning.row, warning.message[:9]) == (1, "2 lignes ")


def test_a_misspelt_header_is_still_told_from_a_title() -> None:
    table, _ = read_csv(b"Titre\ncommune;heure;donneur_ordre\n01004;1;etat\n", "t.csv", BESOINS)
    assert table is not None
    assert table.header_row == 2


def test_a_header_is_not_looked_for_far_down() -> None:
    text = "x\n" * 20 + "commune;heures;donneur_ordre\n01004;1;etat\n"
    table, _ = read_csv(text.encode(), "t.csv", BESOINS)
    assert table is not None
    assert table.header_row == 1


def test_comments_are_left_out_and_counted_but_errors_are_not() -> None:
    table, findings = read_csv(b"nom;code\n# note, seule\na;1\n #;2;3\n#N/A;4\n", "t.csv")
    assert table is not None
    assert table.cells["nom"].tolist() == ["a", "#N/A"]
    (warning,) = findings.warnings
    assert (warning.row, warning.message[:8]) == (2, "2 lignes")
    assert not findings.faults


def test_a_line_of_an_unknown_byte_is_counted_under_any_line_end() -> None:
    assert fault(b"nom;code\ra;1\r\x81\xff;2\r")[0] == 3


def test_doubled_headers_are_a_fault() -> None:
    row, column, message = fault("nom;Code; code\na;1;2\n")
    assert (row, column) == (1, "code")
    assert "2 fois" in message


def test_ragged_rows_are_faults_on_their_lines_and_the_others_are_kept() -> None:
    table, findings = read_csv(b"nom;code\na;1;9\nb\nc;3\n\nd\n", "t.csv")
    assert table is not None
    assert table.cells.index.tolist() == [4]
    found = [(notice.row, notice.message) for notice in findings.faults]
    assert found == [
        (2, "ligne avec trop de cellules : 3 cellules, 2 attendues"),
        (3, "ligne avec pas assez de cellules : 1 cellule, 2 attendues"),
        (6, "ligne avec pas assez de cellules : 1 cellule, 2 attendues"),
    ]


@pytest.mark.parametrize(
    "content", [b"nom;code\na;\x001\n", "nom;code\na;1\n".encode("utf-16"), codecs.BOM_UTF16_LE]
)
def test_null_bytes_are_a_fault_that_speaks_of_utf16(content: bytes) -> None:
    assert "UTF-16" in fault(content)[2]


def test_an_unknown_encoding_is_a_fault_on_its_line() -> None:
    row, _, message = fault(b"nom;code\na;1\n\x81\xff;2\n")
    assert row == 3
    assert "encodage" in message


def test_a_false_utf8_mark_is_a_fault() -> None:
    row, _, message = fault(codecs.BOM_UTF8 + b"nom\n\xe9\n")
    assert row == 2
    assert "UTF-8" in message


@pytest.mark.parametrize("text", ['nom;code\na;1\n"b;2\nc;3\n', 'nom;code\na;1\n"b"x;2\n'])
def test_open_quotes_are_a_fault_on_their_line(text: str) -> None:
    row, _, message = fault(text)
    assert row == 3
    assert "guillemets" in message


def test_a_comma_in_a_header_does_not_mislead() -> None:
    assert list(read('"nom, prénom";code\na;1\n').cells.columns) == ["nom, prénom", "code"]
    assert list(read("nom\tcode\n1,5\t2;3\n").cells.columns) == ["nom", "code"]


CELL = st.text(alphabet='ab;,\t"\n 1é', max_size=6)


@given(st.lists(st.tuples(CELL, CELL), max_size=8))
def test_quoted_and_bare_readings_agree(rows: list[tuple[str, str]]) -> None:
    """What is quoted everywhere reads back whole, its lines counted as records."""
    quote = '"{}"'.format
    lines = ["nom;code"] + [
        ";".join(quote(cell.replace('"', '""')) for cell in row) for row in rows
    ]
    cells = read("\n".join(lines)).cells
    kept = [(at, row) for at, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    assert cells.index.tolist() == [at for at, _ in kept]
    assert list(cells.itertuples(index=False, name=None)) == [row for _, row in kept]

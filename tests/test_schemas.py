"""The published schemas are up to date and say of a cell what the reader says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from toy import STUDY

from data.study.award_tables import AWARD_TABLES
from data.study.columns import parse_column
from data.study.patterns import _between
from data.study.proposal_tables import PROPOSAL_TABLES
from data.study.schemas import (
    FOLDER,
    column_schema,
    is_siret,
    schema_text,
    table_schema,
    write_schemas,
)
from data.study.sources_tables import EVERY_TABLE, SOURCE_TABLES
from data.study.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from data.study.tables import Column, Table

COLUMNS = {
    (column.kind, column.required, column.choices, column.low, column.high): (table, column)
    for table in reversed(EVERY_TABLE)
    for column in reversed(table.columns)
}
COLUMNS = {f"{table.name}.{column.name}": column for table, column in COLUMNS.values()}
"""Columns by name, one of those that are read alike."""

CHECKER = FormatChecker()
CHECKER.checks("siret")(is_siret)

NEAR_MISSES = {
    "whole": r"-?[0-9]{1,6}([.,][0-9]{0,2})?|[0-9]{1,3}[ \u202f][0-9]{2,3}",
    "decimal": r"-?[0-9]{1,8}([.,][0-9]{0,2})?|[0-9]{1,2}( [0-9]{3}){1,2}|50000000[.,]0*1?",
    "etp": r"[0-9]{1,2}([.,][0-9]{0,13})?|0[.,]?0*|50[.,]0*1?|-1",
    "date": r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|[0-3]?[0-9]/[01]?[0-9]/(19|20)[0-9]{2}"
    r"|29/0?2/(19|20)[0-9]{2}|(19|20)[0-9]{2}-02-29",
    "siret": r"(356000000|[0-9]{9}) ?[0-9]{4,6}|[0-9 ]{13,16}",
    "classes": r"(etat|Prives|bailleur|)[ |]{0,2}(hopitaux|ETAT)?\|?",
}


def schema_accepts(cell: str, column: Column) -> bool:
    return Draft202012Validator(column_schema(column), format_checker=CHECKER).is_valid(cell)


def reader_accepts(cell: str, column: Column) -> bool:
    return not parse_column(pd.Series([cell], dtype="str"), column).refused.any()


def cells_of(column: Column) -> st.SearchStrategy[str]:
    """Return texts likely to be just right or just wrong for a column."""
    kinds = [st.text(max_size=12), st.just(column.example)]
    pattern = column_schema(column).get("pattern")
    if pattern and column.kind != "siret":
        kinds.append(st.from_regex(str(pattern)))
    if column.kind in NEAR_MISSES:
        kinds.append(st.from_regex(NEAR_MISSES[column.kind], fullmatch=True))
    if column.choices:
        kinds.append(st.sampled_from([each.upper() for each in column.choices]))
    blanks = st.sampled_from(["", "", " ", "\t", "\u00a0", "\n"])
    return st.tuples(blanks, st.one_of(kinds), blanks).map("".join)


@pytest.mark.parametrize("name", COLUMNS)
def test_schema_and_reader_agree_on_cells(name: str) -> None:
    column = COLUMNS[name]

    @given(cells_of(column))
    def agree(cell: str) -> None:
        assert schema_accepts(cell, column) == reader_accepts(cell, column), cell

    agree()


@pytest.mark.parametrize("name", [name for name in COLUMNS if COLUMNS[name].kind != "text"])
def test_schema_and_reader_agree_on_the_edges(name: str) -> None:
    column = COLUMNS[name]
    numbers = [column.low, column.high, column.low - 1, column.high + 1, 0, 999, 1000, 99_999]
    edges = [str(number) for number in numbers] + [f"{column.high},0", f"{column.high},01"]
    edges += [f"{column.high:,}".replace(",", "\u202f"), "-0", "0,0", "", " ", column.example]
    edges += ["28/02/2100", "31/12/1949", "01/01/1950", "31/12/2099", "01/01/2100", "29/02/2000"]
    for cell in edges:
        assert schema_accepts(cell, column) == reader_accepts(cell, column), cell


def test_dates_agree_on_every_day_of_a_leap_cycle_and_its_false_neighbours() -> None:
    column = COLUMNS["postes.debut"]
    matcher = re.compile(str(column_schema(column)["pattern"]))
    texts = [
        text
        for year in (1950, 2000, 2023, 2024, 2099)
        for month in range(14)
        for day in range(33)
        for text in (f"{year}-{month:02d}-{day:02d}", f"{day}/{month}/{year}")
    ]
    refused = parse_column(pd.Series(texts, dtype="str"), column).refused
    assert [matcher.search(text) is None for text in texts] == refused.tolist()


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_patterns_of_whole_numbers_hold_their_range_and_no_more(one: int, two: int) -> None:
    low, high = sorted((one, two))
    matcher = re.compile(_between(low, high))
    found = [number for number in range(3200) if matcher.fullmatch(str(number))]
    assert found == list(range(low, high + 1))


@pytest.mark.parametrize("table", EVERY_TABLE, ids=lambda table: table.name)
def test_published_schemas_are_up_to_date(table: Table) -> None:
    published = FOLDER / f"{table.name}.schema.json"
    assert published.read_text(encoding="utf-8") == schema_text(table), (
        "python -m data.study.schemas"
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_schemas_are_sound_and_accept_the_sound_study(table: Table) -> None:
    schema = table_schema(table)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=CHECKER)
    header, *lines = STUDY[table.file].splitlines()
    names = header.split(",")
    for line in lines:
        row = dict(zip(names, line.replace("Bêta, à", "Bêta à").split(","), strict=True))
        validator.validate(row)
        assert not validator.is_valid({**row, names[0]: "|"}) or table.columns[0].kind == "code"
    assert not validator.is_valid({})


@pytest.mark.parametrize(
    "table", [*SOURCE_TABLES, *PROPOSAL_TABLES, *AWARD_TABLES], ids=lambda table: table.name
)
def test_schemas_of_sources_are_sound_and_accept_what_they_give_as_an_example(
    table: Table,
) -> None:
    schema = table_schema(table)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=CHECKER)
    row = {column.name: column.example for column in table.columns}
    validator.validate(row)
    required = [column.name for column in table.columns if column.required]
    assert required
    for name in required:
        assert not validator.is_valid({**row, name: " "})
        assert not validator.is_valid({other: row[other] for other in row if other != name})


def test_schemas_are_written_where_asked(tmp_path: Path) -> None:
    write_schemas(tmp_path / "schemas")
    written = sorted(path.name for path in (tmp_path / "schemas").iterdir())
    assert written == sorted(f"{table.name}.schema.json" for table in EVERY_TABLE)
    assert json.loads((tmp_path / "schemas" / written[0]).read_text(encoding="utf-8"))

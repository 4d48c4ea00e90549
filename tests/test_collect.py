"""Received workbooks joined: every line accounted for, nothing believed twice, nothing guessed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.collect.diff import apply_changes, diff
from data.collect.model import Diff, Received, Row
from data.collect.report import as_json, report
from data.study.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Study = dict[str, list[Row]]
Cells = dict[str, str]

ETATS = ("valide", "a_confirmer", "conteste")


def full(table: str, cells: Mapping[str, str]) -> Cells:
    """All the columns of a table; those not given are as an empty cell reads."""
    columns = next(each for each in TABLES if each.name == table).columns
    return {column.name: cells.get(column.name, column.default) for column in columns}


def study(**tables: Sequence[Mapping[str, str]]) -> Study:
    return {
        name: [Row(name, line, full(name, cells)) for line, cells in enumerate(rows, start=2)]
        for name, rows in tables.items()
    }


def received(file: str, **tables: Sequence[Mapping[str, str]]) -> Received:
    rows = {
        name: [Row(f"{file}, {name}", line, cells) for line, cells in enumerate(listed, start=3)]
        for name, listed in tables.items()
    }
    return Received(file, rows)


def joined(before: Study, made: Diff) -> Study:
    """The study once changed, its lines numbered anew."""
    after = {}
    for table in TABLES:
        rows = apply_changes(before.get(table.name, []), made.changes_of(table))
        after[table.name] = [Row(table.name, at, row.cells) for at, row in enumerate(rows, 2)]
    return after


def kinds(made: Diff) -> Counter[str]:
    return Counter(f"{change.table} {change.kind}" for change in made.changes)


NORD = {"structure_id": "nord", "nom": "PLIE Nord"}
POST = {"structure_id": "nord", "volet": "facilitateur", "etp": "1"}
PLACE = {"structure_id": "nord", "niveau": "departement", "code": "01", "nature": "principal"}


def test_lines_are_added_changed_removed_or_unchanged() -> None:
    before = study(
        structures=[NORD, {"structure_id": "sud", "nom": "Sud"}],
        postes=[
            {**POST, "poste_id": "P1"},
            {**POST, "poste_id": "P2"},
            {**POST, "poste_id": "P9", "structure_id": "sud"},
            POST,
        ],
        besoins=[{"commune": "01004", "donneur_ordre": "etat", "heures": "10"}],
    )
    file = received(
        "nord.xlsx",
        structures=[{**NORD, "nom": "PLIE du Nord"}],
        postes=[{**POST, "poste_id": "P1", "etp": "0,5"}, {**POST, "poste_id": "P3"}, POST, POST],
        besoins=[{"commune": "01033", "donneur_ordre": "etat", "heures": "3"}],
    )
    made = diff(before, [file])
    assert kinds(made) == {
        "structures changed": 1,
        "postes added": 2,
        "postes changed": 1,
        "postes removed": 1,
        "besoins added": 1,
    }
    changed = next(each for each in made.changes if each.kind == "changed" and each.source)
    assert (changed.old.cell("nom"), changed.cells) == ("PLIE Nord", {"nom": "PLIE du Nord"})
    removed = next(each for each in made.changes if each.kind == "removed")
    assert removed.old.cell("poste_id") == "P2"
    assert made.balance["nord.xlsx", "postes"] == {"added": 2, "changed": 1, "unchanged": 1}


def test_an_empty_sheet_removes_nothing_and_says_so() -> None:
    before = study(structures=[NORD], postes=[POST], perimetres=[PLACE])
    made = diff(before, [received("nord.xlsx", structures=[NORD], postes=[], perimetres=[])])
    assert not made.changes
    assert [(each.kind, each.table, each.count) for each in made.remarks] == [
        ("says_nothing", "postes", 1),
        ("says_nothing", "perimetres", 1),
    ]
    assert "rien n’est retiré à « nord »" in report(made)


def test_needs_are_never_removed_by_absence() -> None:
    need = {"commune": "01004", "donneur_ordre": "etat", "heures": "10"}
    other = {**need, "commune": "01033"}
    assert not diff(study(besoins=[need, other]), [received("a.xlsx", besoins=[need])]).changes


def test_a_column_that_the_file_has_not_says_nothing() -> None:
    kept = {**POST, "poste_id": "P1", "financement": "socle"}
    anonymous = {**POST, "financement": "aap_2022"}
    before = study(structures=[{**NORD, "siret": "1"}], postes=[kept, anonymous])
    file = received("a.xlsx", structures=[NORD], postes=[{**POST, "poste_id": "P1"}, POST])
    assert not diff(before, [file]).changes


def test_an_emptied_cell_is_a_change() -> None:
    before = study(structures=[{**NORD, "siret": "1"}])
    made = diff(before, [received("a.xlsx", structures=[{**NORD, "siret": ""}])])
    assert made.changes[0].cells == {"siret": ""}
    assert "siret : 1 → (vide)" in report(made)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([{"postes": [{**POST, "structure_id": "sud"}]}], "foreign"),
        ([{}, {"structures": [{**NORD, "nom": "Autre"}]}], "values"),
        ([{"structures": [NORD, {**NORD, "nom": "Autre"}]}], "values"),
        ([{"postes": [{**POST, "poste_id": "P9"}]}], "owner"),
        ([{"postes": [POST]}, {"postes": [{**POST, "etp": "2"}]}], "elsewhere"),
        ([{"postes": [POST]}, {"postes": [POST, POST]}], "elsewhere"),
    ],
)
def test_lines_that_cannot_all_be_believed_block(
    files: list[dict[str, list[Cells]]], reason: str
) -> None:
    before = study(
        structures=[{"structure_id": "sud", "nom": "Sud"}],
        postes=[{**POST, "poste_id": "P9", "structure_id": "sud"}],
    )
    workbooks = [
        received(f"{at}.xlsx", **{"structures": [NORD], **tables})
        for at, tables in enumerate(files)
    ]
    made = diff(before, workbooks)
    assert made.blocked
    assert {conflict.reason for conflict in made.conflicts} == {reason}
    assert "rien ne sera écrit" in report(made)


def test_a_line_given_twice_alike_counts_once() -> None:
    files = [received(f"{at}.xlsx", structures=[NORD], postes=[POST]) for at in range(2)]
    made = diff({}, files)
    assert kinds(made) == {"structures added": 1, "postes added": 1}
    assert made.balance["1.xlsx", "postes"] == {"repeated": 1}
    assert "plusieurs classeurs parlent en son nom (0.xlsx, 1.xlsx)" in report(made)


@pytest.mark.parametrize(
    ("filed", "said", "kept", "remarks"),
    [
        (None, "", "a_confirmer", []),
        (None, "valide", "a_confirmer", ["not_believed"]),
        (None, "conteste", "conteste", []),
        ("valide", "", "valide", []),
        ("valide", "valide", "valide", []),
        ("valide", "a_confirmer", "a_confirmer", []),
        ("a_confirmer", "valide", "a_confirmer", ["not_believed"]),
        ("conteste", "", "conteste", []),
        ("conteste", "a_confirmer", "conteste", []),
    ],
)
def test_a_structure_declares_and_only_the_planner_validates(
    filed: str | None, said: str, kept: str, remarks: list[str]
) -> None:
    before = study(perimetres=[] if filed is None else [{**PLACE, "etat": filed}])
    made = diff(before, [received("a.xlsx", perimetres=[{**PLACE, "etat": said}])])
    assert [row.cell("etat") for row in joined(before, made)["perimetres"]] == [kept]
    assert [each.kind for each in made.remarks] == remarks


def test_a_valid_perimeter_that_changes_is_to_confirm_again() -> None:
    before = study(perimetres=[{**PLACE, "etat": "valide"}])
    made = diff(before, [received("a.xlsx", perimetres=[{**PLACE, "nature": "extension"}])])
    assert made.changes[0].cells == {"nature": "extension", "etat": "a_confirmer"}
    assert [each.kind for each in made.remarks] == ["to_confirm"]
    assert "remis « a_confirmer »" in report(made)


def test_files_that_disagree_on_a_perimeter_leave_both_contested() -> None:
    before = study(perimetres=[{**PLACE, "etat": "valide"}])
    files = [
        received("a.xlsx", structures=[NORD], perimetres=[PLACE]),
        received("b.xlsx", structures=[NORD], perimetres=[{**PLACE, "nature": "extension"}]),
    ]
    made = diff(before, files)
    assert not made.blocked
    after = joined(before, made)
    assert [(row.cell("nature"), row.cell("etat")) for row in after["perimetres"]] == [
        ("principal", "conteste"),
        ("extension", "conteste"),
    ]
    assert made.balance["b.xlsx", "perimetres"] == {"conflicting": 1}
    again = diff(after, files)
    assert not again.changes
    assert len(again.conflicts) == 1


def test_a_perimeter_given_for_another_is_contested_and_the_owners_keeps_its_state() -> None:
    before = study(structures=[NORD], perimetres=[{**PLACE, "etat": "valide"}])
    sud = {"structure_id": "sud", "nom": "Sud"}
    said = {**PLACE, "nature": "extension"}
    made = diff(before, [received("sud.xlsx", structures=[sud], perimetres=[said])])
    assert [conflict.reason for conflict in made.conflicts] == ["foreign"]
    assert [
        (row.cell("nature"), row.cell("etat")) for row in joined(before, made)["perimetres"]
    ] == [
        ("principal", "valide"),
        ("extension", "conteste"),
    ]


def test_json_leaves_nothing_out() -> None:
    before = study(structures=[NORD], postes=[{**POST, "poste_id": "P1"}])
    made = diff(before, [received("a.xlsx", structures=[NORD], postes=[POST])])
    told = as_json(made)
    assert len(told["tables"]["postes"]["ajoutées"]) == 1
    assert told["tables"]["postes"]["retirées"][0]["avant"]["ligne"] == 2
    assert told["bilan"][1]["lues"] == 1


def test_a_long_list_is_cut_and_its_rest_counted() -> None:
    needs = [{"commune": f"{at:05}", "donneur_ordre": "etat", "heures": "1"} for at in range(300)]
    text = report(diff({}, [received("a.xlsx", besoins=needs)]))
    assert "100 ajouts de plus" in text
    assert "a.xlsx, besoins : 300 lignes lues = 300 ajoutées" in text


IDS = st.sampled_from(["A", "B", "C"])


def rows_of(**columns: st.SearchStrategy[str]) -> st.SearchStrategy[list[Cells]]:
    return st.lists(st.fixed_dictionaries(columns), max_size=4)


STRUCTURES = rows_of(structure_id=IDS, nom=st.sampled_from("xy"))
POSTES = rows_of(
    poste_id=st.sampled_from(["", "", "P1", "P2"]), structure_id=IDS, etp=st.sampled_from("12")
)
PERIMETRES = rows_of(
    structure_id=IDS,
    niveau=st.just("commune"),
    code=st.sampled_from("12"),
    nature=st.sampled_from(["principal", "extension"]),
    etat=st.sampled_from(ETATS),
)
BESOINS = rows_of(commune=st.sampled_from("12"), heures=st.sampled_from("12"))
EXHAUSTIVITE = rows_of(donneur_ordre=st.sampled_from(["etat", "prives"]))
WORKBOOK = st.fixed_dictionaries(
    {},
    optional={
        "structures": STRUCTURES,
        "postes": POSTES,
        "perimetres": PERIMETRES
        | PERIMETRES.map(lambda rows: [{**row, "etat": ""} for row in rows]),
        "besoins": BESOINS,
        "exhaustivite": EXHAUSTIVITE,
    },
)
WORKBOOKS = st.lists(WORKBOOK, min_size=1, max_size=3).map(
    lambda listed: [received(f"{at}.xlsx", **tables) for at, tables in enumerate(listed)]
)


def first_of(rows: list[Cells], *key: str) -> list[Cells]:
    """The rows of a sound study: identifiers are unique, an empty one aside."""
    found: dict[object, Cells] = {}
    for at, row in enumerate(rows):
        name = tuple(row.get(column, "") for column in key)
        found.setdefault(name if all(name[:1]) else at, row)
    return list(found.values())


STUDIES = st.builds(
    lambda structures, postes, perimetres, besoins, exhaustivite: study(
        structures=first_of(structures, "structure_id"),
        postes=first_of(postes, "poste_id"),
        perimetres=perimetres,
        besoins=first_of(besoins, "commune"),
        exhaustivite=first_of(exhaustivite, "donneur_ordre"),
    ),
    STRUCTURES,
    POSTES,
    PERIMETRES,
    BESOINS,
    EXHAUSTIVITE,
)


@settings(max_examples=300)
@given(before=STUDIES, files=WORKBOOKS)
def test_every_line_read_has_one_outcome(before: Study, files: list[Received]) -> None:
    made = diff(before, files)
    read = Counter(
        {(file.file, name): len(rows) for file in files for name, rows in file.tables.items()}
    )
    assert Counter({place: each.total() for place, each in made.balance.items()}) == +read
    outcomes = sum(made.balance.values(), Counter())
    assert sum(len(conflict.rows) for conflict in made.conflicts) == outcomes["conflicting"]
    rows = [change for change in made.changes if change.table != "perimetres"]
    told = Counter(change.kind for change in rows)
    others = sum(
        (each for (_, name), each in made.balance.items() if name != "perimetres"), Counter()
    )
    assert (told["added"], told["changed"]) == (others["added"], others["changed"])


@settings(max_examples=300)
@given(before=STUDIES, files=WORKBOOKS)
def test_applied_once_there_is_nothing_left_to_do(before: Study, files: list[Received]) -> None:
    made = diff(before, files)
    if not made.blocked:
        again = diff(joined(before, made), files)
        assert not again.changes
        assert len(again.conflicts) == len(made.conflicts)


@settings(max_examples=300)
@given(before=STUDIES, files=WORKBOOKS, data=st.data())
def test_the_order_of_files_changes_nothing_joined(
    before: Study, files: list[Received], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(files))
    one, other = diff(before, files), diff(before, shuffled)
    assert one.blocked == other.blocked
    if not one.blocked:
        for table in TABLES:
            assert contents(joined(before, one), table.name) == contents(
                joined(before, other), table.name
            )


def contents(tables: Study, name: str) -> Counter[tuple[tuple[str, str], ...]]:
    return Counter(tuple(row.cells.items()) for row in tables[name])


def naive_posts(before: Study, files: list[Received]) -> Counter[tuple[tuple[str, str], ...]]:
    """What posts should be, when nothing conflicts: what is said replaces what was."""
    speaking = [file for file in files if file.tables.get("postes")]
    spoken = frozenset().union(*(file.structures for file in speaking))
    kept = Counter(
        tuple(row.cells.items())
        for row in before["postes"]
        if row.cell("structure_id") not in spoken
    )
    said: Counter[tuple[tuple[str, str], ...]] = Counter()
    for file in speaking:
        here = {}
        counted: Counter[tuple[tuple[str, str], ...]] = Counter()
        for row in file.tables["postes"]:
            cells = tuple(full("postes", row.cells).items())
            if row.cell("poste_id"):
                here[cells] = 1
            else:
                counted[cells] += 1
        said |= counted + Counter(here)
    return kept + said


@settings(max_examples=300)
@given(before=STUDIES, files=WORKBOOKS)
@example(
    before=study(postes=[POST, POST], perimetres=[], besoins=[], structures=[], exhaustivite=[]),
    files=[received("a.xlsx", postes=[{**POST, "poste_id": ""}])],
)
def test_what_is_joined_is_what_was_said(before: Study, files: list[Received]) -> None:
    made = diff(before, files)
    if made.blocked:
        return
    after = joined(before, made)
    assert contents(after, "postes") == naive_posts(before, files)
    for name, key, value in (
        ("structures", "structure_id", "nom"),
        ("besoins", "commune", "heures"),
    ):
        said = {row.cell(key): row.cell(value) for row in before[name]}
        for file in files:
            said |= {row.cell(key): row.cell(value) for row in file.tables.get(name, ())}
        assert {row.cell(key): row.cell(value) for row in after[name]} == said


def place_of(row: Row) -> tuple[str, str]:
    return row.cell("structure_id"), row.cell("code")


@settings(max_examples=300)
@given(before=STUDIES, files=WORKBOOKS)
def test_no_perimeter_becomes_valid_and_none_is_lost(before: Study, files: list[Received]) -> None:
    after = joined(before, diff(before, files))["perimetres"]
    valid = {
        (*place_of(row), row.cell("nature"))
        for row in before["perimetres"]
        if row.cell("etat") == "valide"
    }
    assert valid >= {
        (*place_of(row), row.cell("nature")) for row in after if row.cell("etat") == "valide"
    }
    said: dict[tuple[str, str], set[str]] = {}
    for file in files:
        for row in file.tables.get("perimetres", ()):
            said.setdefault(place_of(row), set()).add(row.cell("nature"))
    held: dict[tuple[str, str], set[str]] = {}
    for row in after:
        held.setdefault(place_of(row), set()).add(row.cell("nature"))
    for place, natures in said.items():
        assert natures <= held[place]
    speakers = {name for file in files if file.tables.get("perimetres") for name in file.structures}
    for row in before["perimetres"]:
        if row.cell("structure_id") not in speakers:
            assert row.cell("nature") in held[place_of(row)]

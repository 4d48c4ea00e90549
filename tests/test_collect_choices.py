"""Received lines decided one by one: what is accepted is written, all else is as it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_collect import (
    NORD,
    PLACE,
    POST,
    STUDIES,
    WORKBOOKS,
    Study,
    contents,
    joined,
    received,
    study,
)

from data.collect.apart import Balance, Comparison
from data.collect.choices import (
    REFUSED,
    Choices,
    alike_answers,
    contradictions,
    is_open,
    joining_phrase,
    tallies,
)
from data.collect.diff import apply_changes, diff
from data.collect.items import CONFLICT, Decidable, decidable
from data.study.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.collect.items import Item
    from data.collect.model import Change, Received

AT = "2026-11-26T08:00:00+00:00"
NOTHING = Choices({})


def compared(before: Study, files: Sequence[Received]) -> tuple[Decidable, Comparison]:
    made = decidable(diff(before, files), files)
    balance = tuple(Balance(*place, told) for place, told in made.diff.balance.items())
    known = frozenset(row.cell("structure_id") for row in before.get("structures", ()))
    comparison = Comparison((), items=made.items, balance=balance, structures=known)
    return made, comparison


def answered(items: Sequence[Item], answers: dict[str, str], choices: Choices = NOTHING) -> Choices:
    return choices.answered(items, answers, "Service A", AT)


def drawn(data: st.DataObject, items: Sequence[Item]) -> Choices:
    """Any answers, one for each item."""
    answers = {
        item.key: data.draw(
            st.sampled_from(["", REFUSED, *map(str, range(1, len(item.options) + 1))])
        )
        for item in items
    }
    return answered(items, answers)


def naive(before: Study, changes: Sequence[Change]) -> dict[str, Counter[object]]:
    """The rows of each table, one change after the other, in whatever order."""
    after = {}
    for table in TABLES:
        rows = {row.line: dict(row.cells) for row in before.get(table.name, ())}
        for number, change in enumerate(each for each in changes if each.table == table.name):
            if change.old is None:
                rows[-number - 1] = dict(change.cells)
            elif change.source is None:
                del rows[change.old.line]
            else:
                rows[change.old.line].update(change.cells)
        after[table.name] = Counter(tuple(cells.items()) for cells in rows.values())
    return after


@settings(max_examples=60, deadline=None)
@given(before=STUDIES, files=WORKBOOKS, data=st.data())
def test_any_lines_accepted_are_those_written(
    before: Study, files: list[Received], data: st.DataObject
) -> None:
    made, comparison = compared(before, files)
    choices = drawn(data, made.items)
    if any("n’en accepter qu’une" in each.remedy for each in contradictions(comparison, choices)):
        return
    chosen = choices.chosen(made.items)
    wanted = [change for key, rank in chosen.items() for change in made.answers[key][rank - 1]]
    changes = made.changes(chosen)
    expected = naive(before, data.draw(st.permutations(wanted)))
    for table in TABLES:
        mine = [change for change in changes if change.table == table.name]
        rows = apply_changes(before.get(table.name, ()), mine)
        assert Counter(tuple(row.cells.items()) for row in rows) == expected[table.name]


@settings(max_examples=60, deadline=None)
@given(before=STUDIES, files=WORKBOOKS)
def test_all_accepted_is_what_the_command_writes(before: Study, files: list[Received]) -> None:
    made, _ = compared(before, files)
    choices = answered(made.items, {item.key: "1" for item in made.items if is_open(item)})
    if not made.diff.blocked:
        everything = made.changes(choices.chosen(made.items))
        assert all(one is other for one, other in zip(everything, made.diff.changes, strict=True))


@settings(max_examples=60, deadline=None)
@given(before=STUDIES, files=WORKBOOKS, data=st.data())
def test_every_line_read_is_counted_once_whatever_is_decided(
    before: Study, files: list[Received], data: st.DataObject
) -> None:
    made, comparison = compared(before, files)
    choices = drawn(data, made.items)
    told = {(each.book, each.table): each for each in tallies(comparison, choices)}
    read = Counter(
        {(file.file, name): len(rows) for file in files for name, rows in file.tables.items()}
    )
    assert Counter({place: each.read for place, each in told.items()}) == +read
    lines = [item for item in made.items if item.kind in ("added", "changed")]
    refused = sum(choices.answer(item) == REFUSED for item in lines)
    assert sum(each.refused for each in told.values()) == refused
    assert sum(each.undecided for each in told.values()) == sum(
        not choices.answer(item) for item in lines
    )


def digests(items: Sequence[Item]) -> Counter[str]:
    return Counter(item.key.rpartition("-")[0] for item in items if item.kind != CONFLICT)


@settings(max_examples=60, deadline=None)
@given(before=STUDIES, files=WORKBOOKS, data=st.data())
def test_what_is_joined_does_not_come_back_and_what_is_refused_stays_so(
    before: Study, files: list[Received], data: st.DataObject
) -> None:
    made, _ = compared(before, files)
    single = [item for item in made.items if item.kind != CONFLICT]
    choices = drawn(data, single)
    chosen = choices.chosen(single)
    after = joined(before, replace(made.diff, changes=tuple(made.changes(chosen))))
    left, _ = compared(after, files)
    assert digests(left.items) == digests([item for item in single if item.key not in chosen])
    kept = choices.after_joining(chosen, AT)
    for answer in (REFUSED, ""):
        assert digests([item for item in left.items if kept.answer(item) == answer]) == digests(
            [item for item in single if choices.answer(item) == answer]
        )
    assert {each.joined for each in kept.joined} <= {AT}
    assert len(kept.joined) == len(chosen)


@pytest.mark.parametrize("refused", [0, 1])
def test_alike_lines_are_decided_apart(refused: int) -> None:
    files = [received("a.xlsx", structures=[NORD], postes=[POST, POST])]
    made, _ = compared({}, files)
    alike = [item for item in made.items if item.table == "postes"]
    assert len({item.key for item in alike}) == len(alike)
    answers = {item.key: "1" for item in alike} | {alike[refused].key: REFUSED}
    choices = answered(made.items, answers)
    kept = choices.after_joining(choices.chosen(made.items), AT)
    left, _ = compared(study(postes=[POST]), files)
    (last,) = (item for item in left.items if item.table == "postes")
    assert kept.answer(last) == REFUSED


def test_a_refusal_holds_while_the_line_says_the_same() -> None:
    def item(etp: str, line: int = 1) -> Item:
        blank = [{**POST, "poste_id": f"X{at}"} for at in range(line)]
        file = received("a.xlsx", postes=[*blank, {**POST, "poste_id": "P1", "etp": etp}])
        found, _ = compared({}, [file])
        return next(each for each in found.items if each.name.startswith("P1"))

    choices = answered([item("1")], {item("1").key: REFUSED})
    assert choices.answer(item("1", line=5)) == REFUSED
    assert choices.answer(item("2")) == ""


SUD = {"structure_id": "sud", "nom": "Sud"}


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        ("1", {("principal", "conteste"), ("extension", "conteste")}),
        ("2", {("principal", "valide")}),
        ("3", {("extension", "a_confirmer")}),
        (REFUSED, {("principal", "valide")}),
    ],
)
def test_a_conflict_of_perimeters_is_settled_by_one_line_or_none(
    rank: str, expected: set[tuple[str, str]]
) -> None:
    before = study(structures=[NORD], perimetres=[{**PLACE, "etat": "valide"}])
    files = [
        received("a.xlsx", structures=[NORD], perimetres=[PLACE]),
        received("b.xlsx", structures=[NORD], perimetres=[{**PLACE, "nature": "extension"}]),
    ]
    made, _ = compared(before, files)
    (conflict,) = made.items
    choices = answered(made.items, {conflict.key: rank})
    after = joined(
        before, replace(made.diff, changes=tuple(made.changes(choices.chosen(made.items))))
    )
    assert {(row.cell("nature"), row.cell("etat")) for row in after["perimetres"]} == expected


@pytest.mark.parametrize(
    ("before", "files", "rank", "table", "expected"),
    [
        (
            {"structures": [NORD]},
            [
                {"structures": [{**NORD, "nom": "Un"}]},
                {"structures": [{**NORD, "nom": "Deux"}]},
            ],
            "2",
            "structures",
            {"nom": "Deux"},
        ),
        (
            {
                "structures": [NORD, SUD],
                "postes": [{**POST, "poste_id": "P9", "structure_id": "sud"}],
            },
            [{"structures": [NORD], "postes": [{**POST, "poste_id": "P9"}]}],
            "1",
            "postes",
            {"structure_id": "nord"},
        ),
        (
            {"structures": [NORD, SUD]},
            [{"structures": [NORD], "postes": [{**POST, "structure_id": "sud"}]}],
            "1",
            "postes",
            {"structure_id": "sud"},
        ),
    ],
)
def test_a_conflict_is_settled_by_the_line_chosen(
    before: dict[str, list[dict[str, str]]],
    files: list[dict[str, list[dict[str, str]]]],
    rank: str,
    table: str,
    expected: dict[str, str],
) -> None:
    filed = study(**before)
    books = [received(f"{at}.xlsx", **tables) for at, tables in enumerate(files)]
    made, comparison = compared(filed, books)
    (conflict,) = [item for item in made.items if item.kind == CONFLICT]
    assert made.diff.blocked
    for answer, wanted in ((rank, expected), (REFUSED, None)):
        choices = answered(made.items, {conflict.key: answer})
        assert not contradictions(comparison, choices)
        changes = made.changes(choices.chosen(made.items))
        after = joined(filed, replace(made.diff, changes=tuple(changes)))
        if wanted is None:
            assert contents(after, table) == contents({table: [], **filed}, table)
        else:
            assert wanted.items() <= after[table][-1].cells.items()


def test_accepting_all_that_is_left_settles_no_conflict() -> None:
    file = received("a.xlsx", structures=[NORD, {**NORD, "nom": "Autre"}], postes=[POST])
    made, _ = compared({}, [file])
    assert {item.kind for item in made.items} == {"added", CONFLICT}
    answers = alike_answers(made.items, NOTHING, "1")
    assert [item.kind for item in made.items if item.key in answers] == ["added"]


def test_a_line_of_a_structure_that_is_refused_is_told() -> None:
    file = received("nord.xlsx", structures=[NORD], postes=[POST], perimetres=[PLACE])
    made, comparison = compared({}, [file])
    by_table = {item.table: item.key for item in made.items}
    accepted = {by_table["postes"]: "1", by_table["perimetres"]: "1"}
    for refusal in ("", REFUSED):
        choices = answered(made.items, {**accepted, by_table["structures"]: refusal})
        told = contradictions(comparison, choices)
        assert [each.file for each in told] == [
            "nord.xlsx, postes, ligne 3",
            "nord.xlsx, perimetres, ligne 3",
        ]
        assert all("« nord »" in each.message for each in told)
    choices = answered(made.items, {**accepted, by_table["structures"]: "1"})
    assert contradictions(comparison, choices) == ()
    phrase = "3 lignes acceptées de nord.xlsx (structures 1, postes 1, perimetres 1)"
    assert joining_phrase(made.items, choices) == phrase


def test_two_lines_that_write_the_same_row_are_told() -> None:
    sud = received("sud.xlsx", structures=[SUD], postes=[{**POST, "poste_id": "P1", "etp": "2"}])
    nord = received("nord.xlsx", structures=[NORD], postes=[{**POST, "poste_id": "P1"}])
    made, comparison = compared(study(structures=[NORD, SUD]), [nord, sud])
    assert {item.kind for item in made.items} == {"added", CONFLICT}
    choices = answered(made.items, {item.key: "1" for item in made.items})
    (told,) = contradictions(comparison, choices)
    assert told.remedy == "n’en accepter qu’une"
    assert "nord.xlsx" in told.message
    assert "sud.xlsx" in told.message


def test_what_is_not_an_answer_changes_nothing_and_the_first_author_stays() -> None:
    made, _ = compared({}, [received("a.xlsx", structures=[NORD])])
    (item,) = made.items
    choices = answered(made.items, {item.key: "1"})
    later = choices.answered(made.items, {item.key: "1", "autre-1": "1"}, "B", "2027")
    assert later == choices
    for answer in ("0", "2", "-1", "1.5", "oui", "١"):
        assert answered(made.items, {item.key: answer}) == NOTHING
    assert answered(made.items, {item.key: ""}, choices) == NOTHING
    assert Choices.of(choices.plain()) == choices

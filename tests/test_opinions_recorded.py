"""Opinions of the register joined to the table of a study: each once, the last word prevails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING

import pytest
from databases import KINDS, new_database
from hypothesis import given, settings
from hypothesis import strategies as st
from test_opinions import OPTIONS, frame, row
from toy import STUDY, toy_territory, write_study

from api.exports.opinions import opinions_file
from api.opinions.recorded import Opinions
from coverage.proposals.decisions import (
    AVIS,
    INSTANCES,
    Opinion,
    decisions_of,
    filed_opinions,
    opinions_said,
)
from coverage.proposals.recorded import with_recorded
from coverage.proposals.spoken import Spoken
from data.store.engine import open_store
from data.store.envelopes import Envelope, envelope_of, save_envelope
from data.store.errors import StaleError
from data.store.studies import create_study
from data.study.reader import read_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

DAYS = (date(2023, 5, 12), date(2023, 6, 1))
TARGETS = (("zb-1", "", "", ""), ("", "A", "", ""), ("", "", "z2", ""), ("", "A", "z1", ""))
SAID = st.builds(
    Opinion,
    st.sampled_from(TARGETS),
    st.sampled_from(INSTANCES[:2]),
    st.sampled_from(DAYS),
    st.sampled_from(AVIS),
    st.sampled_from(("vu", "dit ; « loin », tôt")),
)


def filed(said: list[Opinion]) -> pd.DataFrame:
    """Return the table that one would write: one opinion a day, of an instance on an object."""
    names = ("option_id", "structure_id", "zone_id", "volet")
    once = {(each.target, each.instance, each.day): each for each in said}
    return frame(
        *(
            row(
                each.avis,
                instance=each.instance,
                date=each.day,
                motif=each.reason,
                **dict(zip(names, each.target, strict=True)),
            )
            for each in once.values()
        )
    )


def naive(table: pd.DataFrame, recorded: list[Opinion]) -> dict[tuple[object, str], Opinion]:
    """Return the last word of each instance on each object, gone through one by one."""
    found: dict[tuple[object, str], Opinion] = {}
    for each in [*filed_opinions(table), *recorded]:
        before = found.get((each.target, each.instance))
        if before is None or before.day <= each.day:
            found[each.target, each.instance] = each
    return found


@given(st.lists(SAID, max_size=6), st.lists(SAID, max_size=8))
@settings(max_examples=40)
def test_the_last_word_is_that_of_going_through_them_one_by_one(
    table: list[Opinion], recorded: list[Opinion]
) -> None:
    own = filed(table)
    said = opinions_said(with_recorded(own, recorded), OPTIONS)
    expected = naive(own, recorded)
    holding = [each for each in said if each.in_force]
    assert {(each.opinion.target, each.opinion.instance): each.opinion for each in holding} == (
        expected
    )
    assert len(holding) == len(expected)
    bound = {
        option.option_id
        for each in expected.values()
        for option in OPTIONS
        if each.avis == "refuse" and each.decides(option)
    }
    assert set(decisions_of(said).refused) == bound


@given(SAID)
def test_options_are_found_as_by_comparing_all_of_them(said: Opinion) -> None:
    assert said.spoken_of(Spoken(OPTIONS)) == [each for each in OPTIONS if said.speaks_of(each)]


@given(table=st.lists(SAID, max_size=6), recorded=st.lists(SAID, min_size=1, max_size=8))
@settings(max_examples=5)
def test_what_is_exported_then_filed_is_read_the_same_and_counts_once(
    table: list[Opinion], recorded: list[Opinion], tmp_path_factory: pytest.TempPathFactory
) -> None:
    joined = with_recorded(filed(table), recorded)
    folder = write_study(tmp_path_factory.mktemp("etude"), STUDY)
    (folder / "avis.csv").write_bytes(opinions_file(joined))
    again = read_study(folder, toy_territory()).opinions
    assert set(filed_opinions(again)) == set(filed_opinions(joined))
    assert len(again) == len(joined)
    twice = with_recorded(again, recorded)
    assert len(twice) == len(joined)
    assert set(filed_opinions(twice)) == set(filed_opinions(joined))


@pytest.fixture(params=KINDS)
def opinions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opinions]:
    store = open_store(new_database(request.param, tmp_path))
    with store.write("essai") as write:
        create_study(write, "essai", "Étude d’essai", "84")
    yield Opinions(store, "essai")
    store.close()


def test_two_people_at_once_are_both_kept_and_a_button_pressed_twice_counts_once(
    opinions: Opinions, tmp_path: Path
) -> None:
    one, two = (
        Opinion(TARGETS[0], instance, DAYS[0], "favorable", "vu") for instance in INSTANCES[:2]
    )
    before = opinions.mark()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(opinions.record, ["Anne", "Brice", "Anne", "Brice"], [one, two] * 2))
    assert {each.opinion for each in opinions.recorded()} == {one, two}
    assert len(opinions.recorded()) == 2
    assert made[0] == made[2]
    assert before == "0"
    assert opinions.mark() == str(max(each.opinion_id for each in made))
    study = read_study(write_study(tmp_path / "etude", STUDY), toy_territory())
    joined = opinions.joined(study)
    assert set(filed_opinions(joined.opinions)) == {one, two}
    (told,) = set(joined.inputs) - set(study.inputs)
    assert (told.name, told.rows) == (f"avis du registre, jusqu’au n° {opinions.mark()}", 2)
    assert opinions.regions() == ("84",)


def test_an_envelope_saved_by_someone_else_is_not_overwritten(opinions: Opinions) -> None:
    store = opinions.store
    with store.write("Anne") as write:
        first = save_envelope(write, "essai", "", Envelope(540_000_000, 9_000))
    with store.write("Brice") as write:
        second = save_envelope(write, "essai", "", Envelope(100, None, first.revision))
    with pytest.raises(StaleError), store.write("Anne") as write:
        save_envelope(write, "essai", "", Envelope(1, 1, first.revision))
    with pytest.raises(StaleError), store.write("Anne") as write:
        save_envelope(write, "essai", "", Envelope(1, 1))
    with store.read() as session:
        assert envelope_of(session, "essai", "") == second == Envelope(100, None, 2)
        assert envelope_of(session, "essai", "84") == Envelope()

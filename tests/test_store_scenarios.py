"""Several people on one study: nobody overwrites what they have not seen, nothing is lost."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from databases import KINDS, new_database
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from coverage.proposals.decisions import AVIS, INSTANCES, Opinion
from data.store import drafts, opinions, scenarios, studies
from data.store.engine import open_store
from data.store.errors import MissingError, StaleError
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.store.engine import Store

NUMBERS = count(1)
NAMES = ("Plan A", "Variante « é »")
TEXTS = st.text(max_size=4)
LEAVES = (
    st.none() | st.booleans() | st.integers() | TEXTS
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
JSON = st.recursive(
    LEAVES,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(TEXTS, each, max_size=3),
    max_leaves=6,
)
CONTENTS = st.dictionaries(TEXTS, JSON, max_size=3)


@pytest.fixture(scope="module", params=KINDS)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    opened = open_store(new_database(request.param, tmp_path_factory.mktemp("registre")))
    yield opened
    opened.close()


def new_study(store: Store) -> int:
    with store.write("essai") as write:
        made = studies.create_study(write, f"essai-{next(NUMBERS)}", "Essai", "53")
    return made.study_id


@pytest.fixture
def study_id(store: Store) -> int:
    return new_study(store)


def save(
    store: Store, who: str, study_id: int, content: dict[str, Any], based_on: int | None
) -> scenarios.Scenario:
    with store.write(who) as write:
        return scenarios.save_scenario(write, study_id, "Plan A", content, based_on)


def test_the_second_planner_is_told_with_both_contents(store: Store, study_id: int) -> None:
    seen = save(store, "Anne", study_id, {"etp": 1}, None)
    anne = save(store, "Anne", study_id, {"etp": 2}, seen.revision)
    with pytest.raises(StaleError, match="Anne") as told:
        save(store, "Brice", study_id, {"etp": 3}, seen.revision)
    assert told.value.theirs == anne
    assert told.value.yours == {"etp": 3}
    # Having seen Anne's, Brice saves over it: nothing of hers is lost.
    save(store, "Brice", study_id, told.value.yours, told.value.theirs.revision)
    with store.read() as session:
        kept = scenarios.revisions_of(session, study_id, "Plan A")
    assert [(each.revision, each.saved_by, each.content["etp"]) for each in kept] == [
        (1, "Anne", 1),
        (2, "Anne", 2),
        (3, "Brice", 3),
    ]


def test_a_new_scenario_takes_no_one_elses_name(store: Store, study_id: int) -> None:
    theirs = save(store, "Anne", study_id, {"a": 1}, None)
    with pytest.raises(StaleError, match="autre nom") as told:
        save(store, "Brice", study_id, {"b": 1}, None)
    assert told.value.theirs == theirs


def test_a_stale_save_undoes_the_whole_transaction(store: Store, study_id: int) -> None:
    save(store, "Anne", study_id, {}, None)

    def two_saves() -> None:
        with store.write("Brice") as write:
            scenarios.save_scenario(write, study_id, "Autre", {}, None)
            scenarios.save_scenario(write, study_id, "Plan A", {}, None)

    with pytest.raises(StaleError):
        two_saves()
    with store.read() as session:
        assert [each.name for each in scenarios.scenarios_of(session, study_id)] == ["Plan A"]


def test_what_is_not_there_is_said(store: Store, study_id: int) -> None:
    with pytest.raises(MissingError, match="Plan A"):
        save(store, "Anne", study_id, {}, 4)
    with pytest.raises(MissingError):
        save(store, "Anne", 10**6, {}, None)
    save(store, "Anne", study_id, {}, None)
    with store.read() as session, pytest.raises(MissingError, match="révision 9"):
        scenarios.scenario(session, study_id, "Plan A", revision=9)
    with store.read() as session:
        assert scenarios.revisions_of(session, study_id, "absent") == []


@pytest.mark.parametrize("content", [{1: "a"}, {"a": (1, 2)}, {"a": float("nan")}, {"a": {1}}])
def test_a_content_that_would_not_come_back_equal_is_refused(
    store: Store, study_id: int, content: dict[str, Any]
) -> None:
    with pytest.raises(Exception, match=r"JSON|plain"):
        save(store, "Anne", study_id, content, None)


def test_a_name_is_found_however_it_is_typed(store: Store, study_id: int) -> None:
    with store.write("essai") as write:
        kept = scenarios.save_scenario(write, study_id, " Variante \n e\u0301 ", {}, None)
    assert kept.name == "Variante é"
    with store.read() as session:
        assert scenarios.scenario(session, study_id, "Variante  e\u0301") == kept


def test_a_name_tells_nobody_s_address(store: Store, study_id: int) -> None:
    with pytest.raises(InputErrors, match="électronique"), store.write("essai") as write:
        scenarios.save_scenario(write, study_id, "vu avec a.b@exemple.fr", {}, None)


def test_an_opinion_follows_the_rules_of_its_table(store: Store, study_id: int) -> None:
    with pytest.raises(InputErrors) as refused, store.write("essai") as write:
        opinions.record_opinion(
            write,
            study_id,
            ("", "", "", "autre"),
            instance="préfet",
            day=date(2023, 5, 12),
            avis="refuse",
        )
    assert {each.column for each in refused.value.faults} == {
        "objet", "volet", "instance", "motif"
    }  # fmt: skip
    with pytest.raises(InputErrors, match="téléphone"), store.write("essai") as write:
        opinions.record_opinion(
            write,
            study_id,
            ("", "S1", "", ""),
            instance="copil",
            day=date(2023, 5, 12),
            avis="favorable",
            motif="appeler le 06 12 34 56 78",
        )
    with store.read() as session:
        assert opinions.opinions_of(session, study_id) == []


def test_a_draft_saved_elsewhere_is_told(store: Store) -> None:
    with store.write("Anne") as write:
        first = drafts.save_draft(write, "Anne", "avis", "d", {"a": 1}, None)
        second = drafts.save_draft(write, "Anne", "avis", "d", {"a": 2}, first.revision)
    with pytest.raises(StaleError) as told, store.write("Anne") as write:
        drafts.save_draft(write, "Anne", "avis", "d", {"a": 3}, first.revision)
    assert (told.value.theirs, told.value.yours) == (second, {"a": 3})
    with store.read() as session:
        assert drafts.drafts_of(session, "Anne") == [second]
        assert drafts.draft(session, "Brice", "avis", "d") is None
    with store.write("Anne") as write:
        assert drafts.discard_draft(write, "Anne", "avis", "d")
        assert not drafts.discard_draft(write, "Anne", "avis", "d")


class Campaign(RuleBasedStateMachine):
    """Scenarios and opinions of one study, against lists of Python."""

    store: Store

    @initialize()
    def begin(self) -> None:
        self.study_id = new_study(self.store)
        self.saved: dict[str, list[dict[str, Any]]] = {}
        self.said: list[Opinion] = []

    @rule(name=st.sampled_from(NAMES), content=CONTENTS, behind=st.integers(0, 2))
    def save(self, name: str, content: dict[str, Any], behind: int) -> None:
        kept = self.saved.get(name, [])
        based_on = (len(kept) - behind) or None
        if based_on is not None and based_on < 0:
            return
        try:
            with self.store.write("Anne") as write:
                made = scenarios.save_scenario(write, self.study_id, name, content, based_on)
        except StaleError as told:
            stale = told
            assert kept
            assert behind
            assert (stale.theirs.content, stale.yours) == (kept[-1], content)
        else:
            assert behind == 0
            assert made.revision == len(kept) + 1
            self.saved.setdefault(name, []).append(content)

    @rule(name=st.sampled_from(NAMES), revision=st.integers(1, 6))
    def restore(self, name: str, revision: int) -> None:
        kept = self.saved.get(name, [])
        try:
            with self.store.write("Brice") as write:
                scenarios.restore_scenario(write, self.study_id, name, revision, len(kept))
        except MissingError:
            assert revision > len(kept)
        else:
            kept.append(kept[revision - 1])

    @rule(
        about=st.tuples(*[st.sampled_from(("", "x")) for _ in range(3)], st.just("")),
        instance=st.sampled_from(INSTANCES),
        day=st.dates(),
        avis=st.sampled_from(AVIS),
        motif=st.text("aé’ ", max_size=5),
    )
    def opine(
        self, about: tuple[str, str, str, str], instance: str, day: date, avis: str, motif: str
    ) -> None:
        said = Opinion(about, instance, day, avis, " ".join(motif.split()))
        try:
            with self.store.write("Chloé") as write:
                opinions.record_opinion(
                    write,
                    self.study_id,
                    about,
                    instance=instance,
                    day=day,
                    avis=avis,
                    motif=motif,
                )
        except InputErrors:
            assert not any(about) or (avis in ("verrouille", "refuse") and not said.reason)
        else:
            self.said.append(said)

    @rule(content=CONTENTS)
    def fail_after_saving(self, content: dict[str, Any]) -> None:
        with suppress(ZeroDivisionError), self.store.write("Anne") as write:
            scenarios.save_scenario(write, self.study_id, "perdu", content, None)
            raise ZeroDivisionError

    @invariant()
    def everything_said_is_there(self) -> None:
        if not hasattr(self, "study_id"):
            return
        with self.store.read() as session:
            heads = scenarios.scenarios_of(session, self.study_id)
            kept = {
                each.name: [
                    one.content for one in scenarios.revisions_of(session, self.study_id, each.name)
                ]
                for each in heads
            }
            said = [each.opinion for each in opinions.opinions_of(session, self.study_id)]
        assert kept == self.saved
        assert {each.name: each.content for each in heads} == {
            name: contents[-1] for name, contents in self.saved.items()
        }
        assert said == self.said


def test_any_sequence_of_saves_restores_and_opinions(store: Store) -> None:
    machine = type("OnThisStore", (Campaign,), {"store": store})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine, settings=settings(max_examples=6, stateful_step_count=15, deadline=None)
    )

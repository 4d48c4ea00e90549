"""Jobs: one worker takes each, everyone sees where it stands, dead workers lose nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from databases import KINDS, new_database

from data.store import jobs
from data.store.audit import audit_of
from data.store.engine import open_store
from data.store.errors import MissingError
from data.store.job_states import move
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from data.store.engine import Store
    from data.store.job_states import Job


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(new_database(request.param, tmp_path))
    yield opened
    opened.close()


def ask(store: Store, **parameters: Any) -> Job:  # noqa: ANN401 - plain JSON
    with store.write("Anne") as write:
        return jobs.enqueue(write, "calculer", None, parameters)


def state(store: Store, job_id: int) -> str:
    with store.read() as session:
        return jobs.job(session, job_id).state


def test_a_job_from_asking_to_its_files(store: Store) -> None:
    asked = ask(store, plan=20)
    taken = jobs.claim(store, "poste 1")
    assert taken is not None
    assert (taken.job_id, taken.state, taken.attempt) == (asked.job_id, "en_cours", 1)
    assert (taken.worker, taken.parameters, taken.asked_by) == ("poste 1", {"plan": 20}, "Anne")
    assert jobs.progress(store, taken.job_id, "lecture", 1, 4)
    assert jobs.progress(store, taken.job_id, "atomes", 2, 4, attempt=1)
    assert jobs.finish(store, taken.job_id, {"a/b.csv": b"x", "vide": b""}, attempt=1)
    with store.read() as session:
        assert jobs.job_files(session, taken.job_id) == {"a/b.csv": b"x", "vide": b""}
        events = jobs.events_since(session, taken.job_id)
        lines = audit_of(session, "tache", taken.job_id)
        ended = jobs.job(session, taken.job_id)
        assert jobs.events_since(session, taken.job_id, events[2].event_id) == events[3:]
        assert jobs.jobs(session) == [ended]
    assert [(each.state, each.phrase, each.done, each.total) for each in events] == [
        ("en_attente", "en attente", 0, 0),
        ("en_cours", "prise en charge", 0, 0),
        ("en_cours", "lecture", 1, 4),
        ("en_cours", "atomes", 2, 4),
        ("terminee", "terminé", 0, 0),
    ]
    assert [each.action for each in lines] == ["demander", "prendre", "terminer"]
    assert ended.ended_at is not None


def test_the_one_that_waits_for_longest_is_taken_first(store: Store) -> None:
    asked = [ask(store).job_id for _ in range(3)]
    taken = [jobs.claim(store, f"poste {rank}") for rank in range(4)]
    assert [each and each.job_id for each in taken] == [*asked, None]


def test_a_cancelled_job_is_no_longer_expected(store: Store) -> None:
    waiting, running = ask(store).job_id, ask(store).job_id
    with store.write("Anne") as write:
        assert jobs.cancel(write, waiting)
    taken = jobs.claim(store, "poste 1")
    assert taken is not None
    assert taken.job_id == running
    with store.write("Anne") as write:
        assert jobs.cancel(write, running)
        assert not jobs.cancel(write, running)
    assert not jobs.progress(store, running, "trop tard", 1, 2)
    assert not jobs.finish(store, running, {"a": b"x"})
    assert not jobs.fail(store, running, "trop tard")
    with store.read() as session:
        assert jobs.job_files(session, running) == {}
    assert [state(store, each) for each in (waiting, running)] == ["annulee", "annulee"]


def test_a_failed_job_keeps_its_message_readable(store: Store) -> None:
    job_id = ask(store).job_id
    jobs.claim(store, "poste 1")
    assert jobs.fail(store, job_id, "besoins.csv, ligne 3 : heures\0\nbesoins.csv, ligne 4 ")
    with store.read() as session:
        failed = jobs.job(session, job_id)
    assert failed.state == "echouee"
    assert failed.message == "besoins.csv, ligne 3 : heures\nbesoins.csv, ligne 4"


def test_jobs_of_dead_workers_go_back_three_times_at_most(store: Store) -> None:
    job_id = ask(store).job_id
    for attempt in (1, 2, 3):
        taken = jobs.claim(store, f"poste {attempt}")
        assert taken is not None
        assert taken.attempt == attempt
        assert jobs.recover(store, lambda _: True) == []
        (moved,) = jobs.recover(store, lambda _: False)
        assert moved.state == ("en_attente" if attempt < 3 else "echouee")
    assert jobs.claim(store, "poste 4") is None
    with store.read() as session:
        assert "3 fois" in jobs.job(session, job_id).message


def test_only_dead_workers_lose_their_jobs(store: Store) -> None:
    first, second = ask(store).job_id, ask(store).job_id
    jobs.claim(store, "vivant")
    jobs.claim(store, "mort")
    jobs.recover(store, lambda worker: worker == "vivant")
    assert [state(store, each) for each in (first, second)] == ["en_cours", "en_attente"]


def test_a_worker_thought_dead_gives_nothing_to_the_next_attempt(store: Store) -> None:
    job_id = ask(store).job_id
    jobs.claim(store, "lent")
    jobs.recover(store, lambda _: False)
    jobs.claim(store, "autre")
    assert not jobs.progress(store, job_id, "je reviens", 1, 2, attempt=1)
    assert not jobs.finish(store, job_id, {"ancien": b""}, attempt=1)
    assert jobs.finish(store, job_id, {"nouveau": b""}, attempt=2)
    with store.read() as session:
        assert set(jobs.job_files(session, job_id)) == {"nouveau"}


def test_a_state_changes_only_from_the_one_expected(store: Store) -> None:
    job_id = ask(store).job_id
    with store.write("Anne") as write:
        assert not move(write, job_id, "en_cours", "terminee", "terminé", values={})
    with store.read() as session:
        assert [each.state for each in jobs.events_since(session, job_id)] == ["en_attente"]
    assert state(store, job_id) == "en_attente"


def test_what_cannot_be_is_refused(store: Store) -> None:
    job_id = ask(store).job_id
    jobs.claim(store, "poste 1")
    with pytest.raises(InputErrors):
        jobs.finish(store, job_id, {"../dehors": b""})
    assert state(store, job_id) == "en_cours"
    with pytest.raises(MissingError):
        jobs.progress(store, 10**6, "x", 0, 0)
    with pytest.raises(MissingError), store.write("Anne") as write:
        jobs.enqueue(write, "calculer", 10**6, {})
    with pytest.raises(MissingError), store.write("Anne") as write:
        jobs.cancel(write, 10**6)

"""Processes that are killed and processes that write at once: what was acknowledged is there."""

from __future__ import annotations

import multiprocessing
import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from databases import KINDS, new_database
from sqlalchemy import select
from store_writers import (
    SCENARIO,
    STUDY,
    add_up,
    take_jobs,
    take_one_and_hang,
    write_until_killed,
)

from data.store import deposits, drafts, jobs, scenarios, studies
from data.store.audit import audit_of, audit_since
from data.store.contents import digest_of
from data.store.deposit_models import DepositFileRow
from data.store.engine import open_store
from data.store.models import BlobRow, JobFileRow, VersionFileRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

    from sqlalchemy.orm import Session

    from data.store.engine import Store

HOLDERS = (VersionFileRow, JobFileRow, DepositFileRow)
ROUNDS = {"sqlite": 20, "postgresql": 5}
LONGEST_S = 60.0

# Each process is forked from one that has read the modules, and opened nothing.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        *("pytest", "psycopg", "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql"),
        *("data.store.engine", "data.store.jobs", "data.store.scenarios", "data.store.drafts"),
    ]
)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def url(kind: str, tmp_path: Path) -> str:
    return new_database(kind, tmp_path)


@contextmanager
def started(
    work: Callable[..., None],
    *args: Any,  # noqa: ANN401 - of any work
) -> Iterator[tuple[ForkServerProcess, Connection]]:
    """Start a process that talks through a pipe; kill it whatever happens."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=work, args=(*args, theirs))
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        ours.close()


def heard(pipe: Connection) -> list[Any]:
    """Return all that was told before the pipe closed."""
    found = []
    while True:
        try:
            found.append(pipe.recv())
        except (EOFError, OSError):
            return found


def told(pipe: Connection) -> Any:  # noqa: ANN401 - whatever is told
    assert pipe.poll(LONGEST_S), "nothing was told"
    return pipe.recv()


def test_what_was_acknowledged_survives_kill_nine(kind: str, url: str) -> None:
    rng = random.Random(7)  # noqa: S311 - a replay, no secret
    acks: list[Any] = []
    for seed in range(ROUNDS[kind]):
        with started(write_until_killed, url, seed) as (process, pipe):
            # Every fourth round it may still be opening, or migrating.
            acks += [told(pipe) for _ in range(rng.randrange(5, 7) if seed % 4 else 0)]
            time.sleep(rng.uniform(0, 0.03 if seed % 4 else 0.15))
            process.kill()
            acks += heard(pipe)
        store = open_store(url)
        try:
            with store.read() as session:
                verify(session, acks, most_unacknowledged=seed + 1)
            if seed % 5 == 4:
                jobs.recover(store, lambda _: False)
        finally:
            store.close()
    assert {ack[0] for ack in acks} >= {"open", "version", "scenario", "job", "draft", "deposit"}


def verify(session: Session, acks: list[Any], *, most_unacknowledged: int) -> None:
    """Check that what was acknowledged is there, that all is whole, that the audit tells it."""
    own = next((each.study_id for each in studies.studies(session) if each.slug == STUDY), 0)
    versions = studies.versions_of(session, own)
    revisions = scenarios.revisions_of(session, own, SCENARIO)
    asked = {each.job_id: each for each in jobs.jobs(session, limit=10**6)}
    by_id = {each.version_id: each for each in versions}
    files = {each: studies.version_files(session, each) for each in by_id}  # checks every digest
    by_kind: dict[str, list[Any]] = {}
    for ack in acks:
        by_kind.setdefault(ack[0], []).append(ack[1:])
    for version_id, number, digests in by_kind.get("version", []):
        assert by_id[version_id].number == number
        assert {p: digest_of(c) for p, c in files[version_id].items()} == digests
    for revision, content in by_kind.get("scenario", []):
        assert revisions[revision - 1].content == content
    for job_id, parameters in by_kind.get("job", []):
        assert asked[job_id].parameters == parameters
    if drafted := by_kind.get("draft"):
        kept = drafts.draft(session, "Anne", "avis", "d")
        assert kept is not None
        assert kept.revision >= drafted[-1][0]
        assert kept.revision > drafted[-1][0] or kept.content == drafted[-1][1]

    verify_deposits(session, by_kind.get("deposit", []))
    assert [each.number for each in versions] == list(range(1, len(versions) + 1))
    assert [each.revision for each in revisions] == list(range(1, len(revisions) + 1))
    done = [each for each in asked.values() if each.state == "terminee"]
    assert all(len(jobs.job_files(session, each.job_id)) == 1 for each in done)
    assert len(revisions) - len(by_kind.get("scenario", [])) <= most_unacknowledged
    assert len(asked) - len(by_kind.get("job", [])) <= most_unacknowledged

    lines = audit_since(session, limit=10**6)
    actions = [(line.action, line.kind) for line in lines]
    frozen = [int(line.object_id) for line in lines if line.kind == "version"]
    assert sorted(frozen) == sorted(by_id)
    assert actions.count(("enregistrer", "scenario")) == len(revisions)
    assert actions.count(("demander", "tache")) == len(asked)
    assert actions.count(("terminer", "tache")) == len(done)
    assert actions.count(("creer", "etude")) == bool(own)


def verify_deposits(session: Session, acks: list[Any]) -> None:
    """Check that deposits stand where they were left, whole, and that nothing else is kept."""
    last = {key: (revision, frozen) for key, revision, frozen in acks}
    for key, (revision, frozen) in last.items():
        kept = deposits.find_deposit(session, key)
        assert kept is not None
        assert kept.revision >= revision
        assert kept.frozen == frozen or frozen is None
        if kept.frozen is None:
            deposits.deposit_files(session, key, kept.state)  # checks every digest
        actions = [line.action for line in audit_of(session, "depot", key)]
        assert actions[0] == "deposer"
        assert len(actions) == kept.revision + (kept.frozen is not None)
        assert (actions[-1] == "figer") == (kept.frozen is not None)
    held = [column for table in HOLDERS for column in session.scalars(select(table.digest))]
    assert set(session.scalars(select(BlobRow.digest))) == set(held)


def test_nothing_added_at_once_is_lost(url: str) -> None:
    processes, times = 4, 50
    with _several(add_up, url, [times] * processes) as pipes:
        stale = [told(pipe) for pipe in pipes]
    assert all(isinstance(each, int) for each in stale), stale
    store = open_store(url)
    try:
        with store.read() as session:
            own = studies.study_of_slug(session, STUDY).study_id
            kept = scenarios.revisions_of(session, own, SCENARIO)
            lines = audit_since(session, limit=10**6)
    finally:
        store.close()
    total = processes * times
    assert [each.content["somme"] for each in kept] == list(range(1, total + 1))
    saved = [line for line in lines if line.kind == "scenario"]
    assert [line.after["revision"] for line in saved] == list(range(1, total + 1))
    assert [line.at for line in lines] == sorted(line.at for line in lines)


def test_two_workers_never_take_one_job(url: str) -> None:
    store = open_store(url)
    try:
        with store.write("Anne") as write:
            asked = [jobs.enqueue(write, "calculer", None, {}).job_id for _ in range(40)]
        with _several(take_jobs, url, ["a", "b", "c"]) as pipes:
            taken = [job_id for pipe in pipes for job_id in told(pipe)]
        assert sorted(taken) == asked
        with store.read() as session:
            assert {each.attempt for each in jobs.jobs(session)} == {1}
    finally:
        store.close()


def test_the_job_of_a_killed_worker_is_taken_again(url: str) -> None:
    store = open_store(url)
    try:
        with store.write("Anne") as write:
            asked = jobs.enqueue(write, "calculer", None, {})
        with started(take_one_and_hang, url, "tué") as (process, pipe):
            assert told(pipe) == asked.job_id
            assert jobs.claim(store, "autre") is None
            process.kill()
        assert jobs.claim(store, "autre") is None
        (moved,) = jobs.recover(store, lambda worker: worker != "tué")
        assert (moved.job_id, moved.state) == (asked.job_id, "en_attente")
        again = jobs.claim(store, "autre")
        assert again is not None
        assert (again.job_id, again.attempt) == (asked.job_id, 2)
        _end(store, again.job_id)
    finally:
        store.close()


def _end(store: Store, job_id: int) -> None:
    assert not jobs.finish(store, job_id, {"tard": b""}, attempt=1)
    assert jobs.finish(store, job_id, {"bon": b""}, attempt=2)
    with store.read() as session:
        assert set(jobs.job_files(session, job_id)) == {"bon"}


@contextmanager
def _several(work: Callable[..., None], url: str, each: list[Any]) -> Iterator[list[Connection]]:
    """Start processes that open the register at the same time, made by the first of them."""
    ours: list[Connection] = []
    processes = []
    for own in each:
        near, far = PROCESSES.Pipe()
        process = PROCESSES.Process(target=work, args=(url, own, far))
        process.start()
        far.close()
        ours.append(near)
        processes.append(process)
    try:
        yield ours
    finally:
        for process in processes:
            process.kill()
            process.join()
        for near in ours:
            near.close()

"""Jobs of the register as servers do them: seen by all, stopped by any, lost by none."""

from __future__ import annotations

import asyncio
import time
from threading import Event
from typing import TYPE_CHECKING

import pytest
from databases import KINDS, new_database
from job_server import PROCESSES, process, take_and_live

from api.background import CANCELLED, DONE, FAILED, RUNNING, WAITING, Progress
from api.jobs.queue import Jobs
from api.jobs.work import Done, Kind
from data.store import jobs as kept
from data.store.engine import open_store
from data.store.workers import arrive, is_alive
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from data.store.engine import Store
    from data.store.job_states import Job

PATIENCE = 60


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_database(request.param, tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


class Held:
    """A kind whose work waits at a door between its two stages."""

    def __init__(self, name: str = "essai") -> None:
        self.entered, self.door = Event(), Event()
        self.done: list[int] = []
        self.kept: list[int] = []
        self.kind = Kind(name, "Essai", 2, self.work)

    def work(self, job: Job, on_step: Callable[[str], None]) -> Done:
        on_step("Un")
        self.entered.set()
        assert self.door.wait(PATIENCE)
        on_step("Deux")
        self.done.append(job.job_id)
        return Done({"a.txt": b"fait"}, lambda: self.kept.append(job.job_id))


def server(store: Store, *kinds: Kind) -> Jobs:
    made = Jobs(store)
    for kind in kinds:
        made.add(kind)
    return made


def ended(jobs: Jobs, job_id: int) -> Progress:
    """Wait for the end of a job as a page does; return its last state."""

    async def last() -> Progress:
        found = jobs.progress(job_id)
        async for progress in jobs.watch(job_id, PATIENCE):
            assert progress is not None, "nothing moves"
            found = progress
        return found

    return asyncio.run(last())


def killed(url: str) -> str:
    """Have a server take the job that waits, and kill it; return its name."""
    ours, theirs = PROCESSES.Pipe()
    with process(take_and_live, url, theirs):
        name: str = ours.recv()
    return name


def test_a_worker_lives_until_it_leaves_or_its_process_is_killed(
    url: str, store: Store, tmp_path: Path
) -> None:
    mine, other = arrive(store), arrive(open_store(url))
    assert mine.name != other.name
    assert is_alive(store, mine.name)
    assert is_alive(store, other.name)
    dead = killed(url)
    assert not is_alive(store, dead)
    mine.leave()
    assert not is_alive(store, mine.name)
    assert is_alive(store, other.name)
    assert not is_alive(store, "jamais venu")
    # What a killed one left on the disk goes with the next arrival.
    third = arrive(store)
    if url.startswith("sqlite"):
        names = [path.name.partition(".calcul-")[2] for path in tmp_path.iterdir()]
        assert {name for name in names if name} == {other.name, third.name}
    other.leave()
    third.leave()


def test_a_job_is_done_once_kept_and_told(store: Store) -> None:
    held = Held()
    jobs = server(store, held.kind)
    asked = jobs.ask("Anne", "essai", {"n": 1})
    assert held.entered.wait(PATIENCE)
    # Another server on the same register sees it, and asks for nothing more.
    other = server(store, Held().kind)
    assert other.progress(asked.job_id) == Progress(RUNNING, "Un", 1, 2)
    assert other.ask("Luc", "essai", {"n": 1}).job_id == asked.job_id
    held.door.set()
    assert ended(other, asked.job_id) == Progress(DONE, stages=2)
    assert ended(jobs, asked.job_id) == Progress(DONE, stages=2)
    assert held.kept == held.done == [asked.job_id]
    assert other.files(asked.job_id) == {"a.txt": b"fait"}
    assert [each.phrase for each in jobs.events(asked.job_id)][2:4] == ["Un", "Deux"]
    again = jobs.ask("Anne", "essai", {"n": 1})
    assert again.job_id != asked.job_id
    ended(jobs, again.job_id)
    assert [each.job_id for each in jobs.lately()] == [again.job_id, asked.job_id]
    found = jobs.last_done("essai", {"n": 1})
    assert found is not None
    assert found.job_id == again.job_id
    assert jobs.last("essai", {"n": 2}) is None


def test_another_server_stops_it_at_its_next_stage(store: Store) -> None:
    held = Held()
    jobs, other = server(store, held.kind), server(store)
    first, second = (jobs.ask("Anne", "essai", {"n": n}).job_id for n in (1, 2))
    assert held.entered.wait(PATIENCE)
    assert jobs.progress(second).state == WAITING
    assert other.cancel("Luc", second)
    assert other.cancel("Luc", first)
    assert not other.cancel("Luc", first)
    assert jobs.progress(first).state == CANCELLED
    held.door.set()
    last = jobs.ask("Anne", "essai", {"n": 3})
    assert ended(jobs, last.job_id).state == DONE
    assert held.done == held.kept == [last.job_id]
    assert jobs.files(first) == {}


def test_a_stop_after_the_last_stage_keeps_nothing(store: Store) -> None:
    held = Held()
    jobs = server(store)

    def slow(job: Job, on_step: Callable[[str], None]) -> Done:
        held.door.set()
        done = held.work(job, on_step)
        jobs.cancel("Anne", job.job_id)
        return done

    jobs.add(Kind("essai", "Essai", 2, slow))
    asked = jobs.ask("Anne", "essai", {})
    assert ended(jobs, asked.job_id).state == CANCELLED
    following = jobs.ask("Anne", "essai", {"puis": 1})
    assert ended(jobs, following.job_id).state == CANCELLED
    assert held.kept == []
    assert jobs.files(asked.job_id) == {}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            InputErrors([Notice("a.csv", 2, "x", "vide", "remplir"), Notice("b", 0, "", "faux")]),
            ("a.csv, ligne 2, colonne « x » : vide → remplir", "b : faux"),
        ),
        (InputErrors([Notice("", 0, "", "écrire à a.b@exemple.fr")]), ("écrire à [masqué]",)),
    ],
)
def test_a_failure_says_all_its_faults(
    store: Store, error: Exception, said: tuple[str, ...]
) -> None:
    def work(_: Job, __: Callable[[str], None]) -> Done:
        raise error

    jobs = server(store, Kind("essai", "Essai", 1, work))
    asked = jobs.ask("Anne", "essai", {})
    assert ended(jobs, asked.job_id) == Progress(FAILED, stages=1, faults=said)


def test_what_nobody_foresaw_shows_an_identifier_and_nothing_inside(store: Store) -> None:
    def work(_: Job, __: Callable[[str], None]) -> Done:
        raise RuntimeError("secret du serveur")

    jobs = server(store, Kind("essai", "Essai", 1, work))
    (fault,) = ended(jobs, jobs.ask("Anne", "essai", {}).job_id).faults
    assert "secret" not in fault
    assert "Pour la signaler, citer «" in fault


def test_the_next_server_does_what_a_killed_one_left(url: str, store: Store) -> None:
    with store.write("Anne") as write:
        asked = kept.enqueue(write, "essai", None, {"n": 1})
        waiting = kept.enqueue(write, "essai", None, {"n": 2})
        foreign = kept.enqueue(write, "inconnu", None, {})
    dead = killed(url)
    held = Held()
    held.door.set()
    jobs = server(store, held.kind)
    assert jobs.job(asked.job_id).worker == dead
    jobs.resume()
    assert ended(jobs, asked.job_id).state == DONE
    assert ended(jobs, waiting.job_id).state == DONE
    assert jobs.job(asked.job_id).attempt == 2
    # What this server cannot do waits for one that can.
    assert jobs.progress(foreign.job_id).state == WAITING


def test_asking_takes_up_what_a_killed_one_left(url: str, store: Store) -> None:
    with store.write("Anne") as write:
        asked = kept.enqueue(write, "essai", None, {"n": 1})
    killed(url)
    held = Held()
    held.door.set()
    jobs = server(store, held.kind)
    assert jobs.ask("Luc", "essai", {"n": 1}).job_id == asked.job_id
    assert ended(jobs, asked.job_id).state == DONE


def test_two_live_servers_never_take_each_other_s_jobs(store: Store) -> None:
    busy, idle = Held(), Held()
    first, second = server(store, busy.kind), server(store, idle.kind)
    idle.door.set()
    asked = first.ask("Anne", "essai", {})
    assert busy.entered.wait(PATIENCE)
    second.resume()
    time.sleep(0.2)
    assert idle.done == []
    assert first.progress(asked.job_id).state == RUNNING
    busy.door.set()
    assert ended(first, asked.job_id).state == DONE


def test_what_never_ends_is_given_up_and_says_so(store: Store) -> None:
    with store.write("Anne") as write:
        asked = kept.enqueue(write, "essai", None, {})
    jobs = server(store)
    for _ in range(kept.MOST_ATTEMPTS):
        kept.claim(store, "mort")
        jobs.resume()
    (fault,) = jobs.progress(asked.job_id).faults
    assert "3 fois" in fault


def test_a_server_leaves_to_others_what_it_has_not(store: Store) -> None:
    able, unable = Held(), Held()
    unable.door.set()
    able.door.set()
    without = server(store, Kind("essai", "Essai", 2, unable.work, able=lambda _: False))
    asked = without.ask("Anne", "essai", {})
    time.sleep(0.2)
    assert without.progress(asked.job_id).state == WAITING
    server(store, able.kind).resume()
    assert ended(without, asked.job_id).state == DONE
    assert unable.done == []

"""What other processes do to a register: write until they are killed, write all at once."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from data.store import deposits, drafts, jobs, scenarios, studies
from data.store.contents import digest_of
from data.store.deposit_states import State
from data.store.engine import open_store
from data.store.errors import StaleError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from data.store.deposit_states import StoredDeposit
    from data.store.engine import Store, Write

    Ack = tuple[Any, ...]

STUDY, SCENARIO = "campagne", "Plan commun"
LARGEST = 40_000
"""Bytes of the largest file written: more than one page, so that half of it could be there."""


def study_id(write: Write) -> int:
    """Return the study of the campaign, made by whoever comes first."""
    for each in studies.studies(write.session):
        if each.slug == STUDY:
            return each.study_id
    return studies.create_study(write, STUDY, "Campagne", "53").study_id


def write_until_killed(url: str, seed: int, told: Connection) -> None:
    """Do seeded writes; tell each one to the pipe once it is committed, and not before."""
    rng = random.Random(seed)  # noqa: S311 - a replay, no secret
    store = open_store(url)
    told.send(("open",))
    kinds: tuple[Callable[[Store, random.Random], Ack], ...] = (
        *(_version, _scenario, _job),
        *(_draft, _deposit),
    )
    while True:
        for each in rng.sample(kinds, len(kinds)):
            told.send(each(store, rng))


def _version(store: Store, rng: random.Random) -> Ack:
    files = {f"f{rank}.bin": rng.randbytes(rng.randrange(LARGEST)) for rank in range(3)}
    with store.write("campagne") as write:
        own = study_id(write)
        made = studies.add_version(write, own, files, "")
        back = studies.restore(write, made.version_id, "") if rng.random() < 0.3 else made
    return "version", back.version_id, back.number, {p: digest_of(c) for p, c in files.items()}


def _scenario(store: Store, rng: random.Random) -> Ack:
    content = {"tirage": rng.random()}
    with store.write("campagne") as write:
        own = study_id(write)
        kept = scenarios.scenarios_of(write.session, own)
        based_on = kept[0].revision if kept else None
        made = scenarios.save_scenario(write, own, SCENARIO, content, based_on)
    return "scenario", made.revision, content


def _job(store: Store, rng: random.Random) -> Ack:
    with store.write("campagne") as write:
        asked = jobs.enqueue(write, "calculer", None, {"tirage": rng.random()})
    taken = jobs.claim(store, "travailleur")
    if taken is not None and rng.random() < 0.5:
        jobs.finish(store, taken.job_id, {"resultat": rng.randbytes(1000)})
    return "job", asked.job_id, asked.parameters


def _draft(store: Store, rng: random.Random) -> Ack:
    content = {"tirage": rng.random()}
    with store.write("campagne") as write:
        before = drafts.draft(write.session, "Anne", "avis", "d")
        based_on = before.revision if before else None
        made = drafts.save_draft(write, "Anne", "avis", "d", content, based_on)
    return "draft", made.revision, content


def _deposit(store: Store, rng: random.Random) -> Ack:
    state = State({f"f{rank}.bin": rng.randbytes(rng.randrange(LARGEST)) for rank in range(2)})
    with store.write("campagne") as write:
        own = study_id(write)
        waiting = deposits.deposits_of(write.session, "campagne")
        if not waiting:
            made = deposits.add_deposit(write, "d.zip", own, state, whole=True)
        else:
            made = _changed(write, rng.random(), waiting[0], state)
    return "deposit", made.key, made.revision, made.frozen


def _changed(write: Write, drawn: float, kept: StoredDeposit, state: State) -> StoredDeposit:
    if drawn < 0.2:
        files = deposits.deposit_files(write.session, kept.key, kept.state)
        version = studies.add_version(write, study_id(write), files, "")
        return deposits.freeze_deposit(write, kept.key, kept.revision, version)
    if drawn < 0.4:
        return deposits.undo_deposit(write, kept.key, kept.revision)
    return deposits.amend_deposit(write, kept.key, state, kept.revision)


def add_up(url: str, times: int, told: Connection) -> None:
    """Add one to a shared scenario, as many times, over what others add; tell what went wrong.

    Each addition is first based on what this process saw last: told that someone else was first,
    it is based on theirs, read in the transaction that writes.
    """
    stale, seen, total = 0, None, 0
    try:
        store = open_store(url)
        with store.write("somme") as write:
            own = study_id(write)
        for _ in range(times):
            try:
                with store.write("somme") as write:
                    made = _added(write, own, total, seen)
            except StaleError:
                stale += 1
                with store.write("somme") as write:
                    theirs = scenarios.scenario(write.session, own, SCENARIO)
                    made = _added(write, own, theirs.content["somme"], theirs.revision)
            seen, total = made.revision, made.content["somme"]
        store.close()
    except BaseException as error:  # noqa: BLE001 - told to the test
        told.send(repr(error))
    else:
        told.send(stale)


def _added(write: Write, own: int, total: int, seen: int | None) -> scenarios.Scenario:
    return scenarios.save_scenario(write, own, SCENARIO, {"somme": total + 1}, seen)


def take_jobs(url: str, worker: str, told: Connection) -> None:
    """Take jobs until none waits; tell which."""
    store = open_store(url)
    taken = []
    while (job := jobs.claim(store, worker)) is not None:
        taken.append(job.job_id)
    store.close()
    told.send(taken)


def take_one_and_hang(url: str, worker: str, told: Connection) -> None:
    """Take a job, tell which, and never end it."""
    job = jobs.claim(open_store(url), worker)
    told.send(job.job_id if job else None)
    told.recv()

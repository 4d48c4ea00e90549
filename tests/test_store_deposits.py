"""Deposits kept by the register: every state of each, on both databases, and nothing more."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from databases import KINDS, new_database, run_sql

from data.store import studies
from data.store.audit import audit_of, audit_since
from data.store.deposit_states import State
from data.store.deposits import (
    add_deposit,
    amend_deposit,
    any_untouched,
    count_of,
    deposit_files,
    deposits_of,
    drop_deposit,
    find_deposit,
    freeze_deposit,
    purge_deposits,
    redo_deposit,
    undo_deposit,
    waiting_bytes,
)
from data.store.engine import open_store
from data.store.errors import MissingError, StaleError
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from data.store.deposit_states import StoredDeposit
    from data.store.engine import Store

FIRST = datetime(2026, 1, 2, tzinfo=UTC)
FILES = {"besoins.csv": b"besoins", "etude.toml": b"[etude]"}
OWNER = "Service A"


@dataclass
class Clock:
    now: datetime = FIRST

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_database(request.param, tmp_path)


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    opened = open_store(url, clock=clock)
    yield opened
    opened.close()


def added(store: Store, files: dict[str, bytes] = FILES, owner: str = OWNER) -> StoredDeposit:
    with store.write(owner) as write:
        return add_deposit(write, "étude.zip", None, State(files), whole=True)


def amended(store: Store, kept: StoredDeposit, files: dict[str, bytes]) -> StoredDeposit:
    with store.write(OWNER) as write:
        return amend_deposit(write, kept.key, State(files, what="besoins.csv"), kept.revision)


def found(store: Store, key: str) -> StoredDeposit | None:
    with store.read() as session:
        return find_deposit(session, key)


def files_of(store: Store, kept: StoredDeposit) -> dict[str, bytes]:
    with store.read() as session:
        return deposit_files(session, kept.key, kept.state)


def test_a_deposit_is_kept_as_it_was_brought(store: Store) -> None:
    findings = {"faults": [], "warnings": [{"file": "x", "row": 3, "message": "é"}]}
    with store.write(OWNER) as write:
        study = studies.create_study(write, "essai", "Essai", "53")
        version = studies.add_version(write, study.study_id, FILES, "")
        state = State({"besoins.csv": b"autre"}, version.version_id, findings=findings)
        made = add_deposit(write, "besoins.csv", study.study_id, state, whole=False)
    kept = found(store, made.key)
    assert kept == made
    assert (kept.owner, kept.name, kept.study, kept.based_on) == (
        *(OWNER, "besoins.csv"),
        *(study, version),
    )
    assert (kept.findings, kept.changes, kept.undone, kept.frozen) == (findings, (), "", None)
    assert files_of(store, kept) == {"besoins.csv": b"autre"}
    with store.read() as session:
        assert deposits_of(session, OWNER) == [kept]
        assert deposits_of(session, "Service B") == []
    for key in ("", "0" * 32, "\0" * 32, "é" * 32, "0" * 31 + "'"):
        assert found(store, key) is None


def test_what_changed_meanwhile_or_is_over_is_refused_and_nothing_written(store: Store) -> None:
    kept = added(store)
    newer = amended(store, kept, {"a.csv": b"1"})
    with pytest.raises(StaleError, match="un autre onglet"):
        amended(store, kept, {"a.csv": b"2"})
    with pytest.raises(InputErrors, match="sort du dossier"):
        amended(store, newer, {"../a.csv": b"2"})
    assert found(store, kept.key) == newer
    # An undo counts as a change: a page read before it is out of date.
    with store.write(OWNER) as write:
        undone = undo_deposit(write, kept.key, newer.revision)
    assert (undone.revision, undone.changes, undone.undone) == (3, (), "besoins.csv")
    with pytest.raises(StaleError):
        amended(store, newer, {})
    with store.write(OWNER) as write:
        assert drop_deposit(write, kept.key)
        assert not drop_deposit(write, kept.key)
        with pytest.raises(MissingError, match="abandonné"):
            undo_deposit(write, kept.key, 1)
    with store.read() as session, pytest.raises(MissingError):
        deposit_files(session, kept.key, kept.state)


def test_frozen_it_holds_nothing_but_its_version(store: Store, url: str) -> None:
    kept = amended(store, added(store, {"vieux.csv": b"avant"}), FILES)
    with store.write(OWNER) as write:
        study = studies.create_study(write, "essai", "Essai", "53")
        version = studies.add_version(write, study.study_id, FILES, "")
        done = freeze_deposit(write, kept.key, kept.revision, version)
    assert (done.frozen, done.study, done.changes) == (version, study, ())
    assert contents_kept(url) == len(FILES)
    with store.write(OWNER) as write:
        assert not drop_deposit(write, kept.key)
        with pytest.raises(MissingError, match="déjà figé"):
            amend_deposit(write, kept.key, State({}), done.revision)
    with store.read() as session:
        assert deposits_of(session, OWNER) == []
        assert (count_of(session, OWNER), waiting_bytes(session)) == (0, 0)


def test_old_deposits_are_purged_with_what_they_alone_held(
    store: Store, url: str, clock: Clock
) -> None:
    old = added(store, {"a.csv": b"vieux", "b.csv": b"commun"})
    clock.now += timedelta(days=20)
    recent = added(store, {"b.csv": b"commun"})
    since = FIRST + timedelta(days=1)
    with store.read() as session:
        assert any_untouched(session, since)
    with store.write("registre") as write:
        assert purge_deposits(write, since) == 1
    assert found(store, old.key) is None
    assert files_of(store, recent) == {"b.csv": b"commun"}
    assert contents_kept(url) == 1
    with store.read() as session:
        assert not any_untouched(session, since)
        assert [line.action for line in audit_of(session, "depot", old.key)] == [
            *("deposer", "oublier"),
        ]


def test_what_waits_is_weighed_once(store: Store) -> None:
    kept = added(store, {"a.csv": b"12345", "copie.csv": b"12345"})
    amended(store, kept, {"a.csv": b"12345", "b.csv": b"678"})
    added(store, {"a.csv": b"12345", "c.csv": b"9"}, "Service B")
    with store.read() as session:
        assert waiting_bytes(session, OWNER) == 8
        assert waiting_bytes(session, "Service B") == 6
        assert waiting_bytes(session) == 9
        assert count_of(session, OWNER) == 1


@dataclass
class Plain:
    """A deposit as a list of states and a place in it."""

    states: list[dict[str, bytes]]
    at: int = 0
    changes: int = field(default=1)

    def amend(self, files: dict[str, bytes]) -> None:
        del self.states[self.at + 1 :]
        self.states.append(files)
        self.at += 1
        self.changes += 1

    def move(self, step: int) -> None:
        if self.at + step in range(len(self.states)):
            self.at += step
            self.changes += 1


def test_a_long_life_is_that_of_a_plain_list(store: Store, url: str) -> None:
    rng = random.Random(4)  # noqa: S311 - a replay, no secret
    plain: dict[str, Plain] = {}
    frozen: list[dict[str, bytes]] = []
    with store.write(OWNER) as write:
        study = studies.create_study(write, "essai", "Essai", "53")
    for step in range(70):
        files = {f"{rank}.csv": bytes([rng.randrange(12)]) for rank in range(rng.randrange(1, 4))}
        if not plain or rng.random() < 0.1:
            plain[added(store, files).key] = Plain([files])
            continue
        key = rng.choice(sorted(plain))
        own, kept = plain[key], found(store, key)
        assert kept is not None
        act = rng.choices(("amend", "undo", "redo", "drop", "freeze"), (5, 5, 3, 1, 1))[0]
        with store.write(OWNER) as write:
            if act == "amend":
                amend_deposit(write, key, State(files, what=str(len(own.states))), own.changes)
                own.amend(files)
            elif act in ("undo", "redo"):
                (undo_deposit if act == "undo" else redo_deposit)(write, key, own.changes)
                own.move(-1 if act == "undo" else 1)
            elif act == "drop":
                assert drop_deposit(write, key)
                del plain[key]
            else:
                frozen.append(own.states[own.at])
                made = studies.add_version(write, study.study_id, frozen[-1], "")
                freeze_deposit(write, key, own.changes, made)
                del plain[key]
        if step % 5 == 4:
            check(store, url, plain, frozen)


def check(store: Store, url: str, plain: dict[str, Plain], frozen: list[dict[str, bytes]]) -> None:
    for key, own in plain.items():
        kept = found(store, key)
        assert kept is not None
        assert files_of(store, kept) == own.states[own.at]
        assert (kept.revision, len(kept.changes)) == (own.changes, own.at)
        assert bool(kept.undone) == (own.at < len(own.states) - 1)
    held = [files for own in plain.values() for files in own.states] + frozen
    assert contents_kept(url) == len({content for files in held for content in files.values()})


def contents_kept(url: str) -> int:
    ((number,),) = run_sql(url, "SELECT count(*) FROM blobs")
    return int(number)


def test_the_audit_tells_each_write_and_no_content(store: Store) -> None:
    kept = amended(store, added(store, {"a.csv": b"secret"}), {"a.csv": b"autre"})
    with store.write(OWNER) as write:
        undone = undo_deposit(write, kept.key, kept.revision)
        undo_deposit(write, kept.key, undone.revision)  # nothing is left to undo
        redo_deposit(write, kept.key, undone.revision)
        drop_deposit(write, kept.key)
    with store.read() as session:
        lines = audit_of(session, "depot", kept.key)
        assert lines == audit_since(session)
    assert [line.action for line in lines] == [
        *("deposer", "modifier", "annuler", "retablir", "abandonner")
    ]
    assert {line.actor for line in lines} == {OWNER}
    assert "a.csv" not in repr(lines)

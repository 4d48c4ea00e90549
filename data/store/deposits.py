"""Deposits that wait: what someone is about to freeze, each of its states, until it is a version.

Only the states of a deposit change, one after the other; undoing goes back to the one before, and
what was undone may be done again until something else is changed. Contents are kept once, with
those of versions; those that nothing holds any more are deleted.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from data.store.audit import record
from data.store.checks import masked, readable
from data.store.contents import contents, release
from data.store.deposit_models import DepositFileRow, DepositRevisionRow, DepositRow
from data.store.deposit_states import (
    KEY_BYTES,
    State,
    StoredDeposit,
    forget_states,
    open_row,
    put_state,
    row_of,
    states_of,
    stored,
)
from data.store.drafts import OF_DEPOSITS, discard_drafts_of
from data.store.errors import MissingError
from data.store.models import BlobRow
from data.store.studies import study

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from data.store.engine import Write
    from data.store.studies import Version


def add_deposit(
    write: Write, name: str, study_id: int | None, state: State, *, whole: bool
) -> StoredDeposit:
    """Keep a deposit of who writes.

    Raises
    ------
    InputErrors
        When some names of files cannot be.
    MissingError
        When there is no such study.
    """
    if study_id is not None:
        study(write.session, study_id)
    row = DepositRow(
        key=_new_key(),
        owner=write.actor,
        name=readable(name),
        study_id=study_id,
        whole=whole,
        revision=0,
        current=0,
        begun_at=write.now,
        touched_at=write.now,
    )
    write.session.add(row)
    write.session.flush()
    put_state(write, row, state)
    record(write, "deposer", ("depot", row.key), after=_told(row, state))
    return stored(write.session, row)


def amend_deposit(write: Write, key: str, state: State, seen: int) -> StoredDeposit:
    """Give a deposit its next state; what was undone cannot be done again.

    Parameters
    ----------
    write
        The transaction.
    key
        The deposit.
    state
        All that it brings from now on.
    seen
        `StoredDeposit.revision` that was read.

    Raises
    ------
    StaleError
        When it changed since: nothing is written.
    MissingError
        When there is no such deposit, or it was frozen.
    InputErrors
        When some names of files cannot be.
    """
    row = open_row(write.session, key, seen)
    before = {"revision": row.revision}
    freed = forget_states(write.session, row, undone_only=True)
    put_state(write, row, state)
    release(write.session, freed)
    record(write, "modifier", ("depot", row.key), before=before, after=_told(row, state))
    return stored(write.session, row)


def undo_deposit(write: Write, key: str, seen: int) -> StoredDeposit:
    """Go back to the state before; nothing changes at the first.

    Raises
    ------
    StaleError, MissingError
        As `amend_deposit`.
    """
    return _step(write, key, seen, "annuler", forward=False)


def redo_deposit(write: Write, key: str, seen: int) -> StoredDeposit:
    """Do again what was undone last; nothing changes when nothing was.

    Raises
    ------
    StaleError, MissingError
        As `amend_deposit`.
    """
    return _step(write, key, seen, "retablir", forward=True)


def freeze_deposit(write: Write, key: str, seen: int, made: Version) -> StoredDeposit:
    """Remember which version a deposit became, and forget its states: the version has the files.

    Raises
    ------
    StaleError, MissingError
        As `amend_deposit`.
    """
    row = open_row(write.session, key, seen)
    before = {"revision": row.revision}
    row.study_id, row.version_id, row.touched_at = made.study_id, made.version_id, write.now
    release(write.session, forget_states(write.session, row))
    record(write, "figer", ("depot", row.key), before=before, after={"version": made.version_id})
    return stored(write.session, row)


def drop_deposit(write: Write, key: str) -> bool:
    """Throw a deposit away for good; tell whether there was one that was not frozen."""
    row = row_of(write.session, key)
    if row is None or row.version_id is not None:
        return False
    _drop(write, row, "abandonner")
    return True


def purge_deposits(write: Write, untouched_since: datetime) -> int:
    """Throw away the deposits that nobody changed since; return how many."""
    old = select(DepositRow).where(DepositRow.touched_at < untouched_since)
    rows = write.session.scalars(old.order_by(DepositRow.id)).all()
    for row in rows:
        _drop(write, row, "oublier")
    return len(rows)


def find_deposit(session: Session, key: str) -> StoredDeposit | None:
    """Return a deposit, None when there is none."""
    row = row_of(session, key)
    return None if row is None else stored(session, row)


def deposits_of(session: Session, owner: str) -> list[StoredDeposit]:
    """Return someone's deposits that are not frozen, first to last."""
    found = select(DepositRow).where(DepositRow.owner == owner, DepositRow.version_id.is_(None))
    return [stored(session, row) for row in session.scalars(found.order_by(DepositRow.id))]


def count_of(session: Session, owner: str) -> int:
    """Return how many deposits of someone's are not frozen."""
    waiting = (DepositRow.owner == owner, DepositRow.version_id.is_(None))
    return session.scalar(select(func.count()).select_from(DepositRow).where(*waiting)) or 0


def any_untouched(session: Session, since: datetime) -> bool:
    """Tell whether `purge_deposits` would find any."""
    old = select(DepositRow.id).where(DepositRow.touched_at < since).limit(1)
    return session.scalar(old) is not None


def deposit_files(session: Session, key: str, state: int) -> dict[str, bytes]:
    """Return name → content of a state of a deposit, which never changes while it is kept.

    Raises
    ------
    MissingError
        When it is kept no more.
    DamagedError
        When a content is no longer what was kept.
    """
    row = row_of(session, key)
    if row is None or session.get(DepositRevisionRow, (row.id, state)) is None:
        raise MissingError(
            "ce dépôt a été modifié, figé ou abandonné entre-temps → recharger la page"
        )
    found = select(DepositFileRow.path, DepositFileRow.digest).where(
        DepositFileRow.deposit_id == row.id, DepositFileRow.revision == state
    )
    return contents(session, {row.path: row.digest for row in session.execute(found)})


def waiting_bytes(session: Session, owner: str | None = None) -> int:
    """Return what the states of someone's deposits weigh, each content once; of all, for None."""
    held = select(DepositFileRow.digest).join(
        DepositRow, DepositRow.id == DepositFileRow.deposit_id
    )
    if owner is not None:
        held = held.where(DepositRow.owner == owner)
    weighed = select(func.sum(BlobRow.size)).where(BlobRow.digest.in_(held))
    return int(session.scalar(weighed) or 0)


def _step(write: Write, key: str, seen: int, action: str, *, forward: bool) -> StoredDeposit:
    row = open_row(write.session, key, seen)
    numbers = [each.revision for each in states_of(write.session, row)]
    rank = numbers.index(row.current) + (1 if forward else -1)
    if rank not in range(len(numbers)):
        return stored(write.session, row)
    before = {"revision": row.revision, "etat": row.current}
    row.revision += 1
    row.current, row.touched_at = numbers[rank], write.now
    write.session.flush()
    after = {"revision": row.revision, "etat": row.current}
    record(write, action, ("depot", row.key), before=before, after=after)
    return stored(write.session, row)


def _drop(write: Write, row: DepositRow, action: str) -> None:
    before = {"revision": row.revision, "version": row.version_id}
    freed = forget_states(write.session, row)
    write.session.delete(row)
    write.session.flush()
    release(write.session, freed)
    discard_drafts_of(write, row.key, OF_DEPOSITS)
    record(write, action, ("depot", row.key), before=before)


def _told(row: DepositRow, state: State) -> dict[str, Any]:
    told = {"etude": row.study_id, "revision": row.revision, "posee_sur": state.based_on}
    return told | {"fichiers": len(state.files)}


def _new_key() -> str:
    """Return a word that nobody guesses, which the audit does not take for a telephone number."""
    key = secrets.token_hex(KEY_BYTES)
    return key if masked(key) == key else _new_key()

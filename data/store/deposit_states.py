"""The states of a deposit: how they are kept, what tells one, how they are forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from data.store.checks import check_paths, readable
from data.store.contents import keep
from data.store.deposit_models import DepositFileRow, DepositRevisionRow, DepositRow
from data.store.errors import MissingError, StaleError
from data.store.studies import Study, Version, study, version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from data.store.engine import Write

KEY_BYTES = 16
_KEY_CHARACTERS = 2 * KEY_BYTES


@dataclass(frozen=True)
class State:
    """What a deposit brings at one moment.

    Attributes
    ----------
    files
        Name → content.
    based_on
        Identifier of the version that it follows, None when the study has none.
    what
        What led to it, in French; empty for the first.
    findings
        What was found when it was received, in plain JSON.
    """

    files: Mapping[str, bytes]
    based_on: int | None = None
    what: str = ""
    findings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredDeposit:
    """A deposit as it is kept, without its files.

    Attributes
    ----------
    key, owner, name
        Word that names it in addresses and in the audit, whose it is, name of what was received.
    study
        Whose next version it would be; None for a new study.
    whole
        Whether it takes the place of all the files of the study.
    revision
        Grows with every change, undoing included.
    state
        Number of the state in force; 0 once it is frozen.
    based_on
        Version that the state follows.
    findings
        What was found when it was received.
    changes
        What led from the first state to this one, in order.
    undone
        What was undone last, and may be done again; empty when nothing was.
    begun_at, touched_at
        When it was received, and changed for the last time.
    frozen
        Version that it became.
    """

    key: str
    owner: str
    name: str
    study: Study | None
    whole: bool
    revision: int
    state: int
    based_on: Version | None
    findings: Mapping[str, Any]
    changes: tuple[str, ...]
    undone: str
    begun_at: datetime
    touched_at: datetime
    frozen: Version | None


def row_of(session: Session, key: str) -> DepositRow | None:
    """Return the row of a deposit, None when there is none."""
    # What comes from an address may be no text that the database could be asked about.
    known = len(key) == _KEY_CHARACTERS and key.isascii() and key.isalnum()
    return session.scalar(select(DepositRow).where(DepositRow.key == key)) if known else None


def open_row(session: Session, key: str, seen: int) -> DepositRow:
    """Return the row of a deposit that may change, as it was seen.

    Raises
    ------
    MissingError
        When there is no such deposit, or it was frozen.
    StaleError
        When it changed since.
    """
    row = row_of(session, key)
    if row is None:
        raise MissingError("ce dépôt n’est plus gardé : il a été abandonné → déposer de nouveau")
    if row.version_id is not None:
        raise MissingError("ce dépôt est déjà figé → voir l’étude dans le registre")
    if row.revision != seen:
        raise StaleError(
            "entre-temps, ce dépôt a été modifié dans un autre onglet ; rien n’est enregistré → "
            "revenir à la page, puis recommencer",
            stored(session, row),
            {},
        )
    return row


def put_state(write: Write, row: DepositRow, state: State) -> None:
    """Add the next state of a deposit, in force.

    Raises
    ------
    InputErrors
        When some names of files cannot be.
    """
    check_paths(state.files)
    row.revision += 1
    row.current, row.touched_at = row.revision, write.now
    write.session.add(
        DepositRevisionRow(
            deposit_id=row.id,
            revision=row.current,
            what=readable(state.what),
            based_on=state.based_on,
            findings=dict(state.findings),
            saved_at=write.now,
        )
    )
    write.session.flush()
    listed = [
        {"deposit_id": row.id, "revision": row.current, "path": path, "digest": digest}
        for path, digest in sorted(keep(write.session, state.files).items())
    ]
    if listed:
        write.session.execute(insert(DepositFileRow), listed)


def forget_states(session: Session, row: DepositRow, *, undone_only: bool = False) -> Iterable[str]:
    """Delete states of a deposit; return the contents that they held."""
    after = row.current if undone_only else 0
    files = (DepositFileRow.deposit_id == row.id, DepositFileRow.revision > after)
    freed = session.scalars(select(DepositFileRow.digest).where(*files).distinct()).all()
    session.execute(delete(DepositFileRow).where(*files))
    session.execute(
        delete(DepositRevisionRow).where(
            DepositRevisionRow.deposit_id == row.id, DepositRevisionRow.revision > after
        )
    )
    return freed


def states_of(session: Session, row: DepositRow) -> list[DepositRevisionRow]:
    """Return the states of a deposit, undone ones included, first to last."""
    found = select(DepositRevisionRow).where(DepositRevisionRow.deposit_id == row.id)
    return list(session.scalars(found.order_by(DepositRevisionRow.revision)))


def stored(session: Session, row: DepositRow) -> StoredDeposit:
    """Return a deposit as its rows have it."""
    session.flush()
    states = states_of(session, row)
    done = [each for each in states if each.revision <= row.current]
    undone = [each.what for each in states if each.revision > row.current]
    based_on = done[-1].based_on if done else None
    return StoredDeposit(
        key=row.key,
        owner=row.owner,
        name=row.name,
        study=None if row.study_id is None else study(session, row.study_id),
        whole=row.whole,
        revision=row.revision,
        state=row.current if done else 0,
        based_on=None if based_on is None else version(session, based_on),
        findings=done[-1].findings if done else {},
        changes=tuple(each.what for each in done[1:]),
        undone=undone[0] if undone else "",
        begun_at=row.begun_at,
        touched_at=row.touched_at,
        frozen=None if row.version_id is None else version(session, row.version_id),
    )

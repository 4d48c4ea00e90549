"""Deposits that wait: kept by the register at once, read beside the requests, frozen at last.

A deposit is brought as files, or prepared from the last version of a study; either may then be
amended, table by table, before it is frozen: one way for all that changes a study.

The register has every state of a deposit. Its reading and its files in memory are a copy of that:
lost, or made by another server, they are made again when someone looks at the deposit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from api.background import ABSENT, Background
from api.deposits.brought import check_room, read_state
from data.store.deposits import amend_deposit, redo_deposit, undo_deposit
from data.store.studies import version_files
from data.study.faults import Findings
from data.uploads.accept import Accepted
from data.uploads.check import check_upload, put_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from api.background import Line
    from api.deposits.brought import Brought
    from data.store.deposit_states import StoredDeposit
    from data.store.engine import Store, Write
    from data.store.studies import Version
    from data.uploads.bounded import Bounded
    from data.uploads.check import UploadReport
    from geo.territory import Territory

STAGES = 4
"""Stages that the reading of a deposit tells."""

KEPT = timedelta(days=30)
"""How long a deposit is kept after it was changed for the last time."""


class Deposit:
    """One deposit under way: what it brings, its reading, and the version that it became.

    Parameters
    ----------
    store
        The register.
    kept
        The deposit as the register has it.
    line
        Where its reading waits for its turn.
    loader
        Gives the territory: at the top of a module, as another process calls it.
    """

    def __init__(
        self, store: Store, kept: StoredDeposit, line: Line, loader: Callable[[], Territory]
    ) -> None:
        self.freezing = Lock()
        self._store = store
        self._kept = kept
        self._line = line
        self._loader = loader
        self._lock = Lock()
        self._brought: Brought | None = None
        self._bounded: Bounded | None = None
        self.checking = self._reading(kept)

    @property
    def key(self) -> str:
        """The word that names it in addresses."""
        return self._kept.key

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self._kept.owner

    @property
    def kept(self) -> StoredDeposit:
        """What the register says of it."""
        return self._kept

    @property
    def slug(self) -> str:
        """Study whose next version it would be; empty for a new study."""
        return "" if self._kept.study is None else self._kept.study.slug

    @property
    def changes(self) -> tuple[str, ...]:
        """What was amended since it was begun, in French."""
        return self._kept.changes

    @property
    def revision(self) -> int:
        """Grows with every change: what a change says that it has seen."""
        return self._kept.revision

    @property
    def frozen(self) -> tuple[str, Version] | None:
        """Slug of the study and version that it became."""
        made = self._kept.frozen
        return None if made is None else (self.slug, made)

    @property
    def until(self) -> datetime:
        """When it is forgotten, if nothing changes."""
        return self._kept.touched_at + KEPT

    @property
    def size(self) -> int:
        """Bytes of its files in memory."""
        brought = self._brought
        if brought is None:
            return 0
        return sum(map(len, (*brought.accepted.files.values(), *brought.beside.values())))

    @property
    def brought(self) -> Brought:
        """What it brings.

        Raises
        ------
        MissingError
            When it was frozen: the register has it; or was dropped.
        """
        return self._bringing(self._kept)

    def amend(
        self, files: Mapping[str, bytes], what: str, seen: int, *, removed: Iterable[str] = ()
    ) -> None:
        """Put files in the place of those of the same name, and have the whole read anew.

        Parameters
        ----------
        files
            Path from the study folder → content.
        what
            What changes, in French, as the page of the deposit lists it.
        seen
            `revision` of the deposit when its files were read.
        removed
            Paths of the files that the study has no longer.

        Raises
        ------
        StaleError
            When it was amended since: nothing changes.
        MissingError
            When it was frozen or dropped.
        BusyError
            When what waits takes all the room.
        """
        with self.freezing:
            brought = self.brought
            given = put_over(brought.accepted.files, {**files, **dict.fromkeys(removed, b"")})
            self._become(replace(brought, accepted=Accepted(given, Findings())), what, seen)

    def rebase(self, version: Version, given: Mapping[str, bytes], what: str, seen: int) -> None:
        """Lay it over another version: its files from now on, and what it then says of itself.

        Raises
        ------
        StaleError, MissingError, BusyError
            As `amend`.
        """
        with self.freezing:
            brought = self.brought
            beside: Mapping[str, bytes] = {}
            if not brought.whole:
                with self._store.read() as session:
                    beside = version_files(session, version.version_id)
            accepted = Accepted(dict(given), Findings())
            self._become(
                replace(brought, accepted=accepted, based_on=version, beside=beside), what, seen
            )

    def undo(self, seen: int) -> None:
        """Go back to what it was before its last change.

        Raises
        ------
        StaleError, MissingError
            As `amend`.
        """
        with self.freezing:
            self._change(lambda write: undo_deposit(write, self.key, seen))

    def redo(self, seen: int) -> None:
        """Change again what was undone last.

        Raises
        ------
        StaleError, MissingError
            As `amend`.
        """
        with self.freezing:
            self._change(lambda write: redo_deposit(write, self.key, seen))

    def stop(self) -> None:
        """Stop its reading, whatever it does: its process is killed."""
        self.checking.cancel()
        if self._bounded is not None:
            self._bounded.kill()

    def see(self, kept: StoredDeposit, brought: Brought | None = None) -> None:
        """Learn what the register says now; what was read of an earlier state is forgotten.

        Parameters
        ----------
        kept
            The deposit as the register has it.
        brought
            What it then brings, when that is at hand.
        """
        with self._lock:
            now = self._kept
            if (kept.revision, kept.frozen is not None) <= (now.revision, now.frozen is not None):
                return
            self.stop()
            self._kept, self._brought = kept, brought
            self.checking = self._reading(kept)

    def look(self) -> None:
        """Have it read, unless it is read, or frozen, or its reading was stopped."""
        if self.frozen is None and self.checking.progress.state == ABSENT:
            self.checking.start()

    def _become(self, brought: Brought, what: str, seen: int) -> None:
        state = brought.state(what)
        self._change(lambda write: amend_deposit(write, self.key, state, seen), brought)

    def _change(
        self, act: Callable[[Write], StoredDeposit], brought: Brought | None = None
    ) -> None:
        with self._store.write(self.owner) as write:
            kept = act(write)
            check_room(write.session, self.owner)
        self.see(kept, brought)
        self.checking.start()

    def _bringing(self, kept: StoredDeposit) -> Brought:
        """Return what a state brings, from memory or from the register."""
        with self._lock:
            if self._kept is kept and self._brought is not None:
                return self._brought
        found = read_state(self._store, kept)
        with self._lock:
            if self._kept is kept:
                self._brought = found
        return found

    def _reading(self, kept: StoredDeposit) -> Background[UploadReport]:
        """Return the reading of what a state brings, not asked yet."""

        def check(on_step: Callable[[str], None]) -> UploadReport:
            brought = self._bringing(kept)
            return check_upload(
                brought.accepted,
                self._loader,
                beside=brought.beside,
                on_progress=lambda phrase, _done, _total: on_step(phrase),
                on_start=started,
            )

        def started(bounded: Bounded) -> None:
            self._bounded = bounded
            if reading.progress.stopping:
                bounded.kill()

        reading: Background[UploadReport] = Background(self._line, check, stages=STAGES)
        return reading

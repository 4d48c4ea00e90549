"""The deposits of a server: found in the register, each with its reading, for those who look."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from api.background import Line
from api.deposits.brought import MOST_BYTES, check_room
from api.deposits.deposit import KEPT, Deposit
from data.store.deposits import (
    add_deposit,
    any_untouched,
    deposits_of,
    drop_deposit,
    find_deposit,
    purge_deposits,
)
from data.store.errors import MissingError
from data.store.studies import study_of_slug

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.deposits.brought import Brought
    from data.store.deposit_states import StoredDeposit
    from data.store.engine import Store
    from geo.territory import Territory

IN_MEMORY_SECONDS = 3_600.0
"""How long the reading of a deposit and its files stay in memory after it was looked at."""

_CLEANER = "registre"
"""What the audit calls who throws old deposits away."""


class Deposits:
    """The deposits that wait; one is read at a time, the others take their turn.

    Parameters
    ----------
    store
        The register; old deposits are thrown away at once.
    loader
        Gives the territory: at the top of a module, as another process calls it.
    clock
        Seconds, for what stays in memory.
    """

    def __init__(
        self,
        store: Store,
        loader: Callable[[], Territory],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._loader = loader
        self._clock = clock
        self._line = Line()
        self._lock = Lock()
        self._known: dict[str, Deposit] = {}
        self._seen: dict[str, float] = {}
        self._purge()

    def add(self, brought: Brought) -> Deposit:
        """Keep a deposit and have it read.

        Raises
        ------
        BusyError
            When those that wait take all the room.
        InputErrors
            When some names of files cannot be.
        """
        self._purge()
        with self._store.write(brought.owner) as write:
            study = study_of_slug(write.session, brought.slug) if brought.slug else None
            study_id = None if study is None else study.study_id
            state = brought.state()
            kept = add_deposit(write, brought.name, study_id, state, whole=brought.whole)
            check_room(write.session, brought.owner)
        deposit = self._of(kept)
        deposit.look()
        return deposit

    def of(self, owner: str) -> list[Deposit]:
        """Return someone's deposits that are not frozen, the oldest first; none is read for it."""
        with self._store.read() as session:
            found = deposits_of(session, owner)
        return [self._of(kept) for kept in found]

    def find(self, key: str, owner: str) -> Deposit:
        """Return a deposit of someone's, read again when this server has not read it.

        Raises
        ------
        MissingError
            When they have none of this key, or it was dropped.
        """
        with self._store.read() as session:
            kept = find_deposit(session, key)
        if kept is None or kept.owner != owner:
            raise MissingError(
                "ce dépôt n’est plus gardé : il a été abandonné, ou rien n’y a changé pendant "
                f"{KEPT.days} jours → voir « Mes dépôts en attente » dans le registre"
            )
        deposit = self._of(kept)
        deposit.look()
        return deposit

    def drop(self, deposit: Deposit) -> None:
        """Throw a deposit away for good; one that is frozen stays so."""
        deposit.stop()
        with self._store.write(deposit.owner) as write:
            drop_deposit(write, deposit.key)
        with self._lock:
            self._known.pop(deposit.key, None)
            self._seen.pop(deposit.key, None)

    def _of(self, kept: StoredDeposit) -> Deposit:
        """Return the deposit of this server that stands for one of the register."""
        with self._lock:
            self._forget()
            known = self._known.get(kept.key)
            if known is None:
                known = Deposit(self._store, kept, self._line, self._loader)
                self._known[kept.key] = known
            self._seen[kept.key] = self._clock()
        known.see(kept)
        return known

    def _forget(self) -> None:
        """Let go of what nobody looked at for long, or takes too much memory; the lock is held."""
        oldest = self._clock() - IN_MEMORY_SECONDS
        taken = sum(each.size for each in self._known.values())
        for key, seen in sorted(self._seen.items(), key=lambda each: each[1]):
            known = self._known[key]
            if (seen < oldest or taken > MOST_BYTES) and not known.checking.progress.under_way:
                taken -= known.size
                del self._known[key], self._seen[key]

    def _purge(self) -> None:
        since = self._store.clock() - KEPT
        with self._store.read() as session:
            if not any_untouched(session, since):
                return
        with self._store.write(_CLEANER) as write:
            purge_deposits(write, since)
